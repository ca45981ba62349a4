"""Assembling: zeros to which part after part is added become what the parts are, side by side.

So does the reverse sweep write the gradient of an array that was read slice by slice: as one step
for each slice. Parts that are read from one array in its order are that array.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.contiguous import start_in_operand
from gpugrad.plan.plan import Plan, Step


def assemble(plan: Plan) -> Plan:
    """The plan with packs for chains of additions that fill an array of zeros."""
    ends = _chains(plan)
    if not ends:
        return plan
    build = Builder(plan)
    for step in plan.steps:
        chain = ends.get(step.outputs[0]) if step.outputs else None
        if chain is None:
            build.add(build.resolved(step))
            continue
        shape = (("shape", build.slots[step.outputs[0]].shape),)
        pack = Step("pack", tuple(chain), step.outputs, shape, (), step.line)
        build.add(build.resolved(pack))
    return build.plan()


def _chains(plan: Plan) -> dict[int, list[int]]:
    """The parts, in order, of each slot that a chain of additions fills whole."""
    users = plan.users()
    zeros = _zeros(plan)
    begun: dict[int, list[tuple[int, int]]] = {}    # by the last sum of each chain
    for step in plan.steps:
        if step.op != "add_at" or len(step.inputs) != 2:
            continue
        target, part = step.inputs
        parts = begun.pop(target, None) if users[target] == 1 else None
        if target in zeros:
            parts = []
        shape, key = plan.slots[target].shape, step.setting("key")
        start = start_in_operand(replace(step, op="slice"), shape)
        fits = np.broadcast_to(0, shape)[key].size == plan.slots[part].size
        if parts is not None and start is not None and fits:
            parts.append((start, part))
            begun[step.outputs[0]] = parts
    return {slot: chain for slot, parts in begun.items() if (chain := _whole(plan, slot, parts))}


def _zeros(plan: Plan) -> set[int]:
    """The slots that hold nothing but zeros."""
    constants = dict(plan.constants)
    found = {slot for slot, value in constants.items() if not any(value.data)}
    for step in plan.steps:
        if step.op == "broadcast_to" and step.inputs[0] in found:
            found.add(step.outputs[0])
    return found


def _whole(plan: Plan, slot: int, parts: list[tuple[int, int]]) -> list[int]:
    """The parts of `slot` in order, if they fill it and none lies over another; else nothing."""
    end = 0
    for start, part in sorted(parts):
        spec = plan.slots[part]
        if start != end or spec.dtype != plan.slots[slot].dtype:
            return []
        end += spec.size
    return [part for _, part in sorted(parts)] if end == plan.slots[slot].size > 0 else []
