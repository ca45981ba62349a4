"""Keywords that the standard gives functions of arrays: dtype, copy and device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument

X = np.array([[0.1, 0.2, 0.7], [0.4, 0.3, 0.6]], np.float32)

REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda x, **keywords: gg.sum(x, axis=0, **keywords),
    "prod": lambda x, **keywords: gg.prod(x, axis=0, **keywords),
    "cumulative_sum": lambda x, **keywords: gg.cumulative_sum(x, axis=0, **keywords),
    "cumulative_prod": lambda x, **keywords: gg.cumulative_prod(x, axis=0, **keywords),
}


def gradient(f: Callable[..., Any]) -> Any:
    return gg.grad(lambda x: gg.sum(f(x) * np.array([1.0, 2.0, 3.0])))(X)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_in_another_dtype_is_that_of_converted_elements(name: str) -> None:
    """The gradient has the dtype of the operand; plain arrays, plans and batches do the same."""
    reduce = REDUCTIONS[name]

    def wide(x: Any) -> Any:
        return reduce(x, dtype=gg.float64)

    def converted(x: Any) -> Any:
        return reduce(gg.astype(x, gg.float64))

    assert wide(X).dtype == np.float64
    np.testing.assert_array_equal(wide(X), converted(X))
    assert gradient(wide).dtype == np.float32
    np.testing.assert_allclose(gradient(wide), gradient(converted), rtol=1e-6)
    compiled = gg.jit(wide)
    for _ in range(3):
        np.testing.assert_array_equal(compiled(X), wide(X))
    batch = np.stack([X, 2 * X])
    np.testing.assert_array_equal(gg.vmap(wide)(batch), np.stack([*map(wide, batch)]))
    assert reduce(np.ones((2, 3), int), dtype=gg.float32).dtype == np.float32


@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_dtype_without_gradients(name: str) -> None:
    """Whole numbers count as constants, as the standard converts them; complex stay complex."""
    function = getattr(gg, name)
    found = function(gg.tensor(3 * X, requires_grad=True), axis=0, dtype=gg.int64)
    np.testing.assert_array_equal(found.value, function((3 * X).astype("int64"), axis=0))
    zero = gg.grad(lambda x: gg.sum(gg.astype(function(x, axis=0, dtype=gg.int64), gg.float64)))(X)
    np.testing.assert_array_equal(zero, np.zeros_like(X))
    with pytest.raises(InvalidArgument, match=r"imaginary parts: take gg\.real"):
        function(X + 1j, axis=0, dtype=gg.float64)


def test_astype_copies_unless_told_otherwise() -> None:
    t = gg.tensor(X, requires_grad=True)
    assert gg.astype(t, gg.float32, copy=False) is t
    assert gg.astype(X, gg.float32, copy=False) is X
    assert gg.astype(X, gg.float32) is not X
    assert gg.astype(t, gg.float64, copy=False).dtype == np.float64
    kept = gg.grad(lambda x: gg.sum(gg.astype(x, gg.float64, copy=False, device="cpu") ** 2))
    np.testing.assert_array_equal(kept(X), 2 * X)
    with pytest.raises(InvalidArgument, match="device"):
        gg.astype(t, gg.float64, device="moon")


def test_a_converted_number_is_an_array() -> None:
    """Under `gg.jit` a number is weak, until it was converted to the dtype that it has anyway."""
    step = gg.jit(lambda a, x: gg.astype(a, gg.float64, copy=False) * x)
    for _ in range(3):
        assert step(2.0, X).dtype == np.float64


@pytest.mark.parametrize("make", [gg.zeros_like, gg.ones_like, gg.empty_like,
                                  lambda x, **k: gg.full_like(x, 3, **k)])  # fmt: skip
def test_arrays_like_others_go_to_a_device(make: Callable[..., Any]) -> None:
    t = gg.tensor(X)
    for x in (X, t):
        made = make(x, dtype=gg.float64, device="cpu")
        assert (made.shape, made.dtype, type(made)) == (X.shape, np.float64, type(x))
        with pytest.raises(InvalidArgument, match="device"):
            make(x, device="moon")


def test_full_of_a_tensor_is_differentiated() -> None:
    """It holds the Tensor's one element, in memory of its own, eager and compiled."""

    def f(x: Any) -> Any:
        made = gg.full((2, 3), x[0, 0], dtype=gg.float64)
        made[0] = 0
        return gg.sum(made)

    found = gg.grad(f)(X)
    assert found[0, 0] == np.count_nonzero(found) * 3 == 3
    compiled = gg.jit(gg.grad(f))
    for _ in range(3):
        np.testing.assert_array_equal(compiled(X), found)
    assert gg.full(3, gg.asarray(1), dtype="int32").dtype == np.int32
