"""Programs that look at shapes in many ways give the right numbers for each size they come with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree

SIZES = (3, 5, 1, 0, 4, 2, 50, 3, 1, 0, 50, 5, 64)
"""In this order; some come again, when they have plans."""


def by_rounds(x: Any) -> Any:
    total = x * 0
    for i in range(x.shape[0]):
        total = total + x[i] * (i + 1)
    return total


def by_size(x: Any) -> Any:
    return gg.sin(x) * 2 if x.shape[0] > 3 else gg.cos(x)


def by_parity(x: Any) -> Any:
    half = x.shape[0] // 2
    return gg.sum(x[:half], axis=0) - gg.sum(x[half:], axis=0)


def by_slices(x: Any) -> Any:
    return [x[-1:], x[: len(x) - 1], x[len(x) // 2 :], x[::-1], x[1:] * 2]


def in_rows(x: Any) -> Any:
    return gg.reshape(x, (-1,))[: 2 * x.shape[0]] * x.size


def added(x: Any) -> Any:
    return gg.concat([x, gg.ones((x.shape[0], x.shape[1])), gg.zeros((2, x.shape[1]))])


def numbered(x: Any) -> Any:
    return x + gg.astype(gg.arange(x.shape[0]), gg.float64)[:, None] / (1 + x.shape[0])


def spread(x: Any) -> Any:
    return (x - gg.sum(x, axis=0, keepdims=True)) * gg.sum(x, axis=1, keepdims=True)


def by_equality(x: Any) -> Any:
    return x @ x.T if x.shape[0] == x.shape[1] else x * x.ndim


def in_dictionary(x: Any) -> Any:
    return {1: 2.0, 4: 3.0, 50: 5.0}.get(x.shape[0], 7.0) * x


def mean_of_some(x: Any) -> Any:
    return gg.mean(x, axis=0) if len(x) else gg.zeros(x.shape[1])


def scaled(x: Any) -> Any:
    n = x.shape[0]
    return gg.sum(x * x) / (n if n else 1) + 1.0 / (1 + n) ** 0.5


def reduced(x: Any) -> Any:
    while x.shape[0] > 1:
        x = x[::2]
    return x


def gradient(x: Any) -> Any:
    return gg.grad(lambda y: gg.sum(y * y) / (1 + y.shape[0]) + gg.sum(y[: y.shape[0] // 2]))(x)


def formatted(x: Any) -> Any:
    return x * float(f"{x.shape[0]}.5") + hash(x.shape) % 7


def by_exception(x: Any) -> Any:
    try:
        return x[3] * 2
    except IndexError:
        return x.shape[0] - gg.sum(x, axis=0)


def transposed(x: Any) -> Any:
    return gg.sum(x.T @ x, axis=0) * max(x.shape) + min(x.shape)


PROGRAMS: tuple[Callable[[Any], Any], ...] = (
    by_rounds, by_size, by_parity, by_slices, in_rows, added, numbered, spread, by_equality,
    in_dictionary, mean_of_some, scaled, reduced, gradient, formatted, by_exception, transposed,
)  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "native", "auto"])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_each_size_gives_its_own_numbers(f: Callable[[Any], Any], engine: str) -> None:
    if engine != "numpy":
        pytest.importorskip("llvmlite", reason="the engine native is not installed")
    step = gg.jit(f, engine=engine)
    rng = np.random.default_rng(0)
    for _ in range(4):
        for n in SIZES:
            x = rng.normal(size=(n, 4))
            wanted, got = tree.flatten(f(x)), tree.flatten(step(x))
            assert str(wanted[1]) == str(got[1])
            for a, b in zip(got[0], wanted[0], strict=True):
                assert np.shape(a) == np.shape(b)
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_each_size_is_traced_twice_and_never_again(engine: str, runs: list[int]) -> None:
    """The shapes that the function looks at decide what it does: each size is looked at."""
    if engine != "numpy":
        pytest.importorskip("llvmlite", reason="the engine native is not installed")
    step = gg.jit(by_size, engine=engine)
    for _ in range(4):
        for n in range(1, 9):
            step(np.ones((n, 4)))
    assert len(runs) == 2 * 8


def test_a_new_size_compiles_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llvmlite", reason="the engine native is not installed")
    from gpugrad.engines.native import machine_code

    def train(w: Any, x: Any) -> Any:
        loss, slope = gg.value_and_grad(lambda w: gg.mean(gg.tanh(x @ w) ** 2))(w)
        return loss, w - 0.1 * slope

    step = gg.jit(train, engine="native")
    w = np.ones((4, 3))
    linked: list[str] = []
    link = machine_code._link
    monkeypatch.setattr(machine_code, "_link", lambda texts: linked.extend(texts) or link(texts))
    for n in (8, 9, 20, 33):
        for _ in range(3):
            step(w, np.ones((n, 4)))
        if n == 8:
            linked.clear()
    assert not linked


def test_a_new_size_compiles_no_function_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts name shapes and places, so that plans that differ in these alone share their code."""
    from gpugrad import generated

    def train(w: Any, b: Any, x: Any) -> Any:
        def loss(w: Any, b: Any) -> Any:
            return gg.mean(gg.tanh(x @ w + b) ** 2)

        value, (dw, db) = gg.value_and_grad(loss, argnums=(0, 1))(w, b)
        return value, w - 0.1 * dw, b - 0.1 * db, x * 2

    step = gg.jit(train, engine="numpy")
    w, b = np.ones((4, 3)), np.ones(3)
    names: list[str] = []
    compiled = generated.compile_source
    monkeypatch.setattr(
        generated, "compile_source", lambda text, name: names.append(name) or compiled(text, name)
    )
    for n in (8, 9, 20, 33):
        for _ in range(3):
            x = np.random.default_rng(n).normal(size=(n, 4))
            for got, wanted in zip(step(w, b, x), train(w, b, x), strict=True):
                np.testing.assert_allclose(got, wanted, rtol=1e-12)
        if n == 8:
            assert "plan" in names
            names.clear()
    assert "plan" not in names


def test_sums_of_one_array_along_several_axes_take_ones_of_their_own() -> None:
    step = gg.jit(lambda x: [gg.sum(x, axis=0), gg.sum(x, axis=1), gg.sum(x.T, axis=0)],
                  engine="numpy")  # fmt: skip
    for n in (2, 3, 5):
        x = np.arange(4.0 * n).reshape(n, 4)
        for _ in range(3):
            for got, wanted in zip(step(x), (x.sum(0), x.sum(1), x.sum(1)), strict=True):
                np.testing.assert_array_equal(got, wanted)
