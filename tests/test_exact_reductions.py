"""Reductions, norms, products and statistics against exact arithmetic: no digit is lost.

At ordinary numbers, where squares, powers or products leave the range of the dtype, and beside
zeros: a value within 4 units in the last place, a slope within 8, or the condition number times
these; second derivatives as close as their largest.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from agreement import every_way
from exact_reductions import ROWS, Exact, Numbers, slopes
from mpmath import mpf

import gpugrad as gg
from gpugrad.core.registry import namespace as ops

ORDINARY = np.array([0.75, -1.25, 2.125, 0.375])
SEED = [1.0, -0.5, 0.75, 2.0]

HUGE = {"float16": 2.0**12, "float32": 2.0**84, "float64": 2.0**660}
TINY = {"float16": 2.0**-6, "float32": 2.0**-84, "float64": 2.0**-660}
"""Beyond these, squares leave the range."""

DIGITS = {"float16": 200, "float32": 400, "float64": 1000}
"""In which differences of differences beside tiny numbers are exact."""

SITUATIONS = ("ordinary", "huge", "tiny", "mixed", "zeros")


def point(situation: str, dtype: str) -> Any:
    """The operand."""
    huge, tiny = HUGE[dtype], TINY[dtype]
    values = {
        "ordinary": ORDINARY,
        "huge": ORDINARY * huge,
        "tiny": ORDINARY * tiny,
        "mixed": np.array([0.5 * huge, 0.75 * tiny, -1.25, 0.25 * huge]),
        "zeros": np.array([0.0, -1.25, 0.0, 0.75]),
    }
    return values[situation].astype(dtype)


class Bound:
    """Compares numbers of a dtype with exact ones."""

    def __init__(self, dtype: str) -> None:
        info = np.finfo(dtype)
        self.eps, self.most = float(info.eps), mpf(float(info.max))
        self.least = mpf(float(info.smallest_subnormal))

    def check(self, found: Any, wanted: Any, scale: Any, units: float, what: str) -> None:
        """Within so many units of `scale`, which is as large as the wanted number at least."""
        found = float(found)
        room = units * self.eps * scale + 2 * self.least
        if abs(wanted) > self.most and not np.isfinite(found):
            return                                  # infinite, or NaN where the terms are infinite
        assert np.isfinite(found), f"{what}: {found} for {mpmath.nstr(wanted, 20)}"
        error = abs(mpf(found) - wanted)
        assert error <= room, (
            f"{what}: {found!r} for {mpmath.nstr(wanted, 20)}, off by {mpmath.nstr(error, 5)}; "
            f"expected within {mpmath.nstr(room, 5)}"
        )


def check(row: Exact, situation: str, dtype: str) -> None:
    """Value, slope and second derivatives of one row."""
    if situation in row.undefined:
        return
    x, bound = point(situation, dtype), Bound(dtype)
    with mpmath.workdps(DIGITS[dtype] if situation in ("tiny", "mixed") else 200):
        numbers = [mpf(float(v)) for v in x]
        wanted = row.exact(numbers)
        with np.errstate(all="ignore"):
            out, pullback = gg.vjp(row.f, x)
            g = np.asarray(SEED[: len(wanted)], dtype).reshape(out.shape)
            (found,) = pullback(g)
        seed = [mpf(v) for v in SEED]
        if situation in row.kinks:
            for y, want in zip(out.ravel(), wanted, strict=True):
                bound.check(y, want, abs(want), 4, "value")
            return

        def loss(at: Numbers) -> Numbers:
            return [sum(w * y for w, y in zip(seed, row.exact(at), strict=False))]

        def slope(at: Numbers) -> Numbers:
            return [column[0] for column in slopes(loss, at)]

        each = slopes(row.exact, numbers)
        for i, (y, want) in enumerate(zip(out.ravel(), wanted, strict=True)):
            moved = sum(abs(v * column[i]) for v, column in zip(numbers, each, strict=True))
            bound.check(y, want, abs(want) + moved, 4, f"value {i}")
        bends = slopes(slope, numbers)
        steep = max(sum(map(abs, column)) for column in each) if row.together else 0
        for j, (d, column) in enumerate(zip(found, each, strict=True)):
            parts = [w * v for w, v in zip(seed, column, strict=False)]
            moved = sum(abs(v * bend[j]) for v, bend in zip(numbers, bends, strict=True))
            bound.check(d, sum(parts), sum(map(abs, parts)) + moved + steep, 8, f"slope {j}")
        if row.order < 2 or situation == "mixed":
            return
        with np.errstate(all="ignore"):
            second = gg.hessian(lambda x: gg.sum(row.f(x) * g))(x)
        largest = max(abs(v) for bend in bends for v in bend)
        scale = max(largest, mpf(10) ** -60 * max(map(abs, slope(numbers))))
        scale *= row.steepness
        for i, j in np.ndindex(second.shape):
            bound.check(second[i, j], bends[i][j], scale, 16, f"second derivative {i}, {j}")


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ROWS)
def test_no_digit_is_lost(name: str, dtype: str, situation: str) -> None:
    if dtype in ROWS[name].dtypes:
        check(ROWS[name], situation, dtype)


@pytest.mark.parametrize(
    ("wrong", "situation", "message"),
    [
        (lambda x: gg.sqrt(gg.sum(x * x)), "huge", "value 0: inf"),
        (lambda x: ops.euclidean_norm(x) * (1 + 1e-14), "ordinary", "value 0"),
        (lambda x: gg.stop_gradient(gg.linalg.norm(x)) + 0 * x[0], "ordinary", "slope 0: 0.0"),
        (lambda x: gg.sum(x * gg.stop_gradient(ops.unit_vector(x))), "ordinary", "second"),
    ],
)
def test_the_check_finds_lost_digits(wrong: Any, situation: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check(Exact(wrong, ROWS["norm"].exact), situation, "float64")


@pytest.mark.parametrize("dtype", HUGE)
@pytest.mark.parametrize("name", ["logsumexp", "log_softmax"])
def test_one_number_that_is_almost_all_of_a_sum(name: str, dtype: str) -> None:
    """The others are the whole of the logarithm beside 1."""
    row, bound = ROWS[name], Bound(dtype)
    for values in ([0.0, -9.0, -12.0, -30.0], [-50.0, 0.0, -60.0, -45.0], [3.0, 3.0, -8.0, 3.0]):
        x = np.array(values, dtype)
        condition = 1 + max(map(abs, values))
        with mpmath.workdps(60):
            wanted = row.exact([mpf(v) for v in values])
        for how, found in every_way(row.f, x):
            for y, want in zip(np.ravel(found), wanted, strict=True):
                bound.check(y, want, abs(want) * condition, 4, f"{name}, {how}")


# Sizes that float16 cannot count

N = 70_000
SIGNS = np.where(np.arange(N) % 2, 1.0, -1.0)
WAVE = np.round(np.cos(np.arange(N)) * 64) / 64
MANY: dict[str, tuple[Any, Any]] = {
    "sum": (gg.sum, SIGNS),
    "mean": (gg.mean, WAVE + 1),
    "var": (gg.var, 8 * WAVE),
    "std": (lambda x: gg.std(x, correction=1), 8 * WAVE),
    "norm": (gg.linalg.norm, 8 * WAVE),
    "norm, 3": (lambda x: gg.linalg.vector_norm(x, ord=3), 8 * WAVE),
    "norm, 1, axis": (lambda x: gg.linalg.vector_norm(gg.reshape(x, (2, -1)), ord=1, axis=1), WAVE),
    "matrix norm": (lambda x: gg.linalg.norm(gg.reshape(x, (100, -1))), 8 * WAVE),
    "unit vector": (ops.unit_vector, 8 * WAVE),
    "layer norm": (gg.nn.layer_norm, 8 * WAVE),
    "logsumexp": (gg.logsumexp, WAVE),
    "softmax": (gg.softmax, 4 * WAVE),
    "log_softmax": (gg.log_softmax, WAVE),
    "cross entropy": (lambda x: gg.softmax_cross_entropy(x, np.asarray(3)), WAVE),
    "cross entropy, shares": (
        lambda x: gg.softmax_cross_entropy(x, np.full(N, 1 / 4096, x.dtype)), WAVE),
    "squared error": (lambda x: gg.mean_squared_error(x, -x), 8 * WAVE),
    "prod": (gg.prod, SIGNS),
    "cumulative_sum": (lambda x: gg.cumulative_sum(x)[::999], SIGNS),
    "cumsum of ones": (lambda x: gg.cumulative_sum(x)[::999], np.full(N, 1 / 4)),
    "cumulative_prod": (lambda x: gg.cumulative_prod(x)[::999], SIGNS),
    "max": (gg.max, np.ones(N)),
    "nanmean": (gg.nanmean, WAVE + 1),
    "nanvar": (gg.nanvar, 8 * WAVE),
    "nanstd": (gg.nanstd, 8 * WAVE),
    "average": (lambda x: gg.average(x, weights=np.ones(N, x.dtype)), WAVE + 1),
    "cov": (lambda x: gg.cov(gg.reshape(x, (1, -1))), 8 * WAVE),
    "corrcoef": (lambda x: gg.corrcoef(gg.stack([x, x * x]))[0, 1], WAVE),
    "median": (gg.median, WAVE),
    "quantile": (lambda x: gg.quantile(x, 0.3), WAVE),
    "trapezoid": (gg.trapezoid, WAVE),
    "vecdot": (lambda x: gg.vecdot(x, 0.5 * x), SIGNS),
    "dot": (lambda x: gg.dot(x, 0.5 * x), SIGNS),
    "einsum": (lambda x: gg.einsum("i,i->", x, 0.5 * x), SIGNS),
    "avg_pool2d": (
        lambda x: gg.nn.avg_pool2d(gg.reshape(x, (1, 1, 280, 250)), (280, 250)), WAVE + 1),
}  # fmt: skip
"""Each has the same result in float64, but for rounding."""


@pytest.mark.parametrize("name", MANY)
def test_more_elements_than_float16_counts(name: str) -> None:
    """Value and gradient of 70,000 elements are those of float64, rounded."""
    f, values = MANY[name]

    def both(x: Any) -> tuple[Any, Any]:
        out, pullback = gg.vjp(f, x)
        return out, pullback(np.ones(out.shape, x.dtype))[0]

    narrow, wide = both(values.astype("float16")), both(values.astype("float64"))
    for y, want in zip(narrow, wide, strict=True):
        assert y.dtype == np.float16
        with np.errstate(over="ignore"):
            rounded = want.astype("float16")
        np.testing.assert_allclose(y, rounded, rtol=2e-3, atol=1.2e-7 + 1e-6 * np.abs(want).max())


# Engines


def _results(dtype: str) -> Any:
    """Value and gradient of each row that the dtype has, as one function."""
    rows = [row for row in ROWS.values() if dtype in row.dtypes]

    def f(x: Any) -> list[Any]:
        found = []
        for row in rows:
            out, pullback = gg.vjp(row.f, x)
            seed = np.asarray(SEED[: max(out.size, 1)], dtype).reshape(out.shape)
            found += [gg.reshape(out, (-1,)), *pullback(seed)]
        return found

    return f


@pytest.mark.parametrize(("engine", "dtype"), [
    (engine, dtype) for engine in ("numpy", "native", "vmap") for dtype in HUGE
])  # fmt: skip
def test_every_engine_keeps_the_digits(dtype: str, engine: str) -> None:
    """Plans and batches give what the eager functions give, at the same points."""
    f = _results(dtype)
    other = gg.vmap(f) if engine == "vmap" else gg.jit(f, engine=engine)
    for situation in ("ordinary", *SITUATIONS):
        x = point(situation, dtype)
        if situation == "zeros":
            x = x + np.asarray([0, 0, 0.5, 0], dtype)      # the determinant has a logarithm
        with np.errstate(all="ignore"):
            wanted = f(x)
            found = [y[1] for y in other(np.stack([x, x]))] if engine == "vmap" else other(x)
        eps = float(np.finfo(dtype).eps)
        for y, want in zip(found, wanted, strict=True):
            if (engine, situation) == ("native", "huge"):
                # A product that is beyond all numbers, added by the instruction that multiplies, is
                # no infinity that meets the opposite one: here it may be so, and in NumPy's BLAS.
                beyond = ~np.isfinite(want) & ~np.isfinite(y)
                want = np.where(beyond & (np.isnan(want) | np.isnan(y)), y, want)
            most = float(np.abs(want[np.isfinite(want)]).max(initial=0))
            np.testing.assert_allclose(y, want, 64 * eps, 16 * eps * most, err_msg=situation)
