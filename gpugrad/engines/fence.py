"""What may become source: names that are identifiers, numbers, and slots.

Plans from files are verified before an engine sees them. This fence stands for itself: whatever a
plan says, no text of it is ever part of a program.
"""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as short

import numpy as np

from gpugrad.errors import PlanError
from gpugrad.plan.plan import Operand, Plan, Step, leaves
from gpugrad.types import Array

_PASSED = frozenset(("args", "kwargs"))
"""Settings that are passed to a function, and never written."""

_WRITTEN = frozenset((bool, int, type(None), type(...), Operand, Plan))


def check_source(plan: Plan) -> None:
    """Raises `PlanError` unless all of a plan that engines write into source is harmless."""
    lengths = [n for slot in plan.slots for n in slot.shape]
    _check_numbers([*lengths, *plan.inputs, *plan.outputs, *(x for x, _ in plan.constants)])
    _check_numbers([slot for pair in plan.donated for slot in pair])
    _check_steps(plan.steps)


def _check_steps(steps: Iterable[Step]) -> None:
    for step in steps:
        if not step.op.isidentifier() or step.op.startswith("_"):
            raise PlanError(f"a step is named {short(step.op)}, which is no name of a primitive")
        _check_numbers([*step.inputs, *step.outputs])
        for name, value in step.settings:
            if name not in _PASSED and type(value) not in _WRITTEN:
                _check_setting(value)
        if step.body:
            _check_steps(step.body)


def _check_numbers(numbers: Iterable[object]) -> None:
    for n in numbers:
        if type(n) is not int:
            raise PlanError(f"{short(n)} stands where a whole number is expected")


def _check_setting(value: Array) -> None:
    for part in leaves(value):
        if type(part) not in _WRITTEN and not isinstance(part, np.dtype):
            raise PlanError(f"a setting is {short(part)}, which is no number, slice, dtype or plan")
