"""Comparisons and logic. Their results are booleans (or integers) and have no gradient."""

from __future__ import annotations

from operator import index

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.types import Axis

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "count_nonzero",
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
]


@op()
def equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a == b`."""
    return xp.equal(a, b)


@op()
def not_equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a != b`."""
    return xp.not_equal(a, b)


@op()
def less(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a < b`."""
    return xp.less(a, b)


@op()
def less_equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a <= b`."""
    return xp.less_equal(a, b)


@op()
def greater(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a > b`."""
    return xp.greater(a, b)


@op()
def greater_equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a >= b`."""
    return xp.greater_equal(a, b)


@op()
def bitwise_and(xp: Namespace, a: Array, b: Array) -> Array:
    """`a & b`, bit by bit."""
    return xp.bitwise_and(a, b)


@op()
def bitwise_or(xp: Namespace, a: Array, b: Array) -> Array:
    """`a | b`, bit by bit."""
    return xp.bitwise_or(a, b)


@op()
def bitwise_xor(xp: Namespace, a: Array, b: Array) -> Array:
    """Bits that only one of `a` and `b` has."""
    return xp.bitwise_xor(a, b)


@op()
def bitwise_left_shift(xp: Namespace, a: Array, b: Array) -> Array:
    """Bits of `a`, moved up by `b` places."""
    return xp.bitwise_left_shift(a, b)


@op()
def bitwise_right_shift(xp: Namespace, a: Array, b: Array) -> Array:
    """Bits of `a`, moved down by `b` places; the sign stays."""
    return xp.bitwise_right_shift(a, b)


@op()
def bitwise_invert(xp: Namespace, x: Array) -> Array:
    """`~x`, bit by bit."""
    return xp.bitwise_invert(x)


@op()
def logical_and(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether both are true."""
    return xp.logical_and(a, b)


@op()
def logical_or(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether one is true, or both."""
    return xp.logical_or(a, b)


@op()
def logical_xor(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether one is true, but not both."""
    return xp.logical_xor(a, b)


@op()
def logical_not(xp: Namespace, x: Array) -> Array:
    """Whether `x` is false."""
    return xp.logical_not(x)


@op()
def isnan(xp: Namespace, x: Array) -> Array:
    """Whether `x` is NaN."""
    return xp.isnan(x)


@op()
def isinf(xp: Namespace, x: Array) -> Array:
    """Whether `x` is infinite."""
    return xp.isinf(x)


@op()
def isfinite(xp: Namespace, x: Array) -> Array:
    """Whether `x` is neither infinite nor NaN."""
    return xp.isfinite(x)


@op()
def all(xp: Namespace, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether all elements along `axis` are true."""
    return xp.all(x, axis=axis, keepdims=keepdims)


@op()
def any(xp: Namespace, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether any element along `axis` is true."""
    return xp.any(x, axis=axis, keepdims=keepdims)


@op()
def count_nonzero(xp: Namespace, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """How many elements along `axis` are not 0."""
    return xp.count_nonzero(x, axis=axis, keepdims=keepdims)


def _one(axis: int | None) -> int | None:
    """The axis, which is one: CuPy counts through several."""
    return axis if axis is None else index(axis)


@op()
def argmax(xp: Namespace, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the first largest element along `axis`."""
    return xp.argmax(x, axis=_one(axis), keepdims=keepdims)


@op()
def argmin(xp: Namespace, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the first smallest element along `axis`."""
    return xp.argmin(x, axis=_one(axis), keepdims=keepdims)
