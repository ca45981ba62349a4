"""Products that a loop computed are stored for a later one, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from programs import execute, plan_of

import gpugrad as gg
from gpugrad.plan.passes import improve, kept_products
from gpugrad.plan.plan import Plan
from gpugrad.plan.verify import verify

RNG = np.random.default_rng(0)
ROUNDS, BATCH, WIDTH = 6, 4, 32

Cell = Callable[[Any, Any, Any], Any]


def R(*shape: int) -> Any:
    return RNG.normal(size=shape) / 4


def gradient(cell: Cell, **settings: Any) -> Callable[..., Any]:
    """By the weights and the inputs of a network that reads a sequence."""
    def loss(weights: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = cell(weights, h, x)
            return h, h

        h, ys = gg.scan(step, gg.zeros_like(xs[0]), xs, **settings)
        return gg.mean(ys**2) + gg.sum(h)

    return gg.grad(loss, argnums=(0, 1))


def plain(w: Any, h: Any, x: Any) -> Any:
    return gg.tanh(x + h @ w[0] + w[1])


def product_first(w: Any, h: Any, x: Any) -> Any:
    return gg.tanh(h @ w[0] + w[1] + x)


def gated(w: Any, h: Any, x: Any) -> Any:
    return h + gg.sigmoid(x) * gg.tanh(x + gg.sin(x) * (h @ w[0] + w[1]))


def both(w: Any, h: Any, x: Any) -> Any:
    """Of the inputs, whose product with a matrix is in the loop, too."""
    return gg.tanh(x @ w[2] + h @ w[0] + w[1])


def turned(w: Any, h: Any, x: Any) -> Any:
    return gg.tanh(x + gg.sin(h) @ w[0].T * 2.0)


def deep(w: Any, h: Any, x: Any) -> Any:
    """The second product is of what the first one gives."""
    return gg.tanh(x + gg.tanh(h @ w[0]) @ w[2])


def small(w: Any, h: Any, x: Any) -> Any:
    return gg.tanh(x + h[:, :8] @ w[0][:8] + w[1])


def wide(w: Any, h: Any, x: Any) -> Any:
    """A product that is larger than all that the loop reads and writes."""
    return gg.tanh(x + gg.sum(gg.reshape(h @ w[3], (BATCH, WIDTH, -1)) ** 2, axis=2))


WEIGHTS = (R(WIDTH, WIDTH), R(WIDTH), R(WIDTH, WIDTH), R(WIDTH, 8 * WIDTH))
XS = R(ROUNDS, BATCH, WIDTH)
FLOAT32 = tuple(w.astype("float32") for w in WEIGHTS), XS.astype("float32")

FEWER: dict[str, tuple[Callable[..., Any], tuple[Any, ...], int]] = {
    "a recurrent layer": (gradient(plain), (WEIGHTS, XS), 1),
    "from the end": (gradient(plain, reverse=True), (WEIGHTS, XS), 1),
    "the product first": (gradient(product_first), (WEIGHTS, XS), 1),
    "with a gate": (gradient(gated), (WEIGHTS, XS), 1),
    "two products": (gradient(both), (WEIGHTS, XS), 2),
    "of what is computed of the carry": (gradient(turned), (WEIGHTS, XS), 1),
    "float32": (gradient(plain), FLOAT32, 1),
    "one of another": (gradient(deep), (WEIGHTS, XS), 2),
}

LEFT: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a few terms": (gradient(small), (WEIGHTS, XS)),
    "more than all that the loop moves": (gradient(wide), (WEIGHTS, XS)),
    "loops that are not related": (
        lambda w, xs: [
            gg.scan(lambda h, x: (gg.tanh(x + h @ w[0]), None), x0, xs)[0] for x0 in (xs[0], xs[1])
        ],
        (WEIGHTS, XS),
    ),
    "another matrix": (
        lambda w, xs: gg.scan(
            lambda h, x: (gg.sin(x @ w[2] + h), None),
            xs[0],
            gg.scan(lambda h, x: ((h := gg.tanh(x + h @ w[0])), h), xs[0], xs)[1],
        )[0],
        (WEIGHTS, XS),
    ),
    "one loop": (
        lambda w, xs: gg.scan(lambda h, x: (gg.tanh(x + h @ w[0]), None), xs[0], xs)[0],
        (WEIGHTS, XS),
    ),
}


def made(f: Callable[..., Any], arguments: Any) -> tuple[Plan, Plan]:
    """The plan of `f`, with the pass and without."""
    plan = plan_of(f, arguments)
    return improve(plan), improve(plan, without=("kept",))


def products(plan: Plan) -> int:
    """How many products all loops of a plan compute in a round."""
    return sum(
        inner.op == "matmul"
        for step in plan.steps
        if step.op == "scan"
        for inner in step.setting("body").steps
    )


def close(found: list[Any], wanted: list[Any]) -> None:
    for x, y in zip(found, wanted, strict=True):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        tolerance = 1e-5 if x.dtype == "float32" else 1e-12
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", FEWER)
def test_what_was_multiplied_is_read(name: str) -> None:
    f, arguments, fewer = FEWER[name]
    kept, again = made(f, arguments)
    assert products(kept) == products(again) - fewer
    verify(kept)
    leaves = gg.tree.leaves(arguments)
    close(execute(kept, leaves, "reference"), execute(again, leaves, "reference"))


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_as_it_is(name: str) -> None:
    f, arguments = LEFT[name]
    kept, again = made(f, arguments)
    assert kept == again


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", FEWER)
def test_engines_give_what_eager_code_gives(name: str, engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    f, arguments, _ = FEWER[name]
    step, wanted = gg.jit(f, engine=engine), gg.tree.leaves(f(*arguments))
    for _ in range(3):
        close(gg.tree.leaves(step(*arguments)), wanted)


def test_no_more_is_stored_where_the_inputs_are_not_needed() -> None:
    """What is added to the product is stored with it, in place of what was added."""
    kept, again = made(gradient(plain), (WEIGHTS, XS))
    read = [[step for step in plan.steps if step.op == "scan"][1].setting("xs")
            for plan in (kept, again)]  # fmt: skip
    assert read[0] < read[1]                        # nor are the carries, in the loop


def test_a_wrong_match_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the comparison above is for: here operands are told apart by nothing."""
    monkeypatch.setattr(kept_products, "_key", lambda step, inputs: step.op)
    apart = gradient(lambda w, h, x: gg.tanh(x @ w[2]) * gg.cos(h @ w[0]))
    kept, again = made(apart, (WEIGHTS, XS))
    leaves = gg.tree.leaves((WEIGHTS, XS))
    found, wanted = (execute(plan, leaves, "reference") for plan in (kept, again))
    assert not all(np.allclose(x, y) for x, y in zip(found, wanted, strict=True))
