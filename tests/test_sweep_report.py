"""`gg.planned_sweeps` and `gg.use_planned_sweeps`: what was planned, how often, and why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import PlanError
from gpugrad.graph import signature
from gpugrad.plan import observers
from gpugrad.sweep import planned, sweep_plan

pytestmark = pytest.mark.usefixtures("fresh")

X = np.linspace(0.5, 1.5, 6).reshape(2, 3)


def gradient(f: Callable[[Any], Any] = lambda x: gg.sum(gg.tanh(x) * x), x: Any = X) -> Any:
    t = gg.tensor(x, requires_grad=True)
    f(t).backward()
    return t.grad


def reasons() -> dict[str, int]:
    return {sweep.reason: sweep.runs for sweep in gg.planned_sweeps().direct}


def test_what_is_planned_and_how_often_it_ran() -> None:
    for _ in range(7):
        gradient()
    report = gg.planned_sweeps()
    (plan,) = report.planned
    assert (plan.runs, report.on, report.dropped) == (5, True, 0)
    assert plan.nbytes > X.nbytes
    assert plan.steps >= 3
    assert plan.graph == "sum, multiply, tanh of 1 array, float64[2, 3]"
    assert reasons() == {"its kind came fewer than 3 times": 2}
    text = str(report)
    assert text.startswith("planned sweeps are on; 1 plans kept in ")
    assert "sum, multiply, tanh of 1 array" in text
    assert "2   its kind came fewer than 3 times" in text


def test_the_switch_turns_planning_off_and_on_again() -> None:
    with gg.use_planned_sweeps(False):
        first = [gradient().tobytes() for _ in range(5)]
        assert not gg.planned_sweeps().on
        assert str(gg.planned_sweeps()).startswith("planned sweeps are off; 0 plans")
        with gg.use_planned_sweeps():
            assert gg.planned_sweeps().on
        assert not gg.planned_sweeps().on
    assert len({*first}) == 1
    assert gg.planned_sweeps().on
    assert gg.planned_sweeps().planned == ()
    assert reasons() == {"gg.use_planned_sweeps(False) is in force": 5}
    for _ in range(3):
        gradient()
    assert gg.planned_sweeps().planned[0].runs == 1
    with gg.use_planned_sweeps(False):              # what is planned stays, and rests
        gradient()
    assert gg.planned_sweeps().planned[0].runs == 1
    gradient()
    assert gg.planned_sweeps().planned[0].runs == 2


SCALE = [2.0]


def changing() -> Any:
    """An op whose rule reads a list, which may change."""

    @gg.op(lambda g, xp: g * SCALE[0])
    def scaled_by_a_list(xp: Any, x: Any) -> Any:
        return x * SCALE[0]

    return lambda x: gg.sum(scaled_by_a_list(x))


def looking() -> Any:
    """An op whose rule looks at a value."""

    @gg.op(lambda g, x, xp: g * (1.0 if float(xp.sum(x)) > 0 else 2.0))
    def looked_at(xp: Any, x: Any) -> Any:
        return x * 1.0

    return lambda x: gg.sum(looked_at(x))


def rule_of_its_own() -> Any:
    @gg.custom_vjp
    def own(x: Any) -> Any:
        return gg.sin(x)

    own.defvjp(lambda x: (gg.sin(x), x), lambda x, g: (g * gg.cos(x),))
    return lambda x: gg.sum(own(x))


def part() -> Any:
    return lambda x: gg.sum(gg.checkpoint(gg.tanh)(x))


def long() -> Any:
    def f(x: Any) -> Any:
        for _ in range(12):
            x = x * 1.5
        return gg.sum(x)

    return f


DIRECT: dict[str, tuple[Callable[[], Any], str]] = {
    "a rule that reads a list": (changing, "what the rule of scaled_by_a_list reads from outside"),
    "a rule that looks at values": (looking, "its rules cannot be traced: InvalidOp: "),
    "custom_vjp": (rule_of_its_own, "makes its rule anew each time"),
    "checkpoint": (part, "checkpoint makes its rule anew each time"),
    "a large graph": (long, "the graph has more than 9 nodes"),
}


@pytest.mark.parametrize("name", DIRECT)
def test_why_a_sweep_is_not_planned(
    name: str, monkeypatch: pytest.MonkeyPatch, own_ops: None
) -> None:
    monkeypatch.setattr(signature, "LARGEST", 9)
    make, reason = DIRECT[name]
    f = make()
    with gg.profile() as p:
        for _ in range(5):
            gradient(f)
    assert gg.planned_sweeps().planned == ()
    (found,) = [text for text in reasons() if "fewer than" not in text]
    assert reason in found
    assert reason in str(gg.planned_sweeps())
    assert f"backward: swept directly: {found}" in str(p)
    assert sum(reasons().values()) == 5


def test_settings_that_nobody_can_compare_are_named() -> None:
    kept = signature.frozen
    with pytest.raises(signature.NoSignature, match="a dict, which may change or cannot be compar"):
        kept({})
    t = gg.tensor(X, requires_grad=True)
    y = gg.sum(t)
    y._edge[0].settings = (object(),)
    seeds = [(y._edge, np.float64(1.0))]
    with pytest.raises(signature.NoSignature, match="sum depends on a object, which may change"):
        signature.survey(seeds, (), lambda x: x)
    y._edge[0].saved = None
    with pytest.raises(signature.NoSignature, match="the graph below sum was freed"):
        signature.survey(seeds, (), lambda x: x)


def test_sweeps_that_have_no_plans() -> None:
    outside = gg.tensor(X, requires_grad=True)
    inner = gg.grad(lambda x: gg.sum(x * x * outside))
    for _ in range(4):
        inner(X)
    with gg.no_grad():
        inner(X)
    with gg.debug():
        gradient()
    gg.vmap(gg.grad(lambda x: gg.sum(x * x)))(X)
    assert reasons() == {
        "it is recorded, to be differentiated itself": 4,
        "it ends at Tensors from outside of its function that need gradients too": 1,
        "gg.debug() looks at each op": 1,
        "it sweeps over all parts of a batch": 1,
    }


def test_what_is_traced_is_no_sweep_of_its_own() -> None:
    step = gg.jit(gg.grad(lambda x: gg.sum(x * gg.grad(lambda y: gg.sum(y * y))(x))))
    for _ in range(3):
        step(X)
    assert reasons() == {}


def test_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "CAPACITY", 2000)
    for _ in range(4):
        gradient()
    (why,) = [text for text in reasons() if "bytes" in text]
    assert "2,000 are the most for all" in why
    assert reasons()[why] >= 1
    planned.cache.clear()

    def none(*args: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(sweep_plan, "improve", none)
    for _ in range(4):
        gradient()
    assert reasons()["there was too little memory to plan it"] == 1


def test_dropped_plans_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "MEETINGS", 1)
    gradient(x=np.ones(3))
    monkeypatch.setattr(planned, "CAPACITY", gg.planned_sweeps().planned[0].nbytes + 100)
    for n in (4, 5):
        gradient(x=np.ones(n))
    assert gg.planned_sweeps().dropped == 2
    assert "1 plans kept in" in str(gg.planned_sweeps())
    assert "2 dropped for the limit" in str(gg.planned_sweeps())


def test_sweeps_that_are_not_looked_at_say_so() -> None:
    for n in range(planned.PATIENCE + 20):
        gradient(x=np.ones(n))
    assert reasons()["too many before it were of new kinds: few are looked at"] > 10


def test_a_mistake_in_a_pass_is_an_error_and_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rules raise is a reason; what planning itself does wrong must be seen."""
    monkeypatch.setattr(planned, "MEETINGS", 1)

    def wrong(plan: Any, made_by: str, placement: Any) -> None:
        raise PlanError("a wrong pass")

    with observers.observing(wrong), pytest.raises(PlanError, match="a wrong pass"):
        gradient()
