"""Functions under `gg.jit` that are called where another transform follows what they compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import tree
from gpugrad.errors import InvalidArgument

XS = np.arange(1.0, 7.0).reshape(2, 3)
W = np.array([0.5, -1.0, 2.0])

Function = Callable[..., Any]


def scaled(p: Any, x: Any) -> Any:
    return {"y": p["w"] * x["a"] + p["b"], "n": 2 * x["b"]}


TREES = ({"w": W, "b": np.array(0.5)}, {"a": XS, "b": XS[:, 0]})


@pytest.mark.parametrize(
    ("f", "options", "args"),
    [
        (lambda x: gg.sum(gg.sin(x) ** 2), {}, (XS,)),
        (lambda x: x * 2, {}, (XS,)),
        (lambda x: (x, x[0], 1.5, None), {}, (XS,)),
        (lambda x, w: x @ w, {"in_axes": (0, None)}, (XS, W)),
        (lambda x, w: x[:, None] * w, {"in_axes": (1, None), "out_axes": 2}, (XS, W)),
        (scaled, {"in_axes": (None, {"a": 0, "b": 0})}, TREES),
        (scaled, {"in_axes": ({"w": None, "b": None}, 0), "out_axes": {"y": -1, "n": 0}}, TREES),
        (lambda x, n: x * n, {"in_axes": (0, None)}, (XS, 3)),
        (lambda x: gg.zeros(3) + x[0], {}, (XS,)),
    ],
)
def test_under_vmap_it_is_the_function(f: Function, options: Any, args: Any) -> None:
    want = gg.vmap(f, **options)(*args)
    step = gg.jit(f, engine="numpy")
    for around in (lambda f: f, lambda f: gg.jit(f, engine="numpy")):
        batched = around(gg.vmap(step, **options))
        for _ in range(4):
            found = batched(*args)
            for x, y in zip(gg.tree.leaves(found), gg.tree.leaves(want), strict=True):
                assert type(x) is type(y)
                np.testing.assert_allclose(x, y, rtol=1e-14)


def test_also_where_it_closes_over_what_is_followed() -> None:
    """A part of a batch, a tracked Tensor: neither is any argument."""

    def part(x: Any) -> Any:
        step = gg.jit(lambda s: gg.sum(x * s), engine="numpy")
        return step(np.array(2.0)) + step(np.array(1.0))

    np.testing.assert_allclose(gg.vmap(part)(XS), 3 * XS.sum(axis=1))
    np.testing.assert_allclose(gg.grad(part)(W), [3.0] * 3)
    np.testing.assert_allclose(gg.vmap(gg.grad(part))(XS), np.full((2, 3), 3.0))
    within = gg.jit(gg.vmap(part), engine="numpy")
    for _ in range(3):
        np.testing.assert_allclose(within(XS), 3 * XS.sum(axis=1))


def test_a_plan_made_before_is_not_used_for_a_part_of_a_batch() -> None:
    held = [W]

    @gg.jit
    def step(s: Any) -> Any:
        return gg.sum(held[0] * s)

    for _ in range(3):
        np.testing.assert_allclose(step(2.0), 3.0)

    def part(x: Any) -> Any:
        held[0] = x
        return step(2.0)

    np.testing.assert_allclose(gg.vmap(part)(XS), 2 * XS.sum(axis=1))
    held[0] = W
    for _ in range(3):
        np.testing.assert_allclose(step(2.0), 3.0)


def test_static_arguments_methods_and_keywords() -> None:
    class Model:
        w = 2.0

        @gg.jit
        def __call__(self, x: Any) -> Any:
            return self.w * x

    doubled = gg.jit(lambda x, how: x * 2 if how == "double" else x, static_argnums=1)
    np.testing.assert_array_equal(gg.vmap(lambda x: doubled(x, "double"))(XS), 2 * XS)
    named = gg.jit(lambda x, *, how, by: x * by if how else x, static_argnames="how")
    found = gg.vmap(lambda x: named(x, how=True, by=x[0]))(XS)
    np.testing.assert_array_equal(found, XS * XS[:, :1])


@pytest.mark.parametrize("around", ["vmap", "grad", "scan", "debug"])
def test_a_write_to_an_argument_is_seen_by_nobody_else(around: str) -> None:
    """It is none to what the caller holds, be it a Tensor or an array."""

    @gg.jit
    def step(x: Any, y: Any) -> Any:
        x[0] = 7.0
        y += 1.0
        return x * y

    given = W.copy()

    def f(x: Any) -> Any:
        before = x * 1.0
        found = step(x, given)
        return gg.sum(found) + gg.sum(x - before) + gg.sum(before) * 0.0

    want = 7.0 * 1.5 + XS[0, 1] * 0.0 + XS[0, 2] * 3.0
    if around == "vmap":
        np.testing.assert_allclose(gg.vmap(f)(XS)[0], want)
    elif around == "grad":
        value, slope = gg.value_and_grad(f)(XS[0])
        np.testing.assert_allclose(value, want)
        np.testing.assert_allclose(slope, [0.0, 0.0, 3.0])
    elif around == "scan":
        loop = gg.jit(lambda xs: gg.scan(lambda c, x: (c + f(x), None), 0.0, xs)[0])
        for _ in range(3):
            np.testing.assert_allclose(loop(XS[:1]), want)
    else:
        with gg.debug():
            np.testing.assert_allclose(f(XS[0].copy()), want)
    np.testing.assert_array_equal(given, W)


# Without a plan


ASKED: dict[str, Function] = {
    "compile": lambda step, x: step.compile(x),
    "plan": lambda step, x: step.plan(x),
    "explain": lambda step, x: step.explain(x),
    "source": lambda step, x: step.source(x),
}


@pytest.mark.parametrize("how", ASKED)
def test_where_calls_make_no_plan_asking_for_one_says_why(how: str) -> None:
    """Calls run op by op; there is nothing to show of them."""
    tracked = gg.tensor(np.ones(3), requires_grad=True)
    step = gg.jit(lambda x: x * tracked)
    with pytest.raises(InvalidArgument, match="closes over a Tensor"):
        ASKED[how](step, np.ones(3))
    assert step(np.ones(3)).requires_grad


@pytest.mark.parametrize("how", ASKED)
@pytest.mark.parametrize("transform", [gg.vmap, gg.jit])
def test_a_plan_is_asked_for_outside_of_transforms(how: str, transform: Function) -> None:
    """Inside, arguments stand for others."""
    step = gg.jit(lambda x: x * 2)

    def f(x: Any) -> Any:
        ASKED[how](step, x)
        return x

    with pytest.raises(InvalidArgument, match="inside of a transform"):
        transform(f)(np.ones((2, 3)))


WRAPPED: dict[str, Function] = {
    "alone": lambda x: gg.tensor(x) * 2,
    "in a loop": lambda x: gg.scan(lambda c, row: (gg.tensor(c) + row, gg.tensor(row)), x[0], x),
    "in a branch": lambda x: gg.cond(gg.sum(x) > 0, lambda y: gg.tensor(y) * 2, lambda y: y, x),
    "in another dtype": lambda x: gg.tensor(x, dtype=gg.float32) + 1,
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_tensor_of_one_part_of_a_batch_is_traced(name: str) -> None:
    """And does not make the whole function run op by op."""
    f, x = gg.vmap(WRAPPED[name]), np.arange(12.0).reshape(2, 3, 2) - 4
    step = gg.jit(f)
    step.compile(x)
    for found, wanted in zip(tree.leaves(step(x)), tree.leaves(f(x)), strict=True):
        np.testing.assert_array_equal(found, wanted)
