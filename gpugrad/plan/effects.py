"""Effects: steps that do something which somebody sees, as a call of the host or a collective.

They run as often as the program says and in its order. A pass that drops, merges, moves or runs
steps asks here first.
"""

from __future__ import annotations

from itertools import chain

from gpugrad.plan.plan import Step
from gpugrad.plan.primitive import EFFECT
from gpugrad.plan.primitives import PRIMITIVES


def has_effect(step: Step) -> bool:
    """Whether a step has an effect: itself, or one inside of it."""
    row = PRIMITIVES.get(step.op)
    if row is not None and row.kind == EFFECT:
        return True
    inside = chain(step.body, *(plan.steps for plan in step.plans))
    return any(map(has_effect, inside))
