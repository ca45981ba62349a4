"""Results that follow from numbers alone: the host computes them, so that nobody waits for them.

A function that takes a Python number and returns one, as an optimiser does with its count of steps,
would otherwise have to wait for the device in every call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from math import isfinite

import numpy as np

from gpugrad.engines.lines import Line
from gpugrad.engines.numpy.engine import compile_plan
from gpugrad.plan.effects import has_effect
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.plan import Plan
from gpugrad.plan.primitives import PRIMITIVES

_EXACT = {row.name: row.scalar for row in PRIMITIVES.values() if row.in_python and row.scalar}
"""What Python computes to the bit as NumPy does, and never raises: of floating numbers, and of
integers where the result is in range, as it is in a plan (see `integer_ranges.py`).
"""

_DTYPES = (np.dtype("int64"), np.dtype("float64"))


def split(plan: Plan, numbers: Collection[int], plain: Collection[int]) -> tuple[Plan, Plan]:
    """`plan` without outputs that are wanted as Python numbers, and the plan of these.

    The outputs are those that follow from `numbers`; the inputs of the plan that computes them are
    `numbers` in the order that `plan` has.

    `numbers` are inputs that are Python numbers, and `plain` the places of the outputs that a
    caller wants as such.
    """
    known = {*numbers, *(slot for slot, _ in plan.constants)}
    for step in plan.steps:
        if known.issuperset(step.inputs) and not has_effect(step):
            known.update(step.outputs)
    on_host = {i for i in plain if plan.outputs[i] in known}
    rest = tuple(slot for i, slot in enumerate(plan.outputs) if i not in on_host)
    steps = tuple(step for step in plan.steps if known.issuperset(step.outputs) and step.outputs)
    host = replace(
        plan,
        inputs=tuple(slot for slot in plan.inputs if slot in numbers),
        steps=steps,
        outputs=tuple(dict.fromkeys(plan.outputs[i] for i in sorted(on_host))),
        donated=(),
    )
    return remove_dead(replace(plan, outputs=rest)), remove_dead(host)


def in_python(plan: Plan) -> list[Line] | None:
    """A plan of numbers as lines of Python, where these compute the very same: slot 7 is `n7`.

    `None` where they do not.
    """
    names = {slot: f"n{slot}" for slot in plan.inputs}
    for slot, constant in plan.constants:
        array = constant.array()
        if array.shape or array.dtype not in _DTYPES or not isfinite(array[()]):
            return None
        names[slot] = f"({array.item()!r})"
    constants = {slot for slot, _ in plan.constants}
    lines = []
    for step in plan.steps:
        if step.op not in _EXACT:
            return None
        (result,) = step.outputs
        used = [plan.slots[slot] for slot in (*step.inputs, result)]
        if used[0].dtype not in _DTYPES or used[0].shape or len(set(used)) > 1:
            return None
        names[result] = f"n{result}"
        expression = _EXACT[step.op].expression.format(*(names[slot] for slot in step.inputs))
        reads = tuple(f"n{slot}" for slot in step.inputs if slot not in constants)
        lines.append(Line(f"n{result} = {expression}", (f"n{result}",), reads))
    made = {slot for step in plan.steps for slot in step.outputs}
    for slot in plan.outputs:
        if slot not in made:
            reads = () if slot in constants else (f"n{slot}",)
            lines.append(Line(f"n{slot} = {names[slot]}", (f"n{slot}",), reads))
    return lines


def by_numpy(plan: Plan) -> Callable[[], Callable[..., list[object]]]:
    """What makes functions that compute a plan of numbers, from its inputs, by the NumPy engine.

    Each is for one caller at a time.
    """
    program = compile_plan(plan)

    def made() -> Callable[..., list[object]]:
        run = program.instance().run

        def compute(*inputs: object) -> list[object]:
            return [x.item() for x in run(*map(np.asarray, inputs))]

        return compute

    return made
