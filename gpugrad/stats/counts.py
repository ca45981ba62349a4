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
    support=positive,
    valid=lambda mu: mu >= 0,
    log_density=lambda k, mu: special.xlogy(k, mu) - special.gammaln(k + 1.0) - mu,
    cdf=lambda k, mu: special.gammaincc(k + 1.0, mu),
    sf=lambda k, mu: special.gammainc(k + 1.0, mu),
    mean=lambda mu: mu,
    var=lambda mu: mu,
)
"""The Poisson distribution with mean `mu`."""

bernoulli = Discrete(
    "bernoulli",
    "p",
    support=unit,
    valid=_is_share,
    log_density=lambda k, p: special.xlogy(k, p) + special.xlog1py(1.0 - k, -p),
    cdf=lambda k, p: 1.0 - p,
    sf=lambda k, p: p,
    mean=lambda p: p,
    var=lambda p: p * (1.0 - p),
    entropy=lambda p: special.entr(p) + special.entr(1.0 - p),
)
"""1 with the probability `p`, else 0."""

binom = Discrete(
    "binom",
    "n p",
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
"""How often something of probability `p` happens in `n` trials."""

betabinom = Discrete(
    "betabinom",
    "n a b",
    support=lambda n, a, b: (0.0, n),
    valid=lambda n, a, b: _is_whole(n) & (a > 0) & (b > 0),
    log_density=lambda k, n, a, b: (
        log_choose(n, k) + special.betaln(k + a, n - k + b) - special.betaln(a, b)
    ),
    mean=lambda n, a, b: n * (a / (a + b)),
    var=lambda n, a, b: n * (a + b + n) * (a / (a + b)) * (b / (a + b)) / (a + b + 1.0),
)
"""How often something happens in `n` trials, of a probability that is beta distributed."""

nbinom = Discrete(
    "nbinom",
    "n p",
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
"""How often it fails before something of probability `p` has happened `n` times."""

geom = Discrete(
    "geom",
    "p",
    support=lambda p: (1.0, inf),
    valid=lambda p: (p > 0) & (p <= 1),
    log_density=lambda k, p: special.xlog1py(k - 1.0, -p) + ops.log(p),
    cdf=lambda k, p: -ops.expm1(special.xlog1py(k, -p)),
    sf=lambda k, p: ops.exp(special.xlog1py(k, -p)),
    logsf=lambda k, p: special.xlog1py(k, -p),
    mean=lambda p: 1.0 / p,
    var=lambda p: (1.0 - p) / (p * p),
)
"""The number of the trial in which something of probability `p` happens first."""
