"""A profile as a table, and as a trace in the format of Chrome, which Perfetto opens."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from gpugrad.atomic import write_atomically
from gpugrad.backends.collectives import WAITS
from gpugrad.engines.capacity import CAPACITY
from gpugrad.engines.cost import allocated, launches, moved, moved_in, moved_in_run
from gpugrad.engines.profiling import Event, Profile, Timeline, Totals
from gpugrad.engines.program import Program, Span
from gpugrad.plan.effects import collective
from gpugrad.plan.listing import place, size
from gpugrad.plan.plan import Plan
from gpugrad.tabular import columns, fragment, html_table, paragraph

_YEAR = 3e7

SHOWN = 12
"""Steps of a function in the table: those that took longest."""


SHORT = 15
"""So much of the name of a kernel tells it from others, in the table."""


@dataclass(frozen=True)
class StepReport:
    """A step, or a compiled function, in all calls: seconds in all and in the best call.

    `moved` are the bytes of one call.
    """

    name: str
    line: str
    calls: int
    seconds: float
    best: float
    moved: int


@dataclass(frozen=True)
class FunctionReport:
    """A compiled function, or the body of a loop, in all calls with one kind of arguments.

    Of one call: `launches` of NumPy or of compiled functions, and bytes `moved`; of one thread:
    `memory`, the bytes of its arena and of what a call allocates. `failed` calls raised. `chosen`
    says why the engine is this one, where `auto` chose. `kernels` are the steps within compiled
    functions of native code, and `carried` says how many collectives of CuPy arrays what carries.
    """

    name: str
    engine: str
    calls: int
    failed: int
    seconds: float
    best: float
    launches: int
    moved: int
    memory: int
    chosen: str
    steps: tuple[StepReport, ...]
    kernels: tuple[StepReport, ...] = ()
    carried: tuple[tuple[str, int], ...] = ()


def functions(profile: Profile) -> tuple[FunctionReport, ...]:
    """What ran, the longest first."""
    with profile._lock:
        totals = list(profile.totals.items())
    names = _distinct([timeline for timeline, _ in totals])
    found = [
        _function(name, timeline, total)
        for name, (timeline, total) in zip(names, totals, strict=True)
    ]
    return tuple(sorted(found, key=lambda function: -function.seconds))


def _function(name: str, timeline: Timeline, totals: Totals) -> FunctionReport:
    program = timeline.program
    plan = program.plan
    steps = [
        StepReport(*_label(plan, span), runs, time / 1e9, best / 1e9, moved_in(plan, span))
        for span, (runs, time, best) in zip(program.spans, totals.spans, strict=False)
        if span.launches and runs
    ]
    return FunctionReport(
        name,
        program.engine,
        totals.calls,
        totals.failed,
        totals.time / 1e9,
        totals.best / 1e9,
        launches(program),
        moved_in_run(program),
        program.placement.size + allocated(program),
        str(program.chosen),
        tuple(sorted(steps, key=lambda step: -step.seconds)),
        tuple(sorted(_kernels(timeline, totals), key=lambda step: -step.seconds)),
        tuple(_carried(program).items()),
    )


def _carried(program: Program) -> Counter[str]:
    """How many collectives of CuPy arrays what carries."""
    calls = filter(None, map(collective, program.plan.steps)) if program.engine == "cupy" else ()
    return Counter(call.world.transport for call in calls if call.part != WAITS)


def _kernels(timeline: Timeline, totals: Totals) -> Iterator[StepReport]:
    """The steps within compiled functions."""
    plan, found = timeline.program.plan, timeline.program.within()
    for (run, i), (runs, time, best) in totals.kernels.items():
        step, kernels = found[run][i]
        others = f" +{len(kernels) - 1}" if len(kernels) > 1 else ""
        name = f"{run}: {step.op} {kernels[0][:SHORT]}{others}"
        line, nbytes = place(step.line), moved(plan, step)
        yield StepReport(name, line, runs, time / 1e9, best / 1e9, nbytes)


def _distinct(timelines: Sequence[Timeline]) -> list[str]:
    """Their names, with a number where several have the same."""
    met: dict[str, int] = {}
    names = []
    for timeline in timelines:
        n = met[timeline.name] = met.get(timeline.name, 0) + 1
        names.append(timeline.name if n == 1 else f"{timeline.name} #{n}")
    return names


def _label(plan: Plan, span: Span) -> tuple[str, str]:
    """The name of a span, and its line."""
    if span.compiled:
        counts = Counter(step.op for step in span.steps)
        parts = ", ".join(op if n == 1 else f"{n} {op}" for op, n in counts.items())
        return f"{span.compiled}: {parts}", place(span.steps[0].line)
    step = span.steps[0]
    kind = f" {plan.slots[step.outputs[0]]}" if step.outputs else ""
    return f"{step.op}{kind}", place(step.line)


def table(profile: Profile, shown: int = SHOWN) -> str:
    """A line for each function, and below them for each its longest steps."""
    (whole, notes), *parts = _tables(profile, shown)
    lines = [*whole.lines(), *notes]
    for part, below in parts:
        lines += ["", part.title, *part.lines(), *below]
    if profile.dropped:
        lines += ["", _dropped(profile)]
    return "\n".join(lines)


def html(profile: Profile, shown: int = SHOWN) -> str:
    """The same for a notebook."""
    made = [part.html(notes) for part, notes in _tables(profile, shown)]
    return fragment(*made, *([paragraph(_dropped(profile))] if profile.dropped else []))


@dataclass(frozen=True)
class _Table:
    """A part of the report: its first row is the head."""

    title: str
    rows: Sequence[Sequence[str]]
    alignment: str

    def lines(self) -> list[str]:
        return columns(self.rows, self.alignment, "   ") if self.rows else []

    def html(self, notes: Sequence[str]) -> str:
        if not self.rows:
            return "".join(map(paragraph, notes))
        head, *rows = self.rows
        return html_table(head, rows, self.alignment, self.title, notes)


def _tables(profile: Profile, shown: int) -> Iterator[tuple[_Table, list[str]]]:
    """The table of functions and those of their steps, each with what is said below it."""
    found = functions(profile)
    if not found:
        none = "profile: no compiled function ran. The first two calls of each are traces."
        yield _Table("", (), ""), [none, *_kept_lines(profile), *_reason_lines(profile)]
        return
    head = ("function", "engine", "calls", "launches", "time", "mean", "best", "moved", "memory")
    rows = [
        (
            function.name, function.engine, f"{function.calls:,}", f"{function.launches:,}",
            _time(function.seconds), _time(function.seconds / function.calls),
            _time(function.best), size(function.moved), size(function.memory),
        )
        for function in found
    ]  # fmt: skip
    notes = []
    for function in found:
        if function.failed:
            notes.append(f"{function.name}: {function.failed:,} calls raised")
        for carrier, n in function.carried:
            what = f"{n:,} collective{'s' * (n > 1)} in each call"
            notes.append(f"{function.name}: {what}, carried by {carrier}")
    chosen: dict[str, list[str]] = {}
    for function in found:
        if function.chosen:
            chosen.setdefault(function.chosen, []).append(function.name)
    notes += [f"{', '.join(names)}: auto chose {why}" for why, names in chosen.items()]
    notes += [*_kept_lines(profile), *_reason_lines(profile)]
    yield _Table("", [head, *rows], "<<>>>>>>>"), notes
    for function in found:
        yield _steps(function, function.steps, "step", shown)
        if function.kernels:
            yield _steps(function, function.kernels, "kernel of native code", shown)


def _dropped(profile: Profile) -> str:
    return f"The trace leaves out the last {profile.dropped:,} calls."


def _kept_lines(profile: Profile) -> list[str]:
    """A line for each function that the limit made give something up."""
    with profile._lock:
        kept = list(profile.kept.values())
    return [
        f"{one.name}: {one.plans:,} plans kept in {size(one.nbytes)}; for the limit of "
        f"{size(CAPACITY)}, {one.rested:,} gave back their memory, {one.dropped:,} were dropped "
        f"and {one.again:,} traced again"
        for one in kept
        if one.rested or one.dropped or one.again
    ]


def _reason_lines(profile: Profile) -> list[str]:
    """A line for each reason why something was traced, or had no plan."""
    with profile._lock:
        reasons = list(profile.reasons.items())
    return [
        f"{name}: {reason}{f' ({count:,} times)' if count > 1 else ''}"
        for (name, reason), count in reasons
    ]


def _steps(
    function: FunctionReport, found: tuple[StepReport, ...], kind: str, shown: int
) -> tuple[_Table, list[str]]:
    """The longest steps, and how many others there are."""
    rows = [
        (
            f"{step.seconds / (function.seconds or 1):.1%}", _time(step.seconds),
            _time(step.seconds / step.calls), _time(step.best), size(step.moved),
            _rate(step.moved, step.best), _short(step.name), step.line,
        )
        for step in found[:shown]
    ]  # fmt: skip
    head = ("share", "time", "mean", "best", "moved", "rate", "step", "line")
    rest, notes = found[shown:], []
    if rest:
        seconds = sum(step.seconds for step in rest)
        share = f"{seconds / (function.seconds or 1):.1%}"
        notes.append(f"{share} in {len(rest)} other steps".rjust(len("share") + 20))
    return _Table(f"{function.name}, by {kind}", [head, *rows], ">>>>>><<"), notes


def _short(name: str) -> str:
    return name if len(name) <= 36 else f"{name[:35]}…"


def _time(seconds: float) -> str:
    if seconds > _YEAR:
        return ""                                   # none of the calls came to its end
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.2f} {unit}"
    return f"{seconds * 1e6:.2f} µs"


def _rate(nbytes: int, seconds: float) -> str:
    return f"{nbytes / seconds / 1e9:.2f} GB/s" if seconds and nbytes else ""


def write_trace(profile: Profile, path: str | PathLike[str]) -> None:
    """Writes the trace to `path`: times are microseconds since the profile was opened."""
    with profile._lock:
        events = list(profile.events)
    trace = {"traceEvents": list(_trace(profile, events)), "displayTimeUnit": "ns"}
    write_atomically(Path(path), json.dumps(trace, allow_nan=False).encode())


def _trace(profile: Profile, events: list[Event]) -> Iterator[dict[str, object]]:
    process = os.getpid()
    threads: dict[int, int] = {}
    described: dict[Timeline, list[tuple[str, dict[str, object]]]] = {}

    def named(what: str, thread: int, name: str) -> dict[str, object]:
        return {"name": what, "ph": "M", "pid": process, "tid": thread, "args": {"name": name}}

    def written(
        name: str, kind: str, start: int, stop: int, thread: int, args: dict[str, object]
    ) -> dict[str, object]:
        return {
            "name": name, "cat": kind, "ph": "X", "ts": (start - profile.start) / 1e3,
            "dur": (stop - start) / 1e3, "pid": process, "tid": thread, "args": args,
        }  # fmt: skip

    yield named("process_name", 0, "gpugrad")
    for event in events:
        thread = threads.get(event.thread)
        if thread is None:
            thread = threads[event.thread] = len(threads) + 1
            yield named("thread_name", thread, f"thread {thread}")
        timeline, stop = event.timeline, event.times[-1]
        if timeline is None:
            yield written(event.name, "compile", event.start, stop, thread, {})
            continue
        program = timeline.program
        args = {"engine": program.engine, "moved": moved_in_run(program)}
        if len(event.times) <= len(program.spans):
            args["raised"] = True
        yield written(event.name, "call", event.start, stop, thread, args)
        if timeline not in described:
            described[timeline] = [_described(program.plan, span) for span in program.spans]
        start = event.start
        for (name, args), span, stop in zip(
            described[timeline], program.spans, event.times, strict=False
        ):
            if span.launches:
                yield written(name, "step", start, stop, thread, args)
            start = stop


def _described(plan: Plan, span: Span) -> tuple[str, dict[str, object]]:
    """The name of a span in the trace, and what is said about it."""
    if span.compiled:
        parts = [_label(plan, Span((step,), 1))[0] for step in span.steps]
        return span.compiled, {"steps": parts, "moved": moved_in(plan, span)}
    step = span.steps[0]
    args: dict[str, object] = {
        "inputs": [str(plan.slots[slot]) for slot in step.inputs],
        "outputs": [str(plan.slots[slot]) for slot in step.outputs],
        "moved": moved_in(plan, span),
        "line": step.line,
    }
    if step.body:
        args["body"] = [inner.op for inner in step.body]
    return _label(plan, span)[0], args
