"""Comparisons and logic. Their results are booleans (or integers) and have no gradient."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_or",
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isnan",
    "less",
    "less_equal",
    "logical_not",
    "not_equal",
]


@op()
def equal(xp: Any, a: Array, b: Array) -> Array:
    """Whether `a == b`."""
    return xp.equal(a, b)


@op()
def not_equal(xp: Any, a: Array, b: Array) -> Array:
    """Whether `a != b`."""
    return xp.not_equal(a, b)


@op()
def less(xp: Any, a: Array, b: Array) -> Array:
    """Whether `a < b`."""
    return xp.less(a, b)


@op()
def less_equal(xp: Any, a: Array, b: Array) -> Array:
    """Whether `a <= b`."""
    return xp.less_equal(a, b)


@op()
def greater(xp: Any, a: Array, b: Array) -> Array:
    """Whether `a > b`."""
    return xp.greater(a, b)


@op()
def greater_equal(xp: Any, a: Array, b: Array) -> Array:
    """Whether `a >= b`."""
    return xp.greater_equal(a, b)


@op()
def bitwise_and(xp: Any, a: Array, b: Array) -> Array:
    """`a & b`, bit by bit."""
    return xp.bitwise_and(a, b)


@op()
def bitwise_or(xp: Any, a: Array, b: Array) -> Array:
    """`a | b`, bit by bit."""
    return xp.bitwise_or(a, b)


@op()
def bitwise_invert(xp: Any, x: Array) -> Array:
    """`~x`, bit by bit."""
    return xp.bitwise_invert(x)


@op()
def logical_not(xp: Any, x: Array) -> Array:
    """Whether `x` is false."""
    return xp.logical_not(x)


@op()
def isnan(xp: Any, x: Array) -> Array:
    """Whether `x` is NaN."""
    return xp.isnan(x)


@op()
def isfinite(xp: Any, x: Array) -> Array:
    """Whether `x` is neither infinite nor NaN."""
    return xp.isfinite(x)


@op()
def all(xp: Any, x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Whether all elements along `axis` are true."""
    return xp.all(x, axis=axis, keepdims=keepdims)


@op()
def any(xp: Any, x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Whether any element along `axis` is true."""
    return xp.any(x, axis=axis, keepdims=keepdims)


@op()
def argmax(xp: Any, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the first largest element along `axis`."""
    return xp.argmax(x, axis=axis, keepdims=keepdims)


@op()
def argmin(xp: Any, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the first smallest element along `axis`."""
    return xp.argmin(x, axis=axis, keepdims=keepdims)
