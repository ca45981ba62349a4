"""Dead code: steps of which nobody reads a result."""

from __future__ import annotations

from dataclasses import replace

from gpugrad.plan.effects import has_effect
from gpugrad.plan.plan import Plan, Step


def remove_dead(plan: Plan) -> Plan:
    """The plan without the steps and constants that no output depends on.

    Checks and effects stay.
    """
    needed = set(plan.outputs)
    kept: list[Step] = []
    for step in reversed(plan.steps):
        if not step.outputs or not needed.isdisjoint(step.outputs) or has_effect(step):
            kept.append(step)
            needed.update(step.inputs)
    constants = tuple((slot, value) for slot, value in plan.constants if slot in needed)
    return replace(plan, steps=tuple(reversed(kept)), constants=constants)
