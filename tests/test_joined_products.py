"""Sums of the products of a batch become one product, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from programs import execute, plan_of

import gpugrad as gg
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan

RNG = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return RNG.normal(size=shape)


def made(f: Callable[..., Any], *arguments: Any) -> tuple[Plan, Plan]:
    """The plan of `f`, with the pass and without."""
    plan = plan_of(f, arguments)
    return improve(plan), improve(plan, without=("products",))


def largest(plan: Plan) -> int:
    """Elements of the largest result of a step."""
    return max(plan.slots[slot].size for step in plan.steps for slot in step.outputs)


def column(x: Any) -> Any:
    return x[:, :, None]


def row(x: Any) -> Any:
    return x[:, None, :]


def gradient(of_one: Callable[..., Any]) -> Callable[..., Any]:
    """By what all parts share, of the mean over a batch."""
    return gg.grad(lambda w, *x: gg.mean(gg.vmap(lambda *x: of_one(w, *x))(*x)))


def second(w: Any, x: Any) -> Any:
    """The slope of a slope, as where a differential equation is learned."""
    def u(z: Any) -> Any:
        return gg.sum(gg.tanh(z @ w) ** 2)

    return gg.sum(gg.grad(u)(x) ** 2)


A, B = R(50, 3), R(50, 4)

JOINED: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "products of columns and rows": (lambda a, b: gg.sum(column(a) @ row(b), axis=0), (A, B)),
    "arithmetic": (lambda a, b: gg.sum(column(a) * row(b), axis=0), (A, B)),
    "the other way round": (lambda a, b: gg.sum(row(a) * column(b), axis=0), (A, B)),
    "turned": (lambda a, b: gg.sum(gg.matrix_transpose(column(a) * row(b)), axis=0), (A, B)),
    "reshaped": (lambda a, b: gg.sum(gg.reshape(column(a) * row(b), (50, 2, 6)), axis=0), (A, B)),
    "float32": (
        lambda a, b: gg.sum(column(a) * row(b), axis=0),
        (A.astype("float32"), B.astype("float32")),
    ),
    "complex": (lambda a, b: gg.sum(column(a) * row(b), axis=0), (A + 1j, B - 2j)),
    "gradient of a layer": (
        gradient(lambda w, x, y: gg.sum((gg.tanh(x @ w) - y) ** 2)), (R(3, 4), A, B)
    ),
    "gradient of a gradient": (gradient(second), (R(3, 4), A)),
}  # fmt: skip

LEFT: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "another axis": (lambda a, b: gg.sum(column(a) * row(b), axis=1), (A, B)),
    "kept": (lambda a, b: gg.sum(column(a) * row(b), axis=0, keepdims=True), (A, B)),
    "read by another": (
        lambda a, b: (gg.sum(column(a) * row(b), axis=0), column(a) * row(b)), (A, B)
    ),
    "deep": (lambda a, b: gg.sum(a @ b, axis=0), (R(5, 3, 2), R(5, 2, 4))),
    "rows alone": (lambda a, b: gg.sum(row(a) * row(b), axis=0), (A, A)),
    "a batch of one": (lambda a, b: gg.sum(column(a) * row(b), axis=0), (A[:1], B[:1])),
    "integers": (
        lambda a, b: gg.sum(column(a) * row(b), axis=0), (A.astype("int64"), B.astype("int64"))
    ),
    "float16": (
        lambda a, b: gg.sum(column(a) * row(b), axis=0), (A.astype("float16"), B.astype("float16"))
    ),
    "the batch last": (
        lambda a, b: gg.sum(gg.permute_dims(column(a) * row(b), (1, 0, 2)), axis=0), (A, B)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", JOINED)
def test_one_product_for_a_sum_of_products(name: str) -> None:
    f, arguments = JOINED[name]
    joined, apart = made(f, *arguments)
    assert largest(apart) >= 50 * 12
    assert largest(joined) < 50 * 12
    found, wanted = (execute(plan, arguments, "reference") for plan in (joined, apart))
    for x, y in zip(found, wanted, strict=True):
        assert x.shape == y.shape
        assert x.dtype == y.dtype
        np.testing.assert_allclose(x, y, rtol=1e-5 if x.dtype == "float32" else 1e-12)


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_as_it_is(name: str) -> None:
    f, arguments = LEFT[name]
    joined, apart = made(f, *arguments)
    assert joined == apart


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", JOINED)
def test_engines_give_what_eager_code_gives(name: str, engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    f, arguments = JOINED[name]
    step = gg.jit(f, engine=engine)
    wanted = np.asarray(f(*map(gg.tensor, arguments)))
    for _ in range(3):
        found = step(*arguments)
        np.testing.assert_allclose(found, wanted, rtol=1e-4 if wanted.itemsize == 4 else 1e-11)
