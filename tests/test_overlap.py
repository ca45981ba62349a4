"""Sums over ranks that travel while others are computed, in plans of one process.

The carrier here is as late as MPI may be: what a sum brings is not there before it is waited for,
and is made then of what its terms are by then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from thresholds import lowered

import gpugrad as gg
from gpugrad.backends.collectives import BEGINS, SUM, WAITS, Alone, Collective
from gpugrad.core.registry import namespace as ops
from gpugrad.parallel.buckets import in_buckets
from gpugrad.plan.effects import collective
from gpugrad.plan.passes import overlap
from gpugrad.plan.plan import Operand, Plan, Slot, Step


class Late(Alone):
    """Two ranks that have the same numbers; what each did is in `did`."""

    size, spans = 2, True

    def __init__(self) -> None:
        self.did: list[str] = []

    def into(self, call: Collective, dtype: Any, shape: Any) -> Any:
        def twice(x: np.ndarray, y: np.ndarray) -> None:
            self.did.append(f"sum {x.shape}")
            np.multiply(x, 2, y)

        return twice

    def beginning(self, call: Collective, dtype: Any, shape: Any) -> Any:
        def begun(x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
            self.did.append(f"begin {x.shape}")
            y[...] = np.nan

            def wait() -> None:
                self.did.append(f"wait {x.shape}")
                np.multiply(x, 2, y)

            return wait

        return begun


def psum(world: Late, x: Any) -> Any:
    return ops.communicate(x, call=Collective(SUM, world))


def network(sizes: list[int]) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    params = []
    for n, m in pairwise(sizes):
        params += [rng.normal(size=(n, m)), rng.normal(size=m)]
    return params, rng.normal(size=(5, sizes[0])), rng.normal(size=(5, sizes[-1]))


def loss(params: Any, x: Any, y: Any) -> Any:
    for w, b in zip(params[::2], params[1::2], strict=True):
        x = gg.tanh(x @ w + b)
    return gg.sum((x - y) ** 2)


def step(world: Late) -> Callable[..., Any]:
    def update(params: Any, x: Any, y: Any) -> Any:
        value, grads = gg.value_and_grad(loss)(params, x, y)
        grads = in_buckets(grads, lambda g: psum(world, g))
        return value, [p - 0.1 * g for p, g in zip(params, grads, strict=True)]

    return update


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("donated", [(), (0,)])
def test_gradients_travel_while_others_are_computed(engine: str, donated: Any) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    given, x, y = network([3, 4, 4, 5, 2])
    wanted, world = given, Late()
    with lowered():
        compiled = gg.jit(step(world), engine=engine, donate_argnums=donated)
        params = [p.copy() for p in given]
        for _ in range(4):
            value, params = compiled(params, x, y)
            expected, grads = gg.value_and_grad(loss)(wanted, x, y)
            wanted = [p - 0.2 * g for p, g in zip(wanted, grads, strict=True)]
            np.testing.assert_allclose(value, expected)
            for found, other in zip(params, wanted, strict=True):
                np.testing.assert_allclose(found, other)
        text = str(compiled.explain(params, x, y))
    # The last layer's weights go first, and what they need is computed after they have gone.
    assert re.search(r"begins>.*matmul.*begins>.*matmul.*waits>", text, re.DOTALL), text
    begun = [what for what in world.did if what.startswith("begin")]
    assert [what for what in begun if ", " in what][:4] == [
        "begin (5, 2)", "begin (4, 5)", "begin (4, 4)", "begin (3, 4)",
    ]  # fmt: skip
    waited = [what.replace("wait", "begin") for what in world.did if what.startswith("wait")]
    assert waited == begun


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_sum_that_leaves_nothing_to_do_is_one_step(engine: str) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    world = Late()
    with lowered():
        f = gg.jit(lambda x: psum(world, gg.sin(x)) + 1, engine=engine)
        for _ in range(3):
            np.testing.assert_allclose(f(np.ones(6)), 2 * np.sin(1) + 1)
    assert set(world.did) == {"sum (6,)"}


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_sums_of_sums_and_results_as_they_are(engine: str) -> None:
    """A sum of what another brings, the same terms twice, and results that the caller gets."""
    if engine == "native":
        pytest.importorskip("llvmlite")
    world, x = Late(), np.arange(12.0).reshape(3, 4)

    def f(x: Any) -> Any:
        a = x @ x.T
        first = psum(world, a)
        work = gg.exp(-(a @ a) / 1e6)
        second = psum(world, first + work)
        again = psum(world, a)
        return first, second, again, gg.sum(work @ work), a

    with lowered():
        compiled = gg.jit(f, engine=engine)
        for _ in range(3):
            found = compiled(x)
    a = x @ x.T
    work = np.exp(-(a @ a) / 1e6)
    wanted = (2 * a, 4 * a + 2 * work, 2 * a, np.sum(work @ work), a)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other)
    assert {what.split()[0] for what in world.did} >= {"begin", "wait"}


def test_a_check_comes_before_the_sums_behind_it() -> None:
    world = Late()

    def f(x: Any, labels: Any) -> Any:
        losses = gg.softmax_cross_entropy(x @ x.T, labels)
        first = psum(world, x * 2)
        second = psum(world, gg.exp(-x @ x.T))
        return first, second, losses + gg.sum(x @ x.T)

    with lowered():
        compiled = gg.jit(f, engine="numpy")
        for _ in range(3):
            compiled(np.ones((3, 3)), np.array([0, 1, 2]))
        world.did.clear()
        with pytest.raises(ValueError, match="labels"):
            compiled(np.ones((3, 3)), np.array([0, 1, 3]))
    assert not world.did                            # raised before any rank waits for this one


def test_halves_are_only_of_what_mpi_adds_up_itself() -> None:
    def plan(dtype: str, world: Any) -> Plan:
        slot = Slot((2**20,), np.dtype(dtype))
        settings = (("args", (Operand(0),)), ("kwargs", (("call", Collective(SUM, world)),)))
        return Plan((slot, slot, slot), (0,), (), (
            Step("communicate", (0,), (1,), settings), Step("matmul", (0, 0), (2,)),
        ), (1, 2))  # fmt: skip

    for dtype, world, halves in (
        ("f8", Late(), True), ("f2", Late(), False), (">f8", Late(), False), ("?", Late(), False),
        ("f8", Alone(), False),
    ):  # fmt: skip
        made = plan(dtype, world)
        steps = overlap.overlapped(made, partial(overlap.travels, made)).steps
        parts = [call.part for call in map(collective, steps) if call is not None]
        assert parts == ([BEGINS, WAITS] if halves else [""]), (dtype, parts)
