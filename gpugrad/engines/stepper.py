"""A step that no engine writes code for, run by the reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.backends import Namespace
from gpugrad.errors import ImpureFunction
from gpugrad.plan.effects import has_effect
from gpugrad.plan.interpret import as_results, bound, run_step
from gpugrad.plan.plan import Slot, Step


class Stepper:
    """A step as a function of its operands.

    What it returns is no view of them: their memory may be given to others next. Nor has it another
    shape than the slot: what reads it was compiled for it.
    """

    def __init__(self, step: Step, slots: tuple[Slot, ...], xp: Namespace) -> None:
        self.step = step
        self.effect = has_effect(step)              # which may give an operand back
        self.shapes = [slots[slot].shape for slot in step.outputs]
        self.xp = xp
        self.function = bound(step, xp)
        self.alone = None if self.effect or len(self.shapes) != 1 else self.shapes[0]
        self.array_type: Any = xp.array_type

    def __call__(self, *values: np.ndarray) -> tuple[np.ndarray, ...]:
        results: Any
        if self.function is None:
            results = run_step(self.step, list(values), self.xp)
        else:
            y = self.function(*values)
            if type(y) is self.array_type and y.shape == self.alone:
                return (y if y.base is None else y.copy(),)
            results = as_results(y, self.xp)
        found = [y.shape for y in results]
        if found != self.shapes:
            raise ImpureFunction(
                f"{self.step.line}: the shape of what {self.step.op!r} gives depends on values, "
                f"and has changed since it was traced from {self.shapes} to {found}: under "
                "gg.jit, choose elements with gg.where."
            )
        if self.effect:
            return tuple([y.copy() for y in results])
        return tuple([y if y.base is None else y.copy() for y in results])
