"""Tensors that are moved between the host and the device, differentiated."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import UnsupportedOperand

X = np.array([0.3, 0.9, 0.2])
OTHER = {"cpu": "cuda", "cuda": "cpu"}
LIBRARY = {"cpu": np, "cuda": cp}


@pytest.fixture(params=["cpu", "cuda"])
def home(request: pytest.FixtureRequest) -> Any:
    return request.param


def there_and_back(x: Any, away: str, home: str) -> Any:
    """A function with a write, an index, several results and broadcasting on the other device."""
    y = gg.sin(gg.to_device(x, away))
    y[1] = y[0] * 2
    sums = gg.cumulative_sum(y)[1:]
    first, *_, last = gg.unstack(gg.stack([y, y * y]))
    z = gg.sum(sums) + first * last
    return gg.to_device(z, home) * x


def test_a_move_gives_an_array_of_the_other_library(home: str) -> None:
    away = OTHER[home]
    x = LIBRARY[home].asarray(X)
    for given in (x, gg.tensor(x), gg.tensor(x, requires_grad=True)):
        moved = gg.to_device(given, away)
        assert type(moved) is type(given) or type(moved) is LIBRARY[away].ndarray
        value = moved.value if isinstance(moved, gg.Tensor) else moved
        assert type(value) is LIBRARY[away].ndarray
        np.testing.assert_array_equal(cp.asnumpy(value), X)
    assert gg.asarray(gg.tensor(x), device=away).device.startswith(away)
    assert gg.astype(gg.tensor(x), "float32", device=away).device.startswith(away)
    assert gg.zeros_like(gg.tensor(x), device=away).device.startswith(away)


def test_gradients_come_back_to_where_they_belong(home: str) -> None:
    """They are those of the same function on one device, to second order."""
    x = LIBRARY[home].asarray(X)
    for transform in (gg.grad, gg.hessian):
        found = transform(lambda x: gg.sum(there_and_back(x, OTHER[home], home)))(x)
        assert type(found) is LIBRARY[home].ndarray
        wanted = transform(lambda x: gg.sum(there_and_back(x, "cpu", "cpu")))(X)
        np.testing.assert_allclose(cp.asnumpy(found), wanted, rtol=1e-12)


def test_a_leaf_gets_its_gradient_where_it_is(home: str) -> None:
    """Also again and again, when sweeps are planned."""
    leaf = gg.tensor(LIBRARY[home].asarray(X), requires_grad=True)
    for n in range(1, 6):
        gg.sum(gg.to_device(leaf, OTHER[home]) ** 2).backward()
        assert type(leaf.grad) is LIBRARY[home].ndarray
        np.testing.assert_allclose(cp.asnumpy(leaf.grad), 2 * n * X)


def test_a_move_under_jit_is_refused(home: str) -> None:
    """A plan runs on one device."""
    x = LIBRARY[home].asarray(X)
    with pytest.raises(UnsupportedOperand, match=r"test_moved_gradients\.py:.* before the call"):
        gg.jit(lambda x: gg.to_device(x, OTHER[home]) * 2)(x)
