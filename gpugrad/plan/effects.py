"""Effects: steps that do something which somebody sees, as a call of the host or a collective.

They run as often as the program says and in its order. A pass that drops, merges, moves or runs
steps asks here first.
"""

from __future__ import annotations

from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitive import EFFECT
from gpugrad.plan.primitives import PRIMITIVES


def has_effect(step: Step) -> bool:
    """Whether a step has an effect: itself, or one inside of it."""
    row = PRIMITIVES.get(step.op)
    if row is not None and row.kind == EFFECT:
        return True
    plans = [value for _, value in step.settings if type(value) is Plan]
    return any(map(has_effect, step.body)) or any(holds_effect(plan) for plan in plans)


def holds_effect(plan: Plan) -> bool:
    """Whether a step of the plan has an effect."""
    return any(map(has_effect, plan.steps))
