"""Overlap: a large sum over ranks travels while other steps are computed.

It begins as soon as its terms are there, and is waited for where it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

from gpugrad.backends import collectives
from gpugrad.backends.collectives import BEGINS, SUM, VARY, WAITS
from gpugrad.plan.effects import COMMUNICATE, collective, has_effect, part_of
from gpugrad.plan.plan import Operand, Plan, Step
from gpugrad.plan.primitives import VIEWS

Holds = Callable[[Step], bool]
"""What an engine knows of a step."""

_FREE = VIEWS | {"pack"}
"""Steps that are no work as a rule."""


def travels(plan: Plan, step: Step) -> bool:
    """Whether a sum in host memory may be two steps."""
    call, x = collective(step), plan.slots[step.inputs[0]]
    return call is not None and call.travels(x.dtype, x.nbytes)


def without_varying(plan: Plan) -> Plan:
    """The plan in which what all ranks have in common is each rank's own without a copy."""
    steps = []
    for step in plan.steps:
        call = collective(step)
        if call is not None and call.kind == VARY:
            shape = plan.slots[step.outputs[0]].shape
            step = replace(step, op="reshape", settings=(("shape", shape),))
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def overlapped(plan: Plan, takes: Holds = lambda step: True, small: bool = False) -> Plan:
    """The plan in which large sums over ranks are two steps, with what else is to do between them.

    What leads to a sum comes before all else, and what needs one is done in the order in which they
    begin. That order, and that of other effects and of checks, stays as the program has it. `takes`
    says of a sum whether the engine can begin it; with `small`, those behind a large one are two
    steps too, as they would otherwise wait for it at once.
    """
    sums: list[int] = []
    for i, step in enumerate(plan.steps):
        least = 0 if small and sums else collectives.LEAST
        if step.op == COMMUNICATE and not _obstacle(plan, step, least) and takes(step):
            sums.append(i)
    if not sums:
        return plan
    found = _in_halves(plan, sums)
    missed = idle(found)
    kept = [i for k, i in enumerate(sums) if len(plan.slots) + k not in missed]
    return found if kept == sums else _in_halves(plan, kept) if kept else plan


def overlapped_on_host(plan: Plan) -> Plan:
    """The same for arrays in host memory, without copies of what ranks have in common."""
    if not [step for step in plan.steps if step.op == COMMUNICATE]:
        return plan
    return overlapped(without_varying(plan), partial(travels, plan))


def within_graphs(plan: Plan, cuts: Holds) -> Plan:
    """The plan in which what has begun is waited for ahead of each step that `cuts` a graph.

    A graph has to end with nothing under way.
    """
    waits = {step.inputs[0]: step for step in plan.steps if part_of(step) == WAITS}
    under_way: dict[int, Step] = {}
    steps: list[Step] = []
    for step in plan.steps:
        if part_of(step) == BEGINS:
            under_way[step.outputs[0]] = waits[step.outputs[0]]
        elif part_of(step) == WAITS:
            if under_way.pop(step.inputs[0], None) is None:
                continue                            # it came ahead of a cut
        elif cuts(step):
            steps += under_way.values()
            under_way.clear()
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def idle(plan: Plan) -> set[int]:
    """What travels while less is read and written than it has itself."""
    begun: dict[int, int] = {}
    found = set()
    for i, step in enumerate(plan.steps):
        if part_of(step) == BEGINS:
            begun[step.outputs[0]] = i
        elif part_of(step) == WAITS:
            travels = step.inputs[0]
            between = [x for x in plan.steps[begun[travels] + 1 : i] if x.op not in _FREE]
            moved = sum(plan.moved(x) for x in between if collective(x) is None)
            if moved < plan.slots[travels].nbytes:
                found.add(travels)
    return found


def in_one(plan: Plan, sums: Collection[int]) -> Plan:
    """The plan in which the sums that travel to these slots are one step again."""
    results = {step.inputs[0]: step.outputs for step in plan.steps if part_of(step) == WAITS}
    steps = []
    for step in plan.steps:
        if part_of(step) == BEGINS and step.outputs[0] in sums:
            steps.append(_half(step, "", step.inputs, results[step.outputs[0]]))
        elif part_of(step) != WAITS or step.inputs[0] not in sums:
            steps.append(step)
    return replace(plan, steps=tuple(steps))


def why_in_one(plan: Plan, step: Step) -> str:
    """Why a sum of several ranks is one step in a plan that was `overlapped`; empty for others."""
    call = collective(step)
    if call is None or call.kind != SUM or call.part or call.world.size == 1:
        return ""
    idle_there = "too little else can be done in its graph while it travels"
    return _obstacle(plan, step, collectives.LEAST) or idle_there


def _obstacle(plan: Plan, step: Step, least: int) -> str:
    """Why a step can be no sum in two steps, wherever it is, which has `least` bytes at least."""
    call = collective(step)
    if call is None or call.kind != SUM or call.part or call.world.size == 1:
        return "it is no sum over several ranks"
    x = plan.slots[step.inputs[0]]
    if x.nbytes < least:
        return f"of less than {least} bytes, to begin and to wait costs more than it saves"
    if not collectives.is_known(x.dtype):
        return f"sums of {x.dtype} are computed as other numbers"
    return ""


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
    assert call is not None                         # as `_obstacle` found
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
