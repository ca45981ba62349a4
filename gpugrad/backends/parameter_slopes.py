"""Slopes of the incomplete gamma and beta functions in their parameters.

The terms of both series are positive, so that nothing is lost where they are added up; they are
those of the functions themselves, each times the slope of its logarithm. In the upper tail, where 1
less the series would be nothing but rounding, it is the continued fraction of that tail. Functions
take the namespace as `xp`; they compute in double precision, and so do those that call them.

Sources: NIST Digital Library of Mathematical Functions, 8.7.1, 8.9.2 and 8.17.8.
"""

from __future__ import annotations

import numpy as np

from gpugrad.backends.dtypes import DOUBLE
from gpugrad.types import Array, Functions

ROUNDS = 32
"""Terms between two looks at whether all series have ended; a look waits for the device."""

MOST = 20000
"""Terms after which a series that has not ended is given up: its sum is NaN."""


def gammainc_slope(xp: Functions, a: Array, x: Array) -> Array:
    """The derivative of `gammainc(a, x)` in `a`.

    It is 0 at the ends of the range of `x`, and NaN where the function is not defined.
    """
    a, x = (xp.astype(v, DOUBLE) for v in (a, x))
    outside = xp.where((x >= 0) & (a > 0), 0.0, xp.nan)
    inside = (x > 0) & (a > 0) & xp.isfinite(x) & xp.isfinite(a)
    above = inside & (x > a + 1)
    below = inside & ~above
    series = _gamma_series(xp, xp.where(below, a, 1.0), xp.where(below, x, 1.0))
    fraction = _gamma_fraction(xp, xp.where(above, a, 1.0), xp.where(above, x, 3.0))
    return xp.where(above, -fraction, xp.where(below, series, outside))


def _gamma_series(xp: Functions, a: Array, x: Array) -> Array:
    """The slope by the series of the lower tail."""
    # P = x**a * exp(-x) / Gamma(a + 1) * (1 + x / (a + 1) + x**2 / ((a + 1) * (a + 2)) + ...)
    factor = xp.exp(a * xp.log(x) - x - xp.gammaln(a + 1))
    term, slope = xp.ones_like(factor), xp.zeros_like(factor)
    total, slopes = term, slope
    for n in range(1, MOST):
        term = term * (x / (a + n))
        slope = slope - 1 / (a + n)
        total, slopes = total + term, slopes + term * slope
        if n % ROUNDS == 0 and not bool(xp.any(xp.abs(term * slope) > 1e-17 * xp.abs(slopes))):
            break
    else:
        slopes = xp.where(xp.abs(term * slope) > 1e-17 * xp.abs(slopes), xp.nan, slopes)
    return factor * (total * (xp.log(x) - xp.digamma(a + 1)) + slopes)


def _gamma_fraction(xp: Functions, a: Array, x: Array) -> Array:
    """The slope of the upper tail by its continued fraction, evaluated from its front (Lentz)."""
    # Q = x**a * exp(-x) / Gamma(a) / (b + 1 * (a - 1) / (b + 2 + 2 * (a - 2) / (b + 4 + ...)))
    b = x + 1 - a
    d = 1 / b                                       # whose slope is d * d, as b falls by 1
    d_slope, h, h_slope = d * d, d, d               # slopes of h are those of its logarithm
    e = e_slope = xp.zeros_like(b)
    for n in range(1, MOST):
        step, b = n * (a - n), b + 2
        d_slope = -1 * (n * d + step * d_slope - 1)
        d = 1 / (step * d + b)
        d_slope = d_slope * d * d
        c, c_slope = b + step * e, n * e + step * e_slope - 1
        e = 1 / c
        e_slope = -c_slope * e * e
        change = d_slope / d + c_slope * e
        h, h_slope = h * (d * c), h_slope + change
        if n % ROUNDS == 0 and not bool(
            xp.any((xp.abs(change) > 1e-16 * xp.abs(h_slope)) & (xp.abs(d * c - 1) > 1e-16))
        ):
            break
    factor = xp.exp(a * xp.log(x) - x - xp.gammaln(a))
    return factor * h * (xp.log(x) - xp.digamma(a) + h_slope)


def betainc_slope(xp: Functions, a: Array, b: Array, x: Array) -> Array:
    """The derivative of `betainc(a, b, x)` in `a`: 0 at both ends, NaN where it is not defined.

    That in `b` is minus this one for `b`, `a` and `1 - x`.
    """
    a, b, x = (xp.astype(v, DOUBLE) for v in (a, b, x))
    outside = xp.where((x >= 0) & (x <= 1) & (a > 0) & (b > 0), 0.0, xp.nan)
    inside = (x > 0) & (x < 1) & (a > 0) & (b > 0)
    a, b = xp.where(inside, a, 1.0), xp.where(inside, b, 1.0)
    x = xp.where(inside, x, 0.5)
    # Below the mean the fraction in x converges fast, above it that of 1 - x, in the other
    # parameter.
    turned = x > (a + 1) / (a + b + 2)
    p, q = xp.where(turned, b, a), xp.where(turned, a, b)
    z, rest = xp.where(turned, 1 - x, x), xp.where(turned, x, 1 - x)
    of_p, of_q = _beta_fraction(xp, p, q, z)
    part, both = xp.betainc(p, q, z), xp.digamma(p + q)
    slope_p = part * (xp.log(z) - 1 / p - xp.digamma(p) + both + of_p)
    slope_q = part * (xp.log(rest) - xp.digamma(q) + both + of_q)
    return xp.where(inside, xp.where(turned, -slope_q, slope_p), outside)


def _beta_fraction(xp: Functions, p: Array, q: Array, z: Array) -> tuple[Array, Array]:
    """The slopes in `p` and `q` of the logarithm of the continued fraction of `betainc`.

    It is evaluated from its front (Lentz).
    """
    # I = z**p * (1 - z)**q / (p * B(p, q)) / (1 + s1 / (1 + s2 / (1 + ...)))
    c, d = xp.ones_like(z), 1 / (1 - (p + q) * z / (p + 1))
    c_p = c_q = xp.zeros_like(z)
    d_p, d_q = d * d * z * (1 - q) / ((p + 1) * (p + 1)), d * d * z / (p + 1)
    of_p, of_q = d_p / d, d_q / d
    rounding = 4 * float(np.finfo(z.dtype).eps)
    for m in range(1, MOST):
        even = z * m / ((p + (2 * m - 1)) * (p + 2 * m))
        step = even * (q - m)
        odd = -z * ((p + m) / (p + 2 * m)) * ((p + q + m) / (p + (2 * m + 1)))
        for s, s_p, s_q in (
            (step, -step * (1 / (p + (2 * m - 1)) + 1 / (p + 2 * m)), even),
            (
                odd,
                odd * (1 / (p + m) + 1 / (p + q + m) - 1 / (p + 2 * m) - 1 / (p + (2 * m + 1))),
                odd / (p + q + m),
            ),
        ):
            before, d = d, 1 / (1 + s * d)
            d_p, d_q = (-d * d * (s_x * before + s * d_x) for s_x, d_x in ((s_p, d_p), (s_q, d_q)))
            c_p, c_q = ((s_x - s * c_x / c) / c for s_x, c_x in ((s_p, c_p), (s_q, c_q)))
            c = 1 + s / c
            change_p, change_q = d_p / d + c_p / c, d_q / d + c_q / c
            of_p, of_q = of_p + change_p, of_q + change_q
        if m % ROUNDS:
            continue
        # What is left is that of rounding: of c and d, which go to numbers other than 1.
        left = xp.abs(change_p) > rounding * (xp.abs(c_p / c) + xp.abs(of_p))
        left = left | (xp.abs(change_q) > rounding * (xp.abs(c_q / c) + xp.abs(of_q)))
        if not bool(xp.any(left)):
            break
    else:
        of_p, of_q = xp.where(left, xp.nan, of_p), xp.where(left, xp.nan, of_q)
    return of_p, of_q
