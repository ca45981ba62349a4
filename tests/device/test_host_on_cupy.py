"""Functions of NumPy's arrays within programs of CuPy's: between the graphs of a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

import gpugrad as gg

MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])
POINT = np.array([1.0, 2.0])

solve = gg.host(lambda b: scipy.linalg.solve(MATRIX, b), vjp=lambda g, y, b: solve(g))

ways = pytest.mark.parametrize("way", [lambda f: f, gg.jit], ids=["eager", "jitted"])


@ways
def test_gradients_of_any_order(way: Callable[..., Any]) -> None:
    def loss(b: Any) -> Any:
        return gg.sum(solve(b * 2.0) ** 2)

    for f in (loss, gg.grad(loss), gg.hessian(loss), gg.jacobian(solve)):
        run = way(f)
        for _ in range(3):
            found = run(cp.asarray(POINT))
            assert type(found) is cp.ndarray
            np.testing.assert_allclose(cp.asnumpy(found), f(POINT), atol=1e-14)


@ways
def test_batches(way: Callable[..., Any]) -> None:
    found = way(gg.vmap(solve))(cp.eye(2))
    np.testing.assert_allclose(cp.asnumpy(found), np.linalg.inv(MATRIX), atol=1e-15)


@ways
def test_effects_run_in_order_and_as_often(way: Callable[..., Any]) -> None:
    seen: list[float] = []
    note = gg.host(lambda x: seen.append(float(x)), result=(), pure=False)

    def line(x: Any) -> Any:
        note(x)
        y = x * 2
        note(y)
        return y + 1

    def loop(x: Any) -> Any:
        def step(total: Any, part: Any) -> tuple[Any, Any]:
            note(total)
            return total + part, total

        return gg.scan(step, x, cp.arange(3.0))[0]

    for f, wanted in ((line, [1, 2]), (loop, [1, 1, 2])):
        run = way(f)
        for _ in range(4):
            seen.clear()
            run(cp.asarray(1.0))
            assert seen == wanted


def test_the_plan_says_that_it_is_called_between_graphs() -> None:
    step = gg.jit(lambda b: gg.sum(solve(b * 2.0) ** 2))
    told = str(step.explain(cp.asarray(POINT)))
    assert "no kernel is generated for host_call" in told
    assert "1 call of CuPy" in told


@ways
def test_products_with_sparse_matrices_and_their_solutions(way: Callable[..., Any]) -> None:
    wide = scipy.sparse.random(5, 2, 0.8, random_state=0, format="csr")
    square = scipy.sparse.csr_matrix(MATRIX)

    def loss(b: Any) -> Any:
        return gg.sum(gg.sparse.matmul(wide, gg.sparse.solve(square, b)) ** 2)

    found = way(gg.grad(loss))(cp.asarray(POINT))
    np.testing.assert_allclose(cp.asnumpy(found), gg.grad(loss)(POINT), rtol=1e-12, atol=1e-14)


@ways
def test_slices_at_places_that_are_computed(way: Callable[..., Any]) -> None:
    x = np.arange(12.0).reshape(3, 4)

    def loss(x: Any, i: Any) -> Any:
        return gg.sum(gg.dynamic_slice(x, (i, 1), (2, 2)) ** 2)

    for i in (0, 1, 5):
        found = way(gg.grad(loss))(cp.asarray(x), cp.asarray(i))
        np.testing.assert_array_equal(cp.asnumpy(found), gg.grad(loss)(x, np.asarray(i)))
