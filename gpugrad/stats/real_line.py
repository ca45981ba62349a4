"""Distributions of all real numbers.

In formulas, `z` is the standardised point, `q` a probability.
"""

from __future__ import annotations

from math import log, nan, pi, sqrt

import gpugrad.special as special
from gpugrad.core.registry import namespace as ops
from gpugrad.stats.distribution import real_line
from gpugrad.stats.moments import above
from gpugrad.stats.real_and_whole import Continuous
from gpugrad.stats.student import or_normal, student_cdf, student_log_density, student_ppf
from gpugrad.types import Array

__all__ = ["cauchy", "gumbel_l", "gumbel_r", "laplace", "logistic", "norm", "skewnorm", "t",
           "vonmises"]  # fmt: skip

LOG_ROOT = log(sqrt(2 * pi))

_EULER = 0.5772156649015329                         # the mean of the Gumbel distribution


def log_normal_density(z: Array) -> Array:
    return -0.5 * z * z - LOG_ROOT


def log_one_more(w: Array) -> Array:
    """`log(1 + w * w)`, also where the square would overflow."""
    far = ops.abs(w) > 1e8
    near = ops.where(far, 0.0, w)
    return ops.where(far, 2.0 * ops.log(ops.abs(ops.where(far, w, 1.0))), ops.log1p(near * near))


norm = Continuous(
    "norm",
    doc="""Normal distribution, with mean `loc` and standard deviation `scale`.

    The standard density is `exp(-x**2 / 2) / sqrt(2 * pi)`. The tails are accurate as far as
    numbers go.

    Example:
        >>> gg.stats.norm.pdf(np.array([0.0, 1.0])).round(4)
        array([0.3989, 0.242 ])
        >>> def loss(mean, deviation):
        ...     return -gg.sum(gg.stats.norm.logpdf(np.array([1.0, 2.0, 3.0]), mean, deviation))
        >>> gg.grad(loss, (0, 1))(2.0, 1.0)
        (array(0.), array(1.))
    """,
    support=real_line,
    log_density=log_normal_density,
    cdf=special.ndtr,
    sf=lambda z: special.ndtr(-z),
    logcdf=special.log_ndtr,
    logsf=lambda z: special.log_ndtr(-z),
    ppf=special.ndtri,
    isf=lambda q: -special.ndtri(q),
    mean=lambda: 0.0,
    var=lambda: 1.0,
    entropy=lambda: LOG_ROOT + 0.5,
)


def _laplace_cdf(z: Array) -> Array:
    below = z < 0
    lower = 0.5 * ops.exp(ops.where(below, z, 0.0))
    return ops.where(below, lower, 1.0 - 0.5 * ops.exp(-ops.where(below, 0.0, z)))


def _laplace_logcdf(z: Array) -> Array:
    below = z < 0
    return ops.where(below, z - log(2.0), ops.log1p(-0.5 * ops.exp(-ops.where(below, 0.0, z))))


def _laplace_ppf(q: Array) -> Array:
    return ops.where(q < 0.5, ops.log(2.0 * q), -ops.log(2.0 * (1.0 - q)))


laplace = Continuous(
    "laplace",
    doc="""Laplace distribution, whose density falls by a factor of e along each `scale` from `loc`.

    The standard density is `exp(-abs(x)) / 2`.

    Example:
        >>> gg.stats.laplace.cdf(np.array([-1.0, 0.0, 1.0])).round(4)
        array([0.1839, 0.5   , 0.8161])
        >>> def log_likelihood(loc):
        ...     return gg.sum(gg.stats.laplace.logpdf(np.array([0.0, 1.0, 5.0]), loc))
        >>> gg.grad(log_likelihood)(2.0)                    # one above, two below
        array(-1.)
    """,
    support=real_line,
    log_density=lambda z: -ops.abs(z) - log(2.0),
    cdf=_laplace_cdf,
    sf=lambda z: _laplace_cdf(-z),
    logcdf=_laplace_logcdf,
    logsf=lambda z: _laplace_logcdf(-z),
    ppf=_laplace_ppf,
    isf=lambda q: -_laplace_ppf(q),
    mean=lambda: 0.0,
    var=lambda: 2.0,
    entropy=lambda: log(2.0) + 1.0,
)

logistic = Continuous(
    "logistic",
    doc="""Logistic distribution, whose `cdf` is the sigmoid function.

    The standard density is `exp(-x) / (1 + exp(-x))**2`.

    Example:
        >>> gg.stats.logistic.cdf(np.array([0.0, 2.0])).round(4)
        array([0.5   , 0.8808])
        >>> gg.stats.logistic.ppf(np.array([0.5, 0.8])).round(4)
        array([0.    , 1.3863])
    """,
    support=real_line,
    log_density=lambda z: special.log_expit(z) + special.log_expit(-z),
    cdf=special.expit,
    sf=lambda z: special.expit(-z),
    logcdf=special.log_expit,
    logsf=lambda z: special.log_expit(-z),
    ppf=special.logit,
    isf=lambda q: -special.logit(q),
    mean=lambda: 0.0,
    var=lambda: pi * pi / 3,
    entropy=lambda: 2.0,
)


def _cauchy_cdf(z: Array) -> Array:
    # The angle of (-z, 1) over pi, which keeps its digits far below.
    return ops.atan2(ops.ones_like(z), -z) / pi


def _cauchy_ppf(q: Array) -> Array:
    lower = q < 0.5
    tail = ops.where(lower, q, 1.0 - q)
    far = tail < 0.25
    near_end = 1.0 / ops.tan(pi * ops.where(far, tail, 0.25))
    size = ops.where(far, near_end, ops.tan(pi * (0.5 - tail)))
    return ops.where(lower, -size, size)


cauchy = Continuous(
    "cauchy",
    doc="""Cauchy distribution, with such heavy tails that it has no mean: `mean` and `var` are NaN.

    The standard density is `1 / (pi * (1 + x**2))`; half of the probability is within `scale` of
    `loc`.

    Example:
        >>> gg.stats.cauchy.ppf(np.array([0.25, 0.75])).round(6)
        array([-1.,  1.])
        >>> gg.grad(gg.stats.cauchy.logpdf)(1.0)
        array(-1.)
    """,
    support=real_line,
    log_density=lambda z: -log_one_more(z) - log(pi),
    cdf=_cauchy_cdf,
    sf=lambda z: _cauchy_cdf(-z),
    ppf=_cauchy_ppf,
    isf=lambda q: -_cauchy_ppf(q),
    mean=lambda: nan,
    var=lambda: nan,
    entropy=lambda: log(4 * pi),
)


def _gumbel_log_density(z: Array) -> Array:
    return -z - ops.exp(-z)


def _gumbel_tail(z: Array) -> Array:
    return -ops.expm1(-ops.exp(-z))


def _log_gumbel_tail(z: Array) -> Array:
    # It is -z to all digits where exp(-z) leaves the range of numbers, and below 0 the rest of 1.
    far, below = z > 50.0, z < 0.0
    near = ops.log(_gumbel_tail(ops.where(far | below, 0.0, z)))
    rest = ops.log1p(-ops.exp(-ops.exp(-ops.where(below, z, 0.0))))
    return ops.where(far, -z, ops.where(below, rest, near))


gumbel_r = Continuous(
    "gumbel_r",
    doc="""Gumbel distribution of maxima, such as the highest flood of a year.

    The standard density is `exp(-x - exp(-x))`.

    Example:
        >>> gg.stats.gumbel_r.cdf(np.array([0.0, 2.0])).round(4)
        array([0.3679, 0.8734])
        >>> gg.stats.gumbel_r.mean(0.0, np.array([1.0, 2.0])).round(4)
        array([0.5772, 1.1544])
    """,
    support=real_line,
    log_density=_gumbel_log_density,
    cdf=lambda z: ops.exp(-ops.exp(-z)),
    sf=_gumbel_tail,
    logcdf=lambda z: -ops.exp(-z),
    logsf=_log_gumbel_tail,
    ppf=lambda q: -ops.log(-ops.log(q)),
    isf=lambda q: -ops.log(-ops.log1p(-q)),
    mean=lambda: _EULER,
    var=lambda: pi * pi / 6,
    entropy=lambda: _EULER + 1.0,
)

gumbel_l = Continuous(
    "gumbel_l",
    doc="""Gumbel distribution of minima: `gumbel_r` mirrored.

    The standard density is `exp(x - exp(x))`.

    Example:
        >>> gg.stats.gumbel_l.sf(np.array([-2.0, 0.0])).round(4)
        array([0.8734, 0.3679])
    """,
    support=real_line,
    log_density=lambda z: _gumbel_log_density(-z),
    cdf=lambda z: _gumbel_tail(-z),
    sf=lambda z: ops.exp(-ops.exp(z)),
    logcdf=lambda z: _log_gumbel_tail(-z),
    logsf=lambda z: -ops.exp(z),
    ppf=lambda q: ops.log(-ops.log1p(-q)),
    isf=lambda q: ops.log(-ops.log(q)),
    mean=lambda: -_EULER,
    var=lambda: pi * pi / 6,
    entropy=lambda: _EULER + 1.0,
)


def _student_var(df: Array) -> Array:
    found = above(2.0, df, lambda df: 1.0 / (1.0 - 2.0 / df))
    return ops.where(df > 1.0, found, nan)


_student_cdf = or_normal(student_cdf, special.ndtr)
_student_ppf = or_normal(student_ppf, special.ndtri)

t = Continuous(
    "t",
    "df",
    doc="""Student's distribution with `df` degrees of freedom, which may be infinite.

    With an infinite `df` it is the normal distribution. There is a mean for a `df` above 1, and a
    finite variance for one above 2.

    Example:
        >>> gg.stats.t.ppf(0.975, np.array([1.0, 10.0, np.inf])).round(4)
        array([12.7062,  2.2281,  1.96  ])
        >>> gg.grad(lambda df: gg.sum(gg.stats.t.ppf(0.975, df)))(np.array([1.0, 10.0])).round(4)
        array([-30.0261,  -0.0302])
    """,
    support=real_line,
    log_density=or_normal(student_log_density, log_normal_density),
    cdf=_student_cdf,
    sf=lambda z, df: _student_cdf(-z, df),
    ppf=_student_ppf,
    isf=lambda q, df: -_student_ppf(q, df),
    mean=lambda df: above(1.0, df, ops.zeros_like),
    var=_student_var,
)

skewnorm = Continuous(
    "skewnorm",
    "a",
    doc="""Skew normal distribution, with more weight on the side of the sign of `a`.

    The standard density is that of the normal distribution times `2 * ndtr(a * x)`; where `a` is 0
    it is normal.

    Example:
        >>> gg.stats.skewnorm.pdf(np.array([-1.0, 0.0, 1.0]), 4.0).round(4)
        array([0.    , 0.3989, 0.4839])
    """,
    support=real_line,
    valid=ops.isfinite,
    log_density=lambda z, a: log(2.0) + log_normal_density(z) + special.log_ndtr(a * z),
    mean=lambda a: sqrt(2 / pi) * a / ops.hypot(ops.ones_like(a), a),
    var=lambda a: 1.0 - 2 / pi * ops.square(a / ops.hypot(ops.ones_like(a), a)),
)

vonmises = Continuous(
    "vonmises",
    "kappa",
    doc="""Von Mises distribution of angles in radians, with period 2π.

    The standard density is `exp(kappa * cos(x)) / (2 * pi * i0(kappa))` at any angle; `kappa` is
    how concentrated it is, and 0 makes all angles equally likely.

    Example:
        >>> gg.stats.vonmises.pdf(np.array([0.0, np.pi, 2 * np.pi]), 2.0).round(4)
        array([0.5159, 0.0094, 0.5159])
    """,
    support=real_line,
    valid=lambda kappa: kappa >= 0,
    # cos(z) - 1 by half of the angle, which keeps its digits around 0.
    log_density=lambda z, kappa: (
        -2.0 * kappa * ops.square(ops.sin(0.5 * z)) - ops.log(2 * pi * special.i0e(kappa))
    ),
    mean=ops.zeros_like,
)
