"""Reductions along several short axes, as of windows: eager and on each engine, in any layout."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from on_engines import compiled

import gpugrad as gg
from gpugrad.backends import short_axes

SHAPE = (2, 5, 3, 4)

AXES = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 2, 3), (-1, 0)]

ORDERS = [(0, 1, 2, 3), (3, 1, 0, 2), (1, 0, 3, 2), (2, 3, 0, 1)]


@pytest.fixture(params=["few", "many"])
def enough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's way along short axes for no arrays, or for all."""
    monkeypatch.setattr(short_axes, "ENOUGH", 1 if request.param == "many" else 2**40)


def _reduced(name: str, y: Any) -> list[Any]:
    return [getattr(gg, name)(y, axis=axes, keepdims=True) for axes in AXES]


@pytest.mark.parametrize("engine", ["", "numpy", "native"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "bool"])
@pytest.mark.parametrize("name", ["max", "min", "sum", "mean"])
@pytest.mark.usefixtures("enough")
def test_windows_of_any_layout(name: str, dtype: str, engine: str) -> None:
    x = np.random.default_rng(0).integers(-9, 9, SHAPE).astype(dtype)
    if dtype[0] == "f":
        x[1, 2, 0, 3] = x[0, 4, 2, 0] = np.nan
    for order in ORDERS:
        f = partial(_applied, name, order)
        step = compiled(f, x, engine=engine) if engine else f
        for axes, found in zip(AXES, step(x), strict=True):
            wanted = getattr(np, name)(x.transpose(order), axis=axes, keepdims=True)
            np.testing.assert_allclose(found, wanted, rtol=2e-3 if dtype == "float16" else 1e-6)


def _applied(name: str, order: tuple[int, ...], x: Any) -> list[Any]:
    return _reduced(name, gg.permute_dims(x, order))


@pytest.mark.parametrize("engine", ["", "numpy", "native"])
@pytest.mark.parametrize("shape", [(3, 28, 28), (2, 9, 13), (1, 4, 4), (5, 4, 70)])
@pytest.mark.parametrize("window", [2, (1, 2), (2, 1), 3, (2, 4)])
@pytest.mark.usefixtures("enough")
def test_pools_and_their_gradients(window: Any, shape: Any, engine: str) -> None:
    """Side by side, with elements left over, and with equal ones, which share the gradient."""
    x = np.random.default_rng(0).integers(-3, 3, shape).astype("float32")
    sizes = np.broadcast_to(window, 2)
    down, across = shape[1] // sizes[0], shape[2] // sizes[1]
    rest = x[:, : down * sizes[0], : across * sizes[1]]
    windows = rest.reshape(-1, down, sizes[0], across, sizes[1])
    weights = np.arange(3.0, 3 + len(x) * down * across, dtype="float32").reshape(-1, down, across)

    def f(x: Any, weights: Any) -> list[Any]:
        found = [gg.nn.max_pool2d(x, window), gg.nn.avg_pool2d(x, window)]
        loss = gg.grad(lambda x: gg.sum(gg.nn.max_pool2d(x, window) * weights))
        return [*found, loss(x)]

    largest = windows.max((2, 4), keepdims=True)
    shares = (windows == largest) / (windows == largest).sum((2, 4), keepdims=True)
    gradient = np.zeros_like(x)
    gradient[:, : rest.shape[1], : rest.shape[2]] = (
        shares * weights[:, :, None, :, None]
    ).reshape(rest.shape)
    step = compiled(f, x, weights, engine=engine) if engine else f
    wanted = largest[:, :, 0, :, 0], windows.mean((2, 4)), gradient
    for a, b in zip(step(x, weights), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
