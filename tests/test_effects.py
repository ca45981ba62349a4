"""Effects run as often as the program says and in its order: in each pass and on each engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from programs import plan_of
from recording_effects import Notes, functions, marks, recording

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.engines import make_program
from gpugrad.engines.cuda.fewest_launches import arranged
from gpugrad.engines.cuda.host_numbers import split as split_host
from gpugrad.engines.numpy.tiles import tiled
from gpugrad.errors import ImpureFunction, NotDifferentiable, PlanError, UnsupportedOperand
from gpugrad.plan.interpret import run
from gpugrad.plan.passes import NAMES, PASSES, improve
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.parallel import split
from gpugrad.plan.plan import Plan
from gpugrad.plan.storage import _write_plan
from gpugrad.plan.verify import verify

CALLS = 5
ENGINES = ("numpy", "native")
X = np.array([0.5, -1.0, 2.0])

noted, told = functions()


@pytest.fixture(autouse=True)
def notes() -> Iterator[Notes]:
    with recording(numpy_namespace) as found:
        yield found


def straight(x: Any) -> Any:
    """Results that nobody reads, equal calls, constants, and neighbours that are fused."""
    noted(x, mark="unread")
    y = gg.sin(x) * 2.0
    y = noted(y, mark="fused") + 1.0
    twice = noted(x, mark="same"), noted(x, mark="same")
    known = noted(gg.zeros(()) + 1.0, mark="constant")
    told(known, mark="nobody's")
    return y + twice[0] + twice[1], told(y, mark="last") * known


STRAIGHT = ["unread", "fused", "same", "same", "constant", "nobody's", "last"]


def levels(x: Any) -> Any:
    """Steps of one level before and behind effects, which would be one for all arrays."""
    deep = noted(gg.exp(gg.sin(gg.sin(x))), mark="deep")
    flat = [noted(x * k, mark=f"flat {k}") for k in (2.0, 3.0, 4.0, 5.0)]
    made = [gg.tanh(part + deep) for part in flat]
    again = [noted(part, mark="again") for part in reversed(made)]
    return [gg.tanh(part) * 2.0 for part in again]


LEVELS = ["deep", "flat 2.0", "flat 3.0", "flat 4.0", "flat 5.0", *["again"] * 4]


def grouped(x: Any) -> Any:
    """What becomes one step has effects on its parts, and another effect can come before it."""
    rows = [x[k] for k in range(6)]
    first = noted(gg.sin(rows[0]), mark="first")
    between = noted(x, mark="between")
    rest = [gg.sin(row) for row in rows[1:]]
    return noted(rest[-1], mark="rest"), first, between, rest


GROUPED = ["first", "between", "rest"]


def crossed(x: Any) -> Any:
    """Steps of one depth, of which one comes before an effect and others follow from it."""
    first = noted(gg.sin(gg.exp(x[0])), mark="first")
    rows = [noted(x[k], mark=f"row {k}") for k in range(1, 6)]
    return first, [gg.sin(row) for row in rows]


CROSSED = ["first", *(f"row {k}" for k in range(1, 6))]


def controlled(x: Any) -> Any:
    """Branches and loops, in each other."""
    y = gg.cond(x[0] > 0, lambda: noted(x, mark="true"), lambda: noted(-x, mark="false"))

    def body(c: Any, row: Any) -> tuple[Any, Any]:
        noted(row, mark="unread row")
        c = gg.cond(row > 0, lambda: told(c + row, mark="positive"), lambda: c - row)
        return c, noted(c, mark="carry")

    total, rows = gg.scan(body, gg.sum(y), x)
    noted(total, mark="after")
    gg.scan(lambda c, row: (c, noted(row, mark="for nobody")), 0.0, x)
    gg.scan(lambda c, row: (c, (told(row, mark="alone"), None)[1]), (), x)
    gg.cond(x[0] > 0, lambda: (told(x, mark="void"), None)[1], lambda: None)
    return total, rows


def of_controlled(x: Any) -> list[str]:
    found = ["true" if x[0] > 0 else "false"]
    for row in x:
        found += ["unread row", *["positive"] * bool(row > 0), "carry"]
    found += ["after", *["for nobody"] * len(x), *["alone"] * len(x)]
    return [*found, *["void"] * bool(x[0] > 0)]


def batched(x: Any) -> Any:
    """A part after the other."""
    return gg.vmap(lambda row: noted(row, mark="part") * 2)(gg.stack([x, x + 1])), told(x, mark="t")


ROWS = np.random.default_rng(0).normal(size=(6, 3))

PROGRAMS: dict[str, tuple[Callable[..., Any], Any, Callable[[Any], list[str]]]] = {
    "straight": (straight, X, lambda x: STRAIGHT),
    "levels": (levels, X, lambda x: LEVELS),
    "grouped": (grouped, ROWS, lambda x: GROUPED),
    "crossed": (crossed, ROWS, lambda x: CROSSED),
    "controlled": (controlled, X, of_controlled),
    "batched": (batched, X, lambda x: ["part", "part", "t"]),
}

TRANSFORMS: dict[str, Callable[[Plan], Plan]] = {
    **dict(PASSES),
    "subplans": lambda plan: improve(plan, without=[n for n in NAMES if n != "subplans"]),
    "all": improve,
    "fuse": fuse,
    "split": lambda plan: fuse(split(fuse(plan))),
    "tiled": tiled,
    "arranged": lambda plan: arranged(fuse(plan)),
    "without what the host computes": lambda plan: split_host(plan, plan.inputs, [0])[0],
}


def in_order(found: list[str], wanted: list[str]) -> None:
    assert found == wanted


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_pass_keeps_effects(notes: Notes, program: str, name: str) -> None:
    f, x, wanted = PROGRAMS[program]
    plan = plan_of(f, [x])
    before = marks(plan)
    made = TRANSFORMS[name](plan)
    in_order(marks(made), before)
    verify(made, stored=False)
    notes.clear()
    results = run(plan, [x], numpy_namespace)
    in_order([mark for mark, _ in notes], wanted(x))
    once = list(notes)
    notes.clear()
    again = run(made, [x], numpy_namespace)
    assert [mark for mark, _ in notes] == [mark for mark, _ in once]
    for (_, a), (_, b) in zip(notes, once, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    for a, b in zip(again, results[-len(again):], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("wrong", ["dropped", "merged", "moved"])
def test_a_pass_that_does_not_is_found(wrong: str) -> None:
    plan = plan_of(straight, [X])
    at = [i for i, step in enumerate(plan.steps) if step.op == "note"]
    steps = list(plan.steps)
    if wrong == "moved":
        steps[at[0]], steps[at[1]] = steps[at[1]], steps[at[0]]
    else:
        del steps[at[0] if wrong == "dropped" else at[3]]
    with pytest.raises(AssertionError):
        in_order(marks(replace(plan, steps=tuple(steps))), STRAIGHT)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_each_call_has_each_effect_once(notes: Notes, program: str, engine: str) -> None:
    """The calls that trace too; branches that are not taken have none."""
    f, given, wanted = PROGRAMS[program]
    step = gg.jit(f, engine=engine)
    for k in range(CALLS):
        x = given * (-1) ** k + 0.25 * k
        notes.clear()
        found = step(x)
        called = list(notes)
        in_order([mark for mark, _ in called], wanted(x))
        notes.clear()
        right = f(gg.tensor(x))
        in_order([mark for mark, _ in notes], wanted(x))
        for (_, a), (_, b) in zip(called, notes, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
        for a, b in zip(gg.tree.leaves(found), gg.tree.leaves(right), strict=True):
            np.testing.assert_allclose(a, np.asarray(b), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_an_effect_gives_back_is_no_argument(engine: str) -> None:
    step = gg.jit(lambda x: noted(x, mark="x"), engine=engine)
    for _ in range(CALLS):
        x = X.copy()
        y = step(x)
        y[:] = 7.0
        np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_gradient_has_the_effects_of_its_forward_once(notes: Notes, engine: str) -> None:
    step = gg.jit(gg.grad(lambda x: gg.sum(gg.sin(noted(x, mark="x")))), engine=engine)
    for _ in range(CALLS):
        notes.clear()
        np.testing.assert_allclose(step(X), np.cos(X))
        assert [mark for mark, _ in notes] == ["x"]


def test_a_gradient_that_would_repeat_effects_is_refused() -> None:
    def branch(x: Any) -> Any:
        return gg.cond(x[0] > 0, lambda: gg.sum(noted(x, mark="x")), lambda: gg.sum(x))

    def loop(x: Any) -> Any:
        return gg.scan(lambda c, row: (noted(c * row, mark="c"), None), 1.0, x)[0]

    for f in (branch, loop):
        with pytest.raises(NotDifferentiable, match="would happen twice"):
            gg.jit(gg.grad(f))(X)
    np.testing.assert_allclose(gg.grad(loop)(X), [-2.0, 1.0, -0.5])


def test_effects_in_both_branches_of_a_batch_are_refused() -> None:
    def f(x: Any) -> Any:
        return gg.cond(x > 0, lambda: noted(x, mark="x"), lambda: x)

    for run_it in (gg.vmap(f), gg.jit(gg.vmap(f))):
        with pytest.raises(UnsupportedOperand, match="Move it out of the branch"):
            run_it(X)


@pytest.mark.parametrize("program", ["straight", "controlled"])
def test_no_file_holds_an_effect(tmp_path: Path, program: str) -> None:
    plan = plan_of(PROGRAMS[program][0], [X])
    with pytest.raises(PlanError, match="effect"):
        plan.save(tmp_path / "plan")
    text = json.dumps(_write_plan(plan)).encode()
    head = {"format": "gpugrad plan", "version": 1, "sha256": sha256(text).hexdigest()}
    (tmp_path / "plan").write_bytes(json.dumps(head).encode() + b"\n" + text + b"\n")
    with pytest.raises(PlanError, match="effect"):
        Plan.load(tmp_path / "plan")
    with pytest.MonkeyPatch.context() as patch:     # where nobody knows it
        for name in ("note", "tell"):
            patch.delitem(gg.plan.primitives.PRIMITIVES, name)
        with pytest.raises(PlanError, match="gpugrad and NumPy's ufuncs"):
            Plan.load(tmp_path / "plan")


def test_what_follows_from_an_effect_is_nothing_of_the_host() -> None:
    """A number that is noted follows from others, but its effect would happen twice."""
    plan = plan_of(lambda x, n: (x * n, noted(n, mark="n") * 2.0), [X, 3.0])
    device, host = split_host(plan, plan.inputs[1:], [1])
    assert marks(device) == ["n"]
    assert not host.outputs
    assert not host.steps


def test_what_an_effect_makes_is_what_its_row_says(notes: Notes) -> None:
    numpy_namespace.note = lambda x, mark: x[:1]
    with pytest.raises(ImpureFunction, match="`makes` in its row"):
        gg.jit(lambda x: noted(x, mark="x"))(X)


@pytest.mark.parametrize("engine", ENGINES)
def test_programs_can_be_made_of_them(engine: str) -> None:
    program = make_program(improve(plan_of(straight, [X])), engine)
    assert marks(program.plan) == STRAIGHT
