"""Distributions are those of SciPy, also at the ends of their support, and differentiated."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.stats

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

CONTINUOUS: list[tuple[Any, ...]] = [
    ("norm",), ("uniform",), ("expon",), ("laplace",), ("logistic",), ("cauchy",),
    ("lognorm", 0.5), ("lognorm", 2.0), ("gamma", 0.5), ("gamma", 1.0), ("gamma", 3.0),
    ("chi2", 1.0), ("chi2", 2.0), ("chi2", 5.0), ("invgamma", 0.5), ("invgamma", 2.0),
    ("beta", 0.5, 0.5), ("beta", 1.0, 1.0), ("beta", 2.0, 3.0), ("t", 1.0), ("t", 5.0),
    ("t", 200.0), ("pareto", 0.5), ("pareto", 3.0), ("weibull_min", 0.5), ("weibull_min", 1.0),
    ("weibull_min", 2.0),
]  # fmt: skip
DISCRETE: list[tuple[Any, ...]] = [
    ("poisson", 0.5), ("poisson", 4.0), ("bernoulli", 0.3), ("bernoulli", 0.0), ("bernoulli", 1.0),
    ("binom", 5, 0.3), ("binom", 5, 0.0), ("binom", 5, 1.0), ("binom", 10, 0.5), ("nbinom", 3, 0.4),
    ("nbinom", 2.5, 0.7), ("geom", 0.3), ("geom", 1.0),
]  # fmt: skip
POINTS = np.array([
    -np.inf, -40, -3, -1, -0.5, -1e-3, -1e-300, -0.0, 0.0, 1e-300, 1e-3, 0.1, 0.5, 0.9, 1.0, 1.5, 2,
    3, 40, 400, 1e5, np.inf, np.nan,
])  # fmt: skip
COUNTS = np.array([-np.inf, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3, 4, 5, 6, 10, 30, np.inf, np.nan])
SHARES = np.array([-0.1, 0, 1e-10, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-10, 1.0, 1.1, np.nan])


def of_scipy(name: str, method: str, x: Any, *args: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return getattr(getattr(scipy.stats, name), method)(x, *args)


def of_gpugrad(name: str, method: str, x: Any, *args: Any) -> Any:
    return getattr(getattr(gg.stats, name), method)(x, *args)


def worse(name: str, method: str, x: np.ndarray, found: Any, wanted: Any) -> np.ndarray:
    """Where SciPy's is the worse one: NaN at infinity, and nothing left of a tail."""
    with np.errstate(all="ignore"):
        return _worse(name, method, x, found, wanted)


def _worse(name: str, method: str, x: np.ndarray, found: Any, wanted: Any) -> np.ndarray:
    density = method in ("logpdf", "logpmf", "pdf", "pmf")
    ends = np.isinf(x) & np.isnan(wanted) & (np.exp(found) == 0 if "log" in method else found == 0)
    lost = (name == "laplace") & np.isneginf(wanted) & np.isfinite(x)
    rest = (method == "logcdf") & (np.abs(wanted) < 1e-6) & (np.abs(found - wanted) < 1e-14)
    return ends | lost if density else rest


@pytest.mark.parametrize("place", [(0.0, 1.0), (0.5, 2.0)], ids=str)
@pytest.mark.parametrize("given", CONTINUOUS, ids=str)
def test_continuous_distributions(given: tuple[Any, ...], place: tuple[float, float]) -> None:
    name, *shapes = given
    for method in ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf"):
        found = of_gpugrad(name, method, POINTS, *shapes, *place)
        wanted = of_scipy(name, method, POINTS, *shapes, *place)
        alike = np.isclose(found, wanted, rtol=1e-9, atol=0, equal_nan=True)
        alike |= worse(name, method, POINTS, found, wanted)
        assert alike.all(), (method, POINTS[~alike], found[~alike], wanted[~alike])
    np.testing.assert_allclose(
        of_gpugrad(name, "ppf", SHARES, *shapes, *place),
        of_scipy(name, "ppf", SHARES, *shapes, *place), rtol=1e-8,
    )  # fmt: skip


@pytest.mark.parametrize("loc", [0, 2])
@pytest.mark.parametrize("given", DISCRETE, ids=str)
def test_discrete_distributions(given: tuple[Any, ...], loc: int) -> None:
    name, *shapes = given
    for method in ("logpmf", "pmf", "cdf", "sf", "logcdf", "logsf"):
        found = of_gpugrad(name, method, COUNTS, *shapes, loc)
        wanted = of_scipy(name, method, COUNTS, *shapes, loc)
        alike = np.isclose(found, wanted, rtol=1e-9, atol=0, equal_nan=True)
        alike |= worse(name, method, COUNTS, found, wanted)
        assert alike.all(), (method, COUNTS[~alike], found[~alike], wanted[~alike])


INNER = {"pareto": np.array([1.2, 2.0, 3.5]), "uniform": np.array([0.2, 0.5, 0.8]),
         "beta": np.array([0.2, 0.5, 0.8])}  # fmt: skip


@pytest.mark.parametrize("given", [given for given in CONTINUOUS if 200.0 not in given], ids=str)
def test_gradients_in_all_arguments(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    x = INNER.get(name, np.array([0.4, 1.3, 2.2]))
    args = (x * 2 + 0.5, *map(np.array, shapes), np.array(0.5), np.array(2.0))
    for method in ("logpdf", "cdf", "sf", "logcdf", "logsf"):
        check_grads(lambda *args, m=method: of_gpugrad(name, m, *args), args, order=1)
    check_grads(
        lambda *args: of_gpugrad(name, "ppf", *args), (np.array([0.2, 0.45, 0.7]), *args[1:]),
        order=1,
    )  # fmt: skip


@pytest.mark.parametrize("given", [
    ("poisson", 4.0), ("bernoulli", 0.3), ("binom", 5.0, 0.3), ("nbinom", 2.5, 0.7), ("geom", 0.3),
], ids=str)  # fmt: skip
def test_gradients_in_the_parameters_of_counts(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    counts = np.array([0.0, 1.0]) if name == "bernoulli" else np.array([1.0, 2.0, 3.0])
    for method in ("logpmf", "pmf", "cdf", "sf"):
        check_grads(
            lambda *args, m=method: of_gpugrad(name, m, counts, *args),
            tuple(map(np.array, shapes)),
            order=1,
        )  # fmt: skip


@pytest.mark.parametrize("given", CONTINUOUS + DISCRETE, ids=str)
def test_beyond_the_support_gradients_are_zero(given: tuple[Any, ...]) -> None:
    """And never NaN, of a sum over points inside and outside."""
    name, *shapes = given
    points = np.array([-2.0, 0.5, 1e6]) if given in CONTINUOUS else np.array([-2.0, 0.5, 2.0])
    density = "pdf" if given in CONTINUOUS else "pmf"
    total = lambda *args: gg.sum(of_gpugrad(name, density, points, *args))  # noqa: E731
    for slope in gg.grad(total, argnums=tuple(range(len(shapes))))(*map(float, shapes)) if shapes \
            else ():  # fmt: skip
        assert np.isfinite(slope)
    if given in CONTINUOUS:
        slopes = gg.grad(lambda x: gg.sum(of_gpugrad(name, "pdf", x, *shapes)))(points)
        assert np.isfinite(slopes).all()
        assert slopes[2] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("given", CONTINUOUS + DISCRETE, ids=str)
def test_dtypes_shapes_and_transforms(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    method = "logpdf" if given in CONTINUOUS else "logpmf"
    counts = np.array([1, 2, 3])
    plain = of_gpugrad(name, method, counts.astype(float), *shapes)
    np.testing.assert_array_equal(of_gpugrad(name, method, counts, *shapes), plain)
    assert of_gpugrad(name, method, counts.astype("float32"), *shapes).dtype == np.float32
    assert of_gpugrad(name, "cdf", counts.astype("float32"), *shapes).dtype == np.float32
    single = gg.jit(lambda x, *args: of_gpugrad(name, method, x, *args))
    assert single(counts.astype("float32"), *map(float, shapes)).dtype == np.float32
    one = of_gpugrad(name, method, 2.0, *shapes)
    assert np.shape(one) == ()
    assert np.array_equal(one, plain[1])
    wide = [np.full((3, 1), shape) for shape in shapes]
    if shapes:
        assert of_gpugrad(name, method, counts, *wide).shape == (3, 3)
    run = lambda x: of_gpugrad(name, method, x, *shapes)  # noqa: E731
    np.testing.assert_allclose(gg.jit(run)(counts.astype(float)), plain, rtol=1e-13)
    np.testing.assert_allclose(gg.vmap(run)(counts.astype(float)), plain, rtol=1e-13)


def test_parameters_out_of_range_give_nan() -> None:
    for found in (
        gg.stats.norm.logpdf(0.0, 0.0, -1.0), gg.stats.norm.cdf(0.0, 0.0, 0.0),
        gg.stats.gamma.pdf(1.0, -1.0), gg.stats.gamma.sf(-1.0, -1.0),
        gg.stats.beta.cdf(2.0, 0.0, 1.0),
        gg.stats.poisson.pmf(1, -1.0), gg.stats.binom.cdf(1, 5, 1.5), gg.stats.geom.sf(1, np.nan),
        gg.stats.norm.ppf(0.5, 0.0, -1.0), gg.stats.norm.logsf(np.nan),
    ):  # fmt: skip
        assert np.isnan(found)


def test_words_and_what_is_refused() -> None:
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(
        gg.stats.gamma.logpdf(x, a=2.0, scale=3.0, loc=0.5), gg.stats.gamma.logpdf(x, 2.0, 0.5, 3.0)
    )
    for call, word in (
        (lambda: gg.stats.gamma.pdf(x), "a must be given"),
        (lambda: gg.stats.gamma.ppf(x), "a must be given"),
        (lambda: gg.stats.gamma.pdf(x, 1.0, a=2.0), "the arguments are x, a, loc, scale"),
        (lambda: gg.stats.gamma.ppf(x, 1.0, sigma=2.0), "1 by their places after x and sigma"),
        (lambda: gg.stats.norm.pdf(x, 1.0, 2.0, 3.0), "3 by their places"),
        (lambda: gg.stats.poisson.pmf(x, 1.0, 0, 2.0), "the arguments are x, mu, loc;"),
    ):
        with pytest.raises(InvalidArgument, match=word):
            call()


# Of vectors

rng = np.random.default_rng(0)
ROOT = rng.standard_normal((3, 3))
COV = ROOT @ ROOT.T + np.eye(3)
MEAN = rng.standard_normal(3)


@pytest.mark.parametrize(
    "cov", [COV, np.diag(COV), np.array(2.0)], ids=["matrix", "vector", "number"]
)
@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3)])
def test_normal_vectors(shape: tuple[int, ...], cov: np.ndarray) -> None:
    x = rng.standard_normal(shape)
    full = cov if cov.ndim else cov * np.eye(3)
    theirs, mine = scipy.stats.multivariate_normal, gg.stats.multivariate_normal
    np.testing.assert_allclose(mine.logpdf(x, MEAN, cov), theirs.logpdf(x, MEAN, full))
    np.testing.assert_allclose(mine.pdf(x, MEAN, cov), theirs.pdf(x, MEAN, full))
    np.testing.assert_allclose(
        gg.jit(mine.logpdf)(x, MEAN, cov), theirs.logpdf(x, MEAN, full), rtol=1e-12
    )
    check_grads(lambda *args: mine.logpdf(*args), (x, MEAN, cov), order=1)


def test_singular_normal_vectors_and_entropy() -> None:
    thin = ROOT[:, :2] @ ROOT[:, :2].T
    x = thin @ rng.standard_normal(3)
    np.testing.assert_allclose(
        gg.stats.multivariate_normal.logpdf(x, np.zeros(3), thin, allow_singular=True),
        scipy.stats.multivariate_normal.logpdf(x, np.zeros(3), thin, allow_singular=True),
    )
    np.testing.assert_allclose(
        gg.stats.multivariate_normal.entropy(MEAN, COV),
        scipy.stats.multivariate_normal.entropy(MEAN, COV),
    )


def test_shares() -> None:
    alpha, x = np.array([0.5, 2.0, 3.0]), rng.dirichlet(np.ones(3), 4).T
    wanted = [scipy.stats.dirichlet.logpdf(part, alpha) for part in x.T]
    np.testing.assert_allclose(gg.stats.dirichlet.logpdf(x, alpha), wanted)
    np.testing.assert_allclose(gg.stats.dirichlet.logpdf(x[:-1], alpha), wanted)
    np.testing.assert_allclose(gg.stats.dirichlet.pdf(x, alpha), np.exp(wanted))
    check_grads(gg.stats.dirichlet.logpdf, (x, alpha), order=1)
    with pytest.raises(InvalidArgument, match="5 shares for 3 parameters"):
        gg.stats.dirichlet.logpdf(np.ones(5) / 5, alpha)
