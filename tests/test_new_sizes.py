"""Another batch size: no text and no kernel is compiled for it, and its results are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import generated
from gpugrad.engines import ALL
from gpugrad.transforms.jit.call_function import MISS

RNG = np.random.default_rng(0)
W, B = RNG.normal(size=(6, 5)), RNG.normal(size=5)
ENGINES = [name for name in ("numpy", "native") if ALL[name].is_there]
SIZES = (9, 17, 33, 12, 100)


def rows(n: int) -> np.ndarray:
    return RNG.normal(size=(n, 6))


def layer(tree: Any, x: Any) -> Any:
    return gg.tanh(x @ tree["w"] + tree["b"])


def loss(tree: Any, x: Any, labels: Any) -> Any:
    return gg.mean(gg.softmax_cross_entropy(layer(tree, x), labels))


def step(tree: Any, x: Any, labels: Any) -> Any:
    value, slope = gg.value_and_grad(loss)(tree, x, labels)
    return value, gg.tree.map(lambda p, g: p - 0.1 * g, tree, slope)


TREE = {"w": W, "b": B}

CASES: dict[str, tuple[Callable[..., Any], Callable[[int], tuple[Any, ...]]]] = {
    "flat": (lambda x: gg.sin(x) * 2.0, lambda n: (RNG.normal(size=n),)),
    "rows": (lambda x: gg.sum(gg.sin(x) * x, axis=1), lambda n: (rows(n),)),
    "of what is outside": (lambda x: x @ W + B, lambda n: (rows(n),)),
    "with a number": (lambda x, k: x * k, lambda n: (rows(n), 2.0)),
    "a tree": (layer, lambda n: (TREE, rows(n))),
    "a training step": (step, lambda n: (TREE, rows(n), RNG.integers(0, 5, n))),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_compiled(name: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f, arguments = CASES[name]
    jitted = gg.jit(f, engine=engine)
    compiled: list[str] = []

    def watched(text: str, file: str, mode: str) -> Any:
        compiled.append(text)
        return compile(text, file, mode)

    monkeypatch.setattr(generated, "compile", watched, raising=False)
    monkeypatch.setattr(generated, "_shared", WeakValueDictionary())    # without those of others
    for i, n in enumerate(SIZES):
        args = arguments(n)
        wanted = f(*args)
        compiled.clear()
        for _ in range(4):
            for got, right in zip(*map(gg.tree.leaves, (jitted(*args), wanted)), strict=True):
                np.testing.assert_allclose(got, right, rtol=1e-12)
        assert bool(compiled) == (i == 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_sizes_are_told_apart_though_they_share_a_text(engine: str) -> None:
    """Each call function has sizes of its own, and says no to all others."""
    f, arguments = CASES["a tree"]
    jitted = gg.jit(f, engine=engine)
    for n in SIZES:
        for _ in range(4):
            jitted(*arguments(n))
    entries = list(jitted._cache.kept.entries.values())
    assert len({entry.call.__code__ for entry in entries}) == 1
    for entry, n in zip(entries, SIZES, strict=True):
        for m in SIZES:
            taken = entry.call(arguments(m), {}) is not MISS
            assert taken == (n == m)
