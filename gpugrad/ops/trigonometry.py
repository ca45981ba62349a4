"""Trigonometric and hyperbolic functions, and the geometry of the plane. Angles are in radians."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Array, is_complex
from gpugrad.op import op
from gpugrad.ops import special_cases

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cosh",
    "hypot",
    "sinc",
    "sinc_derivative",
    "sinh",
    "tan",
]


@op(lambda g, y, xp: xp.scale(g, 1 + y * y))
def tan(xp: Any, x: Array) -> Array:
    """Tangent of `x`."""
    return special_cases.tan(xp, x)


# The factors are apart because 1 - x * x loses digits near 1, and because the product of their
# roots lies on the branch of the function, which the root of their product does not.


def _cosine(x: Array, xp: Any) -> Array:
    """The root of `1 - x * x` on the side of the branch that `x` lies on: the sign of an imaginary
    part 0 counts, and would be lost in `1 - x` and `1 + x`.
    """
    if is_complex(x.dtype):
        return xp.sqrt(-(x - 1)) * xp.sqrt(x - -1)
    return xp.sqrt(1 - x) * xp.sqrt(1 + x)


@op(lambda g, x, xp: xp.scale(g, 1 / _cosine(x, xp)))
def asin(xp: Any, x: Array) -> Array:
    """Angle whose sine is `x`, from -π/2 to π/2; NaN beyond 1. Its slope at ±1 is infinite."""
    return xp.asin(x)


@op(lambda g, x, xp: xp.scale(g, -1 / _cosine(x, xp)))
def acos(xp: Any, x: Array) -> Array:
    """Angle whose cosine is `x`, from 0 to π; NaN beyond 1. Its slope at ±1 is infinite."""
    return xp.acos(x)


@op(lambda g, x, xp: xp.scale(g, 1 / (1 + x * x)))
def atan(xp: Any, x: Array) -> Array:
    """Angle whose tangent is `x`, from -π/2 to π/2."""
    return xp.atan(x)


@op(lambda g, x, xp: xp.scale(g, xp.sinc_derivative(x, n=1)))
def sinc(xp: Any, x: Array) -> Array:
    """`sin(πx) / (πx)`, and 1 at 0."""
    return xp.sinc_derivative(xp.floating(x), n=0)


@op(lambda g, x, n, xp: xp.scale(g, xp.sinc_derivative(x, n=n + 1)))
def sinc_derivative(xp: Any, x: Array, /, *, n: int) -> Array:
    """Derivative number `n` of `sinc`, exact also at and near 0."""
    return xp.sinc_derivative(x, n=n)


@op(lambda g, x, xp: xp.scale(g, xp.cosh(x)))
def sinh(xp: Any, x: Array) -> Array:
    """Hyperbolic sine of `x`."""
    return xp.sinh(x)


@op(lambda g, x, xp: xp.scale(g, xp.sinh(x)))
def cosh(xp: Any, x: Array) -> Array:
    """Hyperbolic cosine of `x`."""
    return xp.cosh(x)


@op(lambda g, x, xp: xp.scale(g, _asinh_slope(x, xp)))
def asinh(xp: Any, x: Array) -> Array:
    """Inverse of `sinh`."""
    return xp.asinh(x)


def _asinh_slope(x: Array, xp: Any) -> Array:
    if is_complex(x.dtype):
        return 1 / _cosine(1j * x, xp)
    return 1 / xp.hypot(x, xp.ones_like(x))         # x * x would overflow


@op(lambda g, x, xp: xp.scale(g, 1 / (xp.sqrt(x - 1) * xp.sqrt(x - -1))))
def acosh(xp: Any, x: Array) -> Array:
    """Inverse of `cosh`; NaN below 1, where its slope is infinite."""
    return xp.acosh(x)


@op(lambda g, x, xp: xp.scale(g, 1 / ((1 - x) * (1 + x))))
def atanh(xp: Any, x: Array) -> Array:
    """Inverse of `tanh`; infinite at ±1 and NaN beyond."""
    return xp.atanh(x)


def _turn(g: Array, to: Array, other: Array, xp: Any) -> Array:
    """`g` times `to` over the squared distance from the origin; 0 there, where it has no angle."""
    size = xp.hypot(to, other)
    size = xp.where(size == 0, 1, size)
    return xp.scale(g, to / size / size)            # the squares would overflow


@op(
    lambda g, x1, x2, xp: _turn(g, x2, x1, xp),
    lambda g, x1, x2, xp: -_turn(g, x1, x2, xp),
)
def atan2(xp: Any, x1: Array, x2: Array) -> Array:
    """Angle of the point with height `x1` and breadth `x2`, from -π to π.

    The gradient at the origin, where there is no angle, is 0.
    """
    return xp.atan2(x1, x2)


def _along(g: Array, y: Array, x: Array, xp: Any) -> Array:
    """`g` times the cosine between an operand and the hypotenuse; 0 at the origin."""
    return xp.scale(g, xp.where(y == 0, 0, x / xp.where(y == 0, 1, y)))


@op(
    lambda g, y, x1, xp: _along(g, y, x1, xp),
    lambda g, y, x2, xp: _along(g, y, x2, xp),
)
def hypot(xp: Any, x1: Array, x2: Array) -> Array:
    """`sqrt(x1² + x2²)` without overflow. The gradient at the origin is 0."""
    return xp.hypot(x1, x2)
