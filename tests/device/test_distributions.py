"""Distributions of CuPy's arrays: values and gradients are those on NumPy."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest

import gpugrad as gg

POINTS = np.array([-np.inf, -3.0, -0.5, 0.0, 1e-3, 0.5, 0.9, 1.0, 2.0, 40.0, np.inf, np.nan])
COUNTS = np.array([-1.0, 0.0, 0.5, 1.0, 3.0, 5.0, 30.0, np.inf, np.nan])
SHARES = np.array([-0.1, 0.0, 0.01, 0.3, 0.5, 0.99, 1.0, np.nan])

OF_ONE_NUMBER: list[tuple[Any, ...]] = [
    ("norm",), ("uniform",), ("expon",), ("laplace",), ("logistic",), ("cauchy",), ("lognorm", 0.5),
    ("gamma", 3.0), ("chi2", 2.0), ("invgamma", 2.0), ("beta", 2.0, 3.0), ("t", 5.0),
    ("pareto", 3.0), ("weibull_min", 2.0), ("poisson", 4.0), ("bernoulli", 0.3), ("geom", 0.3),
    ("binom", 5.0, 0.3), ("nbinom", 2.5, 0.7),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("of", OF_ONE_NUMBER, ids=lambda of: of[0])
def test_distributions_of_one_number(of: tuple[Any, ...]) -> None:
    name, *parameters = of
    distribution = getattr(gg.stats, name)
    discrete = hasattr(distribution, "pmf")
    density = ("logpmf", "pmf") if discrete else ("logpdf", "pdf", "ppf")
    for method in (*density, "cdf", "logcdf", "sf", "logsf"):
        f = getattr(distribution, method)
        x = SHARES if method == "ppf" else COUNTS if discrete else POINTS
        args = [x, *(np.full(x.shape, p) for p in parameters)]
        wanted = f(*args)
        np.testing.assert_allclose(
            cp.asnumpy(f(*map(cp.asarray, args))), wanted, rtol=1e-10, err_msg=method
        )
        numbers = (0, 2) if name == "binom" else tuple(range(len(args)))
        slopes = gg.grad(lambda *args, f=f: gg.sum(f(*args)), argnums=numbers)
        for found, slope in zip(slopes(*map(cp.asarray, args)), slopes(*args), strict=True):
            np.testing.assert_allclose(
                cp.asnumpy(found), slope, rtol=1e-7, atol=1e-300, err_msg=method
            )


def test_distributions_of_vectors() -> None:
    rng = np.random.default_rng(0)
    root, x, mean = rng.standard_normal((3, 3)), rng.standard_normal((5, 3)), np.ones(3)
    normal = gg.stats.multivariate_normal
    for cov in (root @ root.T + np.eye(3), np.array([1.0, 2.0, 3.0]), np.array(2.0)):
        for singular in (False, True):
            agree_in(
                lambda x, mean, cov, s=singular: normal.logpdf(x, mean, cov, s), x, mean, cov
            )
        agree_in(lambda cov: normal.entropy(None, cov), cov)
    agree_in(gg.stats.dirichlet.logpdf, rng.dirichlet(np.ones(3)), np.array([1.0, 2.0, 3.0]))


def agree_in(f: Any, *args: Any) -> None:
    both = gg.value_and_grad(lambda *args: gg.sum(f(*args)), argnums=tuple(range(len(args))))
    value, slopes = both(*map(cp.asarray, args))
    wanted, their = both(*args)
    np.testing.assert_allclose(cp.asnumpy(value), wanted, rtol=1e-11)
    for found, slope in zip(slopes, their, strict=True):
        np.testing.assert_allclose(cp.asnumpy(found), slope, rtol=1e-10, atol=1e-14)
