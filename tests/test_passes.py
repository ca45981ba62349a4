"""What each pass does, counted in steps; what it must leave; and that a wrong one is caught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from programs import (
    SPECIALS,
    Apply,
    Gradient,
    Input,
    Operator,
    Program,
    Ref,
    check_plans,
    execute,
    plan_of,
    programs,
)

import gpugrad as gg
from gpugrad.core.registry import namespace as ops
from gpugrad.engines.numpy.writer import NumpyWriter
from gpugrad.errors import PlanError
from gpugrad.plan.passes import NAMES, horizontal, improve, memory
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.common import share_common
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.plan import Constant, Plan, Slot, Step

X = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -4.0]])
Y = np.array([[1.5, 1.0, -2.0], [0.75, 8.0, 1.0]])
ROW = np.array([1.0, 2.0, 3.0])


def steps(f: Callable[..., Any], *arguments: Any, without: tuple[str, ...] = ()) -> list[str]:
    """The names of the steps that are left of `f`."""
    return [step.op for step in improve(plan_of(f, arguments), without=without).steps]


# Algebra: what it does, and what it leaves because a result would change


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x, y: x * 1, []),
        (lambda x, y: 1 * x, []),
        (lambda x, y: x / 1, []),
        (lambda x, y: x - 0, []),
        (lambda x, y: gg.copy(x), []),
        (lambda x, y: gg.negative(-x), []),
        (lambda x, y: gg.where(x > y, x, x), []),
        (lambda x, y: x.reshape(3, 2).reshape(6).reshape(2, 3), []),
        (lambda x, y: x.T.T, []),
        (lambda x, y: x / 4, ["multiply"]),
        (lambda x, y: x / -0.5, ["multiply"]),
        (lambda x, y: x + (-y), ["subtract"]),
        (lambda x, y: -x + y, ["subtract"]),
        (lambda x, y: x - (-y), ["add"]),
        (lambda x, y: ops.scale(x, 3.0), ["multiply"]),
        (lambda x, y: x.reshape(3, 2).reshape(6), ["reshape"]),
        (lambda x, y: x[None].transpose(2, 0, 1).transpose(), ["slice", "reshape"]),
        (lambda x, y: x + gg.broadcast_to(y[:1], (2, 3)), ["slice", "add"]),
        (lambda x, y: gg.broadcast_to(gg.broadcast_to(x, (1, 2, 3)), (4, 2, 3)), ["broadcast_to"]),
    ],
)
def test_exact_simplifications(f: Any, left: list[str]) -> None:
    assert steps(f, X, Y) == left
    assert steps(f, X, Y, without=NAMES) != left


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x, y: x * 0, ["multiply"]),                             # inf, NaN, -0.0
        (lambda x, y: 0 * x, ["multiply"]),
        (lambda x, y: x - x, ["subtract"]),                             # inf, NaN
        (lambda x, y: x / x, ["divide"]),                               # 0, inf, NaN
        (lambda x, y: x + 0, ["add"]),                                  # -0.0 + 0 is 0.0
        (lambda x, y: x - (-0.0), ["subtract"]),
        (lambda x, y: 0 - x, ["subtract"]),                             # 0 - 0 is 0.0
        (lambda x, y: (x + 1) - 1, ["add", "subtract"]),
        (lambda x, y: (x + y) - y, ["add", "subtract"]),
        (lambda x, y: x + (y + 1), ["add", "add"]),                     # no reassociation
        (lambda x, y: (x * 3) / 3, ["multiply", "divide"]),
        (lambda x, y: (x * 2) * 0.5, ["multiply", "multiply"]),         # may overflow on the way
        (lambda x, y: x / 3, ["divide"]),
        (lambda x, y: x / 5e-324, ["divide"]),                          # its inverse is infinite
        (lambda x, y: -x - y, ["negative", "subtract"]),
        (lambda x, y: gg.maximum(x, 0), ["maximum"]),
        (lambda x, y: gg.minimum(gg.maximum(x, y), y), ["maximum", "minimum"]),
        (lambda x, y: ops.scale(x, 0.0), ["multiply"]),
        (lambda x, y: ops.scale(x, float("inf")), ["scale"]),
        (lambda x, y: ops.scale(0.0, x), ["scale"]),
        (lambda x, y: gg.sqrt(x * x), ["multiply", "sqrt"]),
        (lambda x, y: gg.log(gg.exp(x)), ["exp", "log"]),
        (lambda x, y: x == x, ["equal"]),                               # NaN
        (lambda x, y: gg.where(x == x, x, y), ["equal", "where"]),
        (lambda x, y: x.astype("float32").astype("float64"), ["astype", "astype"]),
        (lambda x, y: gg.abs(-x), ["negative", "abs"]),
    ],
)
def test_what_is_not_exact_stays(f: Any, left: list[str]) -> None:
    assert steps(f, X, Y) == left


EXPRESSIONS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: (x * 1, 1 * x, x / 1, x - 0, x + 0, x - (-0.0), 0 - x, -(x - 0), x * 0, x * -1),
    lambda x, y: (x / 2, x / -0.25, x / 1e300, x / 3, x / 2**1023, x / 2**-1022, 1 / x, x / x),
    lambda x, y: (x + (-y), -x + y, x - (-y), -x - y, gg.negative(-x) - x, (x + y) - y),
    lambda x, y: (ops.scale(x, 3.0), ops.scale(x, 0.0), ops.scale(x, inf), ops.scale(x, y)),
    lambda x, y: (ops.scale(0.0, x), ops.scale(float("nan"), x), ops.scale(y, x * 0)),
    lambda x, y: (gg.maximum(x, y), gg.minimum(x, y), gg.relu(x), gg.clip(x, -1, 1)),
    lambda x, y: (gg.where(x > y, x, 0), gg.where(x > y, 0, x), gg.where(x != x, y, x)),
    lambda x, y: gg.grad(lambda x: gg.sum(gg.maximum(x, 0) + gg.relu(x) * y))(x),
    lambda x, y: gg.grad(lambda x: gg.sum(gg.where(x > 0, gg.sqrt(x), 0.0) * y))(x),
]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("f", EXPRESSIONS)
def test_special_values_pass_through_all_passes(f: Any, dtype: str) -> None:
    values = np.array([*SPECIALS, 1.0, -2.5, 1e308])
    with np.errstate(all="ignore"):
        x, y = (z.astype(dtype) for z in np.meshgrid(values, values))
        eager = f(gg.tensor(x), gg.tensor(y))
        wanted = [t.value for t in (eager if isinstance(eager, tuple) else (eager,))]
        recorded = plan_of(f, (x, y))
        for without in ((), *((name,) for name in NAMES)):
            plan = improve(recorded, without=without)
            for engine in ("reference", "numpy"):
                for mine, right in zip(execute(plan, [x, y], engine), wanted, strict=True):
                    np.testing.assert_array_equal(mine, right, f"{engine} without {without}")
                    # Of 0.0 and -0.0, either is the larger one.
                    ordered = "maximum" not in recorded_ops(recorded)
                    signs = np.signbit(mine) == np.signbit(right)
                    assert not ordered or (signs | np.isnan(right)).all()


def recorded_ops(plan: Plan) -> Counter[str]:
    return Counter(step.op for step in plan.steps)


# Dead code, common subexpressions, constants


def test_dead_steps_go_and_checks_stay() -> None:
    def f(x: Any, labels: Any) -> Any:
        gg.sin(x)
        gg.softmax_cross_entropy(x, labels)
        return gg.exp(x)

    assert steps(f, X, np.array([0, 2])) == ["check_labels", "exp"]
    assert "exp" in steps(f, X, np.array([0, 2]), without=NAMES)


def test_what_is_computed_twice_is_computed_once() -> None:
    def f(x: Any, y: Any) -> Any:
        return gg.sin(x) + gg.sin(x) * gg.sin(x[:]), gg.sum(x, 0), gg.sum(x, axis=0), gg.sum(x, 1)

    found = Counter(steps(f, X, Y))
    assert found["sin"] <= 2                        # x[:] is another slot
    assert found["sum"] == 2
    assert Counter(steps(f, X, Y, without=("common",)))["sum"] == 3


def test_operands_in_another_order_are_not_the_same() -> None:
    assert steps(lambda x, y: (x - y, y - x), X, Y) == ["subtract", "subtract"]


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        (0.0, -0.0, False),
        ((1, 2), (1, 2.0), False),
        (slice(0, 1), slice(0, 1), True),
        (slice(0, 1), slice(False, 1), False),
        (np.dtype("int64"), np.dtype("uint64"), False),
    ],
)
def test_settings_are_told_apart_by_type(a: Any, b: Any, shared: bool) -> None:
    slot = Slot((3,), np.dtype("float64"))
    pair = (Step("f", (0,), (1,), (("s", a),)), Step("f", (0,), (2,), (("s", b),)))
    plan = share_common(Plan((slot,) * 3, (0,), (), pair, (1, 2)))
    assert len(plan.steps) == (1 if shared else 2)
    assert plan.outputs == ((1, 1) if shared else (1, 2))


def test_constants_are_told_apart_by_their_bits() -> None:
    slot = Slot((), np.dtype("float64"))
    zero, minus = (Constant.of(np.array(x)) for x in (0.0, -0.0))
    build = Builder(Plan((slot, slot), (), ((0, zero), (1, minus)), (), (0, 1)))
    assert build.constant(np.array(-0.0)) == 1
    assert build.constant(np.array(0.0)) == 0
    assert build.constant(np.array(0.0, np.float32)) == 2


def test_what_is_known_is_computed_once_and_now() -> None:
    assert steps(lambda x: x * gg.sin(gg.asarray(2.0)) + gg.ones(()) * 2, X) == ["multiply", "add"]
    plan = improve(plan_of(lambda x: x + gg.exp(gg.asarray([1.0, 2.0, 3.0])), (X,)))
    assert [step.op for step in plan.steps] == ["add"]
    np.testing.assert_array_equal(dict(plan.constants)[plan.steps[0].inputs[1]].array(),
                                  np.exp([1.0, 2.0, 3.0]))


def test_a_large_known_array_is_not_stored() -> None:
    plan = improve(plan_of(lambda x: x + gg.sin(gg.zeros(100_000)), (np.ones(100_000),)))
    assert sum(len(constant.data) for _, constant in plan.constants) < 1000


def test_arrays_from_outside_are_never_folded() -> None:
    assert steps(lambda x: x * gg.sin(ROW), X) == ["sin", "multiply"]


# That the checker of random programs catches a wrong pass


@pytest.fixture(scope="module")
def sample() -> list[Program]:
    """Random programs, two with what chance rarely makes of infinities, and one with a choice of
    which a branch is not needed any more.

    Which programs they are may change with the sources that are loaded: Hypothesis takes numbers
    from there.
    """
    special = Input((3, 4, 5), special=True)
    rare = (Operator("mul", Ref(0), 0), Operator("sub", Ref(0), Ref(0)))
    zero_by_infinite = (Operator("truediv", 1.0, Ref(0)), Apply("scale", (Ref(0), Ref(1))))
    plain = (Input((3, 3)), Input((3, 3)))
    choice = (
        Apply("sin", (Ref(0),)), Apply("cos", (Ref(1),)), Apply("greater", (Ref(0), Ref(1))),
        Apply("multiply", (Ref(2), Ref(3))), Apply("where", (Ref(4), Ref(5), Ref(3))),
        Apply("exp", (Ref(6),)),
    )  # fmt: skip
    found = [Program((special,), rare), Program((special,), zero_by_infinite)]
    found.append(Program(plain, (Gradient(choice, (0, 1), squared=False),)))

    @settings(
        max_examples=250, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(programs())
    def collect(program: Program) -> None:
        found.append(program)

    collect()
    return found


def rewriting(rule: Callable[[Builder, Step], Step | int]) -> Callable[[Plan], Plan]:
    """A pass that puts `rule(build, step)`, a step or a slot, in the place of each step."""

    def apply(plan: Plan) -> Plan:
        build = Builder(plan)
        for old in plan.steps:
            step = build.resolved(old)
            found = rule(build, step) if step.outputs else step
            if isinstance(found, Step):
                build.add(found)
            else:
                build.replace(step.outputs[0], found)
        return build.plan()

    return apply


def swap_operands(build: Builder, step: Step) -> Step:
    return replace(step, inputs=step.inputs[::-1]) if step.op == "subtract" else step


def drop_broadcasts(build: Builder, step: Step) -> Step | int:
    return step.inputs[0] if step.op == "broadcast_to" else step


def zero_times_anything(build: Builder, step: Step) -> Step | int:
    numbers = [slot for slot in step.inputs if build.number(slot) == 0]
    slot = build.slots[step.outputs[0]]
    if step.op != "multiply" or not numbers or slot.dtype.kind != "f" or slot.size > 10_000:
        return step
    return build.constant(np.zeros(slot.shape, slot.dtype))


def less_itself(build: Builder, step: Step) -> Step | int:
    slot = build.slots[step.outputs[0]]
    if step.op != "subtract" or step.inputs[0] != step.inputs[1]:
        return step
    return build.constant(np.zeros(slot.shape, slot.dtype))


def drop_casts(build: Builder, step: Step) -> Step | int:
    return step.inputs[0] if step.op == "astype" else step


def forget_signs(build: Builder, step: Step) -> Step | int:
    return step.inputs[0] if step.op == "negative" else step


def select_the_other(build: Builder, step: Step) -> Step:
    condition, *others = step.inputs if step.op == "where" else (0,)
    return replace(step, inputs=(condition, *others[::-1])) if step.op == "where" else step


def scale_is_multiply(build: Builder, step: Step) -> Step:
    return replace(step, op="multiply") if step.op == "scale" else step


def ignore_settings(plan: Plan) -> Plan:
    build = Builder(plan)
    seen: dict[Any, tuple[int, ...]] = {}
    for old in plan.steps:
        step = build.resolved(old)
        found = seen.setdefault((step.op, step.inputs), step.outputs)
        if found is step.outputs:
            build.add(step)
        else:
            for mine, first in zip(step.outputs, found, strict=True):
                build.replace(mine, first)
    return build.plan()


def lose_the_last_step(plan: Plan) -> Plan:
    return remove_dead(replace(plan, outputs=plan.outputs[:-1] + plan.outputs[:1]))


MUTANTS: list[Callable[[Plan], Plan]] = [
    *map(
        rewriting,
        (
            swap_operands, drop_broadcasts, zero_times_anything, less_itself, drop_casts,
            forget_signs, select_the_other, scale_is_multiply,
        ),
    ),
    ignore_settings,
    lose_the_last_step,
]  # fmt: skip


def is_caught(sample: list[Program], improved: Callable[..., Plan], engine: str) -> bool:
    """Whether one of the programs shows that it is wrong."""
    for program in sample:
        try:
            check_plans(program, (engine,), improved)
        except (AssertionError, ValueError, TypeError, LookupError):
            return True
    return False


@pytest.mark.usefixtures("unverified")
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_pass_is_caught(sample: list[Program], mutant: Callable[[Plan], Plan]) -> None:
    def improved(plan: Plan, without: Any = ()) -> Plan:
        return mutant(improve(plan, without=without))

    assert is_caught(sample, improved, "reference")


def test_no_pass_is_wrong_by_itself(sample: list[Program]) -> None:
    assert not is_caught(sample[:50], improve, "reference")


def test_what_fusion_does_not_look_through_it_would_leave(
    sample: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It returns a plan at once where no two steps may become one, and only there."""
    plans = [
        improve(plan_of(program, program.arguments(0)), without=("horizontal",))
        for program in sample[:150]
    ]
    short = list(map(horizontal.fuse_horizontally, plans))
    with monkeypatch.context() as patch:
        patch.setattr(horizontal, "_packs", lambda plan: True)
        assert list(map(horizontal.fuse_horizontally, plans)) == short
    left = [plan for plan, found in zip(plans, short, strict=True) if plan is found]
    assert left                                     # at once, as the same object
    assert any(plan != found for plan, found in zip(plans, short, strict=True))
    with monkeypatch.context() as patch:            # the test can fail
        patch.setattr(horizontal, "_may_group", lambda plan, levels: False)
        assert list(map(horizontal.fuse_horizontally, plans)) != short


def always(plan: Plan, step: Step, operand: int, result: int) -> bool:
    return True


def one_step_early(plan_steps: Any) -> dict[int, int]:
    return {slot: position - 1 for slot, position in LAST_USES(plan_steps).items()}


LAST_USES = memory.last_uses


@pytest.fixture(params=["in place of any operand", "given back too early"])
def _careless_memory(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "given back too early":
        monkeypatch.setattr(memory, "last_uses", one_step_early)
    else:
        monkeypatch.setattr(NumpyWriter, "in_place", staticmethod(always))


@pytest.mark.usefixtures("_careless_memory", "unverified")
def test_memory_that_is_still_read_is_caught(sample: list[Program]) -> None:
    assert is_caught(sample, improve, "numpy")


def test_memory_that_is_given_back_too_early_is_refused(
    sample: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "last_uses", one_step_early)
    messages = []
    for program in sample:
        try:
            check_plans(program, ("numpy",), improve)
        except PlanError as error:
            messages.append(str(error))
    assert sum("was written over it" in text for text in messages) > 5
