"""A plan is verified before anything is made of it: each claim that is not true is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines import ENGINES, make_program
from gpugrad.engines.fence import check_source
from gpugrad.errors import PlanError
from gpugrad.plan import observers
from gpugrad.plan.derive import results
from gpugrad.plan.passes import improve
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.plan import Constant, Operand, Plan, Slot, Step
from gpugrad.plan.primitives import CALLS
from gpugrad.plan.verify import DEEPEST, verify, verify_made
from gpugrad.plan.verify_memory import verify_placement
from gpugrad.tracing import debug

X = np.linspace(-1.0, 1.0, 12).reshape(4, 3)
LABELS = np.array([0, 2, 1, 0])

F8, F4, I8, B1 = (np.dtype(name) for name in ("float64", "float32", "int64", "bool"))


def training_step(w: Any, x: Any, labels: Any) -> Any:
    def loss(w: Any) -> Any:
        return gg.mean(gg.nn.softmax_cross_entropy(gg.tanh(x @ w), labels))

    value, g = gg.value_and_grad(loss)(w)
    return w - 0.1 * g, value


def loop(x: Any, flag: Any) -> Any:
    def body(c: Any, row: Any) -> Any:
        return gg.cond(flag, lambda: (c * row, c), lambda: (c + row, row))

    return gg.scan(body, gg.sum(x, axis=0), x, reverse=True)


def several(x: Any, key: Any) -> Any:
    return gg.concat([gg.exp(x)[key], gg.linalg.solve(x.T @ x, x.T).T]), gg.fft.rfft(x), x[::2, 1]


PLANS = {
    "step": gg.jit(training_step, donate_argnums=0).plan(np.ones((3, 3)), X, LABELS),
    "loop": gg.jit(loop).plan(X, np.array(True)),
    "several": gg.jit(several).plan(X, np.array([2, 0])),
    "fused": fuse(gg.jit(training_step).plan(np.ones((3, 3)), X, LABELS)),
}


@pytest.mark.parametrize("name", PLANS)
def test_the_plans_of_gpugrad_hold(name: str) -> None:
    verify(PLANS[name])


# What is not true of a plan. Each of these is refused, with the step and the slot by name.


def one_step(op: str, slots: list[Any], settings: Any = (), constants: Any = ()) -> Plan:
    """A plan of one step from all slots but the last, which it makes."""
    array = tuple(Slot(*slot) for slot in slots)
    n = len(slots) - 1
    step = Step(op, tuple(range(n)), (n,), tuple(settings))
    inputs = tuple(i for i in range(n) if i not in dict(constants))
    return Plan(array, inputs, tuple(constants), (step,), (n,))


def called(op: str, slots: list[Any], *args: Any, **kwargs: Any) -> Plan:
    """The same of a function that is called with these arguments."""
    return one_step(op, slots, (("args", args), ("kwargs", tuple(kwargs.items()))))


def pairs(**settings: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(settings.items())


V, M = ((3,), F8), ((2, 3), F8)

WRONG_STEPS = {
    "another shape": one_step("sin", [V, M]),
    "another dtype": one_step("sin", [V, ((3,), F4)]),
    "another byte order": one_step("sin", [V, ((3,), np.dtype(">f8"))]),
    "operands of two dtypes": one_step("add", [V, ((3,), F4), V]),
    "operands that do not broadcast": one_step("add", [V, ((2,), F8), V]),
    "an operand too few": one_step("add", [V, V]),
    "an operand too many": one_step("sin", [V, V, V]),
    "settings of an elementwise step": one_step("sin", [V, V], pairs(axis=0)),
    "numbers that have no such function": one_step("floor", [((3,), np.dtype("c16"))] * 2),
    "integers where numbers are floating": one_step("exp", [((3,), I8), ((3,), I8)]),
    "a condition of numbers": one_step("where", [V, V, V, V]),
    "complex numbers made real": one_step("astype", [((3,), np.dtype("c16")), V], pairs(dtype=F8)),
    "a dtype that is none": one_step("astype", [V, V], pairs(dtype="f8")),
    "a product of shapes that do not fit": one_step("matmul", [M, M, ((2, 2), F8)]),
    "a product with a smaller result": one_step(
        "matmul", [((9, 2), F8), ((2, 9), F8), ((2, 2), F8)]
    ),
    "a product of two dtypes": one_step("matmul", [M, ((3, 2), F4), ((2, 2), F8)]),
    "a sum with another result": one_step("sum", [M, V], pairs(axes=(1,), keepdims=False)),
    "a sum over no axis of it": one_step("sum", [M, M], pairs(axes=(2,), keepdims=False)),
    "a sum over an axis twice": one_step("sum", [M, V], pairs(axes=(0, 0), keepdims=False)),
    "a sum over an axis from the end": one_step("sum", [M, V], pairs(axes=(-2,), keepdims=False)),
    "a sum that keeps 1": one_step("sum", [M, ((1, 3), F8)], pairs(axes=(0,), keepdims=1)),
    "the maximum of nothing": one_step("max", [((0, 3), F8), V], pairs(axes=(0,), keepdims=False)),
    "a sum of integers as floats": one_step(
        "sum", [((2, 3), I8), V], pairs(axes=(0,), keepdims=False)
    ),
    "a reshape to another size": one_step("reshape", [M, V], pairs(shape=(3,))),
    "a reshape with an open length": one_step("reshape", [M, ((6,), F8)], pairs(shape=(-1,))),
    "a reshape without a shape": one_step("reshape", [M, ((6,), F8)]),
    "a shape of booleans": one_step("reshape", [((1,), F8), ((1,), F8)], pairs(shape=(True,))),
    "axes that are twice there": one_step("permute_dims", [M, ((2, 2), F8)], pairs(axes=(0, 0))),
    "axes that are missing": one_step("permute_dims", [M, V], pairs(axes=(1,))),
    "a broadcast to what does not fit": one_step("broadcast_to", [M, V], pairs(shape=(3,))),
    "a place that is not there": one_step("slice", [V, ((), F8)], pairs(key=(3,))),
    "a slice of another length": one_step("slice", [V, V], pairs(key=(slice(0, 2),))),
    "a slice from a text": one_step("slice", [V, V], pairs(key=(slice("0", None),))),
    "a boolean as a place": one_step("slice", [V, ((1, 3), F8)], pairs(key=(True,))),
    "a key that is no tuple": one_step("slice", [V, ((), F8)], pairs(key=0)),
    "an array in the key of a view": one_step("slice", [V, V], pairs(key=(Operand(0),))),
    "a concatenation of two dtypes": one_step("concat", [V, ((3,), F4), ((6,), F8)], pairs(axis=0)),
    "a concatenation of other lengths": one_step("concat", [V, V, V], pairs(axis=0)),
    "a pack of another size": one_step("pack", [V, V, M], pairs(shape=(2, 2))),
    "a write of what does not fit": one_step("set_at", [V, M, V], pairs(key=(...,))),
    "a write at no array": one_step("set_at", [V, V, V], pairs(key=(Operand(2),))),
    "a write that changes the shape": one_step("set_at", [V, V, M], pairs(key=())),
    "floats added to integers": one_step("add_at", [((3,), I8), V, ((3,), I8)], pairs(key=(...,))),
    "classes below 0": one_step("one_hot", [((3,), I8), M], pairs(n=-1, dtype=F8)),
    "classes of floats": one_step("one_hot", [V, ((3, 2), F8)], pairs(n=2, dtype=F8)),
    "labels of other rows": one_step("nll", [M, ((3,), I8), V]),
    "labels that nobody checked": one_step("nll", [M, ((2,), I8), ((2,), F8)]),
    "a function that is not known": called("load", [V, V], Operand(0)),
    "a function that writes": called("copyto", [V, V, V], Operand(0), Operand(1)),
    "a private name": called("__class__", [V, V], Operand(0)),
    "a name with a space": called("sin cos", [V, V], Operand(0)),
    "no operands": Plan((Slot(*V),), (), (), (Step("random_bits", (), (0,)),), (0,)),
    "an operand that is not there": called("cbrt", [V, V], Operand(1)),
    "a number where an array is wanted": called("flip", [V, V], 1.0),
    "a result to write into": called("cbrt", [V, V, V], Operand(0), Operand(1)),
    "the same by its name": called("cbrt", [V, V, V], Operand(0), out=Operand(1)),
    "a condition where to write": called("all", [V, V, ((), B1)], Operand(0), where=Operand(1)),
    "a setting that is there twice": called("flip", [V, V], Operand(0), 0, axis=0),
    "an array as a setting": called("flip", [V, V], Operand(0), axis=Operand(0)),
    "a plan as a setting": called("flip", [V, V], Operand(0), axis=PLANS["step"]),
    "a name of what is no comparison": called("compared", [V, V, V], "batch_enter", Operand(0), 1),
    "a name of what is no arithmetic": called("of_integers", [((), I8)] * 2, "eval", Operand(0)),
    "more numbers than there are": called("fft_rfft", [V, ((3,), F8)], Operand(0), n=10**12),
    "random numbers of another shape": called(
        "random_bits", [((2,), np.dtype("u4")), ((3,), np.dtype("u4"))], Operand(0), (10**12,)
    ),
    "a matrix that is none": called("inv", [M, M], Operand(0)),
    "an equation of what does not fit": called("solve", [M, V, V], Operand(0), Operand(1)),
    "an operand that nobody uses": called("cbrt", [V, V, V], Operand(0)),
    "an operand twice": called("remainder", [V, V], Operand(0), Operand(0)),
    "a name that is code": called("fft_fft", [V, ((3,), np.dtype("c16"))], Operand(0), norm="a()"),
    "places in something large": called(
        "getitem", [((2**22, 2), F8), ((9,), I8), ((2**22, 2), F8)], Operand(0), (Operand(1),)
    ),
    "places in what has no axes": called(
        "getitem", [((), F8), ((3,), I8), ((3,), F8)], Operand(0), (Operand(1),)
    ),
    "random numbers of another dtype": called(
        "random_uniform", [((2,), np.dtype("u4")), ((9,), F8)], Operand(0), (9,), F4, 0.0, 1.0
    ),
    "random numbers of no key": called(
        "random_bits", [((1,), np.dtype("u4")), ((2**24,), np.dtype("u4"))], Operand(0), (2**24,)
    ),
    "places of another number": called(
        "searchsorted", [V, ((3,), B1), ((2,), I8)], Operand(0), Operand(1)
    ),
    "no results": Plan(
        (Slot(*V),), (0,), (), (Step("flip", (0,), (), pairs(args=(Operand(0),), kwargs=())),), ()
    ),
    "another number of results": called("svd", [M, M], Operand(0)),
    "settings that are there twice": one_step(
        "reshape", [M, ((6,), F8)], (("shape", (6,)), ("shape", (6,)))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_STEPS)
def test_a_step_that_does_not_do_what_it_says_is_refused(name: str) -> None:
    with pytest.raises(PlanError, match=r"^step 1, (%\d+ = )?\S"):
        verify(WRONG_STEPS[name])


STEP = PLANS["step"]


def first(plan: Plan, op: str) -> int:
    """The position of the first step of that name."""
    return next(i for i, step in enumerate(plan.steps) if step.op == op)


def changed(plan: Plan, number: int, **parts: Any) -> Plan:
    """`plan` with one of its steps changed."""
    step = replace(plan.steps[number], **parts)
    return replace(plan, steps=(*plan.steps[:number], step, *plan.steps[number + 1 :]))


def inside(plan: Plan, op: str, setting: str, change: Callable[[Any], Any]) -> Plan:
    """`plan` with a setting of the first step of that name changed."""
    number = first(plan, op)
    settings = dict(plan.steps[number].settings)
    settings[setting] = change(settings[setting])
    return changed(plan, number, settings=tuple(settings.items()))


def with_slot(plan: Plan, number: int, slot: Slot) -> Plan:
    return replace(plan, slots=(*plan.slots[:number], slot, *plan.slots[number + 1 :]))


def deep(depth: int) -> Plan:
    """Branches in branches."""
    slot, flag = Slot(*V), Slot((), B1)
    plan = Plan((slot, flag), (1, 0), (), (), (0,))
    for _ in range(depth):
        branches = pairs(true=plan, false=plan)
        step = Step("cond", (1, 1, 0), (2,), branches)
        plan = Plan((slot, flag, slot), (1, 0), (), (step,), (2,))
    return plan


CONSTANT = STEP.constants[0][0]
UNREAD = Slot(*V)
LOOP, FUSED = PLANS["loop"], PLANS["fused"]
BODY = first(FUSED, "fused")

WRONG_PLANS = {
    "a slot that is read before it is written": replace(STEP, steps=STEP.steps[::-1]),
    "a slot that is written twice": replace(STEP, steps=(*STEP.steps, STEP.steps[0])),
    "a step that is not there": replace(STEP, steps=STEP.steps[1:]),
    "a result over an input": changed(STEP, 0, outputs=STEP.inputs[:1]),
    "a result in no slot": changed(STEP, 0, outputs=(len(STEP.slots),)),
    "a result in a slot from the end": changed(STEP, 0, outputs=(-1,)),
    "an operand from the end": changed(STEP, 0, inputs=(-1, 0)),
    "an input twice": replace(STEP, inputs=(*STEP.inputs, STEP.inputs[0])),
    "an input that is a constant": replace(STEP, inputs=(*STEP.inputs, CONSTANT)),
    "an input in no slot": replace(STEP, inputs=(*STEP.inputs, len(STEP.slots))),
    "a constant twice": replace(STEP, constants=(*STEP.constants, STEP.constants[0])),
    "a constant of another dtype": replace(
        STEP, constants=((CONSTANT, Constant.of(np.float32(1))), *STEP.constants[1:])
    ),
    "a constant with bytes too few": replace(
        STEP,
        constants=((CONSTANT, replace(STEP.constants[0][1], data=b"")), *STEP.constants[1:]),
    ),
    "booleans that are neither": Plan(
        (Slot((2,), B1),), (), ((0, Constant((2,), B1, b"\1\2")),), (), (0,)
    ),
    "an output that nobody computes": replace(STEP, outputs=(len(STEP.slots) - 1,) * 3),
    "an output in no slot": replace(STEP, outputs=(len(STEP.slots),)),
    "a donated output": replace(STEP, donated=((STEP.outputs[0], STEP.outputs[0]),)),
    "an input donated for a step": replace(STEP, donated=((STEP.inputs[0], STEP.inputs[1]),)),
    "an input donated for two": replace(
        STEP, outputs=STEP.outputs[:1] * 2, donated=STEP.donated * 2
    ),
    "a donation of another shape": replace(STEP, donated=((STEP.inputs[1], STEP.outputs[0]),)),
    "an array of objects": with_slot(STEP, 0, Slot((3, 3), np.dtype("O"))),
    "an array of records": with_slot(STEP, 0, Slot((3, 3), np.dtype("f8,i4"))),
    "an array of dates": with_slot(STEP, 0, Slot((3, 3), np.dtype("M8[s]"))),
    "an array of texts": with_slot(STEP, 0, Slot((3, 3), np.dtype("S3"))),
    "a negative length": with_slot(STEP, 0, Slot((-3, 3), F8)),
    "a length that is a boolean": with_slot(STEP, 0, Slot((True, 3), F8)),
    "an array beyond all memory": with_slot(STEP, 0, Slot((2**40, 2**40), F8)),
    "an array with too many axes": with_slot(STEP, 0, Slot((1,) * 65, F8)),
    "labels that are not checked": replace(
        STEP, steps=tuple(step for step in STEP.steps if step.op != "check_labels")
    ),
    "labels that are checked too late": replace(
        STEP,
        steps=(
            *(step for step in STEP.steps if step.op != "check_labels"),
            STEP.steps[first(STEP, "check_labels")],
        ),
    ),
    "labels that are checked for more classes": inside(STEP, "check_labels", "n", lambda n: n + 1),
    "a line of two lines": changed(STEP, 0, line="a.py:1\nimport os"),
    "a line that goes to the terminal": changed(STEP, 0, line="a.py\x9b31m:1"),
    "a line that goes the other way": changed(STEP, 0, line="a.py\u202e:1"),
    "a body where there is none": changed(STEP, 0, body=STEP.steps[:1]),
    "a body of another name": changed(FUSED, BODY, op="sin"),
    "a body that computes less": changed(FUSED, BODY, body=FUSED.steps[BODY].body[:-1]),
    "a body that computes nothing": changed(FUSED, BODY, body=()),
    "a body in another order": changed(FUSED, BODY, body=FUSED.steps[BODY].body[::-1]),
    "a body in a body": changed(FUSED, BODY, body=(FUSED.steps[BODY],)),
    "a body of what is in no region": changed(
        FUSED, BODY, body=(*FUSED.steps[BODY].body, FUSED.steps[first(FUSED, "matmul")])
    ),
    "a region of another shape": inside(FUSED, "fused", "shape", lambda shape: (7, *shape)),
    "a region in parts": changed(
        FUSED, BODY, settings=(*FUSED.steps[BODY].settings, ("parts", 2))
    ),
    "a slot of a region that is read outside": replace(
        FUSED, outputs=(FUSED.steps[BODY].body[0].outputs[0],)
    ),
    "an operand of a region that nobody reads": changed(
        FUSED, BODY, inputs=(*FUSED.steps[BODY].inputs, FUSED.inputs[0])
    ),
    "a branch with another operand": inside(
        deep(1), "cond", "true", lambda plan: replace(plan, inputs=plan.inputs[::-1])
    ),
    "a branch with another result": inside(
        deep(1), "cond", "true", lambda plan: replace(plan, outputs=(1,))
    ),
    "a branch that is no plan": inside(deep(1), "cond", "false", lambda plan: "plan"),
    "a branch that donates": inside(
        deep(1), "cond", "false", lambda plan: replace(plan, donated=((0, 0),))
    ),
    "a condition of several": with_slot(deep(1), 1, Slot((1,), B1)),
    "branches too deep": deep(DEEPEST + 1),
    "a loop that is longer": inside(LOOP, "scan", "length", lambda n: n + 1),
    "a loop with a length of floats": inside(LOOP, "scan", "length", float),
    "a loop with another carry": inside(LOOP, "scan", "carries", lambda n: n + 1),
    "a loop with another number of rows": inside(LOOP, "scan", "xs", lambda n: n + 9),
    "a loop with less operands": inside(
        LOOP, "scan", "body", lambda plan: replace(plan, inputs=plan.inputs[:-1])
    ),
    "a loop with a body that is wrong": inside(
        LOOP, "scan", "body", lambda plan: replace(plan, steps=())
    ),
    "a loop that goes both ways": inside(LOOP, "scan", "reverse", int),
}


@pytest.mark.parametrize("name", WRONG_PLANS)
def test_a_plan_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(PlanError):
        verify(WRONG_PLANS[name])


def test_depth_up_to_the_limit_is_none_of_the_reasons() -> None:
    verify(deep(DEEPEST))


def test_the_step_the_slot_and_the_line_are_named() -> None:
    number = first(STEP, "matmul")
    slot = STEP.steps[number].outputs[0]
    wrong = with_slot(STEP, slot, Slot((4, 4), F8))
    step = rf"step {number + 1}, %{slot} = matmul \(test_verify\.py:\d+\)"
    claim = rf"it makes float64\[4, 3\], and %{slot} is float64\[4, 4\]"
    with pytest.raises(PlanError, match=f"^{step}: {claim}$"):
        verify(wrong)


def test_a_message_is_short_whatever_the_plan_says() -> None:
    huge = called("x\n" * 10**6, [V, V], *("y" * 10**6,) * 1000)
    with pytest.raises(PlanError) as caught:
        verify(huge)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


# What is known of a step that calls a function of the library


def test_a_call_of_something_too_large_to_be_tried_is_taken_at_its_word() -> None:
    large = called("sort", [((2**22,), F8), ((2**22,), F8)], Operand(0), axis=0)
    verify(large)


def test_shapes_that_depend_on_values_are_looked_at_when_they_are_there() -> None:
    plan = called("getitem", [V, ((3,), B1), ((2,), F8)], Operand(0), (Operand(1),))
    verify(plan)
    with pytest.raises(PlanError, match=r"makes float64\[3\], and %2 is float32\[2\]"):
        verify(with_slot(plan, 2, Slot((2,), F4)))


def test_functions_of_the_user_are_none_of_a_file() -> None:
    plan = called("histogram", [V, V], Operand(0))
    verify(plan, stored=False)
    with pytest.raises(PlanError, match="gpugrad and NumPy's ufuncs"):
        verify(plan)


def test_the_table_of_functions_names_what_there_is() -> None:
    from gpugrad.backends import numpy_namespace as xp

    assert [name for name in CALLS if not callable(getattr(xp, name, None))] == []


def test_nothing_is_computed_to_verify_large_steps() -> None:
    huge = (2**20, 2**20)
    for plan in (
        one_step("add", [(huge, F8), ((2**20,), F8), (huge, F8)]),
        one_step("matmul", [((2**22, 1), F8), ((1, 2**22), F8), ((2**22, 2**22), F8)]),
        one_step("sum", [(huge, F8), ((), F8)], pairs(axes=(0, 1), keepdims=False)),
        one_step("permute_dims", [(huge, F8), (huge, F8)], pairs(axes=(1, 0))),
        one_step("reshape", [(huge, F8), ((2**40,), F8)], pairs(shape=(2**40,))),
        one_step("concat", [(huge, F8), (huge, F8), ((2**20, 2**21), F8)], pairs(axis=1)),
        called("cbrt", [(huge, F8), (huge, F8)], Operand(0)),
        called("remainder", [((2**20, 1), F8), ((2**20,), F8), (huge, F8)], Operand(0), Operand(1)),
    ):
        verify(plan)


def test_labels_of_labels_are_followed_once() -> None:
    n = 40                                          # each twice in the next: 2 ** 40 ways
    slots = tuple(Slot((2**i,), I8) for i in range(n + 1))
    packs = [Step("pack", (i, i), (i + 1,), pairs(shape=(2 ** (i + 1),))) for i in range(n)]
    check = Step("check_labels", (n,), (), pairs(n=3))
    verify(Plan(slots, (0,), (), (*packs, check), (n,)))


# Files whose checksum fits


def written(path: Path, text: bytes) -> Path:
    """A file with that text as its plan."""
    header = {"format": "gpugrad plan", "version": 1, "sha256": sha256(text).hexdigest()}
    path.write_bytes(json.dumps(header).encode() + b"\n" + text)
    return path


EMPTY = {"slots": [], "inputs": [], "constants": [], "steps": [], "outputs": [], "donated": []}


def edited(**parts: Any) -> bytes:
    return json.dumps(EMPTY | parts).encode()


def setting(value: Any) -> bytes:
    """A plan with a step that has that setting."""
    step = ["flip", [0], [1], [["args", [{"operand": 0}]], ["kwargs", [["axis", value]]]], [], ""]
    return edited(
        slots=[[[3], "<f8"], [[3], "<f8"]], inputs=[0], steps=[step], outputs=[1]
    )


NO_PLANS = {
    "deep lists": b"[" * 10**6,
    "deep names": b'{"slots":' * 10**6,
    "a deep setting": setting(1).replace(b'"axis", 1', b'"axis", ' + b"[" * 500 + b"]" * 500),
    "a number of 5000 digits": setting(1).replace(b'"axis", 1', b'"axis", ' + b"1" * 5000),
    "a number of 4000 digits": setting(int("1" * 4000)),
    "NaN": setting(1).replace(b'"axis", 1', b'"axis", NaN'),
    "Infinity": setting(1).replace(b'"axis", 1', b'"axis", -Infinity'),
    "a float beyond all": setting(1).replace(b'"axis", 1', b'"axis", 1e999'),
    "a name twice": edited().replace(b'"inputs"', b'"slots"'),
    "a name twice with the others": edited()[:-1] + b', "slots": []}',
    "a name too many": edited(code="import os"),
    "no text": b"",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no UTF-8": b"\xff\xfe\xff",
    "half of a letter": b'{"slots": "\\ud800"}',
    "slots as a text": edited(slots="ab"),
    "slots as numbers": edited(slots=[1]),
    "a slot of three": edited(slots=[[[1], "<f8", 0]]),
    "a shape that is a number": edited(slots=[[3, "<f8"]]),
    "a shape that is a text": edited(slots=[["3", "<f8"]]),
    "a shape of floats": edited(slots=[[[3.0], "<f8"]]),
    "a shape of booleans": edited(slots=[[[True], "<f8"]]),
    "a shape of nothing": edited(slots=[[[None], "<f8"]]),
    "a shape of 4000 digits": edited(slots=[[[int("1" * 4000)], "<f8"]]),
    "a shape beyond memory": edited(slots=[[[2**63 - 1], "<f8"]]),
    "a dtype of objects": edited(slots=[[[3], "|O"]]),
    "a dtype of records": edited(slots=[[[3], "f8,i4"]]),
    "a dtype of arrays": edited(slots=[[[3], "(1000000,1000000)f8"]]),
    "a dtype by another name": edited(slots=[[[3], "float64"]]),
    "a dtype of long names": edited(slots=[[[3], "f8," * 10**5]]),
    "a dtype that is a list": edited(slots=[[[3], [["x", "f8"]]]]),
    "an input that is a boolean": edited(slots=[[[3], "<f8"]] * 2, inputs=[True]),
    "an input that is a float": edited(slots=[[[3], "<f8"]], inputs=[0.0]),
    "an input from the end": edited(slots=[[[3], "<f8"]], inputs=[-1]),
    "inputs that are a name": edited(inputs={"0": 0}),
    "a constant of letters": edited(
        slots=[[[1], "|b1"]], constants=[[0, [1], "|b1", "!!!!"]], outputs=[0]
    ),
    "a constant of other letters": edited(
        slots=[[[1], "|b1"]], constants=[[0, [1], "|b1", "\u00e9"]], outputs=[0]
    ),
    "a constant that is too long": edited(
        slots=[[[1], "|b1"]], constants=[[0, [1], "|b1", base64.b64encode(b"12").decode()]]
    ),
    "a constant that is a number": edited(
        slots=[[[1], "|b1"]], constants=[[0, [1], "|b1", 1]]
    ),
    "a step of five parts": edited(steps=[["sin", [], [], [], []]]),
    "a step whose name is a number": edited(steps=[[1, [], [], [], [], ""]]),
    "a step whose line is a number": edited(steps=[["sin", [], [], [], [], 1]]),
    "a step whose body is a name": edited(steps=[["sin", [], [], [], "sin", ""]]),
    "a setting that is a pair of three": edited(steps=[["sin", [], [], [["a", 1, 2]], [], ""]]),
    "a setting without a name": edited(steps=[["sin", [], [], [[1, 1]], [], ""]]),
    "a setting of an unknown kind": setting({"pickle": "gASV"}),
    "a setting of two kinds": setting({"float": "inf", "slice": [0, 0, 0]}),
    "a setting of no kind": setting({}),
    "a float by another name": setting({"float": "1_0"}),
    "a float that is a boolean": setting({"float": True}),
    "a complex number of texts": setting({"complex": ["1", "2"]}),
    "a complex number of three": setting({"complex": [1.0, 2.0, 3.0]}),
    "a slice of texts": setting({"slice": ["0", None, None]}),
    "a slice of four": setting({"slice": [0, 1, 2, 3]}),
    "an operand that is a boolean": setting({"operand": False}),
    "an operand from the end": setting({"operand": -1}),
    "a plan that is none": setting({"plan": 1}),
    "a plan of nothing": setting({"plan": {}}),
    "a type of objects": setting({"type": "|O"}),
    "a dtype that is a number": setting({"dtype": 8}),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PLANS)
def test_a_file_with_a_fitting_checksum_is_no_plan(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / "made up.plan", NO_PLANS[name])
    with pytest.raises(PlanError, match=r"made up\.plan holds no plan that can run") as caught:
        Plan.load(path)
    assert len(str(caught.value)) < 1000


def test_the_setting_that_is_tried_is_none_of_the_reasons(tmp_path: Path) -> None:
    Plan.load(written(tmp_path / "a.plan", setting(0)))


@pytest.mark.parametrize(
    "header",
    [b"[" * 10**6, b'{"a":' * 10**5, b"1" * 5000, b"NaN", b"[]", b"null", b"", b"\xff",
     b'{"format": "gpugrad plan", "format": "gpugrad plan", "version": 1}'],
)  # fmt: skip
def test_a_header_that_is_none_is_refused(header: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.plan").write_bytes(header + b"\n" + edited())
    with pytest.raises(PlanError, match=r"a\.plan is no file of a plan"):
        Plan.load(tmp_path / "a.plan")


@pytest.mark.parametrize("version", ["true", "1.0", '"1"', "2", "null", "1" * 900])
def test_another_version_is_refused(version: str, tmp_path: Path) -> None:
    header = '{"format": "gpugrad plan", "version": ' + version + "}"
    (tmp_path / "a.plan").write_bytes(header.encode() + b"\n" + edited())
    with pytest.raises(PlanError, match=r"a\.plan holds a plan in version"):
        Plan.load(tmp_path / "a.plan")


# The fence of the engines, which stands for itself

NO_SOURCE = {
    "a name that is code": Step("print() or sin", (0,), (1,)),
    "a name with a line": Step("sin\nprint()\n#", (0,), (1,)),
    "a private name": Step("__init__", (0,), (1,)),
    "code in a body": Step("sin", (0,), (1,), body=(Step("print()", (0,), (1,)),)),
    "a text as a setting": Step("reshape", (0,), (1,), pairs(shape=("3",))),
    "a text in a slice": Step("slice", (0,), (1,), pairs(key=(slice("print()"),))),
    "a text as a slot": Step("sin", ("0",), (1,)),  # type: ignore[arg-type]
    "a text as a result": Step("sin", (0,), ("1",)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("name", NO_SOURCE)
def test_engines_write_no_text_of_a_plan(name: str, engine: str) -> None:
    plan = Plan((Slot(*V), Slot(*V)), (0,), (), (NO_SOURCE[name],), (1,))
    with pytest.raises((PlanError, TypeError, ValueError)):
        make_program(plan, engine)
    with pytest.raises(PlanError):
        check_source(plan)


def test_a_length_that_is_text_is_no_source() -> None:
    slot = Slot(("print()",), F8)  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="whole number"):
        check_source(Plan((slot,), (0,), (), (), (0,)))


# Memory


def placed(plan: Plan) -> Any:
    return make_program(plan, "numpy").placement


def chain() -> Plan:
    """Slots that share memory: what a step reads, and what is written meanwhile."""
    def f(x: Any) -> Any:
        y = x @ x
        z = y @ x
        return (z @ y) @ z

    return gg.jit(f).plan(np.ones((8, 8)))


def test_the_memory_of_plans_holds() -> None:
    for plan in (*PLANS.values(), chain()):
        made = make_program(plan, "numpy")
        verify_placement(made.plan, made.placement)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p, s: replace(p, offsets={**p.offsets, s: p.size}), "the arena has"),
        (lambda p, s: replace(p, offsets={**p.offsets, s: -64}), "the arena has"),
        (lambda p, s: replace(p, size=p.size - 8), "the arena has"),
        (lambda p, s: replace(p, offsets={**p.offsets, s: 4}), "midst of a number"),
        (lambda p, s: replace(p, offsets=dict.fromkeys(p.offsets, 0)), "written over"),
        (lambda p, s: replace(p, offsets={x: 8 * i for i, x in enumerate(p.offsets)}), "written"),
    ],
)
def test_memory_that_is_wrong_is_refused(change: Any, message: str) -> None:
    plan = chain()
    placement = placed(plan)
    with pytest.raises(PlanError, match=message):
        verify_placement(plan, change(placement, next(iter(placement.offsets))))


def test_every_exchange_of_two_places_is_refused_or_harmless() -> None:
    plan = STEP
    placement = placed(plan)
    places = list(placement.offsets)
    refused = 0
    for a in places:
        for b in places:
            offsets = {**placement.offsets, a: placement.offsets[b]}
            try:
                verify_placement(plan, replace(placement, offsets=offsets))
            except PlanError:
                refused += 1
    assert refused > len(places)


# Between the passes


def test_each_plan_that_a_pass_makes_is_shown() -> None:
    seen: list[str] = []
    with observers.observing(lambda plan, made_by, placement: seen.append(made_by)):
        improve(gg.jit(training_step)._cache.compiled((np.ones((3, 3)), X, LABELS), {}).traced)
        make_program(STEP, "numpy")
    assert {"dead", "algebra", "the engine"} <= {*seen}


def test_a_wrong_pass_is_named() -> None:
    wrong = with_slot(STEP, STEP.steps[0].outputs[0], Slot((1,), F8))
    with pytest.raises(PlanError, match=r"^after nonsense: step 1, "):
        verify_made(wrong, "nonsense")


def test_under_debug_plans_are_verified() -> None:
    before = len(observers.observers)
    with debug.debug():
        (mine,) = observers.observers[before:]
        with pytest.raises(PlanError):
            mine(WRONG_STEPS["another shape"], "nonsense", None)
    assert len(observers.observers) == before


def test_what_a_step_makes_is_what_it_makes_when_it_runs() -> None:
    """The rules of `derive` against the arrays that the interpreter gets."""
    from gpugrad.backends import numpy_namespace as xp
    from gpugrad.plan.interpret import run_step

    count = 0
    for plan, args in (
        (PLANS["step"], (np.ones((3, 3)), X, LABELS)),
        (PLANS["several"], (X, np.array([2, 0]))),
    ):
        values = dict(zip(plan.inputs, args, strict=True))
        values |= {slot: constant.array() for slot, constant in plan.constants}
        for step in plan.steps:
            operands = [values[slot] for slot in step.inputs]
            made = run_step(step, operands, xp)
            said = results(
                step,
                tuple(Slot(x.shape, x.dtype) for x in operands),
                tuple(plan.slots[slot] for slot in step.outputs),
            )
            assert said == tuple(Slot(y.shape, y.dtype) for y in made)
            values |= dict(zip(step.outputs, made, strict=True))
            count += 1
    assert count > 20
