"""First values of parameters have the distributions that they are named after, from any source."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
import gpugrad.nn as nn
from gpugrad.nn import INITIALIZERS, initialized

N_IN, N_OUT = 300, 500
SHAPE = (N_IN, N_OUT)
DEVIATIONS = {
    "he_normal": sqrt(2 / N_IN), "he_uniform": sqrt(2 / N_IN),
    "lecun_normal": sqrt(1 / N_IN), "lecun_uniform": sqrt(1 / N_IN),
    "glorot_normal": sqrt(2 / (N_IN + N_OUT)), "glorot_uniform": sqrt(2 / (N_IN + N_OUT)),
    "normal": 0.02, "truncated_normal": 0.02 * 0.87962566, "uniform": 0.05 / sqrt(3),
    "torch_uniform": 1 / sqrt(3 * N_IN), "orthogonal": 1 / sqrt(N_OUT), "zeros": 0.0, "ones": 0.0,
}  # fmt: skip
BOUNDS = {
    "he_uniform": sqrt(6 / N_IN), "lecun_uniform": sqrt(3 / N_IN),
    "glorot_uniform": sqrt(6 / (N_IN + N_OUT)), "uniform": 0.05, "truncated_normal": 0.04,
    "torch_uniform": 1 / sqrt(N_IN),
}  # fmt: skip
SOURCES = {"seed": 3, "generator": np.random.default_rng(3), "key": gg.random.key(3)}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", INITIALIZERS)
def test_distributions(name: str, source: str) -> None:
    found = initialized(name, SOURCES[source], SHAPE, N_IN, N_OUT, "float64")
    assert found.shape == SHAPE
    assert found.dtype == np.float64
    mean = 1.0 if name == "ones" else 0.0
    assert abs(found.mean() - mean) < 5 * DEVIATIONS[name] / sqrt(found.size) + 1e-12
    np.testing.assert_allclose(found.std(), DEVIATIONS[name], rtol=0.01, atol=1e-12)
    if name in BOUNDS:
        assert 0.999 * BOUNDS[name] < abs(found).max() <= BOUNDS[name]
    if name == "orthogonal":
        np.testing.assert_allclose(found @ found.T, np.eye(N_IN), atol=1e-10)


def test_all_are_tested() -> None:
    assert DEVIATIONS.keys() == INITIALIZERS.keys()


def test_tall_and_deep_orthogonal_arrays() -> None:
    for rng in (0, gg.random.key(0)):
        tall = initialized("orthogonal", rng, (7, 3), 7, 3, "float64")
        np.testing.assert_allclose(tall.T @ tall, np.eye(3), atol=1e-12)
        filters = initialized("orthogonal", rng, (4, 2, 3, 3), 18, 36, "float64").reshape(4, -1)
        np.testing.assert_allclose(filters @ filters.T, np.eye(4), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_dtypes(name: str, dtype: str) -> None:
    for rng in (0, gg.random.key(0)):
        assert initialized(name, rng, (4, 3), 4, 3, dtype).dtype == dtype


@pytest.mark.parametrize("name", INITIALIZERS)
def test_keys_work_in_plans_and_batches(name: str) -> None:
    def draw(key: Any) -> Any:
        return initialized(name, key, (4, 3), 4, 3, "float32")

    keys = gg.random.split(gg.random.key(1), 5)
    each, planned = gg.vmap(draw)(keys), gg.jit(draw)
    for _ in range(4):
        found = planned(keys[2])
    np.testing.assert_allclose(found, draw(keys[2]), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(each[2], draw(keys[2]), rtol=1e-5, atol=1e-7)


def test_seeds_repeat_and_generators_and_keys_go_on() -> None:
    one, other = nn.Linear(3, 4, rng=0), nn.Linear(3, 4, rng=0)
    np.testing.assert_array_equal(one.weight, other.weight)
    rng = np.random.default_rng(0)
    first, second = nn.Linear(3, 4, rng=rng), nn.Linear(3, 4, rng=rng)
    np.testing.assert_array_equal(first.weight, one.weight)
    assert not np.any(first.weight == second.weight)
    drawn = nn.Linear(3, 3, rng=gg.random.key(0), init="torch_uniform")
    assert not np.any(drawn.weight[0] == drawn.bias)


def test_biases_are_drawn_where_pytorch_draws_them() -> None:
    assert not nn.Conv2d(2, 100, 3).bias.any()
    bias = nn.Conv2d(2, 1000, 3, init="torch_uniform").bias
    assert 0.99 / sqrt(18) < abs(bias).max() <= 1 / sqrt(18)
    assert not nn.Linear(2, 3, init="ones").bias.any()


def test_a_function_may_draw() -> None:
    asked = []

    def small(rng: Any, shape: Any, n_in: int, n_out: int, dtype: Any) -> Any:
        asked.append((shape, n_in, n_out, dtype))
        return 0.1 * INITIALIZERS["he_normal"](rng, shape, n_in, n_out, dtype)

    layer = nn.Conv2d(4, 6, (3, 2), groups=2, init=small, dtype="float64")
    assert asked == [((6, 2, 3, 2), 12, 18, np.dtype("float64"))]
    plain = nn.Conv2d(4, 6, (3, 2), groups=2, dtype="float64")
    np.testing.assert_array_equal(layer.weight, 0.1 * plain.weight)
    wide = nn.Linear(2, 3, init=lambda rng, shape, *_: np.ones(shape), dtype="float32")
    assert wide.weight.dtype == np.float32


def test_a_network_draws_as_its_layers_do() -> None:
    model = nn.MLP([3, 4, 2], rng=0)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        np.testing.assert_array_equal(layer.weight, nn.Linear(*layer.weight.shape, rng=rng).weight)
