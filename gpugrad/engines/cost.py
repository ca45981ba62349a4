"""What a program costs: bytes that it moves and holds, and launches. Computed for reports alone."""

from __future__ import annotations

from gpugrad.engines.program import Program, Span
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import VIEWS


def moved(plan: Plan, step: Step) -> int:
    """Bytes that a step reads and writes; none for a view.

    A loop moves what its body does, each time; of two branches, the one that moves more counts.
    """
    if step.op in VIEWS:
        return 0
    plans = step.plans
    if not plans:
        return plan.moved(step)
    most = max(map(moved_by, plans))
    return most * step.setting("length") if step.op == "scan" else most


def moved_by(plan: Plan) -> int:
    """Bytes that all steps of a plan read and write."""
    return sum(moved(plan, step) for step in plan.steps)


def moved_in(plan: Plan, span: Span) -> int:
    """Bytes that a span reads and writes; none where nothing is left to do, as for some packs."""
    return sum(moved(plan, step) for step in span.steps) if span.launches else 0


def moved_in_run(program: Program) -> int:
    """Bytes that all steps read and write."""
    return sum(moved_in(program.plan, span) for span in program.spans)


def launches(program: Program) -> int:
    """Calls of NumPy or of compiled functions in a run."""
    return sum(span.launches for span in program.spans)


def computed(program: Program) -> list[int]:
    """The slots that a run computes and that are not views."""
    roots = program.placement.roots
    steps = program.plan.steps
    return [slot for step in steps for slot in step.outputs if slot not in roots]


def in_arena(program: Program) -> int:
    """Bytes of what a run computes in the arena: what they would take without sharing memory."""
    offsets, slots = program.placement.offsets, program.plan.slots
    held = {*computed(program), *(slot for slot, _ in program.plan.donated)}
    return sum(slots[slot].nbytes for slot in held if slot in offsets)


def allocated(program: Program) -> int:
    """Bytes that each run allocates: results for the caller, and those of steps that are called."""
    offsets, slots = program.placement.offsets, program.plan.slots
    return sum(slots[slot].nbytes for slot in computed(program) if slot not in offsets)
