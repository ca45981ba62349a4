"""Functions of gpugrad in PyTorch and JAX, and theirs in gpugrad, with gradients both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpugrad.errors import BackendUnavailable
from gpugrad.types import offered

__all__ = ["torch_function"]


def torch_function(f: Callable[..., Any]) -> Callable[..., Any]:
    """doc"""
    from gpugrad.interop.into_torch import torch_function

    return torch_function(f)


__dir__ = offered(globals())
