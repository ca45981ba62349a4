"""SweepPlan: the reverse sweep over the graphs of one signature, traced and compiled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from operator import attrgetter
from typing import Any

from gpugrad.backends import numpy_namespace, within
from gpugrad.context import holding
from gpugrad.engines.capacity import bytes_of
from gpugrad.engines.numpy.engine import Program
from gpugrad.engines.pool import KEPT, Pool
from gpugrad.graph import Edge, Node, Survey, is_array
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan
from gpugrad.sweep.guard import make_guard
from gpugrad.sweep.sweep import sweep
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Tracer, tracing

Seeds = Sequence[tuple[Edge, Any]]


class SweepPlan:
    """What runs in place of a sweep. `pool` is `None` where the sweep cannot be planned.

    `guard` recognises the graphs that it serves. `reached` are the positions, among the nodes that
    are wanted, of those that a cotangent reaches; `None` says all. `used` is when it ran last,
    `nbytes` what it takes at most.
    """

    guard: Callable[..., Any]

    def __init__(
        self, found: Survey, seeds: Seeds, targets: Collection[Node], limit: int
    ) -> None:
        self.used = 0
        self.pool: Pool | None = None
        self.reached: list[int] | None = None
        # A signature takes several times the bytes of its tuple: its parts are tuples too.
        self.nbytes = 4 * sys.getsizeof(found.signature)
        if not all(vjp.is_closed() for vjp in {node.vjp for node in found.inner} if vjp):
            return
        try:
            run = _Recording(found, seeds)
            self.plan = improve(run.plan)
            program = Program(self.plan, run.given)
            pool = Pool(program, "backward")
            pool.give(pool.take())
        except MemoryError:
            raise
        except Exception:                           # the direct sweep says what is wrong, if it is
            return
        nbytes = bytes_of(self.plan) + KEPT * program.placement.size
        if self.nbytes + nbytes <= limit:
            self.pool = pool
            self.reached = run.reached if len(run.reached) < len(found.wanted) else None
            guard = make_guard(found, seeds, targets, numpy_namespace.one, self.wanted(found))
            self.guard = guard
            self.nbytes += nbytes + sys.getsizeof(guard.__code__)

    def wanted(self, found: Survey) -> list[Node]:
        """Of a graph of its signature, the nodes whose cotangents a run gives."""
        return found.wanted if self.reached is None else [found.wanted[i] for i in self.reached]

    def run(self, given: list[Any]) -> tuple[Any, ...]:
        """The cotangents of what is reached, given what each inner node had saved, and the seeds.

        Empties `given`, so that arrays go where they are used last.
        """
        pool = self.pool
        assert pool is not None
        instance = pool.take()
        try:
            return instance.run(given)  # type: ignore[no-any-return]
        finally:
            pool.give(instance)


class _Recording:
    """A sweep over a copy of a graph, with traced arrays for what its nodes saved.

    `given` is the source of a target to which a list of what they saved, and of the seeds, can be
    assigned: it names the slot of each array.
    """

    def __init__(self, found: Survey, seeds: Seeds) -> None:
        self.tracer = tracer = Tracer(numpy_namespace)
        nodes = {*found.inner, *found.wanted, *(node for (node, _), _ in seeds)}
        nodes |= {edge[0] for node in found.inner for edge in node.edges if edge is not None}
        copies: dict[Node, Node] = {}
        inner = set(found.inner)
        names: dict[Node, str] = {}
        for node in sorted(nodes, key=attrgetter("order")):
            if node in inner:
                saved, names[node] = self._traced(node.saved)
                edges = tuple(e if e is None else (copies[e[0]], e[1]) for e in node.edges)
                copies[node] = Node(
                    node.vjp, node.settings, edges, saved, node.shape, node.dtype
                )
            else:
                copies[node] = Node(None, (), (), None, node.shape, node.dtype)
        traced, named = [], ""
        for (node, index), seed in seeds:
            if seed is numpy_namespace.one(seed):
                g, name = tracer.literal(seed), "_"
            else:
                g, name = self._traced(seed)
            traced.append(((copies[node], index), g))
            named += f"{name}, "
        self.given = "".join(f"{names[node]}, " for node in found.inner) + f"[{named}],"
        with tracing(tracer), holding(within, tracing_namespace):
            results = sweep(traced, tracing_namespace)
        if tracer.captured:
            raise NotImplementedError("a rule uses arrays that are not those of its node")
        copied = [copies[node] for node in found.wanted]
        self.reached = [i for i, node in enumerate(copied) if node in results]
        self.plan = Plan(
            slots=tuple(tracer.slots),
            inputs=tuple(tracer.inputs),
            constants=tuple(tracer.constants.items()),
            steps=tuple(tracer.steps),
            outputs=tuple(results[copied[i]].slot for i in self.reached),
        )

    def _traced(self, saved: Any) -> tuple[Any, str]:
        """What a node saved, with its arrays traced, and the target that takes it apart."""
        if type(saved) is tuple:
            parts = [self._traced(part) for part in saved]
            return tuple(x for x, _ in parts), f"({''.join(f'{name}, ' for _, name in parts)})"
        if not is_array(saved):
            return saved, "_"
        traced = self.tracer.input(saved)
        return traced, f"s{traced.slot}"
