"""Whether operands of float32 products may be rounded to TF32 first, said to every library alike.

TF32 keeps 11 of the 24 bits and is many times as fast on a GPU that has it. CuPy and gpugrad leave
it off, and so does PyTorch; JAX leaves the choice to the device. Here `CUPY_TF32`, which CuPy reads
at its first product, speaks for all: 0 for float32, 1 for TF32.
"""

from __future__ import annotations

import os
from typing import Any

KINDS = ("float32", "tf32")


def say(kind: str) -> None:
    """For all libraries, before their first product."""
    os.environ["CUPY_TF32"] = str(KINDS.index(kind))


def said() -> str:
    """What holds."""
    return KINDS[int(os.environ.get("CUPY_TF32", "0")) > 0]


def torch() -> Any:
    """PyTorch, told so."""
    import torch

    torch.set_float32_matmul_precision({"float32": "highest", "tf32": "high"}[said()])
    return torch


def jax() -> Any:
    """JAX, told so."""
    import jax

    precision = {"float32": "float32", "tf32": "tensorfloat32"}[said()]
    jax.config.update("jax_default_matmul_precision", precision)
    return jax
