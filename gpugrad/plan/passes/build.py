"""Building a plan out of another: slots keep their numbers, and some become others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gpugrad.plan.plan import Constant, Plan, Slot, Step


class Builder:
    """The plan under construction. Steps are added in order, with their inputs resolved."""

    def __init__(self, plan: Plan) -> None:
        self.old = plan
        self.slots = list(plan.slots)
        self.constants = dict(plan.constants)
        self.steps: list[Step] = []
        self.made_by: dict[int, Step] = {}
        self._same: dict[int, int] = {}
        self._literals = {constant: slot for slot, constant in plan.constants}

    def resolve(self, slot: int) -> int:
        """The slot that now stands for `slot`."""
        return self._same.get(slot, slot)

    def resolved(self, step: Step) -> Step:
        """`step` with the slots that now stand for its inputs."""
        same = self._same
        if not same or same.keys().isdisjoint(step.inputs):
            return step
        return replace(step, inputs=tuple([same.get(slot, slot) for slot in step.inputs]))

    def replace(self, old: int, new: int) -> None:
        """From here on, whoever reads `old` reads `new`."""
        self._same[old] = self.resolve(new)

    def add(self, step: Step) -> None:
        """Add a step, whose inputs are resolved."""
        self.steps.append(step)
        for slot in step.outputs:
            self.made_by[slot] = step

    def slot(self, shape: tuple[int, ...], dtype: np.dtype) -> int:
        """A new slot."""
        self.slots.append(Slot(shape, dtype))
        return len(self.slots) - 1

    def constant(self, array: np.ndarray) -> int:
        """The slot of a constant, one for equal ones."""
        constant = Constant.of(array)
        found = self._literals.get(constant)
        if found is None:
            found = self._literals[constant] = self.slot(constant.shape, constant.dtype)
            self.constants[found] = constant
        return found

    def number(self, slot: int) -> Any:
        """The number in a constant slot of one element; `None` for any other slot."""
        constant = self.constants.get(slot)
        if constant is None or self.slots[slot].size != 1:
            return None
        return constant.array().reshape(())[()]

    def plan(self) -> Plan:
        """The finished plan."""
        return replace(
            self.old,
            slots=tuple(self.slots),
            constants=tuple(self.constants.items()),
            steps=tuple(self.steps),
            outputs=tuple(map(self.resolve, self.old.outputs)),
            donated=self._donated(),
        )

    def _donated(self) -> tuple[tuple[int, int], ...]:
        """The pairs as they are now: an output takes the memory of one input, a constant none."""
        taken: dict[int, int] = {}
        for slot, output in self.old.donated:
            output = self.resolve(output)
            if output not in self.constants:
                taken.setdefault(output, slot)
        return tuple((slot, output) for output, slot in taken.items())
