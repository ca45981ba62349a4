"""Random numbers on the device are those of the CPU, eager and inside of a graph."""

from __future__ import annotations

import cupy as cp
import numpy as np
import pytest
from networks import with_dropout
from rounding import assert_same
from thresholds import lowered

import gpugrad as gg
from gpugrad.core.registry import namespace as ops

SEED = 2**33 + 11


@pytest.mark.parametrize("shape", [(), (1,), (3,), (5, 7), (40, 41), (0, 2)])
def test_they_are_the_same_bits(shape: tuple[int, ...]) -> None:
    check_bits(shape)


def test_threads_that_make_several() -> None:
    with lowered(["backends.kernels.RANDOM_MOST"]):
        check_bits((1025,))


def check_bits(shape: tuple[int, ...]) -> None:
    key = gg.random.key(SEED)
    assert type(key) is cp.ndarray
    host = cp.asnumpy(key)
    for dtype in ("float32", "float64"):
        found = cp.asnumpy(gg.random.uniform(key, shape, dtype=dtype))
        np.testing.assert_array_equal(found, gg.random.uniform(host, shape, dtype=dtype))
        for low, high in ((100.0, 101.0), (-0.1, 1.3), (-3e38, 3e38)):
            wanted = gg.random.uniform(host, shape, low, high, dtype=dtype)
            step = gg.jit(lambda key, low=low, high=high, dtype=dtype: gg.random.uniform(
                key, shape, low, high, dtype=dtype))
            for _ in range(3):
                found = step(key)
            np.testing.assert_array_equal(cp.asnumpy(found), wanted)
            found = gg.random.uniform(key, shape, low, high, dtype=dtype)
            np.testing.assert_array_equal(cp.asnumpy(found), wanted)
    found = cp.asnumpy(ops.random_bits(key, shape))
    np.testing.assert_array_equal(found, ops.random_bits(host, shape))
    wanted = gg.random.normal(host, shape)
    np.testing.assert_allclose(cp.asnumpy(gg.random.normal(key, shape)), wanted, rtol=1e-12)


@pytest.mark.parametrize("donated", [(), (0, 1)])
def test_dropout_in_a_captured_step_is_that_of_the_cpu(donated: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    w = rng.normal(size=(6, 4)).astype("float32")
    x = rng.normal(size=(16, 6)).astype("float32")
    key = np.array([1, 2], np.uint32)
    mine, my_key, given = cp.asarray(w), cp.asarray(key), cp.asarray(x)
    compiled = gg.jit(with_dropout, donate_argnums=donated)
    for _ in range(6):
        w, key, value = with_dropout(w, key, x)
        mine, my_key, found = compiled(mine, my_key, given)
        assert_same([found], [value])
    np.testing.assert_array_equal(cp.asnumpy(my_key), key)
    assert_same([mine], [w])
    assert "call" not in compiled.explain(mine, my_key, given).splitlines()[0]


@pytest.mark.parametrize("shape", [(), (3,), (5, 7), (41,), (0, 2)])
@pytest.mark.parametrize("count", [1, 2, 33])
def test_a_batch_of_keys_has_the_same_bits(count: int, shape: tuple[int, ...]) -> None:
    check_keys(count, shape)


def test_threads_that_make_several_of_several_keys() -> None:
    with lowered(["backends.kernels.RANDOM_MOST"]):
        check_keys(7, (301,))


def check_keys(count: int, shape: tuple[int, ...]) -> None:
    keys = gg.random.split(gg.random.key(SEED), count)
    host = cp.asnumpy(keys)
    for dtype in ("float32", "float64"):
        def draw(key, dtype=dtype):
            return gg.random.uniform(key, shape, -0.1, 1.3, dtype=dtype)

        wanted = np.stack([draw(key) for key in host])
        step, across = gg.jit(gg.vmap(draw)), gg.jit(gg.vmap(draw, in_axes=1))
        for _ in range(3):
            np.testing.assert_array_equal(cp.asnumpy(step(keys)), wanted)
            np.testing.assert_array_equal(cp.asnumpy(across(keys.T)), wanted)
        np.testing.assert_array_equal(cp.asnumpy(gg.vmap(draw)(keys)), wanted)
        np.testing.assert_array_equal(cp.asnumpy(gg.vmap(draw, in_axes=1)(keys.T)), wanted)
    wanted = np.stack([gg.random.split(key, 3) for key in host])
    found = gg.vmap(lambda key: gg.random.split(key, 3))(keys)
    np.testing.assert_array_equal(cp.asnumpy(found), wanted)
