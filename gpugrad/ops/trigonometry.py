"""Trigonometric and hyperbolic functions, and the geometry of the plane. Angles are in radians."""

from __future__ import annotations

from gpugrad.backends import Array, Namespace, is_complex
from gpugrad.core.op import op
from gpugrad.ops import special_cases
from gpugrad.ops.operands import in_dtype_of, typed, wide

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
    "sinh",
    "tan",
]


@op(lambda g, y, xp: xp.scale(g, 1 + y * y))
def tan(xp: Namespace, x: Array) -> Array:
    """Tangent of `x`, in radians.

    Example:
        >>> gg.tan(np.array([0.0, np.pi / 4])).round(6)
        array([0., 1.])
        >>> gg.grad(gg.tan)(0.0)
        array(1.)
    """
    return special_cases.tan(xp, x)


@op(lambda g, y, x, xp: xp.scale(g, x * y * y * y), public=False)
def asin_slope(xp: Namespace, x: Array) -> Array:
    """The slope of `asin`, `1 / sqrt(1 - x * x)`; infinite at ±1."""
    return xp.asin_slope(x)


@op(lambda g, x, xp: xp.scale(g, xp.asin_slope(wide(x, xp))))
def asin(xp: Namespace, x: Array) -> Array:
    """Angle whose sine is `x`, in radians, from -π/2 to π/2.

    NaN beyond 1, and the slope at ±1 is infinite.

    Example:
        >>> gg.asin(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.523599])
        >>> gg.grad(gg.asin)(0.5).round(6)
        np.float64(1.154701)
    """
    return xp.asin(x)


@op(lambda g, x, xp: xp.scale(g, -xp.asin_slope(wide(x, xp))))
def acos(xp: Namespace, x: Array) -> Array:
    """Angle whose cosine is `x`, in radians, from 0 to π.

    NaN beyond 1, and the slope at ±1 is infinite.

    Example:
        >>> gg.acos(np.array([1.0, 0.0])).round(6)
        array([0.      , 1.570796])
        >>> gg.grad(gg.acos)(0.0)
        array(-1.)
    """
    return xp.acos(x)


def _atan_rule(g: Array, x: Array, xp: Namespace) -> Array:
    if is_complex(x.dtype):
        return xp.scale(g, 1 / (1 + x * x))
    short = _asinh_slope(x, xp)
    return xp.scale(g, short * short)               # x * x would overflow


@op(_atan_rule)
def atan(xp: Namespace, x: Array) -> Array:
    """Angle whose tangent is `x`, in radians, from -π/2 to π/2.

    Example:
        >>> gg.atan(np.array([0.0, 1.0, np.inf])).round(6)
        array([0.      , 0.785398, 1.570796])
        >>> gg.grad(gg.atan)(1.0)
        array(0.5)
    """
    return xp.atan(x)


@op(
    lambda g, x, xp: xp.scale(g, xp.sinc_derivative(wide(x, xp), n=1)),
    edges="slope 0 and second derivative -π²/3 at 0",
)
def sinc(xp: Namespace, x: Array) -> Array:
    """`sin(πx) / (πx)`, and 1 at 0, where its slopes are exact, too.

    Example:
        >>> gg.sinc(np.array([0.0, 0.5])).round(6)
        array([1.     , 0.63662])
        >>> gg.grad(gg.grad(gg.sinc))(0.0).round(6), -(np.pi ** 2) / 3
        (np.float64(-3.289868), -3.289868133696453)
    """
    x = xp.floating(x)
    return typed(xp.sinc_derivative(wide(x, xp), n=0), x, xp)


@op(lambda g, x, n, xp: xp.scale(g, xp.sinc_derivative(x, n=n + 1)), public=False)
def sinc_derivative(xp: Namespace, x: Array, /, *, n: int) -> Array:
    """Derivative number `n` of `sinc`, exact also at and near 0."""
    return xp.sinc_derivative(x, n=n)


@op(lambda g, x, xp: xp.scale(g, xp.cosh(x)))
def sinh(xp: Namespace, x: Array) -> Array:
    """Hyperbolic sine of `x`.

    Example:
        >>> gg.sinh(np.array([0.0, 1.0])).round(6)
        array([0.      , 1.175201])
        >>> gg.grad(gg.sinh)(0.0)
        array(1.)
    """
    return xp.sinh(x)


@op(lambda g, x, xp: xp.scale(g, xp.sinh(x)))
def cosh(xp: Namespace, x: Array) -> Array:
    """Hyperbolic cosine of `x`.

    Example:
        >>> gg.cosh(np.array([0.0, 1.0])).round(6)
        array([1.      , 1.543081])
        >>> gg.grad(gg.cosh)(1.0).round(6)
        np.float64(1.175201)
    """
    return xp.cosh(x)


@op(lambda g, x, xp: xp.scale(g, _asinh_slope(x, xp)))
def asinh(xp: Namespace, x: Array) -> Array:
    """Inverse of `sinh`, for all numbers.

    Example:
        >>> gg.asinh(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.881374])
        >>> gg.grad(gg.asinh)(1e200)
        array(1.e-200)
    """
    return xp.asinh(x)


def _asinh_slope(x: Array, xp: Namespace) -> Array:
    if is_complex(x.dtype):
        return xp.asin_slope(1j * x)
    x = wide(x, xp)
    return 1 / xp.hypot(x, xp.ones_like(x))         # x * x would overflow


def _acosh_rule(g: Array, x: Array, xp: Namespace) -> Array:
    x = wide(x, xp)
    return xp.scale(g, 1 / (xp.sqrt(x - 1) * xp.sqrt(x - -1)))


@op(_acosh_rule)
def acosh(xp: Namespace, x: Array) -> Array:
    """Inverse of `cosh`, not negative; NaN below 1, where its slope is infinite.

    Example:
        >>> gg.acosh(np.array([1.0, 2.0])).round(6)
        array([0.      , 1.316958])
        >>> gg.grad(gg.acosh)(2.0).round(6)
        np.float64(0.57735)
    """
    return special_cases.acosh(xp, x)


def _atanh_rule(g: Array, x: Array, xp: Namespace) -> Array:
    long = xp.asin_slope(wide(x, xp))
    return xp.scale(g, long * long)


@op(_atanh_rule)
def atanh(xp: Namespace, x: Array) -> Array:
    """Inverse of `tanh`; infinite at ±1 and NaN beyond.

    Example:
        >>> gg.atanh(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.549306])
        >>> gg.grad(gg.atanh)(0.5).round(6)
        np.float64(1.333333)
    """
    return xp.atanh(x)


@op(lambda g, y, x, xp: xp.scale(g, -2 * y * xp.tanh(x)), public=False)
def tanh_slope(xp: Namespace, x: Array) -> Array:
    """The slope of `tanh`: `1 / cosh(x)**2`, which does not cancel as `1 - tanh(x)**2` does."""
    return xp.tanh_slope(x)


def _direction(g: Array, x1: Array, x2: Array, xp: Namespace) -> tuple[Array, Array, Array]:
    """Sine and cosine of the direction to a point, and how far it is; 1 for the origin.

    The point has height `x1` and breadth `x2`.
    """
    x1, x2 = in_dtype_of(g, x1, xp), in_dtype_of(g, x2, xp)
    length = xp.hypot(x1, x2)
    size = xp.where(length == 0, 1, length)
    return xp.hypot_slope(x1, x2), xp.hypot_slope(x2, x1), size


def _bend_across(g: Array, x1: Array, x2: Array, xp: Namespace) -> Array:
    _, other, size = _direction(g, x1, x2, xp)
    return xp.scale(g, other * (other / size))


def _bend_along(g: Array, x1: Array, x2: Array, xp: Namespace) -> Array:
    mine, other, size = _direction(g, x1, x2, xp)
    return xp.scale(g, -mine * (other / size))


@op(_bend_across, _bend_along, public=False)
def hypot_slope(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The slope of `hypot` in `x1`: `x1 / hypot(x1, x2)`, and 0 at the origin.

    An op of its own, because the slopes of numerator and denominator cancel.
    """
    return xp.hypot_slope(x1, x2)


def _turn_by_height(g: Array, x1: Array, x2: Array, xp: Namespace) -> Array:
    sine, cosine, size = _direction(g, x1, x2, xp)
    return xp.scale(g, -2 * (cosine / size) * (sine / size))


def _turn_by_breadth(g: Array, x1: Array, x2: Array, xp: Namespace) -> Array:
    sine, cosine, size = _direction(g, x1, x2, xp)
    return xp.scale(g, ((sine - cosine) / size) * ((sine + cosine) / size))


@op(_turn_by_height, _turn_by_breadth, public=False)
def atan2_slope(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The slope of `atan2` in `x1`: `x2 / (x1² + x2²)` without overflow, and 0 at the origin."""
    return xp.atan2_slope(x1, x2)


@op(
    lambda g, x1, x2, xp: xp.scale(g, xp.atan2_slope(wide(x1, xp), wide(x2, xp))),
    lambda g, x1, x2, xp: xp.scale(-g, xp.atan2_slope(wide(x2, xp), wide(x1, xp))),
    edges="slopes 0 at (0, 0)",
)
def atan2(xp: Namespace, x1: Array, x2: Array) -> Array:
    """Angle of the point with y-coordinate `x1` and x-coordinate `x2`, in radians, from -π to π.

    The gradient at the origin, where there is no angle, is 0.

    Example:
        >>> gg.atan2(np.array([1.0, 0.0]), np.array([0.0, -1.0])).round(6)
        array([1.570796, 3.141593])
        >>> gg.grad(gg.atan2, argnums=(0, 1))(1.0, 1.0)
        (array(0.5), array(-0.5))
    """
    return xp.atan2(x1, x2)


@op(
    lambda g, x1, x2, xp: xp.scale(g, xp.hypot_slope(wide(x1, xp), wide(x2, xp))),
    lambda g, x1, x2, xp: xp.scale(g, xp.hypot_slope(wide(x2, xp), wide(x1, xp))),
    edges="slopes 0 at (0, 0); so the second derivatives of hypot(a, b)**2 there are 0, not 2; "
    "±1 for an infinite operand",
)
def hypot(xp: Namespace, x1: Array, x2: Array) -> Array:
    """Distance of the point (`x1`, `x2`) from the origin, `sqrt(x1² + x2²)` without overflow.

    The gradient at the origin is 0.

    Example:
        >>> gg.hypot(np.array([3.0, 3e200]), np.array([4.0, 4e200]))
        array([5.e+000, 5.e+200])
        >>> gg.grad(gg.hypot, argnums=(0, 1))(3.0, 4.0)
        (array(0.6), array(0.8))
    """
    return xp.hypot(x1, x2)
