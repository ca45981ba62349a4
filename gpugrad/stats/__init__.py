"""Distributions under the names of `scipy.stats`, with gradients in all arguments.

Those of one number have `logpdf` and `pdf`, or `logpmf` and `pmf`, and `cdf`, `logcdf`, `sf` and
`logsf`; continuous ones have `ppf`, `isf` and `rvs` too; `mean`, `var`, `std` and `entropy` where
they are simple. Arguments are those of SciPy: the point, the parameters of the shape, then `loc`
and, of continuous ones, `scale`. They broadcast, as arrays, Tensors or numbers; `norm(0, 1)` holds
its parameters. Outside of the support, densities are 0 and their logarithms -inf, with gradient 0;
for parameters out of their range everything is NaN. `multivariate_normal`, `multinomial` and
`dirichlet` are distributions of vectors.

>>> def log_likelihood(mean, deviation):
...     return gg.sum(gg.stats.norm.logpdf(np.array([1.0, 2.0]), mean, deviation))
>>> gg.grad(log_likelihood, (0, 1))(0.0, 1.0)
(array(3.), array(3.))
"""

from gpugrad.stats.bounded import beta, powerlaw, truncnorm, uniform
from gpugrad.stats.counts import bernoulli, betabinom, binom, geom, nbinom, poisson
from gpugrad.stats.positive import (
    chi2,
    expon,
    f,
    gamma,
    halfcauchy,
    halfnorm,
    invgamma,
    lognorm,
    pareto,
    rayleigh,
    weibull_min,
)
from gpugrad.stats.real_line import (
    cauchy,
    gumbel_l,
    gumbel_r,
    laplace,
    logistic,
    norm,
    skewnorm,
    t,
    vonmises,
)
from gpugrad.stats.vectors import dirichlet, multinomial, multivariate_normal
from gpugrad.types import offered

__all__ = [
    "bernoulli",
    "beta",
    "betabinom",
    "binom",
    "cauchy",
    "chi2",
    "dirichlet",
    "expon",
    "f",
    "gamma",
    "geom",
    "gumbel_l",
    "gumbel_r",
    "halfcauchy",
    "halfnorm",
    "invgamma",
    "laplace",
    "logistic",
    "lognorm",
    "multinomial",
    "multivariate_normal",
    "nbinom",
    "norm",
    "pareto",
    "poisson",
    "powerlaw",
    "rayleigh",
    "skewnorm",
    "t",
    "truncnorm",
    "uniform",
    "vonmises",
    "weibull_min",
]

__dir__ = offered(globals())
