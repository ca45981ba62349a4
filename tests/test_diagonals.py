"""Jacobians, whose seeds are ones in one place each: the zeros beside them cost nothing, and do
nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.transforms.vmap import of_units
from gpugrad.types import Array

_DRAW = np.random.default_rng(0)
X, V = _DRAW.normal(size=(5, 4)), _DRAW.normal(size=4)
W, M = _DRAW.normal(size=(4, 3)), _DRAW.normal(size=(3, 4))

Function = Callable[[Array], Array]

CASES: dict[str, tuple[Function, Array]] = {
    "elementwise": (lambda x: -gg.tanh(x) / 3, X),
    "vector @ matrix": (lambda x: gg.tanh(x @ W), V),
    "matrix @ vector": (lambda x: gg.tanh(M @ x), V),
    "rows @ matrix": (lambda x: gg.tanh(x @ W), X),
    "by the matrix": (lambda w: gg.tanh(X @ w) * 2, W),
    "by the vector": (lambda w: gg.tanh(X @ w), V),
    "column @ row": (lambda x: gg.tanh(x[:, None] @ M[:1]), V),
    "a product with itself": (lambda x: x @ x.T, X),
    "bias": (lambda b: gg.tanh(X + b), V),
    "sums": (lambda x: gg.sum(gg.sin(x), axis=0), X),
    "sums that keep their axis": (lambda x: gg.sum(gg.sin(x), axis=1, keepdims=True), X),
    "mean of products": (lambda x: gg.mean(x @ W, axis=1), X),
    "relu": (lambda x: gg.relu(x @ W), X),
    "used twice": (lambda x: gg.tanh(x) + x * x - gg.sin(x), X),
    "softmax": (lambda x: gg.softmax(x @ W), X),
    "transposed": (lambda x: gg.tanh(x @ W).T, X),
    "two layers": (lambda x: gg.tanh(gg.tanh(x @ W) @ M), X),
    "chosen": (lambda x: gg.where(X > 0, x @ W[:, :1] * x, 2 * x), X),
    "indexed": (lambda x: gg.tanh(x[1:, ::2]), X),
    "one number": (lambda x: gg.sum(x * x), V),
    "side by side": (lambda x: gg.concat([x, gg.sin(x)]), V),
    "three axes": (lambda x: gg.tanh(gg.reshape(x, (5, 2, 2)) @ W[:2]), X),
    "broadcast": (lambda x: gg.tanh(x)[:, None] * X.T, V),
    "no element": (lambda x: x[:0] @ W, X),
    "no column": (lambda x: x @ W[:, :0], X),
}

all_cases = pytest.mark.parametrize(("f", "x"), CASES.values(), ids=CASES)
all_modes = pytest.mark.parametrize("mode", ["reverse", "forward"])


def _row_by_row(f: Function, x: Array) -> Array:
    """The same of pullbacks of each unit array for itself."""
    out, pull = gg.vjp(f, x)
    units = np.eye(out.size).reshape(out.size, *out.shape)
    rows = [pull(unit)[0] for unit in units]
    return np.array(rows).reshape(*out.shape, *x.shape)


@all_modes
@all_cases
def test_a_jacobian_is_that_of_sweeps_one_by_one(f: Function, x: Array, mode: str) -> None:
    found = gg.jacobian(f, mode=mode)(x)
    np.testing.assert_allclose(found, _row_by_row(f, x), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@all_modes
@all_cases
def test_engines_agree(f: Function, x: Array, mode: str, engine: str) -> None:
    jacobian = gg.jacobian(f, mode=mode)
    step = gg.jit(jacobian, engine=engine)
    for _ in range(3):
        np.testing.assert_allclose(step(x), jacobian(x), rtol=1e-12, atol=1e-14)


@all_cases
def test_in_a_batch_of_another_vmap(f: Function, x: Array) -> None:
    found = gg.vmap(gg.jacobian(f))(np.stack([x, 2 * x]))
    for part, at in zip(found, (x, 2 * x), strict=True):
        np.testing.assert_allclose(part, _row_by_row(f, at), rtol=1e-12, atol=1e-14)


@all_cases
def test_jacobians_of_jacobians_by_both_modes(f: Function, x: Array) -> None:
    reverse, forward = (gg.jacobian(gg.jacobian(f), mode=mode)(x) for mode in
                        ("reverse", "forward"))  # fmt: skip
    np.testing.assert_allclose(reverse, forward, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex128"])
def test_dtypes(dtype: str) -> None:
    w, x = W.astype(dtype), V.astype(dtype)
    found = gg.jacobian(lambda x: x @ w, holomorphic=dtype == "complex128")(x)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, w.T)


@pytest.mark.parametrize("engine", ["", "numpy", "native"])
@all_modes
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_in_its_row(bad: float, mode: str, engine: str) -> None:
    w = W.copy()
    w[0, 1] = bad
    jacobian = gg.jacobian(lambda x: 2 * (x @ w), mode=mode)
    found = (gg.jit(jacobian, engine=engine) if engine else jacobian)(V)
    np.testing.assert_array_equal(found, 2 * w.T)


@all_modes
@pytest.mark.parametrize("name", ["vector @ matrix", "matrix @ vector"])
def test_a_product_with_a_vector_scales_rows(name: str, mode: str) -> None:
    f, x = CASES[name]
    step = gg.jit(gg.jacobian(f, mode=mode), engine="numpy")
    step(x)
    plan = str(step.explain(x))
    assert plan.count("= matmul") == 1              # that of the function itself
    assert "one_hot" not in plan


@all_modes
def test_what_is_not_finite_stays_in_its_rows_of_matrices(mode: str) -> None:
    w = W.copy()
    w[0, 1] = np.inf
    found = gg.jacobian(lambda x: 2 * (x @ w), mode=mode)(X)
    wanted = np.zeros((5, 3, 5, 4))
    for i in range(5):
        wanted[i, :, i] = 2 * w.T
    np.testing.assert_array_equal(found, wanted)


SHIFT = _DRAW.normal(size=(5, 4))

STEPS: dict[str, Callable[[Array], Array]] = {
    "as they are": lambda g: g,
    "scaled": lambda g: -(SHIFT * g / 3) * V,
    "times themselves": lambda g: g * g,
    "times what each part has": lambda g: g * gg.sum(g * SHIFT),
    "divided into": lambda g: SHIFT / (1 + g),
    "a number added": lambda g: g + 2,
    "an array added": lambda g: g + SHIFT,
    "added and subtracted": lambda g: g * SHIFT + (g - 3 * g),
    "a function of 0 that is not 0": lambda g: gg.cos(g),
    "what is broadcast": lambda g: g[None] * np.ones((2, 1, 1)),
    "one axis made longer": lambda g: gg.sum(g, axis=1, keepdims=True) * V,
    "chosen beside 0": lambda g: gg.where(SHIFT > 0, g, 0),
    "chosen beside 1": lambda g: gg.where(SHIFT > 0, g, 1),
    "0 beside it": lambda g: gg.where(SHIFT > 0, 0, g),
    "by what it says": lambda g: gg.where(g > 0, g, 0),
    "another dtype": lambda g: gg.astype(2 * g, "float32"),
    "another shape": lambda g: gg.reshape(g, (2, 10)) * 2,
    "turned": lambda g: g.T * 2,
    "sums": lambda g: gg.sum(g * SHIFT, axis=0),
    "all in one": lambda g: gg.sum(g * SHIFT),
    "another reduction": lambda g: gg.max(g, axis=0),
    "a matrix behind": lambda g: g @ W,
    "a matrix in front": lambda g: SHIFT.T @ g,
    "a vector behind": lambda g: g @ V,
    "a product with itself": lambda g: g @ g.T,
    "what is the same": lambda g: gg.broadcast_to(gg.sum(g, axis=0)[0], (3,)),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_steps_on_units_are_those_on_their_arrays(step: Callable[[Array], Array]) -> None:
    units = np.eye(20).reshape(20, 5, 4)
    found, wanted = of_units(step, SHIFT), gg.vmap(step)(units)
    assert found.dtype == wanted.dtype
    rtol = 1e-12 if found.dtype == "float64" else 1e-6
    np.testing.assert_allclose(found, wanted, rtol=rtol)
    within = of_units(lambda g: gg.vmap(lambda s: step(g * s))(np.array([1.0, 2.0])), SHIFT)
    np.testing.assert_allclose(within[:, 0], wanted, rtol=rtol)
