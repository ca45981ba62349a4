"""Long programs: in parts that Python compiles in linear time, with the results of one function."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import programs
import pytest
from lines_of_source import sources, wrong_lines

import gpugrad as gg
from gpugrad.engines import make_program, program_parts, writer
from gpugrad.plan.passes import improve
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.regions import Region, lie_in_order

ENGINES = ("numpy", "native")


@pytest.fixture(params=[1, 3, 10])
def short(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All programs are in parts, of that many lines or more."""
    monkeypatch.setattr(writer, "LONGEST", 0)
    monkeypatch.setattr(program_parts, "PART", request.param)


def chain(n: int) -> Callable[[Any], Any]:
    """`n` operations one after another, no two of which are the same."""

    def f(x: Any) -> Any:
        y = x
        for i in range(n // 2):
            y = gg.sin(y * (0.5 + 0.1 / (i + 1)))
        return y

    return f


def run(engine: str, number: int) -> list[Any]:
    program = programs._program(Random(number), 6)
    with np.errstate(all="ignore"):
        entry = programs._entry(program)
        arguments = [*program.arguments(0), *(array for _, array in entry.captured)]
        return programs.execute(improve(entry.plan), arguments, engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(30))
def test_programs_in_parts_give_what_one_function_does(
    engine: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite", reason="the engine native is not installed")
    wanted = run(engine, number)
    monkeypatch.setattr(writer, "LONGEST", 0)
    for lines in (1, 4):
        monkeypatch.setattr(program_parts, "PART", lines)
        for got, x in zip(run(engine, number), wanted, strict=True):
            np.testing.assert_array_equal(got, x)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("donated", [(), (0, 1)])
def test_a_training_step_in_parts(short: None, engine: str, donated: tuple[int, ...]) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite", reason="the engine native is not installed")
    opt = gg.optim.adam(1e-2)

    def train(model: Any, state: Any, x: Any) -> Any:
        loss, grads = gg.value_and_grad(lambda m: gg.mean(m(x) ** 2))(model)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, loss

    step = gg.jit(train, engine=engine, donate_argnums=donated)
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    model = gg.nn.MLP((3, 5, 2), rng=0)
    state, plain, plain_state = opt.init(model), model, opt.init(model)
    for _ in range(6):
        model, state, loss = step(model, state, x)
        plain, plain_state, wanted = train(plain, plain_state, x)
        np.testing.assert_allclose(loss, wanted, rtol=1e-4)


def test_a_planned_sweep_in_parts_drops_what_it_needs_no_more(short: None, fresh: None) -> None:
    def gradient() -> Any:
        x = gg.tensor(np.linspace(0.5, 1.5, 9).reshape(3, 3), requires_grad=True)
        (gg.sum(gg.exp(x) @ gg.tanh(x)) * gg.sum(x[0])).backward()
        return x.grad

    first = gradient()
    for _ in range(4):
        np.testing.assert_allclose(gradient(), first, rtol=1e-12)


def test_a_profile_takes_the_time_of_each_span_of_parts(short: None) -> None:
    step = gg.jit(chain(10), engine="numpy")
    x = np.ones(3)
    for _ in range(3):
        step(x)
    with gg.profile() as profile:
        wanted = step(x)
    (timeline,) = profile.totals
    totals = profile.totals[timeline]
    assert totals.calls == 1
    assert [runs for runs, _, _ in totals.spans] == [1] * (len(timeline.program.spans) + 1)
    assert totals.failed == 0
    np.testing.assert_array_equal(step(x), wanted)


def test_lines_of_parts_bind_and_read_what_they_say(short: None) -> None:
    with sources() as found:
        step = gg.jit(chain(40), engine="numpy")
        for _ in range(3):
            step(np.ones(3))
    assert len(found) > 2
    assert [wrong_lines(source) for source in found] == [[]] * len(found)


def test_parts_are_short_and_do_not_say_more_in_all_than_one_function() -> None:
    plan = gg.jit(chain(3000), engine="numpy").plan(np.ones(3))
    with sources() as found:
        make_program(plan, "numpy")
    lines = [len(source.setup) + len(source.body) for source in found]
    assert len(lines) > 10
    assert max(lines) <= 3 * program_parts.PART
    assert sum(lines) <= 3 * len(plan.steps) + 4 * len(lines)     # buffer, call and comment of each


@pytest.mark.parametrize("returned", [1, 400])
def test_what_parts_make_and_hold_grows_with_the_steps(returned: int) -> None:
    """Lines of 1,000 steps and ten times as many, with one result and with many."""

    def lines(n: int) -> int:
        def f(x: Any) -> Any:
            found = []
            for i in range(n // 2):
                x = gg.sin(x * (0.5 + 0.1 / (i + 1)))
                found.append(x)
            return found[-returned * n // 1000 :] if returned > 1 else x

        plan = gg.jit(f, engine="numpy").plan(np.ones(3))
        with sources() as found:
            make_program(plan, "numpy")
        return sum(len(source.setup) + len(source.body) for source in found)

    assert lines(10_000) <= 10.5 * lines(1000)


def test_fusion_does_not_look_at_a_region_anew_for_each_step_that_joins_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []
    admit = Region._admit
    monkeypatch.setattr(Region, "_admit", lambda self, step: looked.append(1) or admit(self, step))
    plan = gg.jit(chain(2000), engine="numpy").plan(np.ones(3))
    fused = fuse(plan)
    assert max(len(step.body) for step in fused.steps) > 40
    assert len(looked) <= 2 * len(plan.steps)


def test_a_region_whose_arrays_all_lie_alike_is_always_one() -> None:
    """Fusion relies on it, and asks no further."""
    shapes: list[tuple[int, ...]] = [(), (1,), (1, 1), (3,), (1, 3), (3, 1), (2, 3), (2, 1, 3)]
    for shape in shapes:
        slots = [Slot(shape, np.dtype("f8"))] * 4 + [Slot((), np.dtype("f8"))]
        steps = [Step("add", (0, 4), (1,)), Step("exp", (1,), (2,)), Step("multiply", (2, 1), (3,))]
        assert lie_in_order(slots, steps, shape)
        assert all(Region(slots, steps, shape, spread).valid for spread in (False, True))
