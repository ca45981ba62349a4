"""Distributions of whole numbers.

In formulas, `k` is the number less `loc`.
"""

from __future__ import annotations

from math import inf
from typing import Any

import gpugrad.special as special
from gpugrad.core.registry import namespace as ops
from gpugrad.stats.distribution import positive, unit
from gpugrad.stats.real_and_whole import Discrete
from gpugrad.types import Array

__all__ = ["bernoulli", "betabinom", "binom", "geom", "nbinom", "poisson"]


def _is_share(p: Array) -> Any:
    return (p >= 0) & (p <= 1)


def _is_whole(n: Array) -> Any:
    return (n >= 0) & (ops.floor(n) == n)


def log_choose(n: Array, k: Array) -> Array:
    """The logarithm of the number of ways to choose `k` of `n`."""
    return -ops.log(n + 1.0) - special.betaln(k + 1.0, n - k + 1.0)


poisson = Discrete(
    "poisson",
    "mu",
    doc="""Poisson distribution: how often something happens that happens `mu` times on average.

    The probability of `k` is `mu**k * exp(-mu) / k!`.

    Example:
        >>> gg.stats.poisson.pmf(np.array([0, 1, 2]), 2.0).round(4)
        array([0.1353, 0.2707, 0.2707])
        >>> def log_likelihood(mu):
        ...     return gg.sum(gg.stats.poisson.logpmf(np.array([3, 5]), mu))
        >>> gg.grad(log_likelihood)(2.0), gg.grad(log_likelihood)(4.0)
        (array(2.), array(0.))
    """,
    support=positive,
    valid=lambda mu: mu >= 0,
    log_density=lambda k, mu: special.xlogy(k, mu) - special.gammaln(k + 1.0) - mu,
    cdf=lambda k, mu: special.gammaincc(k + 1.0, mu),
    sf=lambda k, mu: special.gammainc(k + 1.0, mu),
    mean=lambda mu: mu,
    var=lambda mu: mu,
)

bernoulli = Discrete(
    "bernoulli",
    "p",
    doc="""Bernoulli distribution: 1 with probability `p`, else 0.

    Example:
        >>> gg.stats.bernoulli.pmf(np.array([0, 1]), 0.3)
        array([0.7, 0.3])
        >>> gg.stats.bernoulli.entropy(np.array([0.0, 0.5])).round(4)
        array([0.    , 0.6931])
    """,
    support=unit,
    valid=_is_share,
    log_density=lambda k, p: special.xlogy(k, p) + special.xlog1py(1.0 - k, -p),
    cdf=lambda k, p: 1.0 - p,
    sf=lambda k, p: p,
    mean=lambda p: p,
    var=lambda p: p * (1.0 - p),
    entropy=lambda p: special.entr(p) + special.entr(1.0 - p),
)

binom = Discrete(
    "binom",
    "n p",
    doc="""Binomial distribution: how often something of probability `p` happens in `n` trials.

    Example:
        >>> gg.stats.binom.pmf(np.array([0, 5, 10]), 10, 0.5).round(4)
        array([0.001 , 0.2461, 0.001 ])
        >>> gg.grad(lambda p: gg.stats.binom.logpmf(7, 10, p))(0.5)
        array(8.)
    """,
    support=lambda n, p: (0.0, n),
    valid=lambda n, p: _is_whole(n) & _is_share(p),
    log_density=lambda k, n, p: (
        log_choose(n, k) + special.xlogy(k, p) + special.xlog1py(n - k, -p)
    ),
    cdf=lambda k, n, p: special.betainc(n - k, k + 1.0, 1.0 - p),
    sf=lambda k, n, p: special.betainc(k + 1.0, n - k, p),
    mean=lambda n, p: n * p,
    var=lambda n, p: n * p * (1.0 - p),
)

betabinom = Discrete(
    "betabinom",
    "n a b",
    doc="""Beta-binomial distribution: binomial, with a beta-distributed probability.

    It counts what happens in `n` trials with one probability, drawn before with the shapes `a` and
    `b`.

    Example:
        >>> gg.stats.betabinom.pmf(np.arange(4), 3, 1.0, 1.0).round(4)
        array([0.25, 0.25, 0.25, 0.25])
        >>> gg.stats.betabinom.mean(10, 2.0, np.array([2.0, 3.0]))
        array([5., 4.])
    """,
    support=lambda n, a, b: (0.0, n),
    valid=lambda n, a, b: _is_whole(n) & (a > 0) & (b > 0),
    log_density=lambda k, n, a, b: (
        log_choose(n, k) + special.betaln(k + a, n - k + b) - special.betaln(a, b)
    ),
    mean=lambda n, a, b: n * (a / (a + b)),
    var=lambda n, a, b: n * (a + b + n) * (a / (a + b)) * (b / (a + b)) / (a + b + 1.0),
)

nbinom = Discrete(
    "nbinom",
    "n p",
    doc="""Negative binomial distribution: failures before something has happened `n` times.

    It happens with probability `p` in each trial. `n` need not be whole: so it is a Poisson
    distribution with more variance.

    Example:
        >>> gg.stats.nbinom.pmf(np.arange(3), 2.0, 0.5).round(4)
        array([0.25  , 0.25  , 0.1875])
        >>> gg.stats.nbinom.mean(2.0, np.array([0.5, 0.25]))
        array([2., 6.])
    """,
    support=lambda n, p: (0.0, inf),
    valid=lambda n, p: (n > 0) & (p > 0) & (p <= 1),
    log_density=lambda k, n, p: (
        special.gammaln(k + n)
        - special.gammaln(n)
        - special.gammaln(k + 1.0)
        + special.xlogy(n, p)
        + special.xlog1py(k, -p)
    ),
    cdf=lambda k, n, p: special.betainc(n, k + 1.0, p),
    sf=lambda k, n, p: special.betainc(k + 1.0, n, 1.0 - p),
    mean=lambda n, p: n * (1.0 - p) / p,
    var=lambda n, p: n * (1.0 - p) / (p * p),
)

geom = Discrete(
    "geom",
    "p",
    doc="""Geometric distribution: the number of the trial in which something happens first.

    It happens with probability `p` in each; the numbers begin with 1.

    Example:
        >>> gg.stats.geom.pmf(np.arange(4), 0.5)
        array([0.   , 0.5  , 0.25 , 0.125])
        >>> gg.stats.geom.mean(np.array([0.5, 0.25]))
        array([2., 4.])
    """,
    support=lambda p: (1.0, inf),
    valid=lambda p: (p > 0) & (p <= 1),
    log_density=lambda k, p: special.xlog1py(k - 1.0, -p) + ops.log(p),
    cdf=lambda k, p: -ops.expm1(special.xlog1py(k, -p)),
    sf=lambda k, p: ops.exp(special.xlog1py(k, -p)),
    logsf=lambda k, p: special.xlog1py(k, -p),
    mean=lambda p: 1.0 / p,
    var=lambda p: (1.0 - p) / (p * p),
)
