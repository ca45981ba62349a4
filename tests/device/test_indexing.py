"""Indices that repeat: what is written last counts, what is added adds up, in any order."""

from __future__ import annotations

from typing import Any

import cupy as cp
import numpy as np
import pytest
from rounding import assert_same

import gpugrad as gg
from gpugrad.core.registry import namespace as ops

rng = np.random.default_rng(0)
AT = rng.integers(0, 5, 4000)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64", "complex128"])
@pytest.mark.parametrize("shape", [(5,), (5, 3)])
@pytest.mark.parametrize("deterministic", [False, True])
def test_gradients_add_up(dtype: str, shape: tuple[int, ...], deterministic: bool) -> None:
    def f(x: Any, at: Any) -> Any:
        return gg.sum(gg.real(x[at] ** 2 * 0.01))

    x = rng.normal(size=shape).astype(dtype)
    wanted = gg.grad(f)(x.astype("complex128" if "c" in dtype else "float64"), AT)
    with gg.use_deterministic(deterministic):
        found = gg.grad(f)(cp.asarray(x), cp.asarray(AT))
    assert found.dtype == dtype
    tolerance = {"float16": 1e-2, "float64": 1e-12, "complex128": 1e-12}.get(dtype, 1e-4)
    np.testing.assert_allclose(cp.asnumpy(found), wanted, rtol=tolerance)


def gradient() -> Any:
    x = cp.asarray(np.linspace(0.1, 1.0, 5, dtype="float32"))
    w = cp.asarray(np.random.default_rng(1).normal(size=AT.size).astype("float32"))
    return cp.asnumpy(gg.grad(lambda x: gg.sum(gg.sin(x[cp.asarray(AT)]) * w))(x)).tobytes()


def test_a_deterministic_gradient_has_equal_bits() -> None:
    with gg.use_deterministic():
        assert len({gradient() for _ in range(6)}) == 1


@pytest.mark.parametrize("key", [
    np.array([2, 0, 2, 2]), (np.array([1, 1, 0]), np.array([0, 0, 1])),
    (slice(None), np.array([1, 1])), (..., np.array([[0, 1], [1, 0]])),
], ids=["rows", "elements", "columns", "two axes"])  # fmt: skip
@pytest.mark.parametrize("compiled", [False, True])
def test_the_last_write_wins(key: Any, compiled: bool) -> None:
    def f(x: Any, value: Any) -> Any:
        y = ops.setitem(x, on(key, type(x)), value)
        return gg.sum(y * y), y

    def on(key: Any, kind: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        return tuple(cp.asarray(p) if host[0] is False and isinstance(p, np.ndarray) else p
                     for p in parts)  # fmt: skip

    host = [True]
    x = rng.normal(size=(3, 4))
    value = rng.normal(size=x[key].shape)
    wanted = gg.value_and_grad(f, argnums=(0, 1), has_aux=True)(x, value)
    host = [False]
    g = gg.value_and_grad(f, argnums=(0, 1), has_aux=True)
    g = gg.jit(g) if compiled else g
    for _ in range(4):
        (loss, y), found = g(cp.asarray(x), cp.asarray(value))
    assert_same([y, loss, *found], [wanted[0][1], wanted[0][0], *wanted[1]])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("shape", [(7,), (7, 3), (7, 2, 3)])
def test_rows_and_their_gradients_are_kernels(shape: tuple[int, ...], dtype: str) -> None:
    """An embedding: the step stays one graph, and its bits do not depend on the run."""

    def f(table: Any, at: Any) -> Any:
        rows = table[at]
        return gg.sum(gg.sin(rows) * rows), rows

    def gradient(table: Any, at: Any) -> Any:
        return gg.grad(lambda t: f(t, at)[0])(table), f(table, at)[1]

    compiled = gg.jit(gradient)
    bits = set()
    for seed in (0, 1, 2, 2, 2):
        own = np.random.default_rng(seed)
        table, at = own.normal(size=shape), own.integers(-7, 7, (4, 5)).astype(dtype)
        found = compiled(cp.asarray(table), cp.asarray(at))
        assert_same(found, gradient(table, at))
        bits.add((seed, cp.asnumpy(found[0]).tobytes()))
    assert len(bits) == 3
    assert "called, not compiled" not in compiled.explain(cp.asarray(table), cp.asarray(at))
