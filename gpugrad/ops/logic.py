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
    """Whether `a == b`, element by element.

    Shapes broadcast. NaN equals nothing, itself neither.

    Example:
        >>> gg.equal(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, np.nan]))
        array([ True, False, False])
    """
    return xp.equal(a, b)


@op()
def not_equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a != b`, element by element.

    Shapes broadcast. NaN differs from everything, from itself too.

    Example:
        >>> gg.not_equal(np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, np.nan]))
        array([False,  True,  True])
    """
    return xp.not_equal(a, b)


@op()
def less(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a < b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> gg.less(np.array([1.0, 2.0, np.nan]), 2.0)
        array([ True, False, False])
    """
    return xp.less(a, b)


@op()
def less_equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a <= b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> gg.less_equal(np.array([1.0, 2.0, np.nan]), 2.0)
        array([ True,  True, False])
    """
    return xp.less_equal(a, b)


@op()
def greater(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a > b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> x = np.array([-1.0, 0.0, 2.0])
        >>> gg.where(gg.greater(x, 0), x, 0)
        array([0., 0., 2.])
    """
    return xp.greater(a, b)


@op()
def greater_equal(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether `a >= b`, element by element.

    Shapes broadcast. With a NaN on either side, it does not hold.

    Example:
        >>> gg.greater_equal(np.array([1.0, 2.0, np.nan]), 2.0)
        array([False,  True, False])
    """
    return xp.greater_equal(a, b)


@op()
def bitwise_and(xp: Namespace, a: Array, b: Array) -> Array:
    """Bitwise and of `a` and `b`, which are integers or booleans.

    Example:
        >>> gg.bitwise_and(np.array([0b1100, 0b1010]), 0b0110)
        array([4, 2])
    """
    return xp.bitwise_and(a, b)


@op()
def bitwise_or(xp: Namespace, a: Array, b: Array) -> Array:
    """Bitwise or of `a` and `b`, which are integers or booleans.

    Example:
        >>> gg.bitwise_or(np.array([0b1100, 0b1010]), 0b0110)
        array([14, 14])
    """
    return xp.bitwise_or(a, b)


@op()
def bitwise_xor(xp: Namespace, a: Array, b: Array) -> Array:
    """Bitwise exclusive or of `a` and `b`, which are integers or booleans.

    Example:
        >>> gg.bitwise_xor(np.array([0b1100, 0b1010]), 0b0110)
        array([10, 12])
    """
    return xp.bitwise_xor(a, b)


@op()
def bitwise_left_shift(xp: Namespace, a: Array, b: Array) -> Array:
    """The integers `a`, with their bits shifted left by `b` places.

    Each place doubles the number, as long as it fits into the dtype.

    Example:
        >>> gg.bitwise_left_shift(np.array([1, 5]), 3)
        array([ 8, 40])
    """
    return xp.bitwise_left_shift(a, b)


@op()
def bitwise_right_shift(xp: Namespace, a: Array, b: Array) -> Array:
    """The integers `a`, with their bits shifted right by `b` places; the sign is kept.

    Each place halves the number and rounds it down.

    Example:
        >>> gg.bitwise_right_shift(np.array([40, -40]), 3)
        array([ 5, -5])
    """
    return xp.bitwise_right_shift(a, b)


@op()
def bitwise_invert(xp: Namespace, x: Array) -> Array:
    """Bitwise inverse `~x`: `-1 - x` for integers, logical not for booleans.

    Example:
        >>> gg.bitwise_invert(np.array([0, 5]))
        array([-1, -6])
        >>> gg.bitwise_invert(np.array([True, False]))
        array([False,  True])
    """
    return xp.bitwise_invert(x)


@op()
def logical_and(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether both `a` and `b` are true.

    Shapes broadcast. Of numbers, 0 is false and everything else is true, NaN too.

    Example:
        >>> gg.logical_and(np.array([0.0, 2.0]), np.array([True, True]))
        array([False,  True])
    """
    return xp.logical_and(a, b)


@op()
def logical_or(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether one of `a` and `b` is true, or both.

    Shapes broadcast. Of numbers, 0 is false and everything else is true, NaN too.

    Example:
        >>> gg.logical_or(np.array([0.0, 2.0]), np.array([False, True]))
        array([False,  True])
    """
    return xp.logical_or(a, b)


@op()
def logical_xor(xp: Namespace, a: Array, b: Array) -> Array:
    """Whether one of `a` and `b` is true, but not both.

    Shapes broadcast. Of numbers, 0 is false and everything else is true, NaN too.

    Example:
        >>> gg.logical_xor(np.array([0.0, 2.0]), np.array([True, True]))
        array([ True, False])
    """
    return xp.logical_xor(a, b)


@op()
def logical_not(xp: Namespace, x: Array) -> Array:
    """Whether `x` is false; for numbers, whether they are 0.

    Example:
        >>> gg.logical_not(np.array([0.0, 2.0, np.nan]))
        array([ True, False, False])
    """
    return xp.logical_not(x)


@op()
def isnan(xp: Namespace, x: Array) -> Array:
    """Whether `x` is NaN; for complex numbers, whether either part is.

    Example:
        >>> gg.isnan(np.array([1.0, np.nan, np.inf]))
        array([False,  True, False])
    """
    return xp.isnan(x)


@op()
def isinf(xp: Namespace, x: Array) -> Array:
    """Whether `x` is infinite, with either sign; for complex numbers, whether either part is.

    Example:
        >>> gg.isinf(np.array([1.0, np.nan, -np.inf]))
        array([False, False,  True])
    """
    return xp.isinf(x)


@op()
def isfinite(xp: Namespace, x: Array) -> Array:
    """Whether `x` is neither infinite nor NaN; for complex numbers, whether both parts are neither.

    Example:
        >>> gg.isfinite(np.array([1.0, np.nan, np.inf]))
        array([ True, False, False])
    """
    return xp.isfinite(x)


@op()
def all(xp: Namespace, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether all elements along `axis` are true.

    `axis` is an integer, a tuple of them, or `None` for all. Of no elements, all are true.

    Example:
        >>> x = np.array([[1.0, 2.0], [0.0, 3.0]])
        >>> gg.all(x > 0, axis=1)
        array([ True, False])
    """
    return xp.all(x, axis=axis, keepdims=keepdims)


@op()
def any(xp: Namespace, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether any element along `axis` is true.

    `axis` is an integer, a tuple of them, or `None` for all. Of no elements, none is true.

    Example:
        >>> x = np.array([[1.0, np.nan], [0.0, 3.0]])
        >>> gg.any(gg.isnan(x), axis=1)
        array([ True, False])
    """
    return xp.any(x, axis=axis, keepdims=keepdims)


@op()
def count_nonzero(xp: Namespace, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The number of nonzero elements along `axis`.

    `axis` is an integer, a tuple of them, or `None` for all. Of booleans, it is how many are true.

    Example:
        >>> x = np.array([[1.0, -2.0], [0.0, 3.0]])
        >>> gg.count_nonzero(x, axis=1), gg.count_nonzero(x < 0)
        (array([2, 1]), array(1))
    """
    return xp.count_nonzero(x, axis=axis, keepdims=keepdims)


def _one(axis: int | None) -> int | None:
    """The axis, which is one: CuPy counts through several."""
    return axis if axis is None else index(axis)


@op()
def argmax(xp: Namespace, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the first largest element along `axis`, or of the first NaN if there is one.

    Without an axis, it is counted through all elements in order.

    Example:
        >>> scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0]])
        >>> gg.argmax(scores, axis=1)
        array([1, 0])
        >>> gg.argmax(scores)
        array(1)
    """
    return xp.argmax(x, axis=_one(axis), keepdims=keepdims)


@op()
def argmin(xp: Namespace, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the first smallest element along `axis`, or of the first NaN if there is one.

    Without an axis, it is counted through all elements in order.

    Example:
        >>> distances = np.array([[3.0, 1.0, 2.0], [0.5, 0.5, 4.0]])
        >>> gg.argmin(distances, axis=1)
        array([1, 0])
    """
    return xp.argmin(x, axis=_one(axis), keepdims=keepdims)
