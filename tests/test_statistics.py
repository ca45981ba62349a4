"""Order statistics, reductions without NaN, samples and padding: against NumPy and differences."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from agreement import check_function

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)
X = rng.permutation(24).reshape(2, 3, 4) / 10 + 0.05
HOLES = np.where(rng.random((3, 5)) < 0.3, nan, rng.normal(size=(3, 5)))
KNOTS, HEIGHTS = np.array([0.0, 0.5, 0.7, 2.0]), np.array([1.0, -1.0, 0.5, 3.0])
SHARES = [0.0, 0.37, 1.0]
AT = np.array([[-1.0, 0.2, 0.6], [0.65, 1.3, 5.0]])


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "median": (gg.median, np.median, (X,)),
    "median, axis": (lambda x: gg.median(x, axis=1), lambda x: np.median(x, axis=1), (X,)),
    "median, axes": (lambda x: gg.median(x, axis=(0, 2), keepdims=True),
                     lambda x: np.median(x, axis=(0, 2), keepdims=True), (X,)),
    **{f"quantile, {method}": (lambda x, m=method: gg.quantile(x, SHARES, axis=-1, method=m),
                               lambda x, m=method: np.quantile(x, SHARES, -1, method=m), (X,))
       for method in ("linear", "lower", "higher", "nearest", "midpoint")},
    "percentile": (lambda x: gg.percentile(x, 30), lambda x: np.percentile(x, 30), (X,)),
    "trapezoid": (lambda y: gg.trapezoid(y, dx=0.5), lambda y: np.trapezoid(y, dx=0.5), (X,)),
    "trapezoid at x": (lambda y, x: gg.trapezoid(y, x, axis=1),
                       lambda y, x: np.trapezoid(y, x, axis=1), (X, np.array([0.0, 0.3, 1.0]))),
    "trapezoid at many x": (gg.trapezoid, np.trapezoid, (X, np.cumsum(X, axis=-1))),
    "interp": (gg.interp, np.interp, (AT, KNOTS, HEIGHTS)),
    "interp of one": (gg.interp, np.interp, (AT, KNOTS[:1], HEIGHTS[:1])),
    "pad": (lambda x: gg.pad(x, 2), lambda x: np.pad(x, 2), (X,)),
    "pad with a value": (lambda x: gg.pad(x, ((0, 1), (2, 0), (1, 1)), constant_values=7),
                         lambda x: np.pad(x, ((0, 1), (2, 0), (1, 1)), constant_values=7), (X,)),
    **{f"pad, {mode}": (lambda x, m=mode: gg.pad(x, (1, 2), m),
                        lambda x, m=mode: np.pad(x, (1, 2), m), (X[0],))
       for mode in ("edge", "reflect", "symmetric", "wrap")},
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("sweeps")
def test_values_and_gradients(name: str) -> None:
    f, reference, arrays = CASES[name]
    check_function(f, reference, arrays)
    many = [np.stack([x, x]) for x in arrays]
    wanted = np.stack([reference(*arrays)] * 2)
    np.testing.assert_allclose(gg.vmap(f)(*many), wanted, rtol=1e-13)


@pytest.mark.parametrize("settings", [{}, {"axis": 0}, {"axis": -1, "keepdims": True}], ids=str)
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "var", "std"])
def test_reductions_without_nan(name: str, settings: dict[str, Any]) -> None:
    f, reference = getattr(gg, f"nan{name}"), getattr(np, f"nan{name}")
    np.testing.assert_allclose(f(HOLES, **settings), reference(HOLES, **settings), rtol=1e-12)
    whole = rng.normal(size=(3, 5))
    np.testing.assert_allclose(f(whole, **settings), reference(whole, **settings), rtol=1e-12)
    check_grads(lambda x: f(x, **settings), (whole,))
    g = gg.grad(lambda x: gg.sum(f(x, **settings)))(HOLES)
    assert np.isfinite(g).all()
    assert (g[np.isnan(HOLES)] == 0).all()
    np.testing.assert_allclose(f(np.array([[1, 2], [3, 5]])), reference(np.array([[1, 2], [3, 5]])))


def test_where_nothing_is_left() -> None:
    empty = np.full(3, nan)
    assert gg.nansum(empty) == 0
    with np.errstate(all="ignore"):
        for f in (gg.nanmean, gg.nanmax, gg.nanmin):
            assert np.isnan(f(empty))
    assert gg.grad(gg.nanstd)(np.array([2.0, nan, 2.0])).tolist() == [0, 0, 0]


def test_nan_in_order_statistics_and_numbers_for_nan() -> None:
    assert np.isnan(gg.median(np.array([1.0, nan, 2.0])))
    found = gg.median(np.array([[1.0, nan, 2.0], [1.0, 3.0, 2.0]]), axis=1)
    np.testing.assert_array_equal(found, [nan, 2.0])
    x = np.array([nan, inf, -inf, 1.5])
    np.testing.assert_array_equal(gg.nan_to_num(x), np.nan_to_num(x))
    np.testing.assert_array_equal(gg.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0), [1, 2, 3, 1.5])
    assert gg.nan_to_num(x.astype("float32")).dtype == np.float32
    assert gg.grad(lambda x: gg.sum(gg.nan_to_num(x) * 0.5))(x).tolist() == [0, 0, 0, 0.5]
    assert gg.nan_to_num(np.array([1, 2])).tolist() == [1, 2]


def test_sinc_at_zero() -> None:
    x = np.array([0.0, 1e-9, 0.5, -3.2, 40.0])
    np.testing.assert_allclose(gg.sinc(x), np.sinc(x), atol=1e-16)
    slope = gg.grad(lambda x: gg.sum(gg.sinc(x)))
    assert slope(np.zeros(1)).tolist() == [0]
    bend = gg.grad(lambda x: gg.sum(slope(x)))(np.zeros(1))
    np.testing.assert_allclose(bend, -(np.pi**2) / 3)
    np.testing.assert_allclose(np.sinc(gg.tensor(x)).value, np.sinc(x), atol=1e-16)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gg.quantile(X, 1.5), "from 0 to 1"),
        (lambda: gg.quantile(X, 0.5, method="hazen"), "linear"),
        (lambda: gg.median(np.zeros(0)), "no elements"),
        (lambda: gg.pad(X, -1), "negative"),
        (lambda: gg.pad(X, ((1, 2), (3, 4))), "each of the 3 axes"),
        (lambda: gg.pad(X, 1, "mirror"), "constant"),
        (lambda: gg.interp(AT, KNOTS, HEIGHTS[:2]), "equal length"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_interpolation_at_the_ends_of_the_range() -> None:
    """As NumPy's where that is a number; it is NaN or infinite where only differences are."""
    at = np.array([-inf, -1.6e308, -1, 0, 0.25, 0.5, 1, 1.5, 2, 1e308, 1.6e308, inf, nan])
    knots = [[0, 1, 2], [-inf, 0, 1], [0, 1, inf], [-inf, 0, inf], [-inf, inf, inf], [0, 0, 1],
             [-4, 0, 4], [-inf, -inf, 0], [0, inf, inf]]  # fmt: skip
    heights = [[1, 2, 4], [1, inf, 2], [-inf, 0, inf], [inf] * 3, [1e308, 0.5e308, 1], [0] * 3,
               [inf, -inf, 0], [nan, 1, 2]]  # fmt: skip
    compared = 0
    with np.errstate(all="ignore"):
        for x in np.array(knots, float):
            for y in np.array(heights, float):
                wanted = np.interp(at, x, y)
                found = gg.interp(at, x, y)
                known = ~np.isnan(wanted) | np.isnan(at)
                if np.isfinite(y).all():
                    known &= np.isfinite(wanted) | np.isnan(at)
                np.testing.assert_allclose(found[known], wanted[known], rtol=1e-12)
                compared += known.sum()
        assert compared > 700
        wide = np.array([-1.5e308, 1.5e308])
        assert gg.interp(0.0, wide, np.array([1.0, 2.0])) == 1.5
        assert gg.interp(0.5, np.array([0.0, 1.0]), wide) == 0
        assert gg.interp(inf, np.array([1.0]), np.array([3.0])) == 3
        slope = gg.grad(lambda y: gg.sum(gg.interp(np.array([0.0, 0.5]), np.arange(3.0), y)))
        assert slope(np.array([1.0, inf, inf])).tolist() == [1.5, 0.5, 0]


def test_points_of_a_line_meet_its_ends() -> None:
    """Also where the other end is so much larger that the difference has none of its digits."""
    y = np.array([1e300, 3.0])
    assert gg.interp(1.0, np.array([0.0, 1.0]), y) == 3
    assert gg.quantile(y, 0.0) == 3
    assert gg.quantile(np.array([0.1, 0.1, 0.1]), 0.37) == 0.1


ENDS = [[1.0, inf, inf, inf], [-inf, inf], [-inf, 1.0, inf], [-1.5e308, 1.5e308], [-inf] * 3,
        [1.5e308, 1.6e308], [-inf, -inf, 1.0, 2.0], [nan, inf]]  # fmt: skip


@pytest.mark.parametrize("x", ENDS, ids=str)
def test_quantiles_of_infinities_and_of_large_numbers(x: list[float]) -> None:
    """The limits where they exist; where NumPy has a number it is the same."""
    with np.errstate(all="ignore"):
        for share in (0, 0.25, 0.5, 0.9, 1):
            found = gg.quantile(np.array(x), share)
            low, high = (np.quantile(x, share, method=m) for m in ("lower", "higher"))
            if low == high:
                assert found == low
            elif not np.isnan([low, high]).any() and not np.isinf([low, high]).all():
                assert low <= found <= high
            for f in (gg.percentile, np.percentile):
                y = f(gg.tensor(np.array(x)), 100 * share)
                np.testing.assert_array_equal(getattr(y, "value", y), found)
        median = np.median(x)
        assert np.isnan(gg.median(np.array(x))) == np.isnan(median)
    assert gg.median(np.asarray([-6e4, 6e4], "float16")) == 0
