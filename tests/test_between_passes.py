"""Plans are verified between passes, also those of engines: a pass that goes wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines import make_program, writer
from gpugrad.engines.cuda import engine as cuda
from gpugrad.engines.cuda import fewest_launches
from gpugrad.engines.numpy import engine
from gpugrad.errors import PlanError
from gpugrad.plan import observers, passes
from gpugrad.plan.passes import NAMES, PASSES, improve
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.verify import verify_made

X, W = np.linspace(-1.0, 1.0, 12).reshape(4, 3), np.linspace(0.5, 1.5, 9).reshape(3, 3)


def layers(x: Any, w: Any) -> Any:
    h = gg.tanh(x @ w) * 2.0 + 1.0
    return (h @ w) @ w, gg.sum(h * h)


def traced() -> Plan:
    return gg.jit(layers, engine="numpy")._cache.compiled((X, W), {}).traced


def with_slot(plan: Plan, number: int, slot: Slot) -> Plan:
    return replace(plan, slots=(*plan.slots[:number], slot, *plan.slots[number + 1 :]))


def last(plan: Plan) -> int:
    return plan.steps[-1].outputs[0]


WRONG: dict[str, Callable[[Plan], Plan]] = {
    "shape": lambda p: with_slot(p, last(p), replace(p.slots[last(p)], shape=(7, 5))),
    "dtype": lambda p: with_slot(p, last(p), replace(p.slots[last(p)], dtype=np.dtype("f4"))),
    "read before written": lambda p: replace(p, steps=p.steps[::-1]),
    "never written": lambda p: replace(p, steps=p.steps[:-1]),
    "written twice": lambda p: replace(p, steps=(*p.steps, p.steps[-1])),
    "no such slot": lambda p: replace(p, outputs=(len(p.slots),)),
    "donated for nothing": lambda p: replace(p, donated=((p.inputs[0], p.inputs[0]),)),
}


@pytest.mark.parametrize("damage", WRONG)
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_pass_is_named(name: str, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, change = traced(), WRONG[damage]
    if name == "subplans":
        monkeypatch.setattr(passes, "improve_subplans", lambda plan, improve: change(plan))
    else:
        at = [n for n, _ in PASSES].index(name)
        wrong = (name, lambda plan: change(PASSES[at][1](plan)))
        monkeypatch.setattr(passes, "PASSES", (*PASSES[:at], wrong, *PASSES[at + 1 :]))
    with pytest.raises(PlanError, match=f"^after {name}: "):
        improve(plan)


@pytest.mark.parametrize("damage", WRONG)
def test_a_wrong_trace_is_found_before_any_pass(damage: str) -> None:
    with pytest.raises(PlanError, match=r"^after tracing: "):
        improve(WRONG[damage](traced()))


def test_each_pass_that_changes_something_is_shown() -> None:
    """In order, and the plan that goes into the engine last, with its memory."""
    seen: list[tuple[str, Any]] = []
    plan = traced()
    with observers.observing(lambda plan, made_by, placement: seen.append((made_by, placement))):
        make_program(improve(plan), "numpy")
    names = [name for name, _ in seen]
    assert names[:2] == ["tracing", "subplans"]
    assert names[-2:] == ["tiles", "the engine"]
    assert [name for name, placement in seen if placement is not None] == ["the engine"]


# Engines: each function that makes another plan of the one that it is given


def of_native() -> Any:
    return pytest.importorskip("gpugrad.engines.native.engine", reason="needs the extra jit")


STAGES: dict[str, tuple[str, Callable[[], Any], str, str]] = {
    "tiles": ("numpy", lambda: engine, "tiled", "tiles"),
    "native's regions": ("native", of_native, "fused", "fuse"),
    "native's parts": ("native", of_native, "split", "parallel"),
    "cupy's regions": ("cupy", lambda: cuda, "fuse", "fuse"),
    "cupy's numbers": ("cupy", lambda: fewest_launches, "repeat_numbers", "repeated"),
    "cupy's epilogues": ("cupy", lambda: fewest_launches, "add_epilogues", "epilogue"),
    "cupy's launches": ("cupy", lambda: fewest_launches, "side_by_side", "beside"),
}
"""The engine, its module, the function there, and the name of what it does."""


@pytest.mark.parametrize("damage", WRONG)
@pytest.mark.parametrize("stage", STAGES)
def test_a_wrong_stage_of_an_engine_is_named(
    stage: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written or allocated, so without a GPU too."""
    name, module, function, said = STAGES[stage]
    plan, honest = improve(traced()), getattr(module(), function)
    monkeypatch.setattr(
        module(), function, lambda *given, **options: WRONG[damage](honest(*given, **options))
    )
    with pytest.raises(PlanError, match=f"^after {said}: "):
        make_program(plan, name)


@pytest.mark.parametrize("damage", WRONG)
@pytest.mark.parametrize("part", [0, 1])
def test_what_the_host_computes_beside_a_gpu_is_verified(
    part: int, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(x: Any, count: Any) -> Any:
        return gg.sum(x * 2.0), (count + 1.0) * 0.5

    plan = improve(gg.jit(step)._cache.compiled((X, 1.0), {}).traced)
    honest = cuda.split

    def split(*given: Any) -> Any:
        plans = list(honest(*given))
        assert all(plan.steps for plan in plans)
        plans[part] = WRONG[damage](plans[part])
        return tuple(plans)

    monkeypatch.setattr(cuda, "split", split)
    with pytest.raises(PlanError, match=r"^after host_numbers: "):
        make_program(plan, "cupy", {plan.inputs[1]}, [1])


# Memory


def held(placement: Placement) -> list[int]:
    return sorted(placement.offsets, key=placement.offsets.__getitem__)


def moved(placement: Placement, slot: int, to: int) -> Placement:
    return replace(placement, offsets={**placement.offsets, slot: to})


PLACES: dict[str, Callable[[Placement], Placement]] = {
    "behind the end": lambda p: moved(p, held(p)[-1], p.size),
    "before the begin": lambda p: moved(p, held(p)[0], -64),
    "an arena too small": lambda p: replace(p, size=1),
    "in the midst of a number": lambda p: moved(p, held(p)[-1], p.offsets[held(p)[-1]] - 4),
    "all in one place": lambda p: replace(p, offsets=dict.fromkeys(p.offsets, 0)),
}


@pytest.mark.parametrize("name", ["numpy", "native"])
@pytest.mark.parametrize("damage", PLACES)
def test_wrong_memory_is_refused_before_it_is_used(
    damage: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, honest = improve(traced()), writer.place
    make_program(plan, name)
    monkeypatch.setattr(writer, "place", lambda *given: PLACES[damage](honest(*given)))
    with pytest.raises(PlanError, match=r"^after the engine: "):
        make_program(plan, name)


# When: in tests always, else under gg.debug


@pytest.fixture
def a_wrong_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ("dead", lambda plan: WRONG["shape"](plan))
    monkeypatch.setattr(passes, "PASSES", (wrong,))


def test_under_debug_a_wrong_pass_is_refused(unverified: None, a_wrong_pass: None) -> None:
    """What nobody looks at goes through."""
    slot = Slot((3,), np.dtype("f8"))
    plan = Plan((slot, slot), (0,), (), (Step("sin", (0,), (1,)),), (1,))
    improve(plan)
    with gg.debug(), pytest.raises(PlanError, match=r"^after dead: "):
        improve(plan)
    improve(plan)


def test_what_is_compiled_under_debug_is_verified(unverified: None, a_wrong_pass: None) -> None:
    with gg.debug(), pytest.raises(PlanError, match=r"^after dead: "):
        gg.jit(layers).compile(X, W)


def test_a_right_plan_passes_under_debug() -> None:
    with gg.debug():
        made = make_program(improve(traced()), "numpy")
    verify_made(made.plan, "the engine", made.placement)
