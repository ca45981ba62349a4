"""Arrays that go from device to device, and what the standard asks of those on one."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same

import gpugrad as gg
from gpugrad.errors import InvalidArgument, UnsupportedOperand

X = np.array([0.3, 0.9, 0.2])
OTHER = {"cpu": "cuda", "cuda": "cpu"}
LIBRARY = {"cpu": np, "cuda": cp}


def test_arrays_and_tensors_move() -> None:
    """There and back: the results are arrays of the library of the device."""
    for there, back in ((np.ones(2), cp.ndarray), (cp.ones(2), np.ndarray)):
        device = "cuda" if back is cp.ndarray else "cpu"
        assert type(gg.to_device(there, device)) is back
        assert type(gg.tensor(there).to_device(device).value) is back
        assert type(gg.tensor(there, requires_grad=True).to_device(device).value) is back
        assert type(gg.astype(there, gg.float32, device=device)) is back
        for made in (gg.zeros_like, gg.ones_like, gg.empty_like):
            assert type(made(there, device=device)) is back
        assert type(gg.full_like(there, 2.0, device=device)) is back


def test_gradients_come_back(sweeps: None) -> None:
    """To where the operand is, of first and second order, also where the path leads there again."""
    x = np.linspace(0.1, 1.0, 4)

    def there(x: Any) -> Any:
        return gg.sum(gg.to_device(gg.sin(x), "cuda") ** 2)

    def back(x: Any) -> Any:
        return gg.sum(gg.to_device(gg.to_device(gg.sin(x), "cuda") ** 2, "cpu"))

    for f in (there, back):
        for _ in range(3):
            slope = gg.grad(f)(x)
            assert type(slope) is np.ndarray
            np.testing.assert_allclose(slope, np.sin(2 * x))
        t = gg.tensor(x, requires_grad=True)
        f(t).backward()
        assert type(t.grad) is np.ndarray
        second = gg.grad(lambda x, f=f: gg.sum(gg.grad(f)(x)))(x)
        np.testing.assert_allclose(second, 2 * np.cos(2 * x))
    assert_same([gg.hessian(back)(x)], [np.diag(2 * np.cos(2 * x))])


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
        assert_same([found], [wanted])


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
    with pytest.raises(UnsupportedOperand, match=r"test_moves\.py:.* before the call"):
        gg.jit(lambda x: gg.to_device(x, OTHER[home]) * 2)(x)


def test_a_reshape_that_may_not_copy() -> None:
    x = cp.ones((2, 3))
    assert gg.reshape(x, (6,), copy=False).shape == (6,)
    with pytest.raises(InvalidArgument, match="copy=False"):
        gg.reshape(x.T, (6,), copy=False)


def test_special_cases() -> None:
    """Those in which NumPy deviates from the standard."""
    def same(found: cp.ndarray, wanted: list[complex]) -> None:
        assert repr(found.tolist()) == repr(wanted)

    same(gg.floor_divide(cp.asarray([inf, 1.0]), cp.asarray([2.0, -inf])), [inf, -0.0])
    same(gg.tanh(cp.asarray([complex(inf, 2)])), [1 + 0j])
    same(gg.mean(cp.asarray([[complex(1, nan), 2]]), axis=1), [complex(1.5, nan)])
    same(gg.var(cp.asarray([1.0, 2.0]), correction=2), nan)
