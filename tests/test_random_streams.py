"""Random numbers as native kernels have the bits of NumPy's, wherever a vector or a part ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="the native engine")

from on_engines import said_with_threads
from thresholds import lowered

import gpugrad as gg
from gpugrad.backends import philox
from gpugrad.ops.random import random_bits

KEY = gg.random.key(2**63 + 7)
KEYS = np.random.default_rng(0).integers(0, 2**32, (3, 5, 2), "uint32")
SHAPES = [(), (1,), (3,), (4,), (15,), (16,), (17,), (31,), (33,), (64,), (3, 0), (5, 67), (1000,)]
ENDS = [(0.0, 1.0), (-2.0, 3.5), (0.0, 2.0), (1.0, 1.0), (-1.7e308, 1.7e308)]


def compiled(f: Callable[..., Any], *args: Any) -> Any:
    """What one compiled function finds, of which no step is NumPy's."""
    step = gg.jit(f, engine="native")
    for _ in range(4):
        found = step(*args)
    assert "called, not compiled" not in str(step.explain(*args))
    return found


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("shape", SHAPES)
def test_bits(shape: tuple[int, ...]) -> None:
    for keys in (KEY, KEYS[0], KEYS):
        f: Any = lambda key: random_bits(key, shape)     # noqa: E731
        for _ in keys.shape[:-1]:
            f = gg.vmap(f)
        found = compiled(f, keys) if 0 not in shape else gg.jit(f, engine="native")(keys)
        np.testing.assert_array_equal(found, philox.bits(keys, shape))


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if 0 not in shape])
def test_numbers_of_an_interval(shape: tuple[int, ...], dtype: str) -> None:
    for low, high in ENDS[: 4 if dtype == "float32" else 5]:
        def f(key: Any, low: float = low, high: float = high) -> Any:
            return gg.random.uniform(key, shape, low, high, dtype)

        found = compiled(f, KEY)
        np.testing.assert_array_equal(found, philox.uniform(KEY, shape, dtype, low, high))
        assert found.dtype == dtype
        several = compiled(gg.vmap(gg.vmap(f)), KEYS)
        np.testing.assert_array_equal(several, philox.uniform(KEYS, shape, dtype, low, high))


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("size", [5, 1000, 70_001, 300_000])
def test_parts_of_a_stream(size: int, lower: bool) -> None:
    """Threads make it side by side, each from a block of its own on."""
    for dtype in ("float32", "float64"):
        f: Any = lambda key, d=dtype: gg.random.uniform(key, (size,), dtype=d)   # noqa: E731
        wanted = philox.uniform(KEY, (size,), dtype)
        if lower:
            with lowered():
                np.testing.assert_array_equal(compiled(f, KEY), wanted)
                many = compiled(gg.vmap(gg.vmap(lambda key, f=f: f(key)[:3])), KEYS)
                np.testing.assert_array_equal(many, philox.uniform(KEYS, (size,), dtype)[..., :3])
        else:
            np.testing.assert_array_equal(compiled(f, KEY), wanted)


def test_keys_that_do_not_lie_in_order() -> None:
    def f(keys: Any) -> Any:
        turned = gg.permute_dims(keys, (1, 0))[::-1]
        return gg.vmap(lambda key: gg.random.uniform(key, (5,)))(turned)

    keys = np.ascontiguousarray(KEYS[0].T)
    wanted = philox.uniform(KEYS[0][::-1], (5,), "float64")
    np.testing.assert_array_equal(compiled(f, keys), wanted)
    step = gg.jit(lambda key: gg.random.uniform(key, (5,)), engine="native")
    for _ in range(4):                              # of a caller's array
        found = step(KEYS[:, 0][:, ::-1][1])
    np.testing.assert_array_equal(found, philox.uniform(KEYS[1, 0, ::-1], (5,), "float64"))


@pytest.mark.usefixtures("vectors")
def test_dropout_and_normal_numbers_are_those_of_numpy() -> None:
    x = np.ones((7, 33), "float32")

    def f(x: Any, key: Any) -> Any:
        first, second, third = gg.random.split(key, 3)
        dropped = gg.nn.dropout(x, first, 0.3)
        rare = gg.nn.dropout(x, second, 2.0**-12)
        normal = gg.random.normal(third, (9, 5), "float32")
        return dropped, rare, normal, gg.random.bernoulli(key, 0.2)

    for a, b in zip(compiled(f, x, KEY), f(x, KEY), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6)
    np.testing.assert_array_equal(compiled(f, x, KEY)[0], f(x, KEY)[0])


def _walk(x: Any, key: Any) -> Any:
    """Keys as a carry."""

    def body(carry: Any, _: Any) -> Any:
        x, key = carry
        key, own = gg.random.split(key)
        x = x + gg.random.normal(own, (4, 3))
        return (x, key), x

    return gg.scan(body, (x, key), length=7)


def _dropped(x: Any, keys: Any) -> Any:
    """A gradient of a loop over keys."""

    def loss(x: Any) -> Any:
        def body(x: Any, key: Any) -> Any:
            x = gg.nn.dropout(gg.tanh(x * 1.1), key, 0.2)
            return x, x

        return gg.sum(gg.scan(body, x, keys)[1] ** 2)

    return gg.value_and_grad(loss)(x)


def _chosen(x: Any, key: Any) -> Any:
    def noisy(x: Any, key: Any) -> Any:
        return x + gg.random.uniform(key, (4, 3))

    return gg.cond(x[0, 0] > 0, noisy, lambda x, key: -x, x, key)


def _moved(x: Any, key: Any) -> Any:
    """Keys that are copied to lie in order, and returned."""
    keys = gg.reshape(gg.permute_dims(gg.random.split(key, 6), (1, 0)), (3, 2, 2))
    return keys, x + gg.random.uniform(keys[2, 1], (4, 3))


@pytest.mark.parametrize("f", [_walk, _dropped, _chosen, _moved])
def test_loops_and_branches_draw(f: Callable[..., Any]) -> None:
    x = np.ones((4, 3))
    key = gg.random.split(KEY, 9) if f is _dropped else KEY
    for a, b in zip(*(gg.tree.leaves(g(x, key)) for g in (
        lambda *args: compiled(f, *args), f)), strict=True):  # fmt: skip
        np.testing.assert_allclose(a, b, rtol=1e-12)
        assert a.dtype == b.dtype


def test_threads_make_the_same_bits() -> None:
    program = """
import hashlib, numpy as np, gpugrad as gg
gg.use_backend("numpy")
step = gg.jit(lambda key: gg.random.uniform(key, (700_001,), dtype="float32"), engine="native")
for _ in range(4):
    found = step(gg.random.key(3))
print(hashlib.sha256(found.tobytes()).hexdigest())
"""
    said = said_with_threads(program, ["1", "2"])
    assert said["1"] == said["2"]


def test_a_wrong_round_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison tells nine rounds from ten."""
    monkeypatch.setattr(philox, "ROUNDS", 9)
    wrong = philox.bits(KEY, (100,))
    monkeypatch.undo()
    assert np.mean(wrong != compiled(lambda key: random_bits(key, (100,)), KEY)) > 0.9
