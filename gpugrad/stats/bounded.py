"""Distributions of numbers within an interval.

In formulas, `z` is the standardised point, `q` a probability.
"""

from __future__ import annotations

from math import inf, log, sqrt
from typing import Any

import gpugrad.special as special
from gpugrad.core.registry import namespace as ops
from gpugrad.stats.distribution import unit
from gpugrad.stats.real_and_whole import Continuous
from gpugrad.stats.real_line import LOG_ROOT, log_normal_density
from gpugrad.types import Array

__all__ = ["beta", "powerlaw", "truncnorm", "uniform"]

uniform = Continuous(
    "uniform",
    doc="""Uniform distribution from `loc` to `loc + scale`.

    Example:
        >>> gg.stats.uniform.pdf(np.array([0.0, 1.5, 3.0]), 1.0, 4.0)
        array([0.  , 0.25, 0.25])
        >>> gg.stats.uniform.ppf(np.array([0.0, 0.5, 1.0]), 1.0, 4.0)
        array([1., 3., 5.])
    """,
    support=unit,
    log_density=ops.zeros_like,
    cdf=lambda z: z,
    sf=lambda z: 1.0 - z,
    ppf=lambda q: q,
    isf=lambda q: 1.0 - q,
    mean=lambda: 0.5,
    var=lambda: 1 / 12,
    entropy=lambda: 0.0,
)


def _beta_sf(z: Array, a: Array, b: Array) -> Array:
    # 1 - z has no digits of a small z, whose slope it would lose.
    lower = special.betainc(a, b, z)
    most = lower < 0.5
    upper = special.betainc(b, a, 1.0 - ops.where(most, 0.5, z))
    return ops.where(most, 1.0 - lower, upper)


def _beta_isf(q: Array, a: Array, b: Array) -> Array:
    # 1 - q has no digits of a small q, and 1 less the other end none of a point near 0.
    rare = q < 0.01
    upper = 1.0 - special.betaincinv(b, a, ops.where(rare, q, 0.5))
    return ops.where(rare, upper, special.betaincinv(a, b, ops.where(rare, 0.5, 1.0 - q)))


def _beta_entropy(a: Array, b: Array) -> Array:
    return (
        special.betaln(a, b)
        - (a - 1.0) * special.digamma(a)
        - (b - 1.0) * special.digamma(b)
        + (a + b - 2.0) * special.digamma(a + b)
    )


beta = Continuous(
    "beta",
    "a b",
    doc="""Beta distribution of fractions from 0 to 1, with the shapes `a` and `b`.

    The standard density is `x**(a - 1) * (1 - x)**(b - 1) / beta(a, b)`.

    Example:
        >>> gg.stats.beta.mean(2.0, 3.0)
        array(0.4)
        >>> def log_likelihood(a, b):
        ...     return gg.sum(gg.stats.beta.logpdf(np.array([0.3, 0.5]), a, b))
        >>> np.round(gg.grad(log_likelihood, (0, 1))(2.0, 3.0), 4)
        array([0.2695, 0.1168])
    """,
    support=unit,
    log_density=lambda z, a, b: (
        special.xlogy(a - 1.0, z) + special.xlog1py(b - 1.0, -z) - special.betaln(a, b)
    ),
    cdf=lambda z, a, b: special.betainc(a, b, z),
    sf=_beta_sf,
    ppf=lambda q, a, b: special.betaincinv(a, b, q),
    isf=_beta_isf,
    mean=lambda a, b: a / (a + b),
    var=lambda a, b: a / (a + b) * (b / (a + b)) / (a + b + 1.0),
    entropy=_beta_entropy,
)

powerlaw = Continuous(
    "powerlaw",
    "a",
    doc="""Power-law distribution of fractions from 0 to 1, with density `a * x**(a - 1)`.

    Example:
        >>> gg.stats.powerlaw.cdf(np.array([0.25, 0.5]), 2.0)
        array([0.0625, 0.25  ])
    """,
    support=unit,
    log_density=lambda z, a: ops.log(a) + special.xlogy(a - 1.0, z),
    cdf=lambda z, a: ops.exp(a * ops.log(z)),
    sf=lambda z, a: -ops.expm1(a * ops.log(z)),
    logcdf=lambda z, a: a * ops.log(z),
    ppf=lambda q, a: ops.exp(ops.log(q) / a),
    isf=lambda q, a: ops.exp(ops.log1p(-q) / a),
    mean=lambda a: a / (a + 1.0),
    var=lambda a: a / (a + 2.0) / ops.square(a + 1.0),
    entropy=lambda a: 1.0 - 1.0 / a - ops.log(a),
)


# The truncated normal distribution

def _log_mass(a: Array, b: Array) -> Array:
    """The logarithm of the normal probability from `a` to `b`, by that of the tails."""
    above = a > 0
    low, high = ops.where(above, -b, a), ops.where(above, -a, b)
    beside = high <= 0                              # both ends on one side
    far = special.log_ndtr(ops.where(beside, high, 0.0))
    some = far > -inf
    less = special.log_ndtr(ops.where(beside, low, -1.0)) - ops.where(some, far, 0.0)
    one_side = far + ops.log(-ops.expm1(ops.where(some, less, -1.0)))
    below, beyond = ops.where(beside, -1.0, low), ops.where(beside, 1.0, high)
    tails = special.ndtr(below) + special.ndtr(-beyond)
    within = 0.5 * (special.erf(beyond / sqrt(2.0)) - special.erf(below / sqrt(2.0)))
    around = ops.where(tails < 0.5, ops.log1p(-tails), ops.log(within))
    return ops.where(beside, one_side, around)


def _log_part(a: Array, z: Array, b: Array) -> Array:
    """The logarithm of the share of the probability from `a` to `b` up to `z`.

    It is that of 1 less the rest where the rest is small.
    """
    mass = _log_mass(a, b)
    part = _log_mass(a, z) - mass
    rest = _log_mass(z, b) - mass
    small = part < -log(2.0)
    return ops.where(small, part, ops.log1p(-ops.exp(ops.where(small, -1.0, rest))))


def _inverse_log_ndtr(y: Array) -> Array:
    """The `x` with `log_ndtr(x) = y`."""
    tail = y < -30.0
    far = ops.where(tail, y, -30.0)
    x = -ops.sqrt(-2.0 * far - ops.log(-2.0 * far) - log(2.0))
    for _ in range(4):                              # Newton's steps, which end at rounding
        log_slope = log_normal_density(x) - special.log_ndtr(x)
        x = x - (special.log_ndtr(x) - far) * ops.exp(-log_slope)
    return ops.where(tail, x, special.ndtri(ops.exp(ops.where(tail, -1.0, y))))


def _truncnorm_ppf(log_q: Array, log_rest: Array, a: Array, b: Array) -> Array:
    """The point with these logarithms of the probabilities on both sides, by the smaller tail."""
    mass = _log_mass(a, b)
    left = ops.logaddexp(special.log_ndtr(a), log_q + mass)
    right = ops.logaddexp(special.log_ndtr(-b), log_rest + mass)
    mirrored = right < left
    found = _inverse_log_ndtr(ops.where(mirrored, right, left))
    return ops.clip(ops.where(mirrored, -found, found), a, b)


def _truncnorm_mean(a: Array, b: Array) -> Any:
    low, high = (ops.exp(log_normal_density(x) - _log_mass(a, b)) for x in (a, b))
    return ops.clip(low - high, a, b)


def _truncnorm_entropy(a: Array, b: Array) -> Any:
    mass = _log_mass(a, b)
    ends = [ops.where(ops.isinf(x), 0.0, x) * ops.exp(log_normal_density(x) - mass) for x in (a, b)]
    squares = a * a, b * b
    least = ops.where(a * b < 0, 0.0, ops.minimum(*squares))
    mean_square = ops.clip(1.0 + ends[0] - ends[1], least, ops.maximum(*squares))
    return LOG_ROOT + mass + 0.5 * mean_square


truncnorm = Continuous(
    "truncnorm",
    "a b",
    doc="""Truncated normal distribution: the normal distribution restricted to `a` to `b`.

    Both count from `loc` in units of `scale`, as in SciPy, and may be infinite.

    Example:
        >>> gg.stats.truncnorm.pdf(np.array([-1.0, 0.0, 1.0]), 0.0, 2.0).round(4)
        array([0.    , 0.8359, 0.507 ])
        >>> a, b = (0.0 - 5.0) / 2.0, (6.0 - 5.0) / 2.0     # from 0 to 6, around 5
        >>> gg.stats.truncnorm.ppf(np.array([0.0, 1.0]), a, b, 5.0, 2.0)
        array([0., 6.])
    """,
    support=lambda a, b: (a, b),
    valid=lambda a, b: a < b,
    log_density=lambda z, a, b: log_normal_density(z) - _log_mass(a, b),
    cdf=lambda z, a, b: ops.exp(_log_part(a, z, b)),
    sf=lambda z, a, b: ops.exp(_log_part(-b, -z, -a)),
    logcdf=lambda z, a, b: _log_part(a, z, b),
    logsf=lambda z, a, b: _log_part(-b, -z, -a),
    ppf=lambda q, a, b: _truncnorm_ppf(ops.log(q), ops.log1p(-q), a, b),
    isf=lambda q, a, b: _truncnorm_ppf(ops.log1p(-q), ops.log(q), a, b),
    mean=_truncnorm_mean,
    entropy=_truncnorm_entropy,
)
