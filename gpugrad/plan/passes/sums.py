"""Chains of additions, as of the cotangents of a value with many users, become one sum."""

from __future__ import annotations

import numpy as np

from gpugrad.plan.passes.build import Builder
from gpugrad.plan.plan import Plan, Step

FEWEST = 4
"""Terms from which on one sum is less work than additions."""

LARGEST = 2**14
"""Bytes of a term: of larger ones, a sum in place is kinder to the cache."""

_FLOATS = (np.dtype("float32"), np.dtype("float64"))


def sum_chains(plan: Plan) -> Plan:
    """The plan with a pack and a sum for additions whose results only the next addition reads."""
    made = {step.outputs[0]: step for step in plan.steps if _is_plain_addition(plan, step)}
    users = plan.users()
    inner = {
        slot for step in made.values() for slot in step.inputs if slot in made and users[slot] == 1
    }
    chains = {slot: _terms(slot, made, inner) for slot in made if slot not in inner}
    long = {slot: terms for slot, terms in chains.items() if len(terms) >= FEWEST}
    if not long:
        return plan
    dropped = {slot for root in long for slot in _within(root, made, inner)}
    build = Builder(plan)
    for step in plan.steps:
        result = step.outputs[0] if step.outputs else None
        if result in long:
            slot, terms = plan.slots[result], long[result]
            packed = build.slot((len(terms), *slot.shape), slot.dtype)
            shape = (("shape", build.slots[packed].shape),)
            build.add(Step("pack", tuple(terms), (packed,), shape, (), step.line))
            axes = (("axes", (0,)), ("keepdims", False))
            build.add(Step("sum", (packed,), step.outputs, axes, (), step.line))
        elif result not in dropped:
            build.add(step)
    return build.plan()


def _is_plain_addition(plan: Plan, step: Step) -> bool:
    """Whether it adds two arrays of the shape of the result."""
    if step.op != "add":
        return False
    slot = plan.slots[step.outputs[0]]
    return (
        slot.dtype in _FLOATS
        and 0 < slot.nbytes <= LARGEST
        and all(plan.slots[x] == slot for x in step.inputs)
    )


def _terms(root: int, made: dict[int, Step], inner: set[int]) -> list[int]:
    """What the additions that lead to `root` add, in order."""
    terms: list[int] = []
    pending = [root]
    while pending:
        slot = pending.pop()
        if slot == root or slot in inner:
            pending += reversed(made[slot].inputs)
        else:
            terms.append(slot)
    return terms


def _within(root: int, made: dict[int, Step], inner: set[int]) -> list[int]:
    """The results of the additions that lead to `root` and that nobody else reads."""
    found: list[int] = []
    pending = [root]
    while pending:
        for slot in made[pending.pop()].inputs:
            if slot in inner:
                found.append(slot)
                pending.append(slot)
    return found
