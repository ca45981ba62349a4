"""Slopes of the incomplete gamma and beta functions in their parameters.

The terms of both series are positive, so that nothing is lost where they are added up; they are
those of the functions themselves, each times the slope of its logarithm. In the upper tail, where 1
less the series would be nothing but rounding, it is the continued fraction of that tail. Functions
take the namespace as `xp`; they compute in double precision, and so do those that call them.

Sources: NIST Digital Library of Mathematical Functions, 8.7.1, 8.9.2 and 8.17.8.
"""

from __future__ import annotations

from gpugrad.backends.dtypes import DOUBLE
from gpugrad.types import Array, Functions

ROUNDS = 32
"""Terms between two looks at whether all series have ended; a look waits for the device."""

MOST = 20000
"""Terms after which a series that has not ended is given up: its sum is NaN."""


def gammainc_slope(xp: Functions, a: Array, x: Array) -> Array:
    """The derivative of `gammainc(a, x)` in `a`: 0 at the ends of the range of `x`, NaN where the
    function is not defined.
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
    # Below the mean the series in x converges fast, above it that of 1 - x, in the other parameter.
    turned = x > (a + 1) / (a + b + 2)
    p, q = xp.where(turned, b, a), xp.where(turned, a, b)
    z, rest = xp.where(turned, 1 - x, x), xp.where(turned, x, 1 - x)
    log_beta = xp.gammaln(p) + xp.gammaln(q) - xp.gammaln(p + q)
    factor = xp.exp(p * xp.log(z) + q * xp.log(rest) - log_beta) / p
    term = xp.ones_like(factor)
    total, along_p, along_q = term, xp.zeros_like(term), xp.zeros_like(term)
    of_q = drop = xp.zeros_like(term)               # slopes of the logarithm of the term
    for n in range(MOST):
        term = term * ((p + q + n) / (p + 1 + n)) * z
        of_q = of_q + 1 / (p + q + n)
        drop = drop + 1 / (p + 1 + n)
        total = total + term
        along_p, along_q = along_p + term * (of_q - drop), along_q + term * of_q
        if n % ROUNDS == ROUNDS - 1 and not bool(xp.any(term * (1 + of_q) > 1e-17 * total)):
            break
    else:
        total = xp.where(term * (1 + of_q) > 1e-17 * total, xp.nan, total)
    both = xp.digamma(p + q)
    slope_p = factor * (total * (xp.log(z) - 1 / p - xp.digamma(p) + both) + along_p)
    slope_q = factor * (total * (xp.log(rest) - xp.digamma(q) + both) + along_q)
    return xp.where(inside, xp.where(turned, -slope_q, slope_p), outside)

