"""What a page shows of a function under `gg.jit`, as JSON: its steps, memory and times.

All of it is what `explain` and profiles say; only the times during which a buffer is in use are
worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gpugrad.engines.cost import moved
from gpugrad.engines.explain import inputs, spans, summary
from gpugrad.engines.profile_report import SHORT
from gpugrad.engines.profiling import Profile, Totals
from gpugrad.engines.program import Program
from gpugrad.errors import InvalidArgument
from gpugrad.plan.listing import Block, Names, listing, outputs
from gpugrad.plan.plan import Plan, Step
from gpugrad.printable import printable
from gpugrad.show.pages.groups import runs

_YEAR = 3e7


def of_program(
    title: str, program: Program, traced: int, leaves: Sequence[str], why: str,
    profile: Profile | None,
) -> dict[str, Any]:  # fmt: skip
    """What a page shows of a program.

    Raises `InvalidArgument` for a profile in which it did not run.
    """
    plan = program.plan
    names = Names(plan)
    blocks = spans(program, names)
    totals = None if profile is None else _totals(profile, program, title)
    steps = [
        _step(program, step, made, number)
        for number, span in enumerate(program.spans)
        for step, made in zip(span.steps, blocks[number], strict=True)
    ]
    rows = inputs(program, names, leaves)
    ordered = [step for span in program.spans for step in span.steps]
    _note_kernels(steps, ordered, program, totals)
    return {
        "kind": "plan",
        "title": printable(title),
        "summary": [[name, printable(text)] for name, text in summary(program, traced, why)],
        "inputs": [list(map(printable, row)) for row in rows],
        "spans": [_span(program, i, totals) for i in range(len(program.spans))],
        "steps": steps,
        "buffers": _buffers(program, ordered, names),
        "arena": program.placement.size,
        "outputs": outputs(plan, names),
        "profile": None if totals is None else _whole(totals),
        **_drawn(plan, program, ordered, names, rows),
    }


def _totals(profile: Profile, program: Program, title: str) -> Totals:
    with profile._lock:
        found = [t for timeline, t in profile.totals.items() if timeline.program is program]
    if not found:
        raise InvalidArgument(
            f"the profile has no call of {title} that ran this plan: call the function, with "
            "arguments like these, inside of `with gg.profile() as p:`, and show the page then."
        )
    return found[0]


def _whole(totals: Totals) -> dict[str, object]:
    return {"calls": totals.calls, "mean": totals.time / totals.calls / 1e9,
            "best": _seconds(totals.best)}  # fmt: skip


def _seconds(nanoseconds: int) -> float | None:
    """`None` where none of the calls came to its end."""
    return None if nanoseconds / 1e9 > _YEAR else nanoseconds / 1e9


def _span(program: Program, i: int, totals: Totals | None) -> dict[str, object]:
    span = program.spans[i]
    found: dict[str, object] = {
        "name": span.compiled, "reason": printable(span.reason), "launches": span.launches,
    }  # fmt: skip
    if totals is not None and i < len(totals.spans) and totals.spans[i][0]:
        times, spent, best = totals.spans[i]
        found |= {"mean": spent / times / 1e9, "best": _seconds(best)}
    return found


def _step(program: Program, step: Step, made: Block, span: int) -> dict[str, object]:
    launched = program.spans[span].launches
    return {
        "op": step.op,
        "span": span,
        "text": printable(made.text),
        "made": [[kind, note] for kind, note in made.made],
        "moved": moved(program.plan, step) if launched else 0,
        "line": made.line,
        "remark": made.remark,
        "inside": [[printable(b.text), ", ".join(kind for kind, _ in b.made)] for b in made.inside],
        "plans": [[name, listing(plan)] for name, plan in made.plans],
    }


def _note_kernels(
    steps: list[dict[str, object]], ordered: Sequence[Step], program: Program, totals: Totals | None
) -> None:
    """The times of steps inside of compiled functions."""
    if totals is None:
        return
    place = {id(step): i for i, step in enumerate(ordered)}
    within = program.within()
    for (run, i), (times, spent, best) in totals.kernels.items():
        step, kernels = within[run][i]
        at = place.get(id(step))
        if at is not None:
            steps[at] |= {"mean": spent / times / 1e9, "best": _seconds(best),
                          "kernels": [name[:SHORT] for name in kernels]}  # fmt: skip


def _buffers(
    program: Program, ordered: Sequence[Step], names: Names
) -> list[dict[str, object]]:
    """Which slot lies where in the arena, from the step that makes it to the last that reads it."""
    plan, placement = program.plan, program.placement
    begin = {slot: 0 for slot, _ in plan.donated}
    end: dict[int, int] = {}
    for i, step in enumerate(ordered, start=1):
        begin |= dict.fromkeys(step.outputs, i)
        end |= {placement.root(slot): i for slot in (*step.inputs, *step.outputs)}
        end |= dict.fromkeys((*step.inputs, *step.outputs), i)
    for slot in plan.outputs:
        end[slot] = end[placement.root(slot)] = len(ordered)
    return [
        {
            "name": names(slot),
            "type": str(plan.slots[slot]),
            "offset": placement.offsets[slot],
            "bytes": plan.slots[slot].nbytes,
            "from": first,
            "to": end.get(slot, first),
            "inPlaceOf": names(placement.reused[slot]) if slot in placement.reused else "",
        }
        for slot, first in begin.items()
        if slot in placement.offsets and plan.slots[slot].nbytes and slot not in placement.roots
    ]


def _drawn(
    plan: Plan,
    program: Program,
    ordered: Sequence[Step],
    names: Names,
    rows: Sequence[tuple[str, ...]],
) -> dict[str, object]:
    """The drawing: inputs and steps, and what each reads."""
    used = {slot for step in ordered for slot in step.inputs}
    sources = [slot for slot in plan.inputs if slot in used]
    sources += [slot for slot, _ in plan.constants if slot in used and plan.slots[slot].shape]
    leaf = {name: found for name, _, found, _ in rows}
    makes: dict[int, int] = {slot: i for i, slot in enumerate(sources)}
    vertices: list[dict[str, object]] = [
        {"kind": "input", "label": "", "operands": [], "name": names(slot),
         "lines": [printable(leaf.get(names(slot)) or names(slot)), str(plan.slots[slot])]}
        for slot in sources
    ]  # fmt: skip
    for i, step in enumerate(ordered):
        given = [makes[slot] for slot in step.inputs if slot in makes]
        is_output = not {*plan.outputs}.isdisjoint(step.outputs)
        first = step.outputs[0] if step.outputs else None
        vertices.append({
            "kind": "output" if is_output else "intermediate",
            "label": _label(step),
            "operands": [{"vertex": at, "output": None} for at in given],
            "name": "" if first is None else names(first),
            "lines": [names(first), str(plan.slots[first])] if first is not None else ["check"],
            "step": i,
        })
        makes |= dict.fromkeys(step.outputs, len(vertices) - 1)
    return {"vertices": vertices, **_groups(program, ordered, vertices, len(sources))}


def _label(step: Step) -> str:
    if len(step.body) > 1:
        return f"{len(step.body)} fused"
    return step.body[0].op if step.body else step.op


def _groups(
    program: Program, ordered: Sequence[Step], vertices: Sequence[Mapping[str, Any]], first: int
) -> dict[str, object]:
    """Compiled functions are groups of their steps."""
    where = [(_first_user(i, vertices) if i < first else i) - first for i in range(len(vertices))]
    named, loose = [], list(range(first))
    at = first
    for span in program.spans:
        inside = list(range(at, at + len(span.steps)))
        at += len(span.steps)
        if span.compiled and 1 < len(inside) < len(ordered):
            named.append((span.compiled, inside))
        else:
            loose += inside
    groups = runs(named, loose, where)
    home: list[int | None] = [None] * len(vertices)
    for i, (_, _, members) in enumerate(groups):
        for v in members:
            home[v] = i
    return {
        "groups": [{"name": name, "parent": parent} for name, parent, _ in groups],
        "groupOf": home,
    }


def _first_user(source: int, vertices: Sequence[Mapping[str, Any]]) -> int:
    """The first vertex that reads a source."""
    users = (
        i for i, v in enumerate(vertices) if any(o["vertex"] == source for o in v["operands"])
    )
    return next(users, len(vertices))
