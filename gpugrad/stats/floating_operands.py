"""Arguments of distributions as floating arrays of one library."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.backends import is_complex, is_inexact, is_numpy_scalar, wider
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import UnsupportedOperand
from gpugrad.ops.operands import array, filled, is_array, is_weak, number_of
from gpugrad.ops.type_promotion import result_type
from gpugrad.types import Operand


def floating(name: str, *operands: Any) -> list[Any]:
    """The dtype that the operands promote to, and these as floating arrays.

    Those of float16 and bfloat16 are widened, as what takes several steps is rounded once. Numbers
    are of the dtype of arrays.
    """
    like = next((x for x in operands if is_array(x)), np.zeros(()))
    made: list[Any] = [number_of(x) if _is_number(x) else array(x, like) for x in operands]
    strong = [x for x in made if not _is_number(x) and not is_weak(x)]
    dtype = result_type(*strong, 1.0) if strong else np.dtype(float)
    if is_complex(dtype):
        raise UnsupportedOperand(f"{name}: an operand is complex; expected real numbers.")
    inner = wider(dtype) or dtype
    return [
        dtype,
        *(
            filled((), x, like, inner) if _is_number(x)
            else ops.astype(x, inner, copy=False)
            if is_weak(x) or not is_inexact(x.dtype) or wider(x.dtype) is not None
            else x
            for x in made
        ),
    ]  # fmt: skip


def _is_number(x: Operand) -> bool:
    return isinstance(x, bool | int | float) or is_numpy_scalar(x)
