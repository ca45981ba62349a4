"""Distributions are those of SciPy, also at the ends of their support, and differentiated."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.stats
from installed import skip_unless_recent

import gpugrad as gg
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.testing import check_grads

skip_unless_recent("scipy")                         # tails of others have fewer digits

CONTINUOUS: list[tuple[Any, ...]] = [
    ("norm",), ("uniform",), ("expon",), ("laplace",), ("logistic",), ("cauchy",), ("gumbel_r",),
    ("gumbel_l",), ("halfnorm",), ("halfcauchy",), ("rayleigh",),
    ("lognorm", 0.01), ("lognorm", 0.5), ("lognorm", 2.0), ("gamma", 1e-3), ("gamma", 0.5),
    ("gamma", 1.0), ("gamma", 3.0), ("gamma", 1e4), ("chi2", 0.1), ("chi2", 1.0), ("chi2", 2.0),
    ("chi2", 5.0), ("chi2", 300.0), ("invgamma", 0.1), ("invgamma", 0.5), ("invgamma", 2.0),
    ("invgamma", 40.0), ("beta", 0.5, 0.5), ("beta", 1.0, 1.0), ("beta", 2.0, 3.0),
    ("beta", 0.1, 5.0), ("beta", 80.0, 0.05), ("t", 0.1), ("t", 1.0), ("t", 1.5), ("t", 5.0),
    ("t", 200.0), ("t", 1e5), ("t", 1e9), ("t", np.inf), ("pareto", 0.5), ("pareto", 1.0),
    ("pareto", 3.0), ("pareto", 40.0), ("weibull_min", 0.5), ("weibull_min", 1.0),
    ("weibull_min", 2.0), ("weibull_min", 30.0), ("f", 0.5, 7.0), ("f", 2.0, 4.0), ("f", 5.0, 0.5),
    ("f", 5.0, 200.0), ("f", 100.0, 0.5), ("powerlaw", 1.0), ("powerlaw", 3.0),
    ("truncnorm", -1.0, 1.0), ("truncnorm", -np.inf, 0.5), ("truncnorm", 0.5, np.inf),
    ("truncnorm", 3.0, 4.0), ("truncnorm", -np.inf, np.inf), ("truncnorm", -30.0, -20.0),
    ("truncnorm", 10.0, 50.0), ("skewnorm", -5.0), ("skewnorm", 0.0), ("skewnorm", 2.0),
    ("vonmises", 0.0), ("vonmises", 0.5), ("vonmises", 1e3),
]  # fmt: skip
DISCRETE: list[tuple[Any, ...]] = [
    ("poisson", 0.0), ("poisson", 1e-5), ("poisson", 0.5), ("poisson", 4.0), ("poisson", 1e3),
    ("bernoulli", 0.3), ("bernoulli", 0.0), ("bernoulli", 1.0), ("binom", 0, 0.3),
    ("binom", 5, 0.3), ("binom", 5, 0.0), ("binom", 5, 1e-12), ("binom", 5, 1.0),
    ("binom", 10, 0.5), ("nbinom", 3, 0.4), ("nbinom", 2.5, 0.7), ("nbinom", 100.0, 1.0),
    ("geom", 0.3), ("geom", 1e-12), ("geom", 1.0), ("betabinom", 0, 2.0, 3.0),
    ("betabinom", 9, 0.5, 20.0),
]  # fmt: skip
WITHOUT_PROBABILITIES = ("skewnorm", "vonmises", "betabinom")
POINTS = np.array([
    -np.inf, -1e5, -400, -40, -9, -3, -1, -0.5, -1e-3, -1e-9, -1e-300, -0.0, 0.0, 1e-300, 1e-9,
    1e-3, 0.1, 0.5, 0.9, 0.999, 1.0, 1.5, 2, 3, 9, 22, 27.5, 40, 400, 1e5, np.inf, np.nan,
])  # fmt: skip
COUNTS = np.array([-np.inf, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3, 4, 5, 6, 10, 30, 100, 1e6, np.inf,
                   np.nan])  # fmt: skip
SHARES = np.array([-0.1, 0, 1e-10, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-10, 1.0, 1.1, np.nan])


def of_scipy(name: str, method: str, x: Any, *args: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return getattr(getattr(scipy.stats, name), method)(x, *args)


def of_gpugrad(name: str, method: str, x: Any, *args: Any) -> Any:
    return getattr(getattr(gg.stats, name), method)(x, *args)


def methods_of(name: str, density: str) -> list[str]:
    rest = [] if name in WITHOUT_PROBABILITIES else ["cdf", "sf", "logcdf", "logsf"]
    return [f"log{density}", density, *rest]


def worse(name: str, method: str, x: np.ndarray, found: Any, wanted: Any) -> np.ndarray:
    """Where SciPy's is the worse one: NaN at infinity, and nothing left of a tail."""
    with np.errstate(all="ignore"):
        return _worse(name, method, x, found, wanted)


def _worse(name: str, method: str, x: np.ndarray, found: Any, wanted: Any) -> np.ndarray:
    if method in ("pdf", "pmf"):
        return np.isinf(x) & np.isnan(wanted) & (found == 0)
    if method in ("logpdf", "logpmf"):
        ends = np.isinf(x) & np.isnan(wanted) & np.isneginf(found)
        near = np.abs(found - wanted) < 2e-15       # of 0
        return ends | near | (np.isneginf(wanted) & (found < -700) & np.isfinite(x))
    # SciPy's are often the logarithms of numbers that have underflowed, or are next to 1.
    lost = np.isneginf(wanted) & (found < -700) & np.isfinite(x)
    rest = (np.abs(wanted) < 1e-6) & (np.abs(found - wanted) < 1e-14)
    return (lost | rest) if method in ("logcdf", "logsf") else np.zeros(x.shape, bool)


@pytest.mark.parametrize("place", [(0.0, 1.0), (0.5, 2.0)], ids=str)
@pytest.mark.parametrize("given", CONTINUOUS, ids=str)
def test_continuous_distributions(given: tuple[Any, ...], place: tuple[float, float]) -> None:
    name, *shapes = given
    for method in methods_of(name, "pdf"):
        found = of_gpugrad(name, method, POINTS, *shapes, *place)
        wanted = of_scipy(name, method, POINTS, *shapes, *place)
        alike = np.isclose(found, wanted, rtol=1e-9, atol=1e-320, equal_nan=True)
        alike |= worse(name, method, POINTS, found, wanted)
        assert alike.all(), (method, POINTS[~alike], found[~alike], wanted[~alike])
    if name in WITHOUT_PROBABILITIES:
        return
    found = of_gpugrad(name, "ppf", SHARES, *shapes, *place)
    if given not in (("beta", 0.5, 0.5), ("halfnorm",)):        # SciPy's have few digits near 0
        np.testing.assert_allclose(
            found, of_scipy(name, "ppf", SHARES, *shapes, *place), rtol=1e-8
        )
    upper = of_gpugrad(name, "isf", SHARES, *shapes, *place)
    np.testing.assert_allclose(upper[[0, 1, -3, -2, -1]], found[[0, -3, 1, -2, -1]])
    for method, points in (("cdf", found), ("sf", upper)):
        back = of_gpugrad(name, method, points, *shapes, *place)[2:-3]
        with np.errstate(all="ignore"):             # that of a rounded point
            rough = 4e-15 * np.abs(points) * of_gpugrad(name, "pdf", points, *shapes, *place)
        rough = np.nan_to_num(rough[2:-3], nan=0.0)
        off = np.abs(back - SHARES[2:-3]) > 1e-9 * SHARES[2:-3] + rough
        assert not off[np.abs(points[2:-3]) > 1e-300].any(), method


@pytest.mark.parametrize("loc", [0, 2])
@pytest.mark.parametrize("given", DISCRETE, ids=str)
def test_discrete_distributions(given: tuple[Any, ...], loc: int) -> None:
    name, *shapes = given
    for method in methods_of(name, "pmf"):
        found = of_gpugrad(name, method, COUNTS, *shapes, loc)
        wanted = of_scipy(name, method, COUNTS, *shapes, loc)
        alike = np.isclose(found, wanted, rtol=1e-9, atol=0, equal_nan=True)
        alike |= worse(name, method, COUNTS, found, wanted)
        assert alike.all(), (method, COUNTS[~alike], found[~alike], wanted[~alike])


SMOOTH: list[tuple[Any, ...]] = [
    ("norm",), ("uniform",), ("expon",), ("laplace",), ("logistic",), ("cauchy",), ("gumbel_r",),
    ("gumbel_l",), ("halfnorm",), ("halfcauchy",), ("rayleigh",), ("lognorm", 0.7), ("gamma", 2.3),
    ("chi2", 5.0), ("invgamma", 3.0), ("beta", 2.0, 3.0), ("f", 4.0, 7.0), ("t", 4.0),
    ("pareto", 2.0), ("weibull_min", 1.7), ("powerlaw", 2.0), ("truncnorm", -1.0, 2.0),
    ("skewnorm", 2.0), ("vonmises", 2.0),
]  # fmt: skip


@pytest.mark.parametrize("given", SMOOTH, ids=str)
def test_second_derivatives(given: tuple[Any, ...]) -> None:
    """Those of probabilities in the parameters of the shape are not there."""
    name, *shapes = given
    mine, place = getattr(gg.stats, name), (np.array(0.1), np.array(1.3))
    known = tuple(map(np.array, shapes))
    x = np.array([-1.0, 0.2, 2.0])
    if name not in WITHOUT_PROBABILITIES:
        x = np.asarray(mine.ppf(np.array([0.2, 0.4, 0.7]), *known, *place))
        for method, at in (("cdf", x), ("logsf", x), ("ppf", np.array([0.2, 0.4, 0.7])),
                           ("isf", np.array([0.2, 0.4, 0.7]))):  # fmt: skip
            check_grads(
                lambda x, *place, m=method: getattr(mine, m)(x, *known, *place), (at, *place)
            )
    check_grads(mine.logpdf, (x, *known, *place))


@pytest.mark.parametrize("given", [
    ("poisson", 4.0), ("bernoulli", 0.3), ("binom", 0.3), ("nbinom", 2.5, 0.7), ("geom", 0.3),
    ("betabinom", 2.0, 3.0),
], ids=str)  # fmt: skip
def test_gradients_in_the_parameters_of_counts(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    counts = np.array([0.0, 1.0]) if name == "bernoulli" else np.array([1.0, 2.0, 3.0])
    trials = (5.0,) if "binom" in name and name != "nbinom" else ()
    for method in methods_of(name, "pmf")[:4]:
        check_grads(
            lambda *args, m=method: of_gpugrad(name, m, counts, *trials, *args),
            tuple(map(np.array, shapes)),
            order=2 if method in ("logpmf", "pmf") or name != "nbinom" else 1,
        )  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("given", [
    *SMOOTH, ("poisson", 3.0), ("bernoulli", 0.3), ("binom", 5.0, 0.3), ("nbinom", 2.5, 0.4),
    ("geom", 0.3),
], ids=str)  # fmt: skip
def test_compiled_batched_and_in_single_precision(given: tuple[Any, ...], engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    name, *shapes = given
    mine, known = getattr(gg.stats, name), tuple(map(np.array, shapes))
    counts = not hasattr(mine, "pdf")
    x = np.array([0.0, 1.0, 3.0]) if counts else np.array([0.3, 1.2, 1.6])
    places = tuple(range(int(counts), 1 + len(shapes)))
    for method in methods_of(name, "pmf" if counts else "pdf"):
        f = getattr(mine, method)
        loss = lambda *args, f=f: gg.sum(gg.exp(f(*args)))  # noqa: E731
        plain, slope = f(x, *known), gg.grad(loss, argnums=places)
        jitted, jitted_slope = gg.jit(f, engine=engine), gg.jit(slope, engine=engine)
        for _ in range(2):
            np.testing.assert_allclose(jitted(x, *known), plain, rtol=1e-12)
            for mine_, wanted in zip(jitted_slope(x, *known), slope(x, *known), strict=True):
                np.testing.assert_allclose(mine_, wanted, rtol=1e-9, atol=1e-13)
        each = gg.vmap(f, in_axes=(0, *(None,) * len(known)))(x, *known)
        np.testing.assert_allclose(each, plain, rtol=1e-12)
        for dtype, rtol in (("float32", 3e-5), ("float16", 2e-2)):
            single = [np.asarray(part, dtype) for part in (x, *known)]
            found = f(*single)
            assert found.dtype == dtype
            np.testing.assert_allclose(found, plain, rtol=rtol, atol=rtol)
            assert all(part.dtype == dtype for part in slope(*single))


@pytest.mark.parametrize(
    "given", [given for given in CONTINUOUS + DISCRETE if given[0] != "vonmises"], ids=str
)
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
        gg.stats.truncnorm.cdf(0.0, 1.0, 1.0), gg.stats.binom.pmf(1, 2.5, 0.5),
        gg.stats.nbinom.sf(1, 0.0, 0.5), gg.stats.geom.cdf(1, 0.0), gg.stats.gamma.mean(-1.0),
        gg.stats.f.isf(0.1, 1.0, -1.0), gg.stats.vonmises.pdf(0.0, -1.0),
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


@pytest.mark.parametrize("given", CONTINUOUS + DISCRETE, ids=str)
def test_moments(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    place = (0.5, 2.0) if given in CONTINUOUS else (2,)
    for method in ("mean", "var", "std", "entropy"):
        try:
            found = getattr(getattr(gg.stats, name), method)(*shapes, *place)
        except UnsupportedOperand:
            continue
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            wanted = getattr(getattr(scipy.stats, name), method)(*shapes, *place)
        if not (method == "entropy" and np.isnan(wanted)):
            np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-14)


def test_moments_are_differentiated() -> None:
    slopes = gg.grad(gg.stats.gamma.entropy, argnums=(0, 1, 2))(2.0, 0.5, 4.0)
    np.testing.assert_allclose(slopes, [1 - np.pi**2 / 6 + 1, 0.0, 0.25])
    check_grads(gg.stats.f.var, (np.array(3.0), np.array(7.0), np.array(0.1), np.array(2.0)))
    check_grads(gg.stats.truncnorm.mean, (np.array(-1.0), np.array(2.0)))
    assert float(gg.grad(gg.stats.t.mean)(0.5)) == 0


def test_a_distribution_that_holds_its_parameters() -> None:
    x = np.array([0.5, 2.0])
    held = gg.stats.gamma(2.0, scale=3.0)
    np.testing.assert_array_equal(held.logpdf(x), gg.stats.gamma.logpdf(x, 2.0, scale=3.0))
    np.testing.assert_array_equal(held.mean(), 6.0)
    np.testing.assert_allclose(held.interval(0.9), scipy.stats.gamma(2.0, scale=3.0).interval(0.9))
    np.testing.assert_allclose(held.median(), scipy.stats.gamma(2.0, scale=3.0).median())
    slope = gg.grad(lambda a: gg.sum(gg.stats.gamma(a).cdf(x)))(2.0)
    np.testing.assert_allclose(slope, gg.grad(lambda a: gg.sum(gg.stats.gamma.cdf(x, a)))(2.0))
    assert gg.stats.multivariate_normal(np.zeros(2), np.eye(2)).logpdf(np.zeros(2)).shape == ()
    with pytest.raises(AttributeError, match=r"gg\.stats\.gamma has no method pmf"):
        held.pmf(x)


def test_a_normal_distribution_of_vectors_that_holds_its_parameters() -> None:
    mean, cov, key = np.array([1.0, 2.0]), np.array([[2.0, 1.0], [1.0, 2.0]]), gg.random.key(0)
    found = gg.stats.multivariate_normal(mean, cov).rvs(size=3, random_state=key)
    wanted = gg.stats.multivariate_normal.rvs(mean, cov, size=3, random_state=key)
    np.testing.assert_array_equal(found, wanted)
    singular = gg.stats.multivariate_normal(mean, np.ones((2, 2)), allow_singular=True)
    assert np.isfinite(singular.logpdf(mean))


ARGUMENTS = {
    **dict.fromkeys(("logpdf", "pdf", "logpmf", "pmf", "cdf", "logcdf", "sf", "logsf"), (1.0,)),
    **dict.fromkeys(("ppf", "isf", "interval"), (0.5,)),
    **dict.fromkeys(("mean", "median", "var", "std", "entropy", "rvs"), ()),
}
"""The methods that a distribution may have, and what each takes before the parameters."""


ONE_EACH = {given[0]: given for given in CONTINUOUS + DISCRETE}


@pytest.mark.parametrize("given", ONE_EACH.values(), ids=ONE_EACH)
def test_a_docstring_lists_the_methods_that_a_distribution_has(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    distribution = getattr(gg.stats, name)
    listed = distribution.__doc__.partition("arguments:")[2].partition("Example:")[0]
    for method, points in ARGUMENTS.items():
        key = {"random_state": gg.random.key(0)} if method == "rvs" else {}
        try:
            getattr(distribution, method)(*points, *shapes, **key)
        except (AttributeError, UnsupportedOperand):
            assert f"`{method}`" not in listed
        else:
            assert f"`{method}`" in listed


@pytest.mark.parametrize("given", [("norm",), ("gamma", 2.0), ("t", 4.0), ("beta", 2.0, 3.0),
                                   ("truncnorm", 1.0, 3.0)], ids=str)  # fmt: skip
def test_random_numbers_from_a_key(given: tuple[Any, ...]) -> None:
    name, *shapes = given
    mine, key = getattr(gg.stats, name), gg.random.key(0)
    found = np.asarray(mine.rvs(*shapes, 0.5, 2.0, size=4000, random_state=key))
    theirs = getattr(scipy.stats, name)(*shapes, 0.5, 2.0)
    assert scipy.stats.kstest(found, theirs.cdf).pvalue > 1e-3
    np.testing.assert_array_equal(
        gg.jit(lambda key: mine.rvs(*shapes, 0.5, 2.0, size=4000, random_state=key))(key), found
    )
    slope = gg.grad(lambda s: gg.mean(mine.rvs(*shapes, 0.5, s, size=100, random_state=key)))(2.0)
    standard = mine.rvs(*shapes, size=100, random_state=key)
    np.testing.assert_allclose(slope, np.mean(np.asarray(standard)))


def test_random_numbers_that_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"random_state is a int; expected a key"):
        gg.stats.norm.rvs(random_state=0)  # type: ignore[arg-type]
    for size, word in ((1, r"size is 1 and the parameters have shape \(3,\)"), (2, "broadcast")):
        with pytest.raises(InvalidArgument, match=word):
            gg.stats.norm.rvs(np.zeros(3), size=size, random_state=gg.random.key(0))
    assert gg.stats.norm.rvs(np.zeros(3), random_state=gg.random.key(0)).shape == (3,)


def test_what_there_is_not_is_refused_by_name() -> None:
    for call, word in (
        (lambda: gg.stats.vonmises.cdf(0.0, 1.0), r"gg\.stats\.vonmises has no cdf: call SciPy's"),
        (lambda: gg.stats.skewnorm.ppf(0.5, 1.0), r"gg\.stats\.skewnorm has no ppf"),
        (lambda: gg.stats.betabinom.logsf(1, 2, 1.0, 1.0), r"betabinom has no sf"),
        (lambda: gg.stats.norm.pdf(1j), r"norm\.pdf: an operand is complex"),
    ):
        with pytest.raises(UnsupportedOperand, match=word):
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


def test_normal_numbers_and_lengths_that_differ() -> None:
    mine, theirs = gg.stats.multivariate_normal, scipy.stats.multivariate_normal
    x = rng.standard_normal(4)
    for args in ((), (0.5,), (0.5, 2.0), (np.array([0.5]), np.array([[2.0]]))):
        np.testing.assert_allclose(mine.logpdf(x, *args), theirs.logpdf(x, *args))
        np.testing.assert_allclose(mine.logpdf(x[:, None], *args), theirs.logpdf(x, *args))
        assert mine.logpdf(0.3, *args).shape in ((), (1,))
    for args, word in (
        ((x, MEAN, COV), r"x has shape \(4,\); expected vectors of 3 numbers"),
        ((x, MEAN, np.eye(4)), r"mean has shape \(3,\) and cov \(4, 4\)"),
        ((x, np.zeros(4), np.ones((4, 3))), r"cov \(4, 3\)"),
        ((x, np.zeros((1, 4)), np.eye(4)), r"mean has shape \(1, 4\)"),
    ):
        with pytest.raises(InvalidArgument, match=word):
            mine.logpdf(*args)
    outside = mine.logpdf(np.ones(3), np.zeros(3), np.diag([1.0, 1.0, 0.0]), allow_singular=True)
    assert np.isneginf(outside)
    found = mine.rvs(MEAN, COV, size=5000, random_state=gg.random.key(1))
    np.testing.assert_allclose(np.cov(np.asarray(found).T), COV, atol=0.3)
    np.testing.assert_allclose(np.mean(np.asarray(found), axis=0), MEAN, atol=0.2)


def test_counts_of_several_things() -> None:
    mine, theirs = gg.stats.multinomial, scipy.stats.multinomial
    x = np.array([[1, 2, 3], [6, 0, 0], [1, 1, 1], [-1, 4, 3], [0, 2, 4]])
    p = np.array([0.2, 0.3, 0.5])
    np.testing.assert_allclose(mine.logpmf(x, 6, p), theirs.logpmf(x, 6, p))
    np.testing.assert_allclose(mine.pmf(x, 6, p), theirs.pmf(x, 6, p))
    assert np.isnan(mine.logpmf(x, -1, p)).all()
    np.testing.assert_allclose(mine.mean(6, p), theirs.mean(6, p))
    check_grads(lambda p: mine.pmf(x, 6, p), (p,))
    slope = gg.grad(lambda p: gg.sum(mine.logpmf(x[:2], 6, p)))(p)
    np.testing.assert_allclose(slope, x[:2].sum(axis=0) / p)
    with pytest.raises(InvalidArgument, match="as many counts as probabilities"):
        mine.logpmf(x, 6, p[:2])


def test_shares_at_the_ends() -> None:
    mine, alpha = gg.stats.dirichlet, np.array([0.5, 2.0, 3.0])
    assert np.isneginf(mine.logpdf(np.array([-0.1, 0.6, 0.5]), alpha))
    assert np.isnan(mine.logpdf(np.array([0.1, 0.4, 0.5]), np.array([0.0, 1.0, 1.0])))
    slope = gg.grad(mine.pdf)(np.array([-0.1, 0.6, 0.5]), alpha)
    np.testing.assert_array_equal(slope, 0)
    theirs = scipy.stats.dirichlet
    for method in ("mean", "var", "entropy"):
        np.testing.assert_allclose(getattr(mine, method)(alpha), getattr(theirs, method)(alpha))
    with pytest.raises(InvalidArgument, match=r"expected \(n, \.\.\.\) and \(n,\)"):
        mine.logpdf(alpha, np.ones((3, 2)))


def test_shares() -> None:
    alpha, x = np.array([0.5, 2.0, 3.0]), rng.dirichlet(np.ones(3), 4).T
    wanted = [scipy.stats.dirichlet.logpdf(part, alpha) for part in x.T]
    np.testing.assert_allclose(gg.stats.dirichlet.logpdf(x, alpha), wanted)
    np.testing.assert_allclose(gg.stats.dirichlet.logpdf(x[:-1], alpha), wanted)
    np.testing.assert_allclose(gg.stats.dirichlet.pdf(x, alpha), np.exp(wanted))
    check_grads(gg.stats.dirichlet.logpdf, (x, alpha), order=1)
    with pytest.raises(InvalidArgument, match="5 shares for 3 parameters"):
        gg.stats.dirichlet.logpdf(np.ones(5) / 5, alpha)
