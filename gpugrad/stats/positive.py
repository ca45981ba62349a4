"""Distributions of positive numbers.

In formulas, `z` is the standardised point, `q` a probability.
"""

from __future__ import annotations

from math import inf, log, pi, sqrt
from typing import Any

import gpugrad.special as special
from gpugrad.core.registry import namespace as ops
from gpugrad.stats.distribution import positive
from gpugrad.stats.moments import above
from gpugrad.stats.real_and_whole import Continuous
from gpugrad.stats.real_line import LOG_ROOT, log_normal_density, log_one_more
from gpugrad.types import Array

__all__ = ["chi2", "expon", "f", "gamma", "halfcauchy", "halfnorm", "invgamma", "lognorm", "pareto",
           "rayleigh", "weibull_min"]  # fmt: skip

expon = Continuous(
    "expon",
    doc="""Exponential distribution, of times between events, which is `scale` on average.

    The standard density is `exp(-x)` from 0 on.

    Example:
        >>> gg.stats.expon.sf(np.array([0.0, 1.0]), scale=2.0).round(4)
        array([1.    , 0.6065])
        >>> def log_likelihood(scale):
        ...     return gg.sum(gg.stats.expon.logpdf(np.array([1.0, 2.0, 6.0]), scale=scale))
        >>> gg.grad(log_likelihood)(1.0), gg.grad(log_likelihood)(3.0)     # the mean is 3
        (array(6.), array(0.))
    """,
    support=positive,
    log_density=lambda z: -z,
    cdf=lambda z: -ops.expm1(-z),
    sf=lambda z: ops.exp(-z),
    logsf=lambda z: -z,
    ppf=lambda q: -ops.log1p(-q),
    isf=lambda q: -ops.log(q),
    mean=lambda: 1.0,
    var=lambda: 1.0,
    entropy=lambda: 1.0,
)


def _halfnorm_logsf(z: Array) -> Array:
    near = z < 1.0
    rest = ops.log1p(-special.erf(ops.where(near, z, 0.5) / sqrt(2.0)))
    return ops.where(near, rest, log(2.0) + special.log_ndtr(-z))


halfnorm = Continuous(
    "halfnorm",
    doc="""Half-normal distribution: that of the absolute value of a normal number with mean 0.

    The standard density is `sqrt(2 / pi) * exp(-x**2 / 2)` from 0 on.

    Example:
        >>> gg.stats.halfnorm.cdf(np.array([1.0, 2.0, 3.0])).round(4)
        array([0.6827, 0.9545, 0.9973])
    """,
    support=positive,
    log_density=lambda z: log(2.0) + log_normal_density(z),
    cdf=lambda z: special.erf(z / sqrt(2.0)),
    sf=lambda z: special.erfc(z / sqrt(2.0)),
    logsf=_halfnorm_logsf,
    ppf=lambda q: sqrt(2.0) * special.erfinv(q),
    isf=lambda q: -special.ndtri(0.5 * q),
    mean=lambda: sqrt(2 / pi),
    var=lambda: 1.0 - 2 / pi,
    entropy=lambda: LOG_ROOT + 0.5 - log(2.0),
)

halfcauchy = Continuous(
    "halfcauchy",
    doc="""Half-Cauchy distribution: that of the absolute value of a Cauchy-distributed number.

    The standard density is `2 / (pi * (1 + x**2))` from 0 on; mean and variance are infinite.

    Example:
        >>> gg.stats.halfcauchy.ppf(np.array([0.5, 0.9])).round(4)
        array([1.    , 6.3138])
    """,
    support=positive,
    log_density=lambda z: log(2 / pi) - log_one_more(z),
    cdf=lambda z: 2 / pi * ops.atan(z),
    sf=lambda z: 2 / pi * ops.atan2(ops.ones_like(z), z),
    ppf=lambda q: ops.tan(0.5 * pi * q),
    isf=lambda q: 1.0 / ops.tan(0.5 * pi * q),
    mean=lambda: inf,
    var=lambda: inf,
    entropy=lambda: log(2 * pi),
)

rayleigh = Continuous(
    "rayleigh",
    doc="""Rayleigh distribution: that of the length of a vector of two normal numbers.

    The standard density is `x * exp(-x**2 / 2)` from 0 on.

    Example:
        >>> gg.stats.rayleigh.ppf(np.array([0.5, 0.99])).round(4)
        array([1.1774, 3.0349])
        >>> gg.grad(gg.stats.rayleigh.logpdf)(1.0)          # where the density is highest
        array(0.)
    """,
    support=positive,
    log_density=lambda z: ops.log(z) - 0.5 * z * z,
    cdf=lambda z: -ops.expm1(-0.5 * z * z),
    sf=lambda z: ops.exp(-0.5 * z * z),
    logsf=lambda z: -0.5 * z * z,
    ppf=lambda q: ops.sqrt(-2.0 * ops.log1p(-q)),
    isf=lambda q: ops.sqrt(-2.0 * ops.log(q)),
    mean=lambda: sqrt(pi / 2),
    var=lambda: 2.0 - pi / 2,
)

lognorm = Continuous(
    "lognorm",
    "s",
    doc="""Log-normal distribution: the logarithm is normal, with standard deviation `s`.

    The mean of the logarithm is `log(scale)`, and so `scale` is the median.

    Example:
        >>> gg.stats.lognorm.median(0.5, scale=np.array([1.0, 3.0]))
        array([1., 3.])
        >>> gg.stats.lognorm.mean(np.array([0.5, 1.0])).round(4)
        array([1.1331, 1.6487])
    """,
    support=positive,
    log_density=lambda z, s: (
        log_normal_density(ops.log(z) / s) - ops.log(s) - ops.log(z)
    ),
    cdf=lambda z, s: special.ndtr(ops.log(z) / s),
    sf=lambda z, s: special.ndtr(-ops.log(z) / s),
    logcdf=lambda z, s: special.log_ndtr(ops.log(z) / s),
    logsf=lambda z, s: special.log_ndtr(-ops.log(z) / s),
    ppf=lambda q, s: ops.exp(s * special.ndtri(q)),
    isf=lambda q, s: ops.exp(-s * special.ndtri(q)),
    mean=lambda s: ops.exp(0.5 * s * s),
    var=lambda s: ops.expm1(s * s) * ops.exp(s * s),
    entropy=lambda s: LOG_ROOT + 0.5 + ops.log(s),
    ends=False,
)

gamma = Continuous(
    "gamma",
    "a",
    doc="""Gamma distribution, with the shape `a`.

    The standard density is `x**(a - 1) * exp(-x) / gamma(a)` from 0 on: for a whole `a`, that of
    the sum of `a` exponential numbers. Random numbers are differentiated in `a`, too.

    Example:
        >>> gg.stats.gamma.cdf(np.array([1.0, 2.0, 3.0]), 2.0).round(4)
        array([0.2642, 0.594 , 0.8009])
        >>> def sample_mean(a):
        ...     return gg.mean(gg.stats.gamma.rvs(a, size=1000, random_state=gg.random.key(0)))
        >>> bool(abs(gg.grad(sample_mean)(2.0) - 1.0) < 0.1)        # the mean is a
        True
    """,
    support=positive,
    log_density=lambda z, a: special.xlogy(a - 1.0, z) - z - special.gammaln(a),
    cdf=lambda z, a: special.gammainc(a, z),
    sf=lambda z, a: special.gammaincc(a, z),
    ppf=lambda q, a: special.gammaincinv(a, q),
    isf=lambda q, a: special.gammainccinv(a, q),
    mean=lambda a: a,
    var=lambda a: a,
    entropy=lambda a: a + special.gammaln(a) + (1.0 - a) * special.digamma(a),
)

chi2 = Continuous(
    "chi2",
    "df",
    doc="""Chi-squared distribution: that of the sum of `df` squares of normal numbers.

    It is the gamma distribution with the shape `df / 2` and the scale 2.

    Example:
        >>> gg.stats.chi2.isf(0.05, np.array([1.0, 2.0, 3.0])).round(4)
        array([3.8415, 5.9915, 7.8147])
    """,
    support=positive,
    log_density=lambda z, df: (
        special.xlogy(0.5 * df - 1.0, z)
        - 0.5 * z
        - special.gammaln(0.5 * df)
        - 0.5 * log(2.0) * df
    ),
    cdf=lambda z, df: special.gammainc(0.5 * df, 0.5 * z),
    sf=lambda z, df: special.gammaincc(0.5 * df, 0.5 * z),
    ppf=lambda q, df: 2.0 * special.gammaincinv(0.5 * df, q),
    isf=lambda q, df: 2.0 * special.gammainccinv(0.5 * df, q),
    mean=lambda df: df,
    var=lambda df: 2.0 * df,
)


def _invgamma_var(a: Array) -> Array:
    return above(2.0, a, lambda a: 1.0 / (ops.square(a - 1.0) * (a - 2.0)))


invgamma = Continuous(
    "invgamma",
    "a",
    doc="""Inverse gamma distribution: that of 1 over a gamma distributed number with the shape `a`.

    The standard density is `x**(-a - 1) * exp(-1 / x) / gamma(a)` from 0 on. The mean is finite for
    an `a` above 1, the variance for one above 2.

    Example:
        >>> gg.stats.invgamma.mean(np.array([0.5, 2.0, 3.0]))
        array([inf, 1. , 0.5])
        >>> gg.stats.invgamma.pdf(np.array([0.5, 1.0]), 3.0).round(4)
        array([1.0827, 0.1839])
    """,
    support=positive,
    log_density=lambda z, a: -(a + 1.0) * ops.log(z) - special.gammaln(a) - 1.0 / z,
    cdf=lambda z, a: special.gammaincc(a, 1.0 / z),
    sf=lambda z, a: special.gammainc(a, 1.0 / z),
    ppf=lambda q, a: 1.0 / special.gammainccinv(a, q),
    isf=lambda q, a: 1.0 / special.gammaincinv(a, q),
    mean=lambda a: above(1.0, a, lambda a: 1.0 / (a - 1.0)),
    var=_invgamma_var,
    entropy=lambda a: a + special.gammaln(a) - (1.0 + a) * special.digamma(a),
    ends=False,
)

pareto = Continuous(
    "pareto",
    "b",
    doc="""Pareto distribution of numbers from `scale` on, whose tail falls with the power `b`.

    The standard density is `b / x**(b + 1)` from 1 on. The mean is finite for a `b` above 1, the
    variance for one above 2.

    Example:
        >>> gg.stats.pareto.sf(np.array([0.5, 2.0, 4.0]), 2.0)
        array([1.    , 0.25  , 0.0625])
    """,
    support=lambda b: (1.0, inf),
    log_density=lambda z, b: ops.log(b) - (b + 1.0) * ops.log(z),
    cdf=lambda z, b: -ops.expm1(-b * ops.log(z)),
    sf=lambda z, b: ops.exp(-b * ops.log(z)),
    logsf=lambda z, b: -b * ops.log(z),
    ppf=lambda q, b: ops.exp(-ops.log1p(-q) / b),
    isf=lambda q, b: ops.exp(-ops.log(q) / b),
    mean=lambda b: above(1.0, b, lambda b: b / (b - 1.0)),
    var=lambda b: above(2.0, b, lambda b: b / (b - 2.0) / ops.square(b - 1.0)),
    entropy=lambda b: 1.0 + 1.0 / b - ops.log(b),
)

weibull_min = Continuous(
    "weibull_min",
    "c",
    doc="""Weibull distribution of minima, such as times to failure, with the shape `c`.

    The standard density is `c * x**(c - 1) * exp(-x**c)` from 0 on. With a `c` of 1 it is the
    exponential distribution.

    Example:
        >>> gg.stats.weibull_min.sf(np.array([0.5, 1.0]), 2.0).round(4)
        array([0.7788, 0.3679])
    """,
    support=positive,
    log_density=lambda z, c: ops.log(c) + special.xlogy(c - 1.0, z) - ops.power(z, c),
    cdf=lambda z, c: -ops.expm1(-ops.power(z, c)),
    sf=lambda z, c: ops.exp(-ops.power(z, c)),
    logsf=lambda z, c: -ops.power(z, c),
    ppf=lambda q, c: ops.power(-ops.log1p(-q), 1.0 / c),
    isf=lambda q, c: ops.power(-ops.log(q), 1.0 / c),
    mean=lambda c: special.gamma(1.0 + 1.0 / c),
    var=lambda c: special.gamma(1.0 + 2.0 / c) - ops.square(special.gamma(1.0 + 1.0 / c)),
)


def _f_shares(z: Array, m: Array, n: Array) -> tuple[Array, Array]:
    """The point on the scale of the beta distribution, and 1 less that."""
    ratio = m / n * z
    small = ratio < 1.0
    other = 1.0 / ops.where(small, 1.0, ratio)
    inner = ops.where(small, ratio, 1.0)
    return (
        ops.where(small, inner / (1.0 + inner), 1.0 / (1.0 + other)),
        ops.where(small, 1.0 / (1.0 + inner), other / (1.0 + other)),
    )


def _f_log_density(z: Array, m: Array, n: Array) -> Array:
    _, rest = _f_shares(z, m, n)
    return (
        special.xlogy(0.5 * m - 1.0, z)
        + 0.5 * m * ops.log(m / n)
        + 0.5 * (m + n) * ops.log(rest)
        - special.betaln(0.5 * m, 0.5 * n)
    )


def _f_cdf(z: Array, m: Array, n: Array) -> Array:
    return _one_side(*_f_shares(z, m, n), m, n)


def _f_sf(z: Array, m: Array, n: Array) -> Array:
    share, rest = _f_shares(z, m, n)
    return _one_side(rest, share, n, m)


def _one_side(share: Array, rest: Array, m: Array, n: Array) -> Array:
    """The incomplete beta function of `share`.

    A share near 1 has no digits of its rest: there it is 1 less that of the rest, unless it is so
    small that nothing would be left.
    """
    side = special.betainc(0.5 * m, 0.5 * n, share)
    other = special.betainc(0.5 * n, 0.5 * m, rest)
    return ops.where((rest < share) & (other < 0.9), 1.0 - other, side)


def _f_ppf(q: Array, rest: Array, m: Array, n: Array) -> Array:
    """The point with the probability `q` below and `rest` above."""
    lower = q < rest
    share = special.betaincinv(
        0.5 * ops.where(lower, m, n), 0.5 * ops.where(lower, n, m), ops.where(lower, q, rest)
    )
    odds = share / (1.0 - share)
    return n / m * ops.where(lower, odds, 1.0 / odds)


def _f_var(m: Array, n: Array) -> Any:
    return above(
        4.0, n, lambda n: 2.0 * ops.square(n / (n - 2.0)) * (m + n - 2.0) / (m * (n - 4.0))
    )


f = Continuous(
    "f",
    "dfn dfd",
    doc="""F distribution: that of the ratio of two mean squares, of `dfn` and `dfd` normal numbers.

    The mean is finite for a `dfd` above 2, the variance for one above 4.

    Example:
        >>> gg.stats.f.sf(4.0, 2.0, np.array([10.0, 20.0])).round(4)
        array([0.0529, 0.0346])
    """,
    support=positive,
    log_density=_f_log_density,
    cdf=_f_cdf,
    sf=_f_sf,
    ppf=lambda q, m, n: _f_ppf(q, 1.0 - q, m, n),
    isf=lambda q, m, n: _f_ppf(1.0 - q, q, m, n),
    mean=lambda m, n: above(2.0, n, lambda n: 1.0 / (1.0 - 2.0 / n)),
    var=_f_var,
)
