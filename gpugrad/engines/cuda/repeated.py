"""Numbers that many kernels need, as the rate of an optimiser: each computes them for itself.

It costs a thread less than to wait for a kernel that computes them for all.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from gpugrad.engines.cuda.kernel_writer import MANY
from gpugrad.plan.passes.fuse import LARGEST
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import SCALARS
from gpugrad.plan.regions import region_of


def repeat_numbers(plan: Plan) -> Plan:
    """The plan whose fused steps compute for themselves what follows from numbers alone.

    But for those of so many elements that the arithmetic counts more than a launch; and inputs that
    are donated are read as seldom as they can be, so that others may take their place.
    """
    made: dict[int, Step] = {}                      # by the number that they make
    known = {slot for slot in (*plan.inputs, *dict(plan.constants)) if not plan.slots[slot].shape}
    known -= {slot for slot, _ in plan.donated}
    for step in plan.steps:
        for inner in step.body if step.op == "fused" else ():
            single = inner.op in SCALARS and not plan.slots[inner.outputs[0]].shape
            if single and known.union(made).issuperset(inner.inputs):
                made[inner.outputs[0]] = inner
    slots = list(plan.slots)
    steps = tuple(
        _repeating(step, made, slots) if step.op == "fused" else step for step in plan.steps
    )
    if steps == plan.steps:
        return plan
    read = {*plan.outputs, *(slot for step in steps for slot in step.inputs)}
    kept: list[Step] = []
    for step in steps:
        outputs = tuple(slot for slot in step.outputs if slot in read)
        if step.op != "fused":
            kept.append(step)
        elif outputs:
            kept.append(replace(step, outputs=outputs))
    return replace(plan, slots=tuple(slots), steps=tuple(kept))


def _repeating(step: Step, made: dict[int, Step], slots: list[Slot]) -> Step:
    """A fused step with steps of its own, and new slots, for the numbers that others make."""
    wanted = [slot for slot in step.inputs if slot in made]
    if not wanted or prod(step.setting("shape")) >= MANY:
        return step
    needed = set(wanted)
    for slot in reversed(made):
        if slot in needed:
            needed.update(made[slot].inputs)
    copied = {slot: len(slots) + i for i, slot in enumerate(x for x in made if x in needed)}
    new = [*slots, *(slots[slot] for slot in copied)]
    own = [made[slot] for slot in copied]
    body = tuple(
        replace(
            inner,
            inputs=tuple(copied.get(slot, slot) for slot in inner.inputs),
            outputs=tuple(copied.get(slot, slot) for slot in inner.outputs),
        )
        for inner in (*own, *step.body)
    )
    if len(body) > LARGEST or not region_of(new, replace(step, body=body)).valid:
        return step
    slots[:] = new
    inside = {inner.outputs[0] for inner in body}
    inputs = dict.fromkeys(slot for inner in body for slot in inner.inputs if slot not in inside)
    return replace(step, inputs=tuple(inputs), body=body)
