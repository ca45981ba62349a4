"""Sorts and order statistics as native kernels, around NumPy's own sorts: the bits of eager ones.

Shapes lie around the vectors that rows are copied by, along each axis, with zeros of both signs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from math import inf, nan
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="the native engine")

from on_engines import compiled, run

import gpugrad as gg
from gpugrad.codegen.sorted_rows import DTYPES, SHORT, symbol_of
from gpugrad.engines.native import numpy_sorts
from gpugrad.plan.passes.parallel import WORTH

RNG = np.random.default_rng(5)

LINES = [
    ((1,), 0), ((7,), 0), ((8,), 0), ((16,), 0), ((17,), 0), ((100,), -1), ((1, 3), 1), ((5, 1), 1),
    ((3, 33), 1), ((33, 3), 0), ((2, 40, 3), 1), ((2, 3, 64), 2), ((4, 17), 0),
]  # fmt: skip


def _values(kind: str, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    x = 100 * RNG.standard_normal(shape)
    if kind == "ties":
        x = RNG.integers(-2, 3, shape).astype("float64")
    if kind != "plain" and np.dtype(dtype).kind == "f":
        given = [0.0, -0.0] if kind == "ties" else [0.0, -0.0, nan, inf, -inf]
        x = np.where(RNG.random(shape) < 0.5, RNG.choice(given, shape), x)
    return x.astype(dtype)


def _bits(x: Any) -> bytes:
    """All that counts of an array: of NaN, that it is one."""
    x = np.array(x, order="C")
    return (np.where(x != x, np.full_like(x, nan), x) if x.dtype.kind == "f" else x).tobytes()


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("kind", ["plain", "ties", "special"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), LINES)
def test_sorts_have_the_bits_of_eager_ones(
    shape: tuple[int, ...], axis: int, dtype: str, kind: str
) -> None:
    x = _values(kind, shape, dtype)
    kept = x.copy()
    for descending in (False, True):

        def f(x: Any, descending: bool = descending) -> Any:
            return gg.sort(x, axis=axis, descending=descending)

        step = compiled(f, x)
        assert _bits(step(x)) == _bits(f(x))
        assert "sort:" not in _left_to_numpy(step, x)
    assert _bits(x) == _bits(kept)


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("kind", ["plain", "ties", "special"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "axis"), LINES)
def test_order_statistics_have_the_bits_of_eager_ones(
    shape: tuple[int, ...], axis: int, dtype: str, kind: str
) -> None:
    x = _values(kind, shape, dtype)
    last = shape[axis] - 1
    for places in ((0,), (last,), (last // 2, last, 0), (0, 0)):

        def f(x: Any, places: tuple[int, ...] = places) -> Any:
            return gg.core.registry.namespace.order_statistics(x, places=places, axis=axis)

        step = compiled(f, x)
        np.testing.assert_array_equal(step(x), f(x))
        assert "order_statistics:" not in _left_to_numpy(step, x)


@pytest.mark.parametrize("n", [SHORT - 1, SHORT, SHORT + 1])
def test_medians_of_rows_of_any_length_are_those_of_sorts(n: int) -> None:
    x = _values("plain", (3, n), "float64")
    ordered = np.sort(x)
    wanted = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    (found,) = run(lambda x: gg.median(x, axis=-1), x)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    x[1, n // 2] = nan
    (found,) = run(lambda x: gg.median(x, axis=-1), x)
    assert np.isnan(found).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1])
def test_parts_of_large_arrays_are_sorted_side_by_side(axis: int, dtype: str) -> None:
    x = _values("special", (4 * WORTH // 99, 99), dtype)
    step = compiled(lambda x: (gg.sort(x, axis=axis), gg.sort(x + 1, axis=axis)), x)
    for found, given in zip(step(x), (x, x + 1), strict=True):
        assert _bits(found) == _bits(gg.sort(given, axis=axis))


def test_loops_and_branches_hold_sorts() -> None:
    x = _values("ties", (6, 9), "float32")

    def f(x: Any) -> Any:
        def body(total: Any, row: Any) -> Any:
            total = gg.sort(total + row, descending=True)
            return total, gg.cond(total[0] > 1, gg.sort, lambda v: v * 2, total)

        return gg.scan(body, gg.zeros(9, dtype="float32"), x)

    for found, wanted in zip(run(f, x), f(x), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_views_are_sorted_and_left_as_they_are() -> None:
    x = _values("plain", (8, 30), "float32")
    kept = x.copy()
    (found,) = run(lambda x: gg.sort(x.T[::2, 1:], axis=0) + gg.sort(x[1:, ::2].T, axis=-1), x)
    wanted = np.sort(x.T[::2, 1:], axis=0) + np.sort(x[1:, ::2].T, axis=-1)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(x, kept)


# Where NumPy's sorts are not as they are known


@pytest.fixture
def _forgotten() -> Iterator[None]:
    numpy_sorts.addresses.cache_clear()
    yield
    numpy_sorts.addresses.cache_clear()


def test_this_numpy_has_its_sorts_where_they_are_known() -> None:
    assert set(numpy_sorts.addresses()) == set(map(symbol_of, DTYPES))


@pytest.mark.usefixtures("_forgotten")
@pytest.mark.parametrize("missing", ["interface", "table", "function", "trial"])
def test_numpy_runs_sorts_that_are_not_as_they_are_known(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing == "interface":
        monkeypatch.setattr(numpy_sorts, "INTERFACE", numpy_sorts.INTERFACE + 1)
    elif missing == "table":
        monkeypatch.setattr(numpy_sorts, "_table", lambda: None)
    elif missing == "function":
        monkeypatch.setattr(numpy_sorts, "_address", lambda table, dtype: 0)
    else:
        monkeypatch.setattr(numpy_sorts, "_sorts", lambda address, dtype: False)
    assert numpy_sorts.addresses() == {}
    x = _values("special", (5, 40), "float32")
    step = compiled(gg.sort, x)
    assert _bits(step(x)) == _bits(gg.sort(x))
    assert "sort of float32" in _left_to_numpy(step, x)


@pytest.mark.parametrize("result", [0, -1])
def test_a_function_that_does_not_sort_is_found_out(result: int) -> None:
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_void_p)
    nothing = kind(lambda start, n, array: result)
    address = ctypes.cast(nothing, ctypes.c_void_p).value
    assert address is not None
    assert not numpy_sorts._sorts(address, "float32")


def _left_to_numpy(step: Any, *args: Any) -> str:
    """What is said of the steps that are no kernels."""
    spans = step._cache.compiled(args, {}).program.spans
    left = [span for span in spans if not span.compiled]
    return " ".join(f"{inner.op}: {span.reason}" for span in left for inner in span.steps)
