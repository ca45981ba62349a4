"""The planned reverse sweep: a sweep that comes again and again is compiled.

Training sweeps over the same kind of graph in each step. When a signature is met for the third
time, the sweep is traced: it runs over a copy of the graph with traced arrays for those that were
saved. The plan of it then serves every graph of that signature.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from math import inf
from typing import TYPE_CHECKING, Any

from gpugrad.backends import Namespace, numpy_namespace
from gpugrad.engines.capacity import CAPACITY, REMEMBERED, Released
from gpugrad.graph import Edge, Node, Survey, survey
from gpugrad.sweep import sweep as direct
from gpugrad.tracing.debug import checks_here

if TYPE_CHECKING:
    from gpugrad.sweep.sweep_plan import SweepPlan


MEETINGS: float = 3
"""How often a signature is met before it is planned: 1 plans at once, infinity never."""

RECENT = 4
"""Guards that are asked before the signature is looked at."""

PATIENCE, RARELY = 64, 16
"""After so many sweeps in a row that had no plan, only one of so many is looked at."""


def sweep(
    seeds: Sequence[tuple[Edge, Any]],
    raw: Namespace,
    *,
    targets: Collection[Node] = (),
    only: Collection[Node] | None = None,
    free: bool = False,
) -> dict[Node, Any]:
    """As `gpugrad.sweep.sweep.sweep`, by a plan where there is one.

    With `targets`, other leaves may be missing in the result.
    """
    if raw is numpy_namespace and only is None and MEETINGS < inf and checks_here() is None:
        results = cache.run(seeds, targets, free)
        if results is not None:
            return results
    return direct.sweep(seeds, raw, targets=targets, only=only, free=free)


@contextmanager
def direct_sweeps() -> Iterator[None]:
    """Inside, in every thread, all sweeps are direct: equal ones give equal bits."""
    global MEETINGS
    before, MEETINGS = MEETINGS, inf
    try:
        yield
    finally:
        MEETINGS = before


class Cache:
    """The plans by signature, and how often other signatures were met.

    The guards of the plans that ran last over graphs with one rule at their root are asked first.
    There is no lock, which an interrupt could leave locked: each change is one step, and a plan is
    right to run even where another thread has just made it go.
    """

    def __init__(self) -> None:
        self._plans: dict[tuple[Any, ...], SweepPlan] = {}
        self._recent: dict[Any, list[SweepPlan]] = {}
        self._met: dict[int, int] = {}              # by the hash: a plan too early does no harm
        self._missed = 0                            # in a row
        self._time = 0
        self._released = Released()

    def run(
        self, seeds: Sequence[tuple[Edge, Any]], targets: Collection[Node], free: bool
    ) -> dict[Node, Any] | None:
        """The result of a planned sweep; `None` where there is no plan."""
        root = seeds[0][0][0].vjp if seeds else None
        for plan in self._recent.get(root, ()):
            recognised = plan.guard(seeds, targets, free)
            if recognised is not None:
                return self._run(plan, *recognised)
        if self._missed > PATIENCE and self._missed % RARELY and MEETINGS > 1:
            self._missed += 1
            return None
        found = survey(seeds, targets, numpy_namespace.one)
        if found is None:
            self._missed += 1
            return None
        known = self._plans.get(found.signature)
        if known is None:
            known = self._met_again(found, seeds, targets)
        if known is None or known.pool is None:
            self._missed += 1
            return None
        self._remember(known, found.signature, root)
        given: list[Any] = [node.saved for node in found.inner]
        given.append([seed for _, seed in seeds])
        if free:
            for node in found.inner:
                node.saved = None
        return self._run(known, given, known.wanted(found))

    def _run(self, plan: SweepPlan, given: list[Any], wanted: Sequence[Node]) -> dict[Node, Any]:
        self._missed = 0
        self._time = plan.used = self._time + 1
        return dict(zip(wanted, plan.run(given), strict=True))

    def _remember(self, plan: SweepPlan, signature: tuple[Any, ...], root: Any) -> None:
        """Ask the guard of `plan` first when a graph has that rule at its root."""
        others = [other for other in self._recent.get(root, ()) if other is not plan]
        self._recent[root] = [plan, *others[: RECENT - 1]]
        if self._plans.get(signature) is not plan:  # another thread has just made it go
            self._recent.clear()

    def _met_again(
        self, found: Survey, seeds: Sequence[tuple[Edge, Any]], targets: Collection[Node]
    ) -> SweepPlan | None:
        """A new plan, if the signature was met often enough."""
        key = hash(found.signature)
        met = self._met.pop(key, 0) + 1
        if met < MEETINGS:
            self._met[key] = met
            if len(self._met) > REMEMBERED:
                for old in list(self._met)[: len(self._met) // 2]:
                    self._met.pop(old, None)
            return None
        # Imported now, because most programs plan nothing.
        from gpugrad.sweep.sweep_plan import SweepPlan

        try:
            plan = copy_context().run(SweepPlan, found, seeds, targets, CAPACITY)
        except MemoryError:                         # the direct sweep may need less
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
            self._recent.clear()                    # which must not keep what is gone
            del plan
        self._released.add(before - held)

    def clear(self) -> None:
        """Forget everything."""
        self._plans.clear()
        self._recent.clear()
        self._met.clear()
        self._missed = 0


cache = Cache()
