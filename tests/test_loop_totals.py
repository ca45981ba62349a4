"""What the rounds of a loop add to a total is added up behind it, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from programs import execute, plan_of

import gpugrad as gg
from gpugrad.plan.passes import improve, loop_totals
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.verify import verify

RNG = np.random.default_rng(0)
ROUNDS, BATCH, WIDTH = 7, 3, 32


def R(*shape: int) -> Any:
    return RNG.normal(size=shape) / 4


def made(f: Callable[..., Any], *arguments: Any) -> tuple[Plan, Plan]:
    """The plan of `f`, with the pass and without."""
    plan = plan_of(f, arguments)
    return improve(plan), improve(plan, without=("totals",))


def loops(plan: Plan) -> list[Step]:
    return [step for step in plan.steps if step.op == "scan"]


def carried(plan: Plan) -> list[int]:
    """How many arrays each loop carries."""
    return [step.setting("carries") for step in loops(plan)]


def summed(of_row: Callable[[Any, Any], Any], **settings: Any) -> Callable[..., Any]:
    """A loop that adds up what it makes of each pair of rows."""
    def loop(start: Any, xs: Any, ys: Any) -> Any:
        return gg.scan(
            lambda total, row: (total + of_row(*row), None), start, (xs, ys), **settings
        )[0]

    return loop


def product(x: Any, y: Any) -> Any:
    return gg.matrix_transpose(x) @ y


def given(width: int = WIDTH, rounds: int = ROUNDS, dtype: str = "float64") -> tuple[Any, ...]:
    """A total to begin with, and rows."""
    rows = [R(rounds, BATCH, width).astype(dtype) for _ in range(2)]
    return R(width, width).astype(dtype), *rows


XS = R(ROUNDS, BATCH, WIDTH)


def read(f: Callable[[Any, Any], Any], **settings: Any) -> Callable[..., Any]:
    """The mean of what a recurrent network makes of a sequence."""
    def loss(weights: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = f(weights, (h, x))
            return h, h

        h, ys = gg.scan(step, xs[0], xs, **settings)
        return gg.mean(ys**2) + gg.sum(h)

    return gg.grad(loss)


def plain(weights: Any, at: Any) -> Any:
    h, x = at
    return gg.tanh(x + h @ weights[0] + weights[1])


def transposed(weights: Any, at: Any) -> Any:
    h, x = at
    return gg.tanh(x + h @ weights[0].T + weights[1])


def gated(weights: Any, at: Any) -> Any:
    """What the product with the carry gets is not what the elements get."""
    h, x = at
    product = h @ weights[0] + weights[1]
    return h + gg.sigmoid(x) * gg.tanh(x + gg.sin(x) * product)


def both(weights: Any, at: Any) -> Any:
    h, x = at
    return gg.tanh(x @ weights[2] + h @ weights[0] + weights[1])


WEIGHTS = (R(WIDTH, WIDTH), R(WIDTH), R(WIDTH, WIDTH))
FLOAT32 = tuple(w.astype("float32") for w in WEIGHTS[:2]), XS.astype("float32")

MOVED: dict[str, tuple[Callable[..., Any], tuple[Any, ...], list[int]]] = {
    "products of rows": (summed(product), given(), [0]),
    "the other way round": (
        lambda start, xs, ys: gg.scan(
            lambda total, row: (product(*row) + total, None), start, (xs, ys)
        )[0],
        given(),
        [0],
    ),
    "turned, from the end": (
        summed(lambda x, y: gg.matrix_transpose(product(x, y)), reverse=True), given(), [0]
    ),
    "beside another carry": (
        lambda start, xs, ys: gg.scan(
            lambda held, row: ((held[0] + product(*row), gg.sin(held[1] + row[0])), held[1]),
            (start, xs[0]),
            (xs, ys),
        ),
        given(),
        [1],
    ),
    "of what the round computes": (summed(lambda x, y: product(gg.sin(x), x * y)), given(), [0]),
    "complex": (summed(product), tuple(x * (1 - 2j) for x in given()), [0]),
    "a recurrent layer": (read(plain), (WEIGHTS[:2], XS), [1, 1]),
    "from the end": (read(plain, reverse=True), (WEIGHTS[:2], XS), [1, 1]),
    "of transposed weights": (read(transposed), (WEIGHTS[:2], XS), [1, 1]),
    "with a gate": (read(gated), (WEIGHTS[:2], XS), [1, 1]),
    "both products inside": (read(both), (WEIGHTS, XS), [1, 1]),
    "float32": (read(plain), FLOAT32, [1, 1]),
}

LEFT: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a small total": (summed(product), given(8)),
    "one round": (summed(product), given(rounds=1)),
    "float16": (summed(product), given(dtype="float16")),
    "a total that is read": (
        lambda start, xs, ys: gg.scan(
            lambda total, row: (total + product(*row), gg.sum(total)), start, (xs, ys)
        ),
        given(),
    ),
    "a total that is read once it has grown": (
        lambda start, xs, ys: gg.scan(
            lambda total, row: ((after := total + product(*row)), gg.sum(after)), start, (xs, ys)
        ),
        given(),
    ),
    "no total": (
        lambda start, xs, ys: gg.scan(
            lambda total, row: (0.5 * total + product(*row), None), start, (xs, ys)
        )[0],
        given(),
    ),
    "a product with what stays": (
        lambda start, xs, ys: gg.scan(
            lambda total, x: (total + product(ys[0], x), None), start, xs
        )[0],
        given(),
    ),
    "sums alone": (
        lambda start, xs, ys: gg.scan(
            lambda total, x: (total + gg.sum(x, axis=0), None), start[0], xs
        )[0],
        given(),
    ),
    "more than all that the loop reads and writes": (
        lambda start, xs: gg.scan(
            lambda total, x: (total + product(gg.outer(x, x), gg.sin(gg.outer(x, x))), None),
            start,
            xs,
        )[0],
        (given()[0], XS[:, 0]),
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_totals_are_added_up_behind_the_loop(name: str) -> None:
    f, arguments, wanted_carries = MOVED[name]
    moved, carrying = made(f, *arguments)
    assert carried(moved) == wanted_carries
    assert sum(carried(carrying)) > sum(wanted_carries)
    verify(moved)
    leaves = gg.tree.leaves(arguments)
    found, wanted = (execute(plan, leaves, "reference") for plan in (moved, carrying))
    for x, y in zip(found, wanted, strict=True):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        tolerance = 1e-5 if x.dtype == "float32" else 1e-12
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", LEFT)
def test_what_stays_in_the_loop(name: str) -> None:
    f, arguments = LEFT[name]
    moved, carrying = made(f, *arguments)
    assert moved == carrying


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("name", MOVED)
def test_engines_give_what_eager_code_gives(name: str, engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    f, arguments, _ = MOVED[name]
    step = gg.jit(f, engine=engine)
    wanted = gg.tree.leaves(f(*arguments))
    for _ in range(3):
        for x, y in zip(gg.tree.leaves(step(*arguments)), wanted, strict=True):
            tolerance = 1e-5 if np.asarray(y).dtype == "float32" else 1e-12
            np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)


def test_nothing_more_is_stored_where_it_is_there_already() -> None:
    """Of a plain layer: the carries, for which its rounds run again, and cotangents of elements."""
    moved, carrying = made(read(plain), WEIGHTS[:2], XS)
    stored = [sum(plan.slots[slot].size for slot in loops(plan)[1].outputs)
              for plan in (moved, carrying)]
    assert stored[0] < stored[1]


def test_slopes_of_slopes() -> None:
    f = read(gated)

    def again(weights: Any, xs: Any) -> Any:
        return gg.grad(lambda w: sum(gg.sum(x**2) for x in f(w, xs)))(weights)

    step = gg.jit(again, engine="numpy")
    for _ in range(3):
        for x, y in zip(step(WEIGHTS[:2], XS), again(WEIGHTS[:2], XS), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("wrong", ["order", "start"])
def test_a_wrong_total_is_caught(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the comparison above is for: here rows lie the other way, or the start is forgotten."""
    write = loop_totals._Loop._write

    def spoiled(self: Any, total: Any) -> None:
        if wrong == "order":
            total = replace(total, columns=total.rows, rows=total.columns)
        else:
            inputs = (self.step.inputs[total.carry + 1], *self.step.inputs[1:])
            self.step = replace(self.step, inputs=inputs)
        write(self, total)

    f = summed(lambda x, y: product(gg.sin(x), x * y))
    if wrong == "start":
        f, arguments = (lambda a, b, xs, ys: gg.scan(
            lambda held, row: ((held[0] + product(*row), held[1] + 1.0), None), (a, b), (xs, ys)
        )[0]), (given()[0], *given())  # fmt: skip
    else:
        arguments = given()
    monkeypatch.setattr(loop_totals._Loop, "_write", spoiled)
    moved, carrying = made(f, *arguments)
    assert carried(moved) < carried(carrying)
    found, wanted = (execute(plan, arguments, "reference")[0] for plan in (moved, carrying))
    assert not np.allclose(found, wanted)
