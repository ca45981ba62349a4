"""Kernels that share a launch do what each of them does; and which steps may share one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cuda_host import HostCompiler, Library
from cupy_source import ARCHITECTURES, compile_cubin
from generated import Case, cases_from

import gpugrad as gg
from gpugrad.backends import kernels, numpy_namespace
from gpugrad.engines.cuda import beside
from gpugrad.engines.cuda.beside import share_launch, side_by_side
from gpugrad.engines.cuda.fewest_launches import arranged
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.overwrite import in_place
from gpugrad.errors import PlanError
from gpugrad.plan import interpret
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.memory import place
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.verify import verify
from gpugrad.plan.verify_memory import verify_placement

rng = np.random.default_rng(0)
X, Y, W = (rng.normal(size=shape) for shape in ((6, 5), (40, 33), (5, 7)))

TOGETHER: dict[str, list[Callable[[], list[Case]]]] = {
    "elementwise": [
        lambda: cases_from(lambda x: gg.exp(x) * 2, X, name="a"),
        lambda: cases_from(lambda y: gg.sin(y) + 1, Y, name="b"),
    ],
    "with counters of their own": [
        lambda: cases_from(lambda x: gg.sum(x * x), Y, name="a"),
        lambda: cases_from(lambda y: gg.sum(y * y, axis=0), np.tile(Y, (9, 1)), name="b"),
        lambda: cases_from(lambda y: gg.sum(y + 1), Y, name="c"),
    ],
    "rows beside one row": [
        lambda: cases_from(lambda x: gg.softmax(x + 1), X, name="a"),
        lambda: cases_from(lambda x: gg.tanh(x), Y.reshape(-1), name="b"),
    ],
}


@pytest.mark.parametrize("name", TOGETHER)
def test_a_launch_of_several_does_what_each_does(name: str, compiler: HostCompiler) -> None:
    cases = [case for make in TOGETHER[name] for case in make()]
    slots = tuple(slot for case in cases for slot in case.slots)
    starts = np.cumsum([0, *(len(case.slots) for case in cases)]).tolist()
    members, given, wanted = [], {}, {}
    for case, start in zip(cases, starts, strict=False):
        members.append(_moved(case, start))
        given |= {slot + start: x for slot, x in case.given.items()}
        wanted |= {slot + start: x for slot, x in case.wanted.items()}
    shared = share_launch("shared", members)
    assert shared.grid == sum(kernel.grid for kernel in members)
    found = Library(compiler, [shared]).run(shared, slots, given)
    assert found.keys() == wanted.keys()
    for slot, x in wanted.items():
        np.testing.assert_allclose(found[slot], x, rtol=1e-12)
    for architecture in ARCHITECTURES:
        assert compile_cubin(kernels.header("engine") + shared.source, architecture)


def _moved(case: Case, start: int) -> Kernel:
    """The kernel of a case whose slots are numbered from `start` on for whoever launches it."""
    arguments = tuple(slot + start for slot in case.kernel.arguments)
    return replace(case.kernel, arguments=arguments)


def plan_of(f: Callable[..., Any], *arguments: Any, **options: Any) -> Plan:
    return gg.jit(f, engine="numpy", **options).plan(*arguments)


def launches(plan: Plan) -> list[list[str]]:
    return [
        [member.op for member in step.body] if step.op == "beside" else [step.op]
        for step in plan.steps
        if step.op not in beside.FREE
    ]


def same(f: Callable[..., Any], *arguments: Any) -> Plan:
    """The arranged plan of a function, which computes what the function does."""
    plan = plan_of(f, *arguments)
    found = arranged(fuse(plan))
    arrays = gg.tree.flatten(arguments)[0]
    for mine, other in zip(
        interpret.run(found, arrays, numpy_namespace),
        interpret.run(plan, arrays, numpy_namespace),
        strict=True,
    ):
        np.testing.assert_allclose(mine, other, rtol=1e-12)
    return found


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], list[list[str]]]] = {
    "apart": (lambda x, y: (gg.exp(x), gg.sin(y)), (X, Y), [["fused", "fused"]]),
    "in turn": (lambda x, w: gg.exp(x @ w) @ w.T, (X, W), [["product"], ["matmul"]]),
    "gradients of a product": (
        lambda x, w: gg.grad(lambda x, w: gg.sum(gg.tanh(x @ w)), (0, 1))(x, w),
        (X, W), [["product"], ["matmul", "matmul"]],
    ),
    "sums behind a product": (
        lambda x, w: (y := gg.relu(x @ w), gg.sum(y, axis=0), gg.tanh(y) @ w.T), (X, W),
        [["product"], ["fused", "matmul"]],
    ),
    "a total behind a product": (
        lambda x, w: gg.sum((x @ w - 1.0) ** 2) / 3.0, (X, W), [["product"], ["fused"]],
    ),
    "the product itself is summed": (
        lambda x, w: gg.sum(x @ w, axis=0), (X, W), [["matmul"], ["fused"]],
    ),
    "what a product makes is summed before": (
        lambda x, w: gg.softmax(x @ w), (X, W), [["matmul"], ["fused"]],
    ),
    "rows chosen beside a product": (
        lambda x, w, i: (x[i], x @ w), (X, W, np.array([1, 0])), [["getitem", "matmul"]],
    ),
    "a rate for all": (
        lambda x, y, n: (x * gg.sqrt(1 - 0.9**n), y * gg.sqrt(1 - 0.9**n)), (X, Y, np.array(2.0)),
        [["fused", "fused"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_shares_a_launch(name: str) -> None:
    f, arguments, wanted = PROGRAMS[name]
    assert launches(same(f, *arguments)) == wanted


def test_no_more_blocks_than_a_launch_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = fuse(plan_of(lambda *x: [gg.exp(y) for y in x], *(np.ones(n) for n in range(2, 7))))
    sizes = {step.outputs[0]: plan.slots[step.outputs[0]].size for step in plan.steps}
    monkeypatch.setattr(beside, "MOST", 5)
    found = side_by_side(plan, lambda step: sizes[step.outputs[0]])
    assert launches(found) == [["fused"] * 2, *[["fused"]] * 3]     # 2 + 3, 4, 5, 6
    assert launches(side_by_side(plan, lambda step: 0)) == [["fused"]] * 5


def test_a_step_that_cuts_the_graph_stays_where_it_is() -> None:
    def f(x: Any, y: Any) -> Any:
        return gg.exp(x), gg.sort(gg.sin(y) + 1), gg.exp(y), gg.cos(x) @ gg.sin(x).T

    found = same(f, X, Y)
    cuts = [i for i, step in enumerate(found.steps) if step.op == "sort"]
    assert len(cuts) == 1
    assert {step.op for step in found.steps} == {"beside", "sort", "permute_dims", "matmul"}


def test_what_takes_the_place_of_an_input_waits_for_all_who_read_it() -> None:
    """Or it would have to be copied there afterwards."""

    def f(w: Any, x: Any) -> Any:
        y = gg.tanh(w) @ gg.exp(x).T
        return w - 0.1 * x, y

    plan = fuse(plan_of(f, X, X + 1, donate_argnums=(0,)))
    (slot, output) = plan.donated[0]
    steps = side_by_side(plan, lambda step: 1).steps
    maker = next(i for i, step in enumerate(steps) if output in step.outputs)
    assert all(slot not in step.inputs for step in steps[maker + 1 :])
    readers = [member for member in (steps[maker], *steps[maker].body) if slot in member.inputs]
    assert all(output in member.outputs for member in readers)


def test_in_place_only_where_no_other_member_reads() -> None:
    members = (Step("fused", (0,), (1,)), Step("fused", (0,), (2,)))
    plan = plan_of(lambda x: (gg.exp(x), gg.sin(x)), X)
    step = Step("beside", (0,), (1, 2), (), members)
    assert not in_place(plan, step, 0, 0)
    assert not in_place(plan, step, 0, 1)


def test_members_that_wait_for_one_another_are_refused() -> None:
    plan = arranged(fuse(plan_of(lambda x, y: (gg.exp(x), gg.sin(y)), X, Y)))
    verify(plan, stored=False)
    (step,) = plan.steps
    first, second = step.body
    third = replace(second, inputs=first.outputs)
    third = replace(third, body=tuple(replace(x, inputs=first.outputs) for x in second.body))
    wrong = replace(step, inputs=first.inputs, body=(first, third))
    with pytest.raises(PlanError, match="which is not computed before"):
        verify(replace(plan, steps=(wrong,)), stored=False)
    for wrong in (replace(step, outputs=step.outputs[::-1]), replace(step, inputs=())):
        with pytest.raises(PlanError, match="not those of its body"):
            verify(replace(plan, steps=(wrong,)), stored=False)
    with pytest.raises(PlanError, match="fused steps alone have"):
        verify(plan, stored=True)


def test_memory_that_another_member_reads_is_not_written_to() -> None:
    """By no engine's choice, and a placement where it is would be refused."""

    def f(x: Any) -> Any:
        y = gg.sort(x)
        return gg.exp(y) @ x.T, gg.sin(y) @ x.T

    plan = arranged(fuse(plan_of(f, X)))
    assert ["fused", "fused"] in launches(plan)
    verify_placement(plan, place(plan, plan.steps, in_place))
    with pytest.raises(PlanError, match=r"is written over %\d+, which the step reads"):
        verify_placement(plan, place(plan, plan.steps, lambda *_: True))
