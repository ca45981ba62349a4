"""Sorts, places and order statistics: as NumPy's, stable, and equal in every namespace and engine.

The references are those that take longest: stable sorts of whole rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from thresholds import lowered

import gpugrad as gg
from gpugrad.backends import numpy_namespace, ordering
from gpugrad.ops.statistics import METHODS
from gpugrad.testing import check_grads

RNG = np.random.default_rng(7)

DTYPES = "bool int8 uint8 int16 int32 uint32 int64 uint64 float16 float32 float64".split()


def _values(kind: str, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Numbers of which many are equal, of both zeros, or of everything that floats can be."""
    if kind == "ties":
        return RNG.integers(0, 5, shape).astype(dtype)
    x = (100 * RNG.standard_normal(shape)).astype(dtype)
    if kind == "zeros" and np.dtype(dtype).kind == "f":
        x = np.where(RNG.random(shape) < 0.6, RNG.choice([0.0, -0.0], shape), x)
    if kind == "special" and np.dtype(dtype).kind == "f":
        chosen = RNG.choice([nan, -nan, inf, -inf, 0.0, -0.0], shape)
        x = np.where(RNG.random(shape) < 0.4, chosen, x)
    return x.astype(dtype)


KINDS = list(product(("plain", "ties", "zeros", "special"), DTYPES))


@pytest.fixture(params=["as it is", "lowered"])
def _thresholds(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "lowered":
        with lowered():
            yield
    else:
        yield


def _alike(found: Any, wanted: Any) -> None:
    """Equal, and with the same signs of zeros."""
    np.testing.assert_array_equal(found, wanted)
    if wanted.dtype.kind == "f":
        zero = wanted == 0
        np.testing.assert_array_equal(np.signbit(found)[zero], np.signbit(wanted)[zero])
    assert found.dtype == wanted.dtype


def _stable(x: np.ndarray, axis: int, descending: bool) -> np.ndarray:
    """By Python's sort, which is stable: of numbers, NaN is the largest."""
    found = np.empty(x.shape, np.int64)
    for place in np.ndindex(*x.shape[:axis], *x.shape[axis + 1 :]):
        key = (*place[:axis], slice(None), *place[axis:])
        row = x[key].tolist()
        found[key] = sorted(
            range(len(row)), reverse=descending,
            key=lambda i, row=row: (True, 0) if row[i] != row[i] else (False, row[i]),
        )  # fmt: skip
    return found


@pytest.mark.usefixtures("_thresholds")
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("shape", "axis"), [((200,), 0), ((3, 100), 1), ((90, 4), 0), ((1,), 0)])
@pytest.mark.parametrize(("kind", "dtype"), KINDS)
def test_sorts_are_stable(
    kind: str, dtype: str, shape: tuple[int, ...], axis: int, descending: bool
) -> None:
    x = _values(kind, shape, dtype)
    wanted = _stable(x, axis, descending)
    found = gg.argsort(x, axis=axis, descending=descending)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == np.int64
    ordered = np.take_along_axis(x, wanted, axis)
    _alike(gg.sort(x, axis=axis, descending=descending), ordered)
    back = numpy_namespace.inverse_take(ordered, wanted, axis)
    _alike(back, x)


@pytest.mark.usefixtures("_thresholds")
@pytest.mark.parametrize("places", [(0,), (3,), (6,), (2, 3), (6, 0, 3), (1, 1)])
@pytest.mark.parametrize(("kind", "dtype"), KINDS)
def test_order_statistics_are_those_of_whole_sorts(
    kind: str, dtype: str, places: tuple[int, ...]
) -> None:
    for shape, axis in (((7,), 0), ((5, 7), 1), ((7, 2, 3), 0)):
        x = _values(kind, shape, dtype)
        for name in ("order_statistics", "ordered_places"):
            found = getattr(numpy_namespace, name)(x, places=places, axis=axis)
            wanted = getattr(ordering, name)(numpy_namespace, x, places=places, axis=axis)
            np.testing.assert_array_equal(found, wanted)
            assert found.dtype == wanted.dtype


SHARES = np.array([0.0, 0.1, 0.5, 0.72, 1.0])


def _quantiles(x: Any, axis: int | None, method: str) -> Any:
    """By whole sorts."""
    lines = gg.reshape(x, (-1,)) if axis is None else gg.moveaxis(x, axis, -1)
    ordered, n = gg.sort(lines, axis=-1), lines.shape[-1]
    taken = [METHODS[method](share * (n - 1)) for share in SHARES.tolist()]
    found = [ordered[..., i] * (1 - part) + ordered[..., j] * part for i, j, part in taken]
    return gg.stack(found, axis=0)


@pytest.mark.parametrize("method", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["plain", "ties"])
def test_quantiles_are_numpy_s_and_their_gradients_those_of_whole_sorts(
    kind: str, dtype: str, axis: int | None, method: Any
) -> None:
    x = _values(kind, (9, 6), dtype)
    wanted = np.quantile(x, SHARES, axis=axis, method=method)
    found = gg.quantile(x, SHARES, axis=axis, method=method)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)
    weights = RNG.standard_normal(wanted.shape).astype(dtype)

    def ours(x: Any) -> Any:
        return gg.sum(gg.quantile(x, SHARES, axis=axis, method=method) * weights)

    def by_sorting(x: Any) -> Any:
        return gg.sum(_quantiles(x, axis, method) * weights)

    g, wanted = gg.grad(ours)(x), gg.grad(by_sorting)(x)
    np.testing.assert_allclose(g, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: gg.sort(x, axis=0),
        lambda x: gg.sort(x, axis=None, descending=True),
        lambda x: gg.median(x, axis=-1) ** 2,
        lambda x: gg.quantile(x**2, 0.3, axis=0),
        lambda x: gg.percentile(x, [20.0, 90.0]) ** 3,
        lambda x: gg.cumulative_sum(x, axis=1, include_initial=True) ** 2,
        lambda x: gg.fft.rfft(x, axis=0) * gg.fft.rfft(x, n=5, axis=0)[:1],
        lambda x: gg.fft.irfft(gg.fft.rfft(x, n=7, axis=1) ** 2, n=6, axis=1),
    ],
)
@pytest.mark.parametrize("shape", [(4, 3), (1, 5), (6, 1)])
def test_second_derivatives_and_batches(f: Any, shape: tuple[int, ...]) -> None:
    x = RNG.permutation(np.arange(np.prod(shape)) * 0.37 - 1.1).reshape(shape)

    def loss(x: Any) -> Any:
        y = f(x)
        return gg.sum(gg.real(y) ** 2 + gg.imag(y) ** 2)

    check_grads(loss, (x,), order=2)
    several = np.stack([x, x[::-1], -x])
    found = gg.vmap(gg.grad(loss))(several)
    np.testing.assert_allclose(found, np.stack([gg.grad(loss)(v) for v in several]), rtol=1e-10)
    found = gg.vmap(f)(several)
    np.testing.assert_allclose(found, np.stack([f(v) for v in several]), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_engines_agree(engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite", reason="the native engine")
    x = RNG.standard_normal((6, 90)).astype(np.float32)
    x[2, 3], x[4, 5:9] = nan, 0.25

    def loss(x: Any) -> Any:
        y = gg.sort(x, axis=1) * 2.0 + gg.cumulative_sum(x, axis=0)
        return gg.sum(gg.where(gg.isnan(y), 0, y) ** 2) + gg.nansum(gg.median(x * x, axis=1))

    step = gg.jit(gg.value_and_grad(loss), engine=engine)
    wanted = gg.value_and_grad(loss)(x)
    for _ in range(4):
        value, g = step(x)
        np.testing.assert_allclose(value, wanted[0], rtol=1e-5)
        np.testing.assert_allclose(g, wanted[1], rtol=1e-5, atol=1e-5)
