"""Effects: steps that do something which somebody sees, as a call of the host or a collective.

They run as often as the program says and in its order. A pass that drops, merges, moves or runs
steps asks here first.
"""

from __future__ import annotations

from gpugrad.backends.collectives import Collective
from gpugrad.plan.plan import Step
from gpugrad.plan.primitive import CONTROL, EFFECT
from gpugrad.plan.primitives import PRIMITIVES

COMMUNICATE = "communicate"
"""The op of a collective."""


def has_effect(step: Step) -> bool:
    """Whether a step has an effect: itself, or one inside of it."""
    row = PRIMITIVES.get(step.op)
    kind = "" if row is None else row.kind
    if kind == EFFECT:
        return True
    inside = (x for plan in step.plans for x in plan.steps) if kind == CONTROL else step.body
    return any(map(has_effect, inside))


def collective(step: Step) -> Collective | None:
    """The collective that a step calls, if it is one."""
    if step.op != COMMUNICATE:
        return None
    call = dict(step.setting("kwargs"))["call"]
    assert isinstance(call, Collective)
    return call


def part_of(step: Step) -> str:
    """Which part of a collective a step is, if it is one."""
    call = collective(step)
    return "" if call is None else call.part
