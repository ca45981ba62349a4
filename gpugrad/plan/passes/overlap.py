"""Overlap: a large sum over ranks begins as soon as its terms are there, and is waited for where it
is read; what lies between is computed while it travels.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gpugrad.backends.collectives import BEGINS, SUM, VARY, WAITS
from gpugrad.plan.effects import COMMUNICATE, collective, has_effect, part_of
from gpugrad.plan.plan import Operand, Plan, Step
from gpugrad.plan.primitives import VIEWS

LEAST = 2**18
"""Bytes from which a sum is two steps: of fewer, beginning and waiting cost more than they save."""


def without_varying(plan: Plan) -> Plan:
    """The plan in which what all ranks have in common is each rank's own without a copy."""
    if not [step for step in plan.steps if step.op == COMMUNICATE]:
        return plan
    steps = []
    for step in plan.steps:
        call = collective(step)
        if call is not None and call.kind == VARY:
            shape = plan.slots[step.outputs[0]].shape
            step = replace(step, op="reshape", settings=(("shape", shape),))
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def overlapped(plan: Plan) -> Plan:
    """The plan in which large sums over ranks are two steps, with what else is to do between them.

    What leads to a sum comes before all else, and what needs one is done in the order in which they
    begin. That order, and that of other effects and of checks, stays as the program has it.
    """
    sums = {
        i for i, step in enumerate(plan.steps) if step.op == COMMUNICATE and _may_begin(plan, step)
    }
    found = _in_halves(plan, sums) if sums else plan
    kept = {i for i in sums if _is_worth_it(found, plan.steps[i])}
    return found if kept == sums else _in_halves(plan, kept) if kept else plan


def _may_begin(plan: Plan, step: Step) -> bool:
    call = collective(step)
    if call is None or call.kind != SUM or call.world.size == 1:
        return False
    x = plan.slots[step.inputs[0]]
    return x.nbytes >= LEAST and x.dtype.isnative and x.dtype.char not in "?e"


def _in_halves(plan: Plan, sums: Collection[int]) -> Plan:
    """The plan with those steps in two."""
    slots, steps = list(plan.slots), []
    for i, step in enumerate(plan.steps):
        if i in sums:
            travels = len(slots)
            slots.append(plan.slots[step.outputs[0]])
            steps.append(_half(step, BEGINS, step.inputs, (travels,)))
            steps.append(_half(step, WAITS, (travels, *step.inputs), step.outputs))
        else:
            steps.append(step)
    return replace(plan, slots=tuple(slots), steps=tuple(_early(steps)))


def _half(step: Step, part: str, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Step:
    call = collective(step)
    assert call is not None                         # as `_may_begin` found
    operands = tuple(map(Operand, range(len(inputs))))
    settings = (("args", operands), ("kwargs", (("call", replace(call, part=part)),)))
    return replace(step, inputs=inputs, outputs=outputs, settings=settings)


def _early(steps: Sequence[Step]) -> list[Step]:
    """The steps, those that lead to effects first, then those behind the first sum, and so on."""
    maker = {slot: i for i, step in enumerate(steps) for slot in step.outputs}
    before = [[maker[slot] for slot in step.inputs if slot in maker] for step in steps]
    order: dict[int, None] = {}                     # as a set that has an order
    for i, step in enumerate(steps):
        if (has_effect(step) or not step.outputs) and part_of(step) != WAITS:
            leading, pending = {i}, [i]
            while pending:
                missing = {*before[pending.pop()]} - leading - order.keys()
                leading |= missing
                pending += missing
            order |= dict.fromkeys(sorted(leading))
    begun, behind = 0, list[int]()
    for step, needed in zip(steps, before, strict=True):
        begun += part_of(step) == WAITS
        last = max((behind[i] for i in needed), default=0)
        behind.append(begun if part_of(step) == WAITS else last)
    rest = sorted((i for i in range(len(steps)) if i not in order), key=behind.__getitem__)
    return [steps[i] for i in (*order, *rest)]


def _is_worth_it(plan: Plan, step: Step) -> bool:
    """Whether as much is read and written while a sum travels as it has itself."""
    maker = {slot: i for i, x in enumerate(plan.steps) for slot in x.outputs}
    waits = maker[step.outputs[0]]
    begins = maker[plan.steps[waits].inputs[0]]
    between = [x for x in plan.steps[begins + 1 : waits] if x.op not in VIEWS]
    moved = sum(plan.moved(x) for x in between if collective(x) is None)
    return moved >= plan.slots[step.inputs[0]].nbytes
