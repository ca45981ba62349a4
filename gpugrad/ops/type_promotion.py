"""What dtypes are, and which one comes out of several."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import TypeVar

import numpy as np

from gpugrad.backends import dtype_named, is_inexact, is_numpy_scalar, kind_of
from gpugrad.backends import finfo as limits_of
from gpugrad.backends import isdtype as is_of_kind
from gpugrad.backends import result_type as common
from gpugrad.core.registry import add_function
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import is_weak
from gpugrad.types import Array, DType, DTypeLike, Operand

__all__ = [
    "can_cast",
    "finfo",
    "iinfo",
    "isdtype",
    "result_type",
]

L = TypeVar("L", bound="FloatLimits | IntegerLimits")


@dataclass(frozen=True)
class FloatLimits:
    """What a real floating dtype can hold, in numbers of Python; the names are NumPy's."""

    dtype: DType
    bits: int
    eps: float
    epsneg: float
    max: float
    min: float
    smallest_normal: float
    smallest_subnormal: float
    tiny: float
    resolution: float
    precision: int
    iexp: int
    machep: int
    maxexp: int
    minexp: int
    negep: int
    nexp: int
    nmant: int


@dataclass(frozen=True)
class IntegerLimits:
    """What an integer dtype can hold, in numbers of Python; the names are NumPy's."""

    dtype: DType
    bits: int
    max: int
    min: int
    kind: str
    key: str


@cache
def _limits(dtype: DType, kind: type[L]) -> L:
    """The fields of `kind`, from NumPy's description of a dtype."""
    found = limits_of(dtype) if kind is FloatLimits else np.iinfo(dtype)
    values = {field.name: getattr(found, field.name) for field in fields(kind)}
    return kind(**{k: v.item() if isinstance(v, np.generic) else v for k, v in values.items()})


def _dtype_of(x: Operand | DTypeLike) -> DType:
    """The dtype that an array, a Tensor or something that names one has."""
    if isinstance(x, type) or not hasattr(x, "dtype"):
        return dtype_named(x)  # type: ignore[arg-type]  # no array: it names one
    return np.dtype(x.dtype)  # type: ignore[union-attr]


def _weight(x: Operand | DTypeLike) -> complex | DType:
    """What has its say in a dtype: a number of Python, also one that is traced, or a dtype."""
    if isinstance(x, Tensor) and is_weak(x):
        return x._value.weak(0)  # type: ignore[attr-defined, no-any-return]
    return x if isinstance(x, int | float | complex) and not is_numpy_scalar(x) else _dtype_of(x)


@add_function
def result_type(*operands: Operand | DTypeLike) -> DType:
    """The dtype of a result of arrays, Tensors, dtypes and numbers.

    Numbers of Python are weak: with a float, float32 stays float32.

    Raises:
        InvalidArgument: For no operand at all.

    Example:
        >>> gg.result_type(np.zeros(3, np.float32), 2.5), gg.result_type("int32", "float32")
        (dtype('float32'), dtype('float64'))
    """
    if not operands:
        raise InvalidArgument("result_type of nothing: expected an array or a dtype at least.")
    return common(*map(_weight, operands))


@add_function
def can_cast(from_: Array | DTypeLike, to: DTypeLike, /) -> bool:
    """Whether every value of a dtype, or of an array's dtype, can be represented in the dtype `to`.

    Example:
        >>> gg.can_cast("int16", "float32"), gg.can_cast("int32", "float32")
        (True, False)
    """
    return bool(np.can_cast(_dtype_of(from_), _dtype_of(to)))


@add_function
def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> bool:
    """Whether a dtype is of a kind: a dtype, a name such as "integral", or a tuple of these.

    The names are "bool", "signed integer", "unsigned integer", "integral", "real floating",
    "complex floating" and "numeric".

    Example:
        >>> gg.isdtype("float32", "real floating"), gg.isdtype("int8", ("bool", "integral"))
        (True, True)
    """
    return is_of_kind(dtype_named(dtype), kind)


@add_function
def finfo(type: Array | DTypeLike, /) -> FloatLimits:
    """The limits of a floating dtype, or of that of an array: bits, eps, max, min and others.

    Of a complex dtype they are those of its parts.

    Raises:
        InvalidArgument: For a dtype that is neither floating nor complex.

    Example:
        >>> limits = gg.finfo("float32")
        >>> limits.bits, limits.eps == 2 ** -23
        (32, True)
    """
    dtype = _dtype_of(type)
    if not is_inexact(dtype):
        raise InvalidArgument(f"finfo: the dtype is {dtype}; expected a floating or complex one.")
    limits: FloatLimits = _limits(dtype, FloatLimits)
    return limits


@add_function
def iinfo(type: Array | DTypeLike, /) -> IntegerLimits:
    """The limits of an integer dtype, or of that of an array: bits, max, min.

    Raises:
        InvalidArgument: For a dtype that is not one of integers.

    Example:
        >>> limits = gg.iinfo("int16")
        >>> limits.min, limits.max
        (-32768, 32767)
    """
    dtype = _dtype_of(type)
    if kind_of(dtype) not in ("i", "u"):
        raise InvalidArgument(f"iinfo: the dtype is {dtype}; expected one of integers.")
    limits: IntegerLimits = _limits(dtype, IntegerLimits)
    return limits
