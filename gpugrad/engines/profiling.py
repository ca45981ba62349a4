"""Profiles: what compiled functions did while one was open, call by call and step by step.

While a profile is open, each instance of a program runs a variant of its function that reads the
clock where steps end. It works on the same memory: the variant gets the closure of the function. So
nothing is slower while no profile is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from os import PathLike
from threading import Lock, get_ident
from time import perf_counter_ns
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any
from weakref import ref

from gpugrad.engines.reasons import listening
from gpugrad.forks import free_in_child, kept
from gpugrad.generated import compile_source

if TYPE_CHECKING:
    from gpugrad.engines.program import Instance, Program, Run

KEPT = 1_000_000
"""Times that a profile keeps one by one, for the trace; beyond, it keeps sums only."""

_FOREVER = 2**63

_profiles: list[Profile] = []                       # the open ones
_instances: dict[ref[Instance], Timeline] = {}
_lock = free_in_child(Lock())


class Timeline:
    """A program whose calls can be timed, and the name under which they are reported."""

    def __init__(self, program: Program, name: str) -> None:
        self.program = program
        self.name = name

    def variant(self, function: Run) -> Run:
        """`function`, a run of the program, timed. The source is compiled at the first call."""
        timed: Run | None = None

        def run(*inputs: object) -> tuple[object, ...]:
            nonlocal timed
            if timed is None:
                timed = self._timed(function)
            return timed(*inputs)

        return run

    def _timed(self, function: Run) -> Run:
        """What does as `function` in its memory, and notes the times."""
        with_code = partial(self._with_code, self.program.timed(self._note_kernels))
        if isinstance(function, FunctionType):
            return with_code(function, 0)
        chain: Any = function                       # of parts (see `program_parts`)
        timed: Run = chain.timed(with_code, self.program.clock, self._note)
        return timed

    def _with_code(self, kernels: dict[str, object], function: Run, part: int) -> Run:
        """A function of the code that notes times in the memory of `function`.

        These `kernels` do for it.
        """
        assert isinstance(function, FunctionType)
        scope = {**function.__globals__, **kernels}
        scope |= {"clock": self.program.clock, "note": self._note}
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        code = self._code[part]
        closure = tuple(cells[name] for name in code.co_freevars)
        return FunctionType(code, scope, "run", None, closure)

    @kept
    def _code(self) -> list[CodeType]:
        modules = [compile_source(text, "timed plan") for text in self.program.code.timed]
        return [_inside(_inside(module, "make"), "run") for module in modules]

    def _note(self, times: list[int]) -> None:
        times.append(perf_counter_ns())
        thread = get_ident()
        for profile in list(_profiles):
            profile._add(self, thread, times)

    def _note_kernels(self, name: str, spent: Sequence[int]) -> None:
        for profile in list(_profiles):
            profile._add_kernels(self, name, spent)


def _inside(code: CodeType, name: str) -> CodeType:
    """The code of the function of that name which `code` defines."""
    return next(x for x in code.co_consts if isinstance(x, CodeType) and x.co_name == name)


@dataclass
class Totals:
    """The calls of one program: how many, how many raised, and nanoseconds.

    `spans` are for each span how often it ran, how long in all, and how long at best; one more than
    the program has is for what a call does after its last step. `kernels` are the same for the
    steps within a compiled function, by its name and their number.
    """

    spans: list[tuple[int, int, int]]
    calls: int = 0
    failed: int = 0
    time: int = 0
    best: int = _FOREVER
    kernels: dict[tuple[str, int], tuple[int, int, int]] = field(default_factory=dict)


@dataclass
class Event:
    """Something that took time: a call, with the times at which its spans ended, or a trace."""

    name: str
    start: int
    times: list[int]
    thread: int
    timeline: Timeline | None = None


@dataclass
class Keeping:
    """The plans of a function, and what was done for the limit.

    It says when one was last traced or got memory, and how many `rested` and gave back their
    memory, were `dropped`, or were traced `again`.
    """

    name: str
    plans: int = 0
    nbytes: int = 0
    rested: int = 0
    dropped: int = 0
    again: int = 0


@dataclass(eq=False, repr=False)
class Profile:
    """What ran while it was open. `print(p)` shows a table, `p.save(path)` writes a trace.

    `start` and `stop` are nanoseconds of the clock that `time.perf_counter_ns` reads, as are the
    times of `events`. `kept` says of each function that traced something which plans it keeps, and
    `reasons` why it was traced, or had no plan: by its name and the reason, how often.
    """

    start: int = 0
    stop: int = 0
    totals: dict[Timeline, Totals] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    kept: dict[object, Keeping] = field(default_factory=dict)
    reasons: dict[tuple[str, str], int] = field(default_factory=dict)
    dropped: int = 0
    _kept: int = 0
    _lock: Lock = field(default_factory=lambda: free_in_child(Lock()))

    def _add(self, timeline: Timeline, thread: int, times: list[int]) -> None:
        with self._lock:
            n = len(timeline.program.spans)
            totals = self._totals(timeline)
            totals.calls += 1
            totals.failed += len(times) < n + 2
            totals.time += times[-1] - times[0]
            if len(times) == n + 2:
                totals.best = min(totals.best, times[-1] - times[0])
            for i, (start, stop) in enumerate(pairwise(times)):
                runs, time, best = totals.spans[i]
                totals.spans[i] = runs + 1, time + stop - start, min(best, stop - start)
            self._keep(Event(timeline.name, times[0], times[1:], thread, timeline))

    def _totals(self, timeline: Timeline) -> Totals:
        found = self.totals.get(timeline)
        if found is None:
            n = len(timeline.program.spans)
            found = self.totals[timeline] = Totals([(0, 0, _FOREVER)] * (n + 1))
        return found

    def _add_kernels(self, timeline: Timeline, name: str, spent: Sequence[int]) -> None:
        with self._lock:
            kernels = self._totals(timeline).kernels
            for i, took in enumerate(spent):
                runs, time, best = kernels.get((name, i), (0, 0, _FOREVER))
                kernels[name, i] = runs + 1, time + took, min(best, took)

    def _keep(self, event: Event) -> None:
        if self._kept + len(event.times) > KEPT:
            self.dropped += 1
            return
        self._kept += len(event.times)
        self.events.append(event)

    def _note_reason(self, name: str, reason: str) -> None:
        with self._lock:
            self.reasons[name, reason] = self.reasons.get((name, reason), 0) + 1

    def __str__(self) -> str:
        from gpugrad.engines.profile_report import table

        return table(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from gpugrad.engines.profile_report import html

        return html(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write a trace that https://ui.perfetto.dev and chrome://tracing open."""
        from gpugrad.engines.profile_report import write_trace

        write_trace(self, path)


@contextmanager
def profile() -> Iterator[Profile]:
    """Report what functions under `gg.jit` do in this block, in all threads.

    `print` the profile for a table of functions and steps: calls, time, bytes and memory. Its
    method `save` writes a trace that https://ui.perfetto.dev opens. It also says why a function was
    traced again, which engine `"auto"` chose and why sweeps had no plan. The time of a step
    includes that of reading the clock, about 0.1 µs. Outside such a block nothing is slower.

    Returns:
        A context manager, which gives the profile.

    Example:
        >>> step = gg.jit(lambda x: gg.sum(gg.exp(x)), engine="numpy")
        >>> with gg.profile() as p:
        ...     for _ in range(5):
        ...         y = step(np.ones(3))
        >>> "exp" in str(p)
        True
    """
    opened = Profile(start=perf_counter_ns())
    with _lock:
        _profiles.append(opened)
        _switch()
    try:
        with listening(opened._note_reason):
            yield opened
    finally:
        with _lock:
            _profiles.remove(opened)
            _switch()
        opened.stop = perf_counter_ns()


def attend(instance: Instance, timeline: Timeline) -> None:
    """Report what this instance runs, now and whenever a profile is open."""
    _instances[ref(instance, _instances.pop)] = timeline
    if _profiles:
        instance.run_as(timeline.variant)
        if not _profiles:                           # another thread has just closed the last
            instance.run_as(_plain)


@contextmanager
def noted(name: str) -> Iterator[None]:
    """Report the time that this block takes."""
    start = perf_counter_ns()
    try:
        yield
    finally:
        event = Event(name, start, [perf_counter_ns()], get_ident())
        for opened in list(_profiles):
            with opened._lock:
                opened._keep(event)


def note_kept(
    owner: object,
    name: str,
    held: Callable[[], tuple[int, int]],
    rested: int,
    dropped: int,
    again: int,
) -> None:
    """Report what a function keeps, plans and bytes, and what it does in order not to keep more."""
    for opened in list(_profiles):
        with opened._lock:
            found = opened.kept.setdefault(owner, Keeping(name))
            found.plans, found.nbytes = held()
            found.rested += rested
            found.dropped += dropped
            found.again += again


def _switch() -> None:
    """Time the calls of all instances if a profile is open, else of none."""
    if len(_profiles) > 1:
        return
    for found, timeline in list(_instances.items()):
        if (instance := found()) is not None:
            instance.run_as(timeline.variant if _profiles else _plain)


def _plain(function: Run) -> Run:
    return function
