"""What a program does, as text: its steps, how they run, and where their results lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gpugrad.backends.collectives import WAITS
from gpugrad.engines.cost import allocated, in_arena, moved, moved_in_run
from gpugrad.engines.program import Program, Span
from gpugrad.extents import Latest
from gpugrad.plan.effects import collective
from gpugrad.plan.listing import Block, Names, block, outputs, size, table, wrapped
from gpugrad.plan.passes.overlap import why_in_one
from gpugrad.plan.passes.why_unfused import Unfused
from gpugrad.plan.primitives import VIEWS

_ALONE = ("matmul", "product", "check_labels")
"""Steps that nobody expects to be fused, or fused further."""


def explain(
    program: Program, traced: int = 0, leaves: Sequence[str] = (), why: str = ""
) -> str:
    """A program as text.

    It came from `traced` steps; `leaves` name its first inputs, and `why` is why they were traced
    again.
    """
    names = Names(program.plan)
    blocks = [b for span in spans(program, names) for b in span]
    lines = [f"{name:<11}{text}" for name, text in summary(program, traced, why)]
    lines += ["", "inputs", *_aligned(inputs(program, names, leaves))]
    lines += ["", "steps", *table(blocks), ""]
    return "\n".join([*lines, *wrapped("outputs", outputs(program.plan, names))])


def spans(program: Program, names: Names) -> list[list[Block]]:
    """What stands of each step, by the spans that they are in."""
    unfused = Unfused(program.plan, halves=program.engine == "native")
    memory = _memory(program, names)
    return [list(_blocks(program, span, names, memory, unfused)) for span in program.spans]


def summary(program: Program, traced: int = 0, why: str = "") -> list[tuple[str, str]]:
    """What is said of a program as a whole: each line with its title."""
    plan = program.plan
    inside = sum(max(len(step.body), 1) for step in plan.steps)
    compiled = sum(bool(span.compiled) for span in program.spans)
    called = sum(span.launches for span in program.spans if not span.compiled)
    steps = [f"{traced} traced"] if traced else []
    steps += [f"{inside} after simplification"]
    steps += [f"{len(plan.steps)} after fusion"] if inside != len(plan.steps) else []
    if program.engine == "cupy":
        runs = _launches(program)
    else:
        runs = [f"{compiled} compiled function{'s' * (compiled != 1)}"] if compiled else []
        runs += [f"{called} call{'s' * (called != 1)} of NumPy"] if called or not compiled else []
    held = f"an arena of {size(program.placement.size)} for results of {size(in_arena(program))}"
    lines = [
        ("engine", f"{program.engine}: {' and '.join(runs)} in each run"),
        ("steps", ", ".join(steps)),
        ("moved", f"{size(moved_in_run(program))} in each run"),
        ("memory", f"{held}; {size(allocated(program))} allocated in each run"),
    ]
    chosen = str(program.chosen)
    lines += [("chosen", f"by auto: {chosen}")] if chosen else []
    return lines + ([("traced", f"again: {why}")] if why else [])


def _launches(program: Program) -> list[str]:
    """What a run of the CuPy engine launches and calls."""
    inside = [span.launches for span in program.spans if span.compiled]
    apart = [span for span in program.spans if span.launches and not span.compiled]
    nodes = f"{sum(inside)} kernels{program.details}"
    counts = [
        (len(inside), f"graph{'s' * (len(inside) != 1)} of {nodes}"),
        (len(apart), f"call{'s' * (len(apart) != 1)} of CuPy"),
    ]
    return [f"{n} {what}" for n, what in counts if n] or ["nothing"]


def inputs(program: Program, names: Names, leaves: Sequence[str]) -> list[tuple[str, ...]]:
    """Each input, and each constant that steps named and that has axes.

    A row is its name, its type, which leaf of the arguments it is, and what is done with its
    memory.
    """
    plan = program.plan
    given = dict(plan.donated)
    rows: list[tuple[str, ...]] = []
    for i, slot in enumerate(plan.inputs):
        name = leaves[i] if i < len(leaves) else "captured" if leaves else ""
        note = f"donated to {names(given[slot])}" if slot in given else ""
        rows.append((names(slot), str(plan.slots[slot]), name, note))
    return rows + [(name, str(slot), "constant", "") for name, slot in names.arrays()]


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True) if n)
        yield f"     {'   '.join(cells)}".rstrip()


def _blocks(
    program: Program, span: Span, names: Names, memory: dict[int, str], unfused: Unfused
) -> Iterator[Block]:
    plan = program.plan
    heading = ""
    if span.compiled:
        heading = f"{span.compiled}, {span.reason}" if span.reason else span.compiled
    elif span.reason and span.launches:
        heading = f"called, not compiled: {span.reason}"
    for step in span.steps:
        nbytes = moved(plan, step) if span.launches else 0
        made = block(plan, step, names, lambda slot: memory.get(slot, ""), nbytes)
        remark = ""
        call = collective(step)
        if span.compiled and call is not None:
            why = why_in_one(plan, step)
            remark = f"carried by {call.world.transport}" if call.part != WAITS else ""
            remark += f"; nothing runs beside it: {why}" if why else ""
        elif span.compiled and step.op not in VIEWS and step.op not in _ALONE:
            alone = unfused.reason(step)
            remark = f"not fused: {alone}" if alone else ""
        yield replace(made, heading=heading, remark=remark)
        heading = ""


def _memory(program: Program, names: Names) -> dict[int, str]:
    """Where each result lies: its byte in the arena, and whose place it took."""
    plan, placement = program.plan, program.placement
    notes: dict[int, str] = {}
    arena = Latest()
    for slot, _ in plan.donated:
        begin = placement.offsets[slot]
        arena.put(begin, begin + plan.slots[slot].nbytes, slot)
    for step in plan.steps:
        for slot in step.outputs:
            names(slot)
            begin = placement.offsets.get(slot, -1)
            before = None if begin < 0 else arena.put(begin, begin + plan.slots[slot].nbytes, slot)
            if slot in placement.reused:
                notes[slot] = f"in place of {names(placement.reused[slot])}"
            elif slot in placement.roots:
                kind = "part" if slot in placement.offsets else "view"
                notes[slot] = f"{kind} of {names(placement.roots[slot])}"
            elif begin < 0:
                notes[slot] = "returned" if slot in plan.outputs else "allocated"
            else:
                was = "" if before is None or step.op == "pack" else f", after {names(before)}"
                notes[slot] = f"at {begin}{was}"
    return notes
