"""Common subexpressions: what two steps compute from the same slots is computed once."""

from __future__ import annotations

from gpugrad.plan.effects import has_effect
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.plan import Plan, Step


def share_common(plan: Plan) -> Plan:
    """The plan with one step for all that are equal."""
    build = Builder(plan)
    seen: dict[object, tuple[int, ...]] = {}
    for old in plan.steps:
        step = build.resolved(old)
        found = seen.setdefault(_key(step), step.outputs)
        # The first of its kind, or an effect, which twice is not once.
        if found is step.outputs or has_effect(step):
            build.add(step)
        else:
            for mine, first in zip(step.outputs, found, strict=True):
                build.replace(mine, first)
    return build.plan()


def _key(step: Step) -> object:
    """What two steps that compute the same have in common."""
    return (step.op, step.inputs, hashable(step.settings), step.body)


def hashable(x: object) -> object:
    """Settings as a key: with types, because 1, 1.0 and True are equal; slices have no hash."""
    if isinstance(x, tuple):
        return tuple(map(hashable, x))
    if isinstance(x, slice):
        return (slice, *map(hashable, (x.start, x.stop, x.step)))
    if isinstance(x, float | complex):
        return (type(x), repr(x))                   # -0.0 is not 0.0
    if isinstance(x, Plan):
        steps = tuple((_key(step), step.outputs) for step in x.steps)
        return (Plan, x.slots, x.inputs, x.constants, steps, x.outputs)
    return (type(x), x)
