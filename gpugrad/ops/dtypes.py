"""What dtypes are, and which one comes out of several."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.errors import InvalidArgument
from gpugrad.registry import add_function

__all__ = [
    "can_cast",
    "finfo",
    "iinfo",
    "isdtype",
    "result_type",
]

_NUMBERS = (bool, int, float, complex)


def _dtype_of(x: Any) -> Any:
    """The dtype that an array, a Tensor or something that names one has."""
    return np.dtype(x if isinstance(x, type) else getattr(x, "dtype", x))


@add_function
def result_type(*operands: Any) -> Any:
    """The dtype of a result of arrays, Tensors, dtypes and numbers; numbers of Python are weak."""
    if not operands:
        raise InvalidArgument("result_type of nothing: wanted is an array or a dtype at least.")
    return np.result_type(*(x if isinstance(x, _NUMBERS) else _dtype_of(x) for x in operands))


@add_function
def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether every value of the dtype, or of that of an array, has a place in the dtype `to`."""
    return bool(np.can_cast(_dtype_of(from_), _dtype_of(to)))


@add_function
def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a dtype, a name such as "integral", or a tuple of these."""
    return bool(np.isdtype(np.dtype(dtype), kind))


@add_function
def finfo(type: Any, /) -> Any:
    """The limits of a floating dtype, or of that of an array: bits, eps, max, min and others."""
    return np.finfo(_dtype_of(type))


@add_function
def iinfo(type: Any, /) -> Any:
    """The limits of an integer dtype, or of that of an array: bits, max, min."""
    return np.iinfo(_dtype_of(type))
