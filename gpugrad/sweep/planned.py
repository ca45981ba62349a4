"""The planned reverse sweep: a sweep that comes again and again is compiled.

Training sweeps over the same kind of graph in each step. When a signature is met for the third
time, the sweep is traced: it runs over a copy of the graph with traced arrays for those that were
saved. The plan of it then serves every graph of that signature.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextvars import copy_context
from math import inf
from typing import TYPE_CHECKING

from gpugrad.backends import Namespace, numpy_namespace
from gpugrad.backends.process_settings import Setting
from gpugrad.engines.capacity import CAPACITY, REMEMBERED, Released
from gpugrad.engines.reasons import listeners, note_reason
from gpugrad.graph import Edge, Node, NoSignature, Survey, Vjp, survey
from gpugrad.sweep import sweep as direct
from gpugrad.tracing.debug import checks_here
from gpugrad.types import Array

if TYPE_CHECKING:
    from gpugrad.sweep.sweep_plan import SweepPlan
    from gpugrad.sweep.sweep_report import SweepReport


MEETINGS: float = 3
"""How often a signature is met before it is planned: 1 plans at once, infinity never."""

RECENT = 4
"""Guards that are asked before the signature is looked at."""

PATIENCE, RARELY = 64, 17
"""After so many sweeps in a row that had no plan, only one of so many is looked at: a prime, so
that it is not always the same one of those in a step.
"""

_planning = [True]


class use_planned_sweeps(Setting[bool]):
    """Plan recurring reverse sweeps, which is the default; or, with `False`, none.

    A sweep is planned when the same kind of graph is swept for the third time. Its results are
    those of the direct sweep, up to rounding. Without plans, equal sweeps give equal bits from the
    first run on. The setting takes effect at once, in the whole process; as a context manager, it
    restores the previous one.

    Args:
        flag: Whether to plan.

    Example:
        >>> with gg.use_planned_sweeps(False):
        ...     slope = gg.grad(lambda x: x**2)(3.0)
        >>> slope
        array(6.)
    """

    def __init__(self, flag: bool = True) -> None:
        super().__init__(_planning, bool(flag))


def planned_sweeps() -> SweepReport:
    """Which reverse sweeps are planned, how often each plan ran, and why others were not planned.

    `print` it for a table. It counts from the start of the process, over all threads; counts may be
    slightly low if threads count at the same time. Sweeps of functions under `gg.jit` are part of
    their plans, and not listed.

    Returns:
        A report, whose text is the table.

    Example:
        >>> slope = gg.grad(lambda x: gg.sum(gg.sin(x)))
        >>> for _ in range(3):
        ...     found = slope(np.ones(3))
        >>> len(str(gg.planned_sweeps())) > 0
        True
    """
    return cache.report()


def sweep(
    seeds: Sequence[tuple[Edge, Array]],
    raw: Namespace,
    *,
    targets: Collection[Node] = (),
    only: Collection[Node] | None = None,
    free: bool = False,
) -> dict[Node, Array]:
    """As `gpugrad.sweep.sweep.sweep`, by a plan where there is one.

    With `targets`, other leaves may be missing in the result.
    """
    if (
        raw is numpy_namespace
        and only is None
        and _planning[0]
        and MEETINGS < inf
        and checks_here() is None
    ):
        results = cache.run(seeds, targets, free)
        if results is not None:
            return results
    else:
        count_direct(raw, _why_direct(raw, only))
    return direct.sweep(seeds, raw, targets=targets, only=only, free=free)


def count_direct(raw: Namespace, reason: str) -> None:
    """Count a sweep that is direct for that reason, but for one that is traced.

    That one becomes a part of a plan.
    """
    if raw.name != "tracing":
        cache.count(reason)


def _why_direct(raw: Namespace, only: Collection[Node] | None) -> str:
    """Why no plan is even looked for."""
    if not _planning[0] or MEETINGS == inf:
        return "gg.use_planned_sweeps(False) is in force"
    if checks_here() is not None:
        return "gg.debug() looks at each op"
    if raw.name == "batching":
        return "it sweeps over all parts of a batch"
    if raw is not numpy_namespace:
        return f"its arrays are those of {raw.name}; plans are for NumPy's"
    return "it ends at Tensors from outside of its function that need gradients too"


class Cache:
    """The plans by signature, and how often other signatures were met.

    The guards of the plans that ran last over graphs with one rule at their root are asked first.
    There is no lock, which an interrupt could leave locked: each change is one step, and a plan is
    right to run even where another thread has just made it go.
    """

    def __init__(self) -> None:
        self._plans: dict[tuple[object, ...], SweepPlan] = {}
        self._recent: dict[Vjp | None, list[SweepPlan]] = {}
        self._met: dict[int, int] = {}              # by the hash: a plan too early does no harm
        self._direct: dict[str, int] = {}           # sweeps without a plan, by the reason
        self._dropped = 0                           # plans
        self._missed = 0                            # looked for in vain, in a row
        self._time = 0
        self._released = Released()

    def run(
        self, seeds: Sequence[tuple[Edge, Array]], targets: Collection[Node], free: bool
    ) -> dict[Node, Array] | None:
        """The result of a planned sweep; `None` where there is no plan."""
        root = seeds[0][0][0].vjp if seeds else None
        for plan in self._recent.get(root, ()):
            recognised = plan.guard(seeds, targets, free)
            if recognised is not None:
                return self._run(plan, *recognised)
        missed, self._missed = self._missed, self._missed + 1
        if missed > PATIENCE and missed % RARELY and MEETINGS > 1:
            self.count("too many before it were of new kinds: few are looked at")
            return None
        try:
            found = survey(seeds, targets, numpy_namespace.one)
        except NoSignature as error:
            self.count(str(error))
            return None
        known = self._plans.get(found.signature)
        if known is None:
            known = self._met_again(found, seeds, targets)
        if known is None:
            return None
        if known.pool is None:
            known.runs += 1
            note_reason("backward", f"swept directly: {known.reason}")
            return None
        self._remember(known, found.signature, root)
        given: list[object] = [node.saved for node in found.inner]
        given.append([seed for _, seed in seeds])
        if free:
            for node in found.inner:
                node.saved = None
        return self._run(known, given, known.wanted(found))

    def count(self, reason: str) -> None:
        """Count a sweep without a plan."""
        self._direct[reason] = self._direct.get(reason, 0) + 1
        if listeners:                               # this is part of many a sweep
            note_reason("backward", f"swept directly: {reason}")

    def _run(
        self, plan: SweepPlan, given: list[object], wanted: Sequence[Node]
    ) -> dict[Node, Array]:
        self._missed = 0
        self._time = plan.used = self._time + 1
        plan.runs += 1
        return dict(zip(wanted, plan.run(given), strict=True))

    def _remember(self, plan: SweepPlan, signature: tuple[object, ...], root: Vjp | None) -> None:
        """Ask the guard of `plan` first when a graph has that rule at its root."""
        others = [other for other in self._recent.get(root, ()) if other is not plan]
        self._recent[root] = [plan, *others[: RECENT - 1]]
        if self._plans.get(signature) is not plan:  # another thread has just made it go
            self._recent.clear()

    def _met_again(
        self, found: Survey, seeds: Sequence[tuple[Edge, Array]], targets: Collection[Node]
    ) -> SweepPlan | None:
        """A new plan, if the signature was met often enough."""
        key = hash(found.signature)
        met = self._met.pop(key, 0) + 1
        if met < MEETINGS:
            self._met[key] = met
            if len(self._met) > REMEMBERED:
                for old in list(self._met)[: len(self._met) // 2]:
                    self._met.pop(old, None)
            self.count(f"its kind came fewer than {MEETINGS} times")
            return None
        # Imported now, because most programs plan nothing.
        from gpugrad.sweep.sweep_plan import plan_sweep

        try:
            plan = copy_context().run(plan_sweep, found, seeds, targets, CAPACITY)
        except MemoryError:                         # the direct sweep may need less
            self.count("there was too little memory to plan it")
            return None
        self._time = plan.used = self._time + 1
        self._plans[found.signature] = plan
        self._make_room()
        return plan

    def _make_room(self) -> None:
        """Let the plans go that were used least recently, until there is room for the others."""
        plans = sorted(list(self._plans.items()), key=lambda item: -item[1].used)
        before = held = sum(plan.nbytes for _, plan in plans)
        while held > CAPACITY:
            signature, plan = plans.pop()
            held -= plan.nbytes
            self._plans.pop(signature, None)
            self._dropped += 1
            self._recent.clear()                    # which must not keep what is gone
            del plan
        self._released.add(before - held)

    def report(self) -> SweepReport:
        """What is kept, that which ran most often first, and why the rest was swept directly."""
        from gpugrad.sweep.sweep_report import DirectSweep, PlannedSweep, SweepReport

        plans = sorted(list(self._plans.values()), key=lambda plan: -plan.runs)
        planned = [
            PlannedSweep(plan.graph, plan.runs, plan.steps, plan.nbytes)
            for plan in plans
            if plan.pool is not None
        ]
        direct = [
            DirectSweep(plan.graph, plan.runs, plan.reason) for plan in plans if plan.pool is None
        ]
        direct += [DirectSweep("", runs, reason) for reason, runs in list(self._direct.items())]
        direct.sort(key=lambda sweep: -sweep.runs)
        is_on = _planning[0] and MEETINGS < inf
        return SweepReport(is_on, tuple(planned), tuple(direct), self._dropped)

    def clear(self) -> None:
        """Forget everything."""
        self._plans.clear()
        self._recent.clear()
        self._met.clear()
        self._direct.clear()
        self._missed = self._dropped = 0


cache = Cache()
