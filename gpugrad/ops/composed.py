"""Elementwise functions of NumPy that are made of others."""

from __future__ import annotations

from math import pi

import numpy as np

from gpugrad.backends import is_complex
from gpugrad.core.registry import add_alias, add_function, composed
from gpugrad.core.registry import namespace as ops
from gpugrad.ops.operands import arrays, dtype_of, floating, shape_of
from gpugrad.types import NUMBERS, Array, Value

__all__ = [
    "allclose",
    "angle",
    "array_equal",
    "array_equiv",
    "deg2rad",
    "degrees",
    "fabs",
    "fmax",
    "fmin",
    "heaviside",
    "isclose",
    "iscomplex",
    "isneginf",
    "isposinf",
    "isreal",
    "rad2deg",
    "radians",
]


@composed(reference="numpy.deg2rad")
def deg2rad(x: Array, /) -> Array:
    """The angle `x`, converted from degrees to radians.

    Example:
        >>> gg.deg2rad(np.array([0.0, 90.0, 180.0])).round(6)
        array([0.      , 1.570796, 3.141593])
        >>> gg.grad(lambda x: gg.sin(gg.deg2rad(x)))(0.0).round(6)
        np.float64(0.017453)
    """
    return ops.multiply(x, pi / 180)


@composed(reference="numpy.rad2deg")
def rad2deg(x: Array, /) -> Array:
    """The angle `x`, converted from radians to degrees.

    Example:
        >>> gg.rad2deg(np.array([0.0, np.pi / 2, np.pi]))
        array([  0.,  90., 180.])
        >>> gg.grad(gg.rad2deg)(1.0).round(6)
        np.float64(57.29578)
    """
    return ops.multiply(x, 180 / pi)


radians = add_alias("radians", deg2rad)
degrees = add_alias("degrees", rad2deg)


@add_function
def fabs(x: Array, /) -> Array:
    """Absolute value of real `x`, in a floating dtype; see `abs`.

    Example:
        >>> gg.fabs(np.array([-1, 2]))
        array([1., 2.])
        >>> gg.grad(gg.fabs)(-3.0)
        array(-1.)
    """
    return ops.abs(floating(x))


@add_function
def angle(x: Array, /, deg: bool = False) -> Array:
    """The phase of complex `x` in radians or degrees; for real `x`, 0 or π, with slope 0.

    Example:
        >>> gg.angle(np.array([1j, -1.0])).round(6)
        array([1.570796, 3.141593])
        >>> gg.angle(1 + 1j, deg=True)
        array(45.)
        >>> gg.grad(gg.angle)(2.0 + 0j)
        array(0.+0.5j)
    """
    if is_complex(dtype_of(x)):
        found = ops.atan2(ops.imag(x), ops.real(x))
    else:
        x = ops.multiply(x, 1.0)
        found = ops.where(ops.less(x, 0), pi, ops.where(ops.isnan(x), x, ops.zeros_like(x)))
    return rad2deg(found) if deg else found


@composed(reference="numpy.heaviside")
def heaviside(x: Value, h: Value, /) -> Array:
    """0 where `x` is negative, 1 where it is positive, `h` where it is 0. Its slope in `x` is 0.

    Example:
        >>> gg.heaviside(np.array([-2.0, 0.0, 3.0]), 0.5)
        array([0. , 0.5, 1. ])
        >>> gg.grad(gg.heaviside, argnums=(0, 1))(0.0, 0.5)
        (array(0.), array(1.))
    """
    if type(x) in NUMBERS and hasattr(h, "dtype"):
        x = ops.full_like(floating(h), x)
    step = ops.multiply(ops.add(ops.sign(floating(x)), 1), 0.5)
    return ops.where(ops.equal(x, 0), h, step)


@add_function
def fmax(x1: Array, x2: Array, /) -> Array:
    """The larger of two elements; if one is NaN, the other.

    Example:
        >>> gg.fmax(np.array([1.0, np.nan]), np.array([3.0, 2.0]))
        array([3., 2.])
        >>> gg.grad(gg.fmax, argnums=(0, 1))(np.nan, 2.0)
        (array(0.), array(1.))
    """
    found = ops.where(ops.isnan(x2), x1, ops.maximum(x1, x2))
    return ops.where(ops.isnan(x1), x2, found)


@add_function
def fmin(x1: Array, x2: Array, /) -> Array:
    """The smaller of two elements; if one is NaN, the other.

    Example:
        >>> gg.fmin(np.array([1.0, np.nan]), np.array([3.0, 2.0]))
        array([1., 2.])
        >>> gg.grad(gg.fmin, argnums=(0, 1))(np.nan, 2.0)
        (array(0.), array(1.))
    """
    found = ops.where(ops.isnan(x2), x1, ops.minimum(x1, x2))
    return ops.where(ops.isnan(x1), x2, found)


# Questions


@add_function
def isposinf(x: Array, /) -> Array:
    """Whether elements are positive infinity.

    Example:
        >>> gg.isposinf(np.array([np.inf, -np.inf, 1.0]))
        array([ True, False, False])
    """
    return ops.equal(x, float("inf"))


@add_function
def isneginf(x: Array, /) -> Array:
    """Whether elements are negative infinity.

    Example:
        >>> gg.isneginf(np.array([np.inf, -np.inf, 1.0]))
        array([False,  True, False])
    """
    return ops.equal(x, -float("inf"))


@add_function
def iscomplex(x: Array, /) -> Array:
    """Whether the imaginary parts of elements are not 0.

    It asks for values: a complex dtype alone does not make an element complex.

    Example:
        >>> gg.iscomplex(np.array([1 + 1j, 2 + 0j]))
        array([ True, False])
    """
    if is_complex(dtype_of(x)) or isinstance(x, complex):
        return ops.not_equal(ops.imag(x), 0)
    return ops.zeros_like(x, dtype=np.dtype(bool))


@add_function
def isreal(x: Array, /) -> Array:
    """Whether the imaginary parts of elements are 0.

    Example:
        >>> gg.isreal(np.array([1 + 1j, 2 + 0j]))
        array([False,  True])
    """
    return ops.logical_not(iscomplex(x))


@add_function
def isclose(
    a: Array, b: Array, /, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether elements differ by no more than `atol + rtol * |b|`.

    Equal infinities are close, and NaN to NaN with `equal_nan`. `b` is the one that the tolerance
    is relative to, so that the order of the operands matters.

    Example:
        >>> gg.isclose(np.array([1.0, 1e-9, np.inf]), np.array([1.0 + 1e-6, 0.0, np.inf]))
        array([ True,  True,  True])
        >>> gg.isclose(np.nan, np.nan, equal_nan=True)
        array(True)
    """
    a, b = map(floating, arrays(a, b))
    finite = ops.isfinite(b)
    target = ops.where(finite, b, 0)
    room = ops.add(ops.multiply(ops.abs(target), rtol), atol)
    near = ops.less_equal(ops.abs(ops.subtract(a, target)), room)
    return ops.logical_or(ops.logical_and(near, finite), _equal(a, b, equal_nan))


@add_function
def allclose(
    a: Array, b: Array, /, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether all elements are close; see `isclose`.

    Example:
        >>> gg.allclose(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-6]))
        array(True)
        >>> gg.allclose(np.array([1.0, 2.0]), np.array([1.0, 2.1]))
        array(False)
    """
    return ops.all(isclose(a, b, rtol, atol, equal_nan))


@add_function
def array_equal(a: Array, b: Array, /, equal_nan: bool = False) -> Array | bool:
    """Whether two arrays have the same shape and equal elements, NaN to NaN with `equal_nan`.

    Example:
        >>> gg.array_equal(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
        array(True)
        >>> gg.array_equal(np.array([1.0, 1.0]), np.array([1.0]))
        False
    """
    if shape_of(a) != shape_of(b):
        return False
    return ops.all(_equal(a, b, equal_nan))


@add_function
def array_equiv(a: Array, b: Array, /) -> Array | bool:
    """Whether two arrays broadcast to one shape and have equal elements there.

    Example:
        >>> gg.array_equiv(np.array([1.0, 1.0]), np.array([1.0]))
        array(True)
        >>> gg.array_equiv(np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0]))
        False
    """
    try:
        np.broadcast_shapes(shape_of(a), shape_of(b))
    except ValueError:
        return False
    return ops.all(ops.equal(a, b))


def _equal(a: Array, b: Array, equal_nan: bool) -> Array:
    found = ops.equal(a, b)
    if not equal_nan:
        return found
    return ops.logical_or(found, ops.logical_and(ops.isnan(a), ops.isnan(b)))
