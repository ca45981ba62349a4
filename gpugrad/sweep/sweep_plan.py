"""SweepPlan: the reverse sweep over the graphs of one signature, traced and compiled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from gpugrad.backends import numpy_namespace, within
from gpugrad.context import holding
from gpugrad.engines.capacity import bytes_of
from gpugrad.engines.numpy.engine import compile_plan
from gpugrad.engines.numpy.writer import Given
from gpugrad.engines.pool import KEPT, Pool
from gpugrad.graph import Edge, Node, Survey, is_array
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan, Slot
from gpugrad.sweep.guard import make_guard
from gpugrad.sweep.sweep import sweep
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Traced, Tracer, tracing
from gpugrad.types import Array

Seeds = Sequence[tuple[Edge, Array]]

Recognised = tuple[list[object], tuple[Node, ...]]
"""What a guard finds: all that a plan takes, and the nodes whose cotangents it gives."""

SHOWN = 4
"""Ops and kinds of arrays that are named of a graph."""


@dataclass(eq=False)
class SweepPlan:
    """What runs in place of a sweep over a kind of `graph`, or the `reason` why nothing does.

    Then `pool` is `None`. `guard` recognises the graphs that it serves. `reached` are the
    positions, among the nodes that are wanted, of those that a cotangent reaches; `None` says all.
    `used` is when it ran last and `runs` how often, or how often the direct sweep did in its place;
    `nbytes` is what it takes at most, in so many `steps`.
    """

    graph: str
    nbytes: int
    reason: str = ""
    pool: Pool | None = None
    guard: Callable[..., Recognised | None] = lambda seeds, targets, free: None
    reached: list[int] | None = None
    steps: int = 0
    used: int = 0
    runs: int = 0

    def wanted(self, found: Survey) -> list[Node]:
        """Of a graph of its signature, the nodes whose cotangents a run gives."""
        return found.wanted if self.reached is None else [found.wanted[i] for i in self.reached]

    def run(self, given: list[object]) -> tuple[Array, ...]:
        """The cotangents of what is reached, given what each inner node had saved, and the seeds.

        Empties `given`, so that arrays go where they are used last.
        """
        pool = self.pool
        assert pool is not None
        instance = pool.take()
        try:
            found: tuple[Array, ...] = instance.run(given)
            return found
        finally:
            pool.give(instance)


def plan_sweep(
    found: Survey, seeds: Seeds, targets: Collection[Node], limit: int
) -> SweepPlan:
    """The plan of a sweep, if it takes no more bytes than `limit`; else why there is none."""
    # A signature takes several times the bytes of its tuple: its parts are tuples too.
    made = SweepPlan(_graph(found), 4 * sys.getsizeof(found.signature))
    open_rules = {vjp.op.name for node in found.inner if (vjp := node.vjp) and not vjp.is_closed()}
    if open_rules:
        names = ", ".join(sorted(open_rules))
        made.reason = f"what the rule of {names} reads from outside may change"
        return made
    try:
        recorded = _trace(found, seeds)
    except MemoryError:
        raise
    except Exception as error:                      # the direct sweep says it too, if it is wrong
        text = " ".join(str(error).split())
        made.reason = f"its rules cannot be traced: {type(error).__name__}: {text}"
        return made
    plan = improve(recorded.plan)
    program = compile_plan(plan, recorded.given)
    pool = Pool(program, "backward")
    pool.give(pool.take())
    nbytes = bytes_of(plan) + KEPT * program.placement.size
    if made.nbytes + nbytes > limit:
        made.reason = f"its plan would take {nbytes:,} bytes; {limit:,} are the most for all"
        return made
    reached = recorded.reached
    made.reached = reached if len(reached) < len(found.wanted) else None
    made.guard = make_guard(found, seeds, targets, numpy_namespace.one, made.wanted(found))
    made.nbytes += nbytes + sys.getsizeof(made.guard.__code__)
    made.steps = len(plan.steps)
    made.pool = pool
    return made


def _graph(found: Survey) -> str:
    """What kind of graph was found, in words."""
    ops = [node.vjp.op.name for node in found.inner if node.vjp is not None]
    shown = ", ".join(dict.fromkeys(ops[:SHOWN]))
    more = f" and {len(ops) - SHOWN} more" if len(ops) > SHOWN else ""
    ends = dict.fromkeys(str(Slot(node.shape, node.dtype)) for node in found.wanted)
    leaves = ", ".join(list(ends)[:SHOWN]) + (", ..." if len(ends) > SHOWN else "")
    count = len(found.wanted)
    return f"{shown}{more} of {count} {'array' if count == 1 else 'arrays'}, {leaves}"


class _Traced(NamedTuple):
    """A sweep over a copy of a graph.

    `given` says of each array, in a list of what its nodes saved and of the seeds, which slot it
    is.
    """

    plan: Plan
    given: Given
    reached: list[int]


def _trace(found: Survey, seeds: Seeds) -> _Traced:
    """Sweep over a copy of a graph, with traced arrays for what its nodes saved."""
    tracer = Tracer(numpy_namespace)
    nodes = {*found.inner, *found.wanted, *(node for (node, _), _ in seeds)}
    nodes |= {edge[0] for node in found.inner for edge in node.edges if edge is not None}
    copies: dict[Node, Node] = {}
    inner = set(found.inner)
    places: dict[Node, Given] = {}
    for node in sorted(nodes, key=attrgetter("order")):
        if node in inner:
            saved, places[node] = _traced(tracer, node.saved)
            edges = tuple(e if e is None else (copies[e[0]], e[1]) for e in node.edges)
            copies[node] = Node(node.vjp, node.settings, edges, saved, node.shape, node.dtype)
        else:
            copies[node] = Node(None, (), (), None, node.shape, node.dtype)
    traced: list[tuple[Edge, Traced]] = []
    of_seeds: list[Given] = []
    for (node, index), seed in seeds:
        if seed is numpy_namespace.one(seed):
            g, place = tracer.literal(seed), None
        else:
            g, place = _traced(tracer, seed)
        traced.append(((copies[node], index), g))
        of_seeds.append(place)
    given = (*(places[node] for node in found.inner), tuple(of_seeds))
    with tracing(tracer), holding(within, tracing_namespace):
        results = sweep(traced, tracing_namespace)
    if tracer.captured:
        raise NotImplementedError("a rule uses arrays that are not those of its node")
    copied = [copies[node] for node in found.wanted]
    reached = [i for i, node in enumerate(copied) if node in results]
    plan = Plan(
        slots=tuple(tracer.slots),
        inputs=tuple(tracer.inputs),
        constants=tuple(tracer.constants.items()),
        steps=tuple(tracer.steps),
        outputs=tuple(results[copied[i]].slot for i in reached),
    )
    return _Traced(plan, given, reached)


def _traced(tracer: Tracer, saved: object) -> tuple[Any, Given]:
    """What a node saved, with its arrays traced, and where these are in it."""
    if type(saved) is tuple:
        parts = [_traced(tracer, part) for part in saved]
        values, places = zip(*parts, strict=True) if parts else ((), ())
        return values, places
    if not is_array(saved):
        return saved, None
    traced = tracer.input(saved)
    return traced, traced.slot
