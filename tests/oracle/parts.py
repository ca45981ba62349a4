"""What references are made of, in forms that keep their digits as far as they need to.

The oracle raises the precision for the rest: but a difference that is lost at two precisions, such
as `log(1 + x) - x` of a tiny `x`, would look like 0.
"""

from __future__ import annotations

from typing import Any

import mpmath
from mpmath import mp, mpf

Real = Any

ZERO = mpf(0)


def zero(*x: Real) -> Real:
    return ZERO


def one(*x: Real) -> Real:
    return mpf(1)


def finite(*x: Real) -> bool:
    return all(map(mpmath.isfinite, x))


def between(low: float, high: float) -> Any:
    return lambda x: low <= x <= high


def sign(x: Real) -> Real:
    return mpmath.sign(x)


def exp(x: Real) -> Real:
    """The exponential, of numbers beyond all ranges that of the nearest one that is far beyond."""
    return mp.exp(max(min(x, mpf(2) ** 28), -(mpf(2) ** 28)))


def logistic(x: Real) -> Real:
    return 1 / (1 + exp(-x))


def bell(x: Real) -> Real:
    return logistic(x) * logistic(-x)


def softplus(x: Real) -> Real:
    return max(x, ZERO) + mp.log1p(exp(-abs(x)))


def round(x: Real) -> Real:
    return mp.nint(x)


def trunc(x: Real) -> Real:
    return mp.floor(x) if x > 0 else mp.ceil(x)


def cbrt(x: Real) -> Real:
    return sign(x) * mp.cbrt(abs(x))


def log_gamma(x: Real) -> Real:
    if x <= 0 and x == mp.floor(x):
        return mpf("inf")
    return mpmath.re(mp.loggamma(x))


def density(x: Real) -> Real:
    return exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def erfc(x: Real) -> Real:
    return mp.erfc(max(min(x, mpf(10) ** 5), -(mpf(10) ** 5)))


def lower(x: Real) -> Real:
    """The normal distribution function."""
    return erfc(-x / mp.sqrt(2)) / 2


def beside_one(x: Real) -> Real:
    """What `-x` times the distribution function over the density is less than 1, far below 0."""
    t = 1 / (x * x)
    return t * (1 - t * (3 - t * (15 - t * (105 - 945 * t))))


def far_below(x: Real) -> bool:
    return bool(x < -(mpf(10) ** 4))


def log_lower(x: Real) -> Real:
    if far_below(x):
        return mp.log1p(-beside_one(x)) - x * x / 2 - mp.log(-x * mp.sqrt(2 * mp.pi))
    return mp.log1p(-lower(-x)) if x > 0 else mp.log(lower(x))


def log_lower_slope(x: Real) -> Real:
    return -x / (1 - beside_one(x)) if far_below(x) else density(x) / lower(x)


def log_lower_bend(x: Real) -> Real:
    if far_below(x):
        less = beside_one(x)
        return -x * x * less / (1 - less) ** 2
    slope = log_lower_slope(x)
    return -slope * (x + slope)


def quantile(p: Real) -> Real:
    """The inverse of the normal distribution function, by Newton's method."""
    if p == mpf(1) / 2:
        return mpf(0)
    if p > mpf(1) / 2:
        return -quantile(1 - p)
    wanted = mp.log(p)
    x = -mp.sqrt(-2 * wanted) + 1 if p < 0.1 else (p - mpf(1) / 2) * 2.5
    while True:
        found = lower(x)
        step = (mp.log(found) - wanted) * found / density(x)
        x -= step
        if abs(step) <= abs(x) * mpf(2) ** (-mp.prec // 2 - 8):
            return x


def erfinv(x: Real) -> Real:
    if abs(x) < 0.5:
        return mp.erfinv(x)
    return -quantile((1 - x) / 2) / mp.sqrt(2) if x > 0 else quantile((1 + x) / 2) / mp.sqrt(2)


def gelu_parts() -> tuple[Any, Any, Any]:
    def inner(x: Real) -> tuple[Real, Real, Real]:
        c = mp.sqrt(2 / mp.pi)
        a = mpf(0.044715)
        return c * (x + a * x**3), c * (1 + 3 * a * x * x), 6 * c * a * x

    def f(x: Real) -> Real:
        return x * logistic(2 * inner(x)[0])

    def d(x: Real) -> Real:
        u, u1, _ = inner(x)
        return logistic(2 * u) + x * 2 * u1 * bell(2 * u)

    def dd(x: Real) -> Real:
        u, u1, u2 = inner(x)
        bend = 2 * u2 - 4 * u1 * u1 * (logistic(2 * u) - logistic(-2 * u))
        return bell(2 * u) * (4 * u1 + x * bend)

    return f, d, dd


def series(x: Real, n: int) -> Real:
    """Derivative number `n` of `sin(πx) / (πx)` near 0."""
    terms = (
        (-1) ** j * mp.pi ** (2 * j) * mp.rf(2 * j - n + 1, n) / mp.factorial(2 * j + 1)
        * x ** (2 * j - n)
        for j in range((n + 1) // 2, 40)
    )
    return sum(terms, ZERO)


def sinc(x: Real) -> Real:
    return series(x, 0) if abs(x) < 0.01 else mp.sinpi(x) / (mp.pi * x)


def sinc1(x: Real) -> Real:
    return series(x, 1) if abs(x) < 0.01 else (mp.cospi(x) - sinc(x)) / x


def sinc2(x: Real) -> Real:
    return series(x, 2) if abs(x) < 0.01 else -(mp.pi**2) * sinc(x) - 2 * sinc1(x) / x


def below(x: Real, then: Any, other: Any) -> Real:
    return then(x) if x > 0 else other(x)


def asin_slope(x: Real) -> Real:
    return 1 / mp.sqrt((1 - x) * (1 + x))


def larger(x: Real, y: Real) -> tuple[Real, Real]:
    share = (1 + sign(x - y)) / 2
    return share, 1 - share


def hypotenuse(x: Real, y: Real) -> Real:
    return mp.sqrt(x * x + y * y)


def power(x: Real, y: Real) -> Real:
    return x**y


def power_x(x: Real, y: Real) -> Real:
    return ZERO if y == 0 else y * x ** (y - 1)


def power_xx(x: Real, y: Real) -> Real:
    return ZERO if y in (0, 1) else y * (y - 1) * x ** (y - 2)


def rest(x: Real, y: Real, quotient: Any) -> Real:
    return x - y * quotient(x / y)
