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
    """The angle `x`, given in degrees, in radians."""
    return ops.multiply(x, pi / 180)


@composed(reference="numpy.rad2deg")
def rad2deg(x: Array, /) -> Array:
    """The angle `x`, given in radians, in degrees."""
    return ops.multiply(x, 180 / pi)


radians = add_alias("radians", deg2rad)
degrees = add_alias("degrees", rad2deg)


@add_function
def fabs(x: Array, /) -> Array:
    """Absolute value of real `x`, in a floating dtype."""
    return ops.abs(floating(x))


@add_function
def angle(x: Array, /, deg: bool = False) -> Array:
    """The phase of complex `x` in radians, or degrees; of real `x` 0 or π, whose slope is 0."""
    if is_complex(dtype_of(x)):
        found = ops.atan2(ops.imag(x), ops.real(x))
    else:
        x = ops.multiply(x, 1.0)
        found = ops.where(ops.less(x, 0), pi, ops.where(ops.isnan(x), x, ops.zeros_like(x)))
    return rad2deg(found) if deg else found


@composed(reference="numpy.heaviside")
def heaviside(x: Value, h: Value, /) -> Array:
    """0 where `x` is negative, 1 where it is positive, `h` where it is 0. Its slope in `x` is 0."""
    if type(x) in NUMBERS and hasattr(h, "dtype"):
        x = ops.full_like(floating(h), x)
    step = ops.multiply(ops.add(ops.sign(floating(x)), 1), 0.5)
    return ops.where(ops.equal(x, 0), h, step)


@add_function
def fmax(x1: Array, x2: Array, /) -> Array:
    """`maximum`, but where one is NaN the other."""
    found = ops.where(ops.isnan(x2), x1, ops.maximum(x1, x2))
    return ops.where(ops.isnan(x1), x2, found)


@add_function
def fmin(x1: Array, x2: Array, /) -> Array:
    """`minimum`, but where one is NaN the other."""
    found = ops.where(ops.isnan(x2), x1, ops.minimum(x1, x2))
    return ops.where(ops.isnan(x1), x2, found)


# Questions


@add_function
def isposinf(x: Array, /) -> Array:
    """Whether elements are positive infinity."""
    return ops.equal(x, float("inf"))


@add_function
def isneginf(x: Array, /) -> Array:
    """Whether elements are negative infinity."""
    return ops.equal(x, -float("inf"))


@add_function
def iscomplex(x: Array, /) -> Array:
    """Whether the imaginary parts of elements are not 0."""
    if is_complex(dtype_of(x)) or isinstance(x, complex):
        return ops.not_equal(ops.imag(x), 0)
    return ops.zeros_like(x, dtype=np.dtype(bool))


@add_function
def isreal(x: Array, /) -> Array:
    """Whether the imaginary parts of elements are 0."""
    return ops.logical_not(iscomplex(x))


@add_function
def isclose(
    a: Array, b: Array, /, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether elements differ by no more than `atol + rtol * |b|`; equal infinities are close, and
    NaN to NaN with `equal_nan`.
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
    """Whether all elements are close; see `isclose`."""
    return ops.all(isclose(a, b, rtol, atol, equal_nan))


@add_function
def array_equal(a: Array, b: Array, /, equal_nan: bool = False) -> Array | bool:
    """Whether two arrays have the same shape and equal elements, NaN to NaN with `equal_nan`."""
    if shape_of(a) != shape_of(b):
        return False
    return ops.all(_equal(a, b, equal_nan))


@add_function
def array_equiv(a: Array, b: Array, /) -> Array | bool:
    """Whether two arrays broadcast to one shape and have equal elements there."""
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
