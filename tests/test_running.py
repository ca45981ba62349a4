"""Running sums and products as native kernels: each element from the one before, as eager.

Shapes lie around the vectors and squares that the kernels are made of, along each axis.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="the native engine")

from thresholds import lowered

import gpugrad as gg
from gpugrad.testing import check_grads

RNG = np.random.default_rng(3)

LINES = [
    ((1,), 0), ((7,), 0), ((100,), -1), ((1, 3), 1), ((3, 40), 1), ((5, 1), 1), ((15, 16), 1),
    ((16, 16), 1), ((17, 33), 1), ((33, 15), 0), ((4, 17), 0), ((2, 5, 3), 1), ((2, 9, 20), -2),
    ((3, 6, 8), 2), ((40, 2), 0),
]  # fmt: skip


def _jitted(f: Any, x: Any) -> Any:
    """What a compiled function gives, the same at each call, and the function."""
    step = gg.jit(f, engine="native")
    found = [step(x) for _ in range(4)]
    np.testing.assert_array_equal(found[2], found[3])
    return found[3], step


def _values(kind: str, shape: tuple[int, ...], axis: int, dtype: str) -> np.ndarray:
    """Numbers around 1, some of them 0, or whose products leave the range and come back."""
    x = RNG.uniform(0.5, 1.5, shape) * RNG.choice([1, -1], shape)
    if kind == "zeros":
        x = np.where(RNG.random(shape) < 0.15, 0, x)
    if kind == "far":
        power = 30.0 if dtype == "float32" else 250.0
        x = x * 10.0 ** np.where(np.indices(shape)[axis] % 4 < 2, power, -power)
    if kind == "special":
        chosen = RNG.choice([inf, -inf, nan, 0.0, -0.0], shape)
        x = np.where(RNG.random(shape) < 0.05, chosen, x)
    return x.astype(dtype)


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize(("shape", "axis"), LINES)
def test_sums_have_the_bits_of_one_after_the_other(
    shape: tuple[int, ...], axis: int, dtype: str
) -> None:
    x = (100 * RNG.standard_normal(shape)).astype(dtype)
    for initial in (False, True):
        found, step = _jitted(
            lambda x, i=initial: gg.cumulative_sum(x, axis=axis, include_initial=i), x
        )
        wanted = np.cumulative_sum(x, axis=axis, include_initial=initial)
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == wanted.dtype
        assert "run0" in step.source(x)
    if dtype == "int64":
        return
    w = RNG.standard_normal(shape).astype(dtype)
    found, _ = _jitted(gg.grad(lambda x: gg.sum(gg.cumulative_sum(x, axis=axis) * w)), x)
    np.testing.assert_array_equal(found, np.flip(np.cumsum(np.flip(w, axis), axis), axis))


@pytest.mark.usefixtures("vectors")
@pytest.mark.filterwarnings("ignore:invalid value encountered in reduce")
@pytest.mark.parametrize("kind", ["plain", "zeros", "far", "special"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "axis"), LINES)
def test_products_and_their_gradients_are_those_of_double_precision(
    shape: tuple[int, ...], axis: int, dtype: str, kind: str
) -> None:
    x, w = _values(kind, shape, axis, dtype), RNG.standard_normal(shape).astype(dtype)

    def products(x: Any, initial: bool = False) -> Any:
        return gg.cumulative_prod(x, axis=axis, include_initial=initial)

    def loss(x: Any) -> Any:
        return gg.sum(products(x) * w)

    eps = float(np.finfo(dtype).eps)
    for initial in (False, True):
        found, _ = _jitted(lambda x, i=initial: products(x, i), x)
        np.testing.assert_allclose(found, products(x, initial), rtol=200 * eps)
    found, _ = _jitted(gg.grad(loss), x)
    wanted = gg.grad(loss)(x)
    if kind in ("plain", "zeros"):                  # against the size of what was added up
        scale = np.abs(gg.grad(lambda x: gg.sum(products(x) * np.abs(w)))(np.abs(x)))
        assert (np.abs(found - wanted) <= 200 * eps * scale + 1e-30).all()
    else:
        np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
        fine = np.isfinite(wanted) & np.isfinite(found)
        np.testing.assert_allclose(found[fine], wanted[fine], rtol=1e-3, atol=1e-30)


def test_numpy_runs_what_a_kernel_finds_out_of_range_and_what_comes_behind_begins_after() -> None:
    x = np.array([1e30, 1e30, 1e-30, 1e-30, 2.0], np.float32)
    found, step = _jitted(lambda x: gg.sum(gg.cumulative_prod(x * 1.0) * 2.0) + x[-1], x)
    wanted = gg.sum(gg.cumulative_prod(x) * 2.0) + x[-1]
    np.testing.assert_allclose(found, wanted)
    ordinary = np.array([1.0, 2.0, 0.0, 3.0, 4.0], np.float32)
    np.testing.assert_array_equal(step(ordinary), np.float32(6.0 + 4.0))


def test_a_loop_holds_running_sums_and_leaves_running_products_to_numpy() -> None:
    x = RNG.uniform(0.5, 1.5, (4, 6)).astype(np.float32)

    def run(x: Any, f: Any) -> Any:
        def body(carry: Any, row: Any) -> Any:
            y = f(row + carry, axis=0)
            return y * 0.5, gg.sum(y)

        return gg.scan(body, x[0] * 0, x)[1]

    for f in (gg.cumulative_sum, gg.cumulative_prod):
        found, _ = _jitted(lambda x, f=f: run(x, f), x)
        np.testing.assert_allclose(found, run(x, f), rtol=1e-5)
        found, _ = _jitted(gg.grad(lambda x, f=f: gg.sum(run(x, f))), x)
        np.testing.assert_allclose(found, gg.grad(lambda x, f=f: gg.sum(run(x, f)))(x), rtol=1e-4)


@pytest.mark.parametrize("f", [gg.cumulative_sum, gg.cumulative_prod])
def test_second_derivatives_and_batches(f: Any) -> None:
    x = RNG.uniform(0.5, 1.5, (3, 5))
    x[1, 2] = x[2, 0] = x[2, 4] = 0
    step = gg.jit(lambda x: gg.sum(f(x, axis=1) ** 2), engine="native")
    check_grads(step, (x,), order=2)
    several = np.stack([x, 2 * x, x[::-1]])
    batched = gg.jit(gg.vmap(gg.grad(step)), engine="native")
    for _ in range(3):
        found = batched(several)
    np.testing.assert_allclose(found, np.stack([gg.grad(step)(v) for v in several]), rtol=1e-10)


def test_lowered_thresholds_change_nothing() -> None:
    x = RNG.uniform(0.5, 1.5, (6, 10)).astype(np.float32)
    with lowered():
        found, _ = _jitted(lambda x: gg.cumulative_prod(x, axis=1), x)
    np.testing.assert_array_equal(found, np.cumulative_prod(x, axis=1))
