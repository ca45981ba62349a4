"""Why a step runs alone: what keeps fusion from joining it with its neighbours."""

from __future__ import annotations

from gpugrad.plan.passes.fuse import LARGEST, LONE, WRITES, joined_shape, written
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import CONTROLS, REDUCTIONS
from gpugrad.plan.regions import MEMBERS, Region, is_fused_dtype, space


class Unfused:
    """Says why steps of a plan, after fusion, are not joined with others.

    These are what they read, and what reads them.
    """

    def __init__(self, plan: Plan, halves: bool = False) -> None:
        self._plan = plan
        self._halves = halves
        self._maker = {slot: i for i, step in enumerate(plan.steps) for slot in step.outputs}
        self._readers: dict[int, list[int]] = {}    # of each slot, the numbers of steps
        for i, step in enumerate(plan.steps):
            for slot in step.inputs:
                self._readers.setdefault(slot, []).append(i)

    def reason(self, step: Step) -> str:
        """Why `step` is not joined with a step beside it; empty where it is fused with others."""
        if len(step.body) > 1:
            return ""
        inner = step.body[0] if step.body else step
        found = unfusable(self._plan, inner, bool(dict(step.settings).get("spread")), self._halves)
        if found:
            return found
        beside = self._beside(step)
        regions = [other for other in beside if other.op == "fused"]
        if not regions:
            ops = ", ".join(dict.fromkeys(other.op for other in beside))
            return f"beside it are only {ops}" if ops else "it reads inputs and makes outputs"
        return _apart(self._plan, inner, regions[0])

    def _beside(self, step: Step) -> list[Step]:
        """The steps that make what `step` reads, or read what it makes, in order."""
        found = {self._maker[slot] for slot in step.inputs if slot in self._maker}
        found.update(i for slot in step.outputs for i in self._readers.get(slot, ()))
        return [self._plan.steps[i] for i in sorted(found)]


def unfusable(plan: Plan, step: Step, spread: bool = False, halves: bool = False) -> str:
    """Why a step can be part of no region at all; empty where it can.

    With `spread`, of one over all axes; with `halves`, of an engine that knows floats of 16 bits.
    """
    slots = [plan.slots[slot] for slot in (*step.inputs, *step.outputs)]
    if step.op in CONTROLS:
        return "a plan of its own"
    if step.op not in MEMBERS:
        return f"{step.op} is neither elementwise nor a reduction"
    strange = [str(slot.dtype) for slot in slots if not is_fused_dtype(slot.dtype, halves)]
    if strange:
        return f"dtype {strange[0]}"
    if not all(slot.size for slot in slots):
        return "no elements"
    if step.op in LONE:
        return "a view"
    shape = space(plan.slots, step)
    if not Region(plan.slots, [step], shape, spread).valid:
        operands = " and ".join(str(list(plan.slots[slot].shape)) for slot in step.inputs)
        if step.op in REDUCTIONS:
            axes = ", ".join(map(str, step.setting("axes")))
            return f"{step.op} over axes ({axes}) of {operands} goes across rows"
        return f"{operands} do not lie in rows and columns of {list(shape)}"
    return ""


def _apart(plan: Plan, step: Step, region: Step) -> str:
    """Why it cannot be joined with a region beside it."""
    first, second = list(region.body), [step]
    if not set(region.inputs).isdisjoint(step.outputs):
        first, second = second, first
    steps = [*first, *second]
    if len(steps) > LARGEST:
        return f"the region beside it has {len(region.body)} steps; {LARGEST} are the most"
    if written(plan, steps) > WRITES:
        return f"one loop would write more than {WRITES} arrays"
    mine, other = space(plan.slots, step), region.setting("shape")
    if joined_shape(plan, steps, mine, other) is None:
        return f"its space {list(mine)} does not fit that beside it, {list(other)}"
    return "another step between them must run first"
