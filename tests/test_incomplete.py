"""Bessel, gamma and beta functions: SciPy's values, and slopes that keep their digits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import gpugrad as gg
from gpugrad.errors import NotDifferentiable, UnsupportedOperand
from gpugrad.testing import check_grads

EDGES = np.array([
    -np.inf, -1e3, -30.0, -3.0, -0.5, -0.0, 0.0, 1e-300, 1e-8, 0.3, 1.0, 2.0, 2.1, 5.0, 30.0, 1e3,
    1e8, np.inf, np.nan,
])  # fmt: skip
ONE = ["erfcx", "exp1", "expi", "gamma", "i0", "i0e", "i1", "i1e", "j0", "j1", "y0", "y1"]
TWO = {
    "beta": (0.5, 40.0), "betaln": (0.5, 40.0), "gammainc": (0.5, 40.0), "gammaincc": (0.5, 40.0),
    "gammaincinv": (0.05, 0.95), "gammainccinv": (0.05, 0.95), "jv": (0.5, 20.0), "yv": (0.5, 20.0),
    "iv": (0.5, 20.0), "kv": (0.5, 20.0), "zeta": (1.5, 9.0),
}  # fmt: skip
THREE = {"betainc": (0.05, 0.95), "betaincinv": (0.05, 0.95)}
rng = np.random.default_rng(0)


@pytest.mark.parametrize("name", ONE)
def test_values_of_one_argument(name: str) -> None:
    mine, theirs = getattr(gg.special, name), getattr(special, name)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(mine(EDGES), theirs(EDGES), rtol=1e-14)
        for dtype in ("float16", "float32"):
            assert mine(EDGES.astype(dtype)).dtype == dtype
        assert mine(np.array([1, 2])).dtype == np.float64


@pytest.mark.parametrize("name", [*TWO, *THREE])
def test_values_of_several_arguments(name: str) -> None:
    low, high = (TWO | THREE)[name]
    shapes = rng.uniform(1.1, 9.0, (2 if name in THREE else 1, 50))
    x = rng.uniform(low, high, 50)
    mine, theirs = getattr(gg.special, name), getattr(special, name)
    wanted = theirs(*shapes, x)
    np.testing.assert_allclose(mine(*shapes, x), wanted, rtol=1e-13)
    np.testing.assert_allclose(gg.vmap(mine)(*shapes, x), wanted, rtol=1e-13)
    single = [part.astype("float32") for part in (*shapes, x)]
    assert mine(*single).dtype == np.float32
    np.testing.assert_allclose(mine(*single), wanted, rtol=2e-3)


@pytest.mark.parametrize("name", ONE)
def test_gradients_of_one_argument(name: str) -> None:
    f = getattr(gg.special, name)
    x = np.array([0.3, 1.2, 4.5])
    check_grads(f, (x,), order=2)
    slope = gg.vmap(gg.grad(f))
    np.testing.assert_allclose(gg.jit(slope)(x), slope(x), rtol=1e-13)


@pytest.mark.parametrize(("name", "at", "wanted"), [
    ("erfcx", -np.inf, -np.inf), ("erfcx", np.inf, 0),
    ("expi", -np.inf, 0), ("expi", np.inf, np.inf),
    ("expi", 0.0, np.inf), ("exp1", np.inf, 0), ("exp1", 0.0, -np.inf), ("i1", 0.0, 0.5),
    ("i1", 1e3, np.inf), ("i1", -1e3, np.inf), ("i0", 0.0, 0), ("i1e", 0.0, 0.5), ("j1", 0.0, 0.5),
    ("y0", 0.0, np.inf), ("y1", 0.0, np.inf), ("gamma", np.inf, np.inf), ("expi", 713.0, None),
    ("lambertw", 0.0, 1), ("lambertw", np.inf, 0),
])  # fmt: skip
def test_slopes_at_edges_are_the_limits(name: str, at: float, wanted: float | None) -> None:
    with np.errstate(all="ignore"):
        found = float(gg.grad(getattr(gg.special, name))(at))
    if wanted is None:
        wanted = float(mpmath.exp(at) / at)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("x", [-5.0, 0.0, 0.7, 1.9, 2.0, 2.1, 5.0, 50.0, 1e4, 1e8, 1e12])
def test_slopes_of_erfcx(x: float) -> None:
    """Where 2 x erfcx(x) and 2 / sqrt(pi) cancel too."""
    with mpmath.workdps(90):
        t = mpmath.mpf(x)
        y = mpmath.exp(t * t) * mpmath.erfc(t) if x < 100 else sum(
            (-1) ** k * mpmath.fac2(2 * k - 1) / (2 * t * t) ** k for k in range(8)
        ) / (t * mpmath.sqrt(mpmath.pi))
        first = 2 * t * y - 2 / mpmath.sqrt(mpmath.pi)
        second = 2 * y + 2 * t * first
    np.testing.assert_allclose(float(gg.grad(gg.special.erfcx)(x)), float(first), rtol=2e-14)
    bend = float(gg.grad(gg.grad(gg.special.erfcx))(x))
    np.testing.assert_allclose(bend, float(second), rtol=1e-13)


def difference(f: Callable[[Any], Any], a: float) -> float:
    """The slope of a function of mpmath's numbers."""
    with mpmath.workdps(90):
        step = mpmath.mpf(a) * mpmath.mpf(10) ** -20
        return float((f(mpmath.mpf(a) + step) - f(mpmath.mpf(a) - step)) / (2 * step))


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0, 5.0])
@pytest.mark.parametrize("a", [0.1, 0.5, 1.0, 3.0, 10.0, 100.0, 1e3, 1e4])
def test_slopes_of_gammainc_in_its_parameter(a: float, share: float) -> None:
    """Relative to the slope itself, in both tails."""
    x = a * share
    if a >= 1e3 and not 0.5 <= share <= 1.5:
        return                                      # less than the smallest number
    upper = share >= 1
    wanted = difference(
        lambda a: mpmath.gammainc(a, x, mpmath.inf, regularized=True) if upper
        else -mpmath.gammainc(a, 0, x, regularized=True), a,
    )  # fmt: skip
    tolerance = 1e-12 * max(a, 10)                  # as exp(a) has it
    found = float(gg.grad(lambda a: gg.special.gammaincc(a, x))(a))
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=1e-300)
    lower = float(gg.grad(lambda a: gg.special.gammainc(a, x))(a))
    np.testing.assert_allclose(lower, -wanted, rtol=tolerance, atol=1e-300)


@pytest.mark.parametrize("x", [1e-40, 1e-12, 1e-6, 0.01, 0.3, 0.5, 0.8, 0.99])
@pytest.mark.parametrize(("a", "b"), [(0.01, 3.0), (0.2, 0.3), (0.5, 4.0), (1.0, 1.0), (3.0, 2.0),
                                      (20.0, 30.0), (200.0, 150.0)])  # fmt: skip
def test_slopes_of_betainc_in_its_parameters(a: float, b: float, x: float) -> None:
    for place, value in enumerate((a, b)):
        def exactly(p: Any, place: int = place) -> Any:
            pair = (p, mpmath.mpf(b)) if place == 0 else (mpmath.mpf(a), p)
            return mpmath.betainc(*pair, 0, x, regularized=True)

        wanted = difference(exactly, value)
        found = float(gg.grad(gg.special.betainc, argnums=place)(a, b, x))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-14 if x > 1e-3 else 1e-300)


@pytest.mark.parametrize(("a", "b", "x"), [
    (4999.5, 0.5, 0.99910131), (0.5, 4999.5, 0.00089869), (1933.0, 1.25, 0.998),
    (300.0, 400.0, 0.43),
])  # fmt: skip
def test_slopes_of_betainc_for_large_parameters(a: float, b: float, x: float) -> None:
    """Where a series would have tens of thousands of terms."""
    for place, value in enumerate((a, b)):
        def exactly(p: Any, place: int = place) -> Any:
            pair = (p, mpmath.mpf(b)) if place == 0 else (mpmath.mpf(a), p)
            return mpmath.betainc(*pair, 0, x, regularized=True)

        found = float(gg.grad(gg.special.betainc, argnums=place)(a, b, x))
        np.testing.assert_allclose(found, difference(exactly, value), rtol=1e-8)


@pytest.mark.parametrize(("a", "b"), [(1e8, 0.5), (1e4, 1e4), (101.0, 3.0), (99.0, 3.0),
                                      (1e3, 1e-5), (0.3, 1e6), (1e15, 7.0)])  # fmt: skip
def test_slopes_of_betaln_where_terms_cancel(a: float, b: float) -> None:
    found = gg.grad(gg.special.betaln, argnums=(0, 1))(a, b)
    with mpmath.workdps(40):
        both = mpmath.digamma(mpmath.mpf(a) + b)
        wanted = [float(mpmath.digamma(x) - both) for x in (a, b)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_beta_has_the_sign_of_gamma_functions() -> None:
    a, b = np.array([-1.5, -0.5, -2.3, 2.0, -2.0]), np.array([1.0, -0.7, 0.4, -0.5, 1.0])
    np.testing.assert_allclose(gg.special.beta(a, b), special.beta(a, b), rtol=1e-13)
    check_grads(gg.special.beta, (a[:4], b[:4]))


@pytest.mark.parametrize("name", ["gammainc", "gammaincc", "gammaincinv", "gammainccinv", "betainc",
                                  "betaincinv", "beta", "betaln"])  # fmt: skip
def test_gradients_in_every_argument(name: str) -> None:
    f = getattr(gg.special, name)
    low, high = (TWO | THREE)[name]
    first = rng.uniform(1.1, 5.0, (2 if name in THREE else 1, 4))
    args = [*first, rng.uniform(low, min(high, 6), 4)]
    order = 2 if name.startswith("beta") and "inc" not in name else 1
    check_grads(f, tuple(args), order=order)
    slopes = gg.vmap(gg.grad(f, argnums=tuple(range(len(args)))))
    for one, other in zip(gg.jit(slopes)(*args), slopes(*args), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_what_has_no_derivative_here_says_so() -> None:
    for name in ("jv", "yv", "iv", "kv"):
        with pytest.raises(NotDifferentiable, match=f"{name} has no derivative in its order"):
            gg.grad(getattr(gg.special, name))(1.5, 2.0)
        check_grads(partial(getattr(gg.special, name), 1.5), (np.array([0.7, 3.0]),))
    check_grads(lambda q: gg.special.zeta(2.5, q), (np.array([0.7, 3.0]),))
    check_grads(lambda x: gg.special.expn(3, x), (np.array([0.7, 3.0]),))


def test_slopes_of_many_elements_are_those_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are computed in blocks."""
    rng = np.random.default_rng(0)
    a, b, x = rng.uniform(0.1, 5, (3, 7)), rng.uniform(0.1, 5, 7), rng.uniform(0, 1, (3, 1))
    slope = gg.grad(
        lambda a, b: gg.sum(gg.special.betainc(a, b, x) + gg.special.gammainc(a, b)), argnums=(0, 1)
    )
    whole = slope(a, b)
    monkeypatch.setattr("gpugrad.backends.numpy.SERIES_BLOCK", 4)
    for found, wanted in zip(slope(a, b), whole, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


# The inverse of w exp(w)

PLACES = np.array([-0.4, -0.3678, -0.3, -0.1, -1e-8, -1e-300, 0.0, 1e-300, 1e-8, 0.5, 10.0, 1e300,
                   np.inf, np.nan])  # fmt: skip


@pytest.mark.parametrize("k", [0, -1])
def test_branches_of_lambertw(k: int) -> None:
    """Real where they are, and NaN elsewhere."""
    wanted = special.lambertw(PLACES, k)
    real = np.where(wanted.imag == 0, wanted.real, np.nan)
    for way in (lambda f: f, gg.jit, gg.vmap):
        found = way(lambda x: gg.special.lambertw(x, k))(PLACES)
        np.testing.assert_allclose(found, real, rtol=1e-14)
        near = -1 / np.e + np.logspace(-16, -2, 30)
        found = way(lambda x: gg.special.lambertw(x, k))(near)
        exact = [float(mpmath.lambertw(mpmath.mpf(x), k).real) for x in near]
        np.testing.assert_allclose(found, exact, rtol=4e-15)
    assert gg.special.lambertw(PLACES[:4].astype("float32"), k).dtype == np.float32
    inner = np.array([-0.36, -0.2, -0.01]) if k else np.array([-0.3, 0.0, 0.5, 30.0])
    check_grads(lambda x: gg.special.lambertw(x, k), (inner,), order=2)
    slope = gg.vmap(gg.grad(lambda x: gg.special.lambertw(x, k)))
    np.testing.assert_allclose(
        slope(inner), [float(mpmath.diff(lambda x: mpmath.lambertw(x, k).real, x)) for x in inner]
    )


def test_complex_lambertw_and_what_is_refused() -> None:
    z = np.array([1 + 1j, -2.0 + 0.5j])
    np.testing.assert_array_equal(gg.special.lambertw(z, 2), special.lambertw(z, 2))
    with pytest.raises(UnsupportedOperand, match="branch 2 of real numbers is complex"):
        gg.special.lambertw(1.0, 2)
    with pytest.raises(UnsupportedOperand, match=r"k is 0\.5"):
        gg.special.lambertw(1.0, 0.5)  # type: ignore[arg-type]
