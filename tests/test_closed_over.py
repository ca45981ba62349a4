"""Rules that close over values of a loop or branch, which is made again where it is swept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import LeakedValue

X, V = np.array([0.6, 0.35, 0.8]), np.array([0.4, 0.7, 0.55])

Body = Callable[[Any, Any], Any]


def settled(step: Callable[[Any], Any], y: Any) -> Any:
    return gg.scan(lambda y, _: (step(y), None), y, length=60)[0]


def root_of_arguments(c: Any, t: Any) -> Any:
    solver = gg.implicit(lambda y, a, t: y - gg.cos(a * y) * t)
    return solver(lambda a, t: settled(lambda y: gg.cos(a * y) * t, a * 0 + 0.5))(c, t)


def root_beside_a_constant(c: Any, t: Any) -> Any:
    return root_of_arguments(c, gg.stop_gradient(t))


def root_that_closes_over(c: Any, t: Any) -> Any:
    t = gg.stop_gradient(t)
    solver = gg.implicit(lambda y, a: y - gg.cos(a * y) * t)
    return solver(lambda a: settled(lambda y: gg.cos(a * y) * t, a * 0 + 0.5))(c)


def rule_that_closes_over(c: Any, t: Any) -> Any:
    t = gg.stop_gradient(t)

    @gg.custom_vjp
    def f(c: Any) -> Any:
        return gg.sin(c) * t

    def bwd(c: Any, g: Any) -> Any:
        return (gg.cond(t.sum() > 0, lambda: g * gg.cos(c) * t, lambda: g),)

    f.defvjp(lambda c: (f(c), c), bwd)
    return f(c)


def rule_that_returns_it(c: Any, t: Any) -> Any:
    nothing = gg.stop_gradient(t) * 0.0

    @gg.custom_vjp
    def f(c: Any) -> Any:
        return gg.sin(c)

    f.defvjp(lambda c: (f(c), None), lambda _, g: (nothing,))
    return (f(c) + c) * t


def rule_in_a_batch(c: Any, t: Any) -> Any:
    return gg.vmap(rule_that_closes_over)(c[:, None], t[:, None])[:, 0]


def loop(body: Body) -> Callable[[Any], Any]:
    return lambda x: gg.scan(lambda c, t: (body(c, t), c), x, np.stack([V, V * 0.5]))[0]


def branch(body: Body) -> Callable[[Any], Any]:
    return lambda x: gg.cond(x[0] > 0, lambda x: body(x, x * 1.0), lambda x: x, x)


def branch_in_a_loop(body: Body) -> Callable[[Any], Any]:
    return loop(lambda c, t: gg.cond(c[0] > 0, lambda c: body(c, t), lambda c: c, c))


def loop_in_a_loop(body: Body) -> Callable[[Any], Any]:
    def step(c: Any, s: Any) -> Any:
        return loop(lambda c, t: body(c, t * s))(c), None

    return lambda x: gg.scan(step, x, np.stack([V, V]))[0]


DERIVATIVES: dict[str, Callable[[Any], Any]] = {
    "grad": lambda f: gg.grad(lambda x: gg.sum(f(x))),
    "hessian": lambda f: gg.hessian(lambda x: gg.sum(f(x))),
    "forward": lambda f: gg.jacobian(f, mode="forward"),
}


@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("around", [loop, branch, branch_in_a_loop, loop_in_a_loop])
@pytest.mark.parametrize(
    "body",
    [
        root_of_arguments, root_beside_a_constant, root_that_closes_over, rule_that_closes_over,
        rule_that_returns_it, rule_in_a_batch,
    ],
)  # fmt: skip
def test_a_rule_finds_what_it_closes_over(body: Body, around: Any, derivative: str) -> None:
    f = DERIVATIVES[derivative](around(body))
    step, want = gg.jit(f, engine="numpy"), f(X)
    for _ in range(2):
        np.testing.assert_allclose(step(X), want, rtol=1e-11)


def test_a_value_of_another_call_is_still_refused() -> None:
    kept = []

    @gg.custom_vjp
    def f(c: Any) -> Any:
        return c * 1.0

    f.defvjp(lambda c: (f(c), None), lambda _, g: (g * kept[0],))
    gg.jit(lambda x: kept.append(x) or x, engine="numpy")(X)
    with pytest.raises(LeakedValue):
        gg.jit(DERIVATIVES["grad"](loop(lambda c, t: f(c) * t)), engine="numpy")(X)
