"""Slopes in a form that keeps its digits, in the vocabulary of the standard.

Each is the derivative of a function, or a part of it, where the plain formula subtracts equal
numbers or leaves the range of the dtype on its way. Functions take the namespace as `xp`.
"""

from __future__ import annotations

from math import factorial, pi, sqrt

from gpugrad.backends.dtypes import is_complex
from gpugrad.types import Array, Functions

FAR = 1e9
"""From here on `1 / x**2` is nothing beside 1."""


def tanh_slope(xp: Functions, x: Array) -> Array:
    """`1 / cosh(x)**2`, the slope of `tanh`: nothing overflows."""
    if is_complex(x.dtype):
        y = xp.tanh(x)
        return 1 - y * y
    small = xp.exp(-2 * xp.abs(x))
    both = small + 1
    return 4 * small / (both * both)


def asin_slope(xp: Functions, x: Array) -> Array:
    """`1 / sqrt(1 - x * x)`.

    In factors, because `1 - x * x` loses digits near 1. Those of complex numbers are on the side of
    the branch that `x` lies on: the sign of an imaginary part 0 counts, and would be lost in
    `1 - x` and `1 + x`. The product of their roots lies on the branch of the function, which the
    root of their product does not.
    """
    if is_complex(x.dtype):
        return 1 / (xp.sqrt(-(x - 1)) * xp.sqrt(x - -1))
    return 1 / xp.sqrt((1 - x) * (1 + x))


def hypot_slope(xp: Functions, x1: Array, x2: Array) -> Array:
    """`x1 / hypot(x1, x2)`, the slope of `hypot` in `x1`; 0 at the origin, ±1 for infinite `x1`."""
    length = xp.hypot(x1, x2)
    return xp.where(xp.abs(x1) == length, xp.sign(x1), x1 / length)


def atan2_slope(xp: Functions, x1: Array, x2: Array) -> Array:
    """`x2 / (x1² + x2²)`, the slope of `atan2` in `x1`: no square overflows. 0 at the origin."""
    size = xp.hypot(x1, x2)
    size = xp.where(size == 0, 1, size)
    return xp.where(xp.isinf(size), 0, x2 / size / size)


def power_slope(xp: Functions, a: Array, b: Array) -> Array:
    """`a**b * log(a)`, the slope of `power` in `b`; 0 where `a` is 0 and `b` is not negative."""
    flat = (a == 0) & (b >= 0)
    a = xp.where(flat, 1, a)
    return xp.where(flat, 0, xp.power(a, b) * xp.log(a))


def log_ndtr_slope(xp: Functions, x: Array) -> Array:
    """The density of the standard normal distribution over `ndtr(x)`, the slope of `log_ndtr`.

    Far below 0 it is `-x` to the last digit.
    """
    below = sqrt(2 / pi) / xp.erfcx(xp.minimum(x, 0) * -sqrt(0.5))
    below = xp.where(x < -FAR, -x, below)
    return xp.where(x < 0, below, xp.exp(-x * x / 2) / sqrt(2 * pi) / xp.ndtr(x))


def ndtri_slope(xp: Functions, x: Array) -> Array:
    """1 over the density of the standard normal distribution at `ndtri(x)`, the slope of `ndtri`.

    The density is the part beyond times the inverse Mills ratio there; of `ndtri(x)` alone it would
    magnify a rounding.
    """
    beyond = xp.minimum(x, 1 - x)
    return 1 / xp.scale(beyond, log_ndtr_slope(xp, -xp.abs(xp.ndtri(x))))


def sinc_derivative(xp: Functions, x: Array, n: int) -> Array:
    """Derivative number `n` of `sin(πx) / (πx)`: by its series near 0.

    Elsewhere f[k] = (π**(k - 1) sin(πx + kπ/2) - k f[k - 1]) / x, which loses no digits for
    |πx| > n. Half turns are taken off first, without rounding.
    """
    near = xp.abs(x) < (n + 1) / pi
    small, far = xp.where(near, x, 0) * pi, xp.where(near, 1, x)
    series, square = xp.zeros_like(small), small * small
    for j in reversed(range((n + 1) // 2, n + 16)):
        term = (-1) ** j / (factorial(2 * j - n) * (2 * j + 1))
        series = series * square + term
    if n % 2:
        series = series * small
    turns = xp.round(xp.real(far) if is_complex(far.dtype) else far)
    odd = turns - 2 * xp.round(turns * 0.5)
    side, angle = 1 - 2 * odd * odd, (far - turns) * pi
    found = xp.sin(angle) * side / pi / far
    for k in range(1, n + 1):
        factor = side * ((1 if k % 4 < 2 else -1) * pi ** (k - 1))
        found = ((xp.sin, xp.cos)[k % 2](angle) * factor - k * found) / far
    return xp.where(near, series * pi**n, found)
