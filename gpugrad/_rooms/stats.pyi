# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

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

from gpugrad.stats import bernoulli as bernoulli
from gpugrad.stats import beta as beta
from gpugrad.stats import betabinom as betabinom
from gpugrad.stats import binom as binom
from gpugrad.stats import cauchy as cauchy
from gpugrad.stats import chi2 as chi2
from gpugrad.stats import dirichlet as dirichlet
from gpugrad.stats import expon as expon
from gpugrad.stats import f as f
from gpugrad.stats import gamma as gamma
from gpugrad.stats import geom as geom
from gpugrad.stats import gumbel_l as gumbel_l
from gpugrad.stats import gumbel_r as gumbel_r
from gpugrad.stats import halfcauchy as halfcauchy
from gpugrad.stats import halfnorm as halfnorm
from gpugrad.stats import invgamma as invgamma
from gpugrad.stats import laplace as laplace
from gpugrad.stats import logistic as logistic
from gpugrad.stats import lognorm as lognorm
from gpugrad.stats import multinomial as multinomial
from gpugrad.stats import multivariate_normal as multivariate_normal
from gpugrad.stats import nbinom as nbinom
from gpugrad.stats import norm as norm
from gpugrad.stats import pareto as pareto
from gpugrad.stats import poisson as poisson
from gpugrad.stats import powerlaw as powerlaw
from gpugrad.stats import rayleigh as rayleigh
from gpugrad.stats import skewnorm as skewnorm
from gpugrad.stats import t as t
from gpugrad.stats import truncnorm as truncnorm
from gpugrad.stats import uniform as uniform
from gpugrad.stats import vonmises as vonmises
from gpugrad.stats import weibull_min as weibull_min

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
