"""Kernels are made once for each structure: other sizes, strides and numbers compile nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy as cp
import networks
import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines.cuda import compiled

Case = tuple[Callable[..., Any], tuple[Any, ...]]


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """How many modules CuPy is asked to compile while a function is called, in a process that has
    compiled none before.
    """
    made = 0
    module = cp.RawModule

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal made
        made += 1
        return module(*args, **kwargs)

    def modules(f: Callable[..., Any], *args: Any) -> int:
        before, args = made, on_device(args)
        for _ in range(3):                          # a plan is run from the second call on
            f(*args)
        return made - before

    monkeypatch.setattr(cp, "RawModule", counted)
    monkeypatch.setattr(compiled, "_functions", {})
    return modules


def array(*shape: int, dtype: str = "float32") -> Any:
    size = int(np.prod(shape))
    return np.sin(np.arange(size) * 0.7).reshape(shape).astype(dtype)


def labels(n: int, classes: int) -> Any:
    return np.arange(n) * 7 % classes


def on_device(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return gg.tree.map(lambda a: cp.asarray(a) if isinstance(a, np.ndarray) else a, arguments)


def step(batch: int, widths: tuple[int, ...]) -> Case:
    return networks.step_of(batch, widths, gg.optim.adam(1e-3))


def loss(x: Any, y: Any) -> Any:
    return gg.value_and_grad(lambda x: gg.mean(gg.softmax_cross_entropy(x, y)))(x)


def scaled(factor: float) -> Callable[..., Any]:
    return lambda x: gg.exp(x * factor) + factor


def joined(x: Any, y: Any) -> Any:
    return gg.concat([gg.exp(x), y, gg.sin(y)])


KEY = np.arange(2, dtype="uint32")

CASES: dict[str, tuple[Case, Case]] = {
    "a training step": (step(40, (3, 20, 24, 5)), step(56, (5, 33, 18, 4))),
    "elementwise": (
        (lambda x, y: gg.tanh(x * y) + 3, (array(3, 5), array(3, 5))),
        (lambda x, y: gg.tanh(x * y) + 3, (array(7, 4, 9), array(7, 4, 9))),
    ),
    "softmax": ((gg.softmax, (array(6, 5),)), (gg.softmax, (array(11, 31),))),
    "cross entropy": (
        (loss, (array(6, 5), labels(6, 5))), (loss, (array(9, 31), labels(9, 31))),
    ),
    "columns": (
        (lambda x: gg.sum(x * x, axis=0), (array(300, 70),)),
        (lambda x: gg.sum(x * x, axis=0), (array(430, 11),)),
    ),
    "a total": (
        (lambda x: gg.mean(x * x), (array(300, 7),)), (lambda x: gg.mean(x * x), (array(50, 6),)),
    ),
    "pairs": (
        (lambda x, y: gg.tanh(x[:, None, :] - y), (array(6, 5), array(4, 5))),
        (lambda x, y: gg.tanh(x[:, None, :] - y), (array(9, 31), array(70, 31))),
    ),
    "sums over a middle axis": (
        (lambda x: gg.sum(x * x, axis=1), (array(3, 300, 7),)),
        (lambda x: gg.sum(x * x, axis=1), (array(5, 430, 11),)),
    ),
    "sums over the last axis and others": (
        (lambda x: gg.sum(x * x, axis=(0, 2)), (array(30, 3, 70),)),
        (lambda x: gg.sum(x * x, axis=(0, 2)), (array(55, 5, 90),)),
    ),
    "numbers": ((scaled(0.1), (array(6),)), (scaled(0.7), (array(6),))),
    "whole numbers": (
        (lambda x: x * 7 - 2**40, (labels(5, 3),)), (lambda x: x * 9 - 3**20, (labels(6, 3),)),
    ),
    "views": (
        (lambda x: gg.exp(x[::2, 1:].T) * 2, (array(8, 5),)),
        (lambda x: gg.exp(x[::3, 2:].T) * 2, (array(13, 9),)),
    ),
    "reshapes of views": (
        (lambda x: gg.exp(gg.reshape(x.T, (-1,)) * 2), (array(8, 5),)),
        (lambda x: gg.exp(gg.reshape(x.T, (-1,)) * 2), (array(4, 17),)),
    ),
    "chosen rows": (
        (lambda x, i: gg.grad(lambda x: gg.sum(x[i] ** 2))(x), (array(8, 5), labels(6, 8))),
        (lambda x, i: gg.grad(lambda x: gg.sum(x[i] ** 2))(x), (array(9, 4), labels(30, 9))),
    ),
    "places": (
        (lambda x: (gg.argmax(x, axis=1), gg.argmin(x, axis=0)), (array(8, 5),)),
        (lambda x: (gg.argmax(x, axis=1), gg.argmin(x, axis=0)), (array(9, 17),)),
    ),
    "products": (
        (lambda a, b: a @ b, (array(5, 20), array(20, 9))),
        (lambda a, b: a @ b, (array(70, 33), array(33, 40))),
    ),
    "batches of products in parts": (
        (lambda a, b: a @ b, (array(2, 5, 300), array(2, 300, 9))),
        (lambda a, b: a @ b, (array(3, 70, 400), array(3, 400, 40))),
    ),
    "parts joined": ((joined, (array(5), array(9))), (joined, (array(70), array(31)))),
    "random numbers": (
        (lambda key: gg.random.uniform(key, (7,), 0.25, 3.0), (KEY,)),
        (lambda key: gg.random.uniform(key, (90,), 0.75, 5.0), (KEY,)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_second_signature_compiles_nothing(name: str, count: Callable[..., int]) -> None:
    (first, given), (second, others) = CASES[name]
    assert count(gg.jit(first), *given) > 0
    again = gg.jit(second)
    assert count(again, *others) == 0
    others = on_device(others)
    eager = gg.tree.flatten(second(*others))[0]
    for found, wanted in zip(gg.tree.flatten(again(*others))[0], eager, strict=True):
        np.testing.assert_allclose(cp.asnumpy(found), cp.asnumpy(wanted), rtol=2e-5, atol=1e-6)


def test_what_differs_in_structure_is_compiled(count: Callable[..., int]) -> None:
    f = gg.jit(lambda x: gg.softmax(x * 3.0))
    assert count(f, array(6, 5)) == 2               # with the table of addresses
    assert count(f, array(7, 9)) == 0
    assert count(f, array(6, 5, dtype="float64")) == 1
    assert count(f, array(6, 70)) == 1              # elements for each thread of a warp, or none
    assert count(f, array(6, 900)) == 0
    assert count(f, array(6, 2000)) == 1            # a block a row, and no warp
    assert count(f, array(5, 3000)) == 0
    assert count(gg.jit(lambda x: gg.softmax(x * 3.0 + 1.5)), array(6, 5)) == 1


def test_rounds_that_are_written_out_are_kernels_once(count: Callable[..., int]) -> None:
    """But for the first one and the last, which reach what a call brings."""

    def rounds(n: int) -> Callable[..., Any]:
        def f(x: Any, w: Any) -> Any:
            for _ in range(n):
                x = gg.softmax(x * 3.0) @ w
            return x

        return f

    assert count(gg.jit(rounds(3)), array(6, 8), array(8, 8)) == 5
    assert count(gg.jit(rounds(9)), array(6, 8), array(8, 8)) == 0


def test_many_arrays_side_by_side() -> None:
    """More addresses, and more numbers, than one launch takes."""
    w, *xs = on_device((array(3, 2), *(array(2, 3) + i for i in range(600))))

    def f(xs: list[Any], factors: list[float]) -> Any:
        return [gg.exp(x * factor) @ w for x, factor in zip(xs, factors, strict=True)]

    factors = [0.001 * i for i in range(600)]
    for found, x, factor in zip(gg.jit(lambda xs: f(xs, factors))(xs), xs, factors, strict=True):
        np.testing.assert_allclose(
            cp.asnumpy(found), cp.asnumpy(cp.exp(x * np.float32(factor)) @ w), rtol=1e-5
        )
