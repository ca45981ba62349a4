"""`scan` while it is recorded: one step that holds the plan of an iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gpugrad import registry
from gpugrad.backends import is_inexact
from gpugrad.executor.plan import Step
from gpugrad.executor.record import Recorder, Traced
from gpugrad.executor.recording import namespace as recording_namespace
from gpugrad.graph import Edge, is_recording
from gpugrad.tensor import Tensor
from gpugrad.transforms.bodies import Body, as_kind, execute, map_edges, traced
from gpugrad.transforms.control import Kind, Loop, scan
from gpugrad.transforms.segments import (
    EdgeMap,
    SegmentVjp,
    cotangents,
    tracked_results,
    zeros_at,
)


def record_scan(recorder: Recorder, loop: Loop) -> tuple[list[Tensor], list[Tensor]]:
    """Note the loop as one step: leaves of the last carry and of `ys`.

    If it is tracked, the step also stores the carries with which the iterations began.
    """
    carry, xs = [traced(x) for x in loop.carry], [traced(x) for x in loop.xs]
    x_edges = [x._edge if isinstance(x, Tensor) else None for x in loop.xs]
    edges: list[Edge | None] = [x._edge if isinstance(x, Tensor) else None for x in loop.carry]
    edges += x_edges
    tracked = is_recording() and any(edge is not None for edge in edges)
    body = _recorded_body(recorder, loop, carry, xs, tracked)
    if body.sources and is_recording() and not tracked:     # only now it shows
        tracked = True
        body = _recorded_body(recorder, loop, carry, xs, tracked)
    edges += body.sources
    n, m = len(carry), len(body.outputs) - len(carry)
    settings = (
        ("body", body.plan(body.outside, range(n) if tracked else ())),
        ("carries", n),
        ("xs", len(xs)),
        ("length", loop.length),
        ("reverse", loop.reverse),
    )
    operands = (*carry, *xs, *body.outside)
    slots = tuple(x.slot for x in operands)
    values = execute(Step("scan", slots, (), settings), [x.value for x in operands], recorder.base)
    results = recorder.emit_several("scan", operands, values, settings)
    for result, x in zip(results[:n], carry, strict=True):
        result.weak = x.weak
    leaves = [Tensor(x) for x in results]
    if tracked:
        weak = [x.weak for x in carry]
        rule = _Reverse(body, loop.length, loop.reverse, weak, x_edges, body.sources)
        vjp = SegmentVjp("scan", rule, [*range(n + m, n + m + n), *x_edges])
        leaves = tracked_results(vjp, edges, [*results[n + m :], *xs], results)
    return leaves[:n], leaves[n : n + m]


def _recorded_body(
    recorder: Recorder, loop: Loop, carry: list[Traced], xs: list[Traced], tracked: bool
) -> Body:
    """The recorded iteration. Numbers in `carry` that an iteration turns into arrays become such,
    and it is recorded again.
    """
    n, base = len(carry), recorder.base
    first = loop.length - 1 if loop.reverse else 0
    elements = [
        base.as_array(base.getitem(x.value, (first, ...)))
        if loop.length
        else base.zeros(x.shape[1:], dtype=x.dtype)
        for x in xs
    ]

    def iteration(*leaves: Tensor) -> Any:
        return loop(list(leaves[:n]), list(leaves[n:]))

    while True:
        examples = [*((x.value, x.weak) for x in carry), *((x, None) for x in elements)]
        body = Body(recorder, iteration, examples, tracked)
        before = list(carry)
        for i, x in enumerate(before):
            kind = loop.kind(i, Kind.of(x), Kind.of(body.outputs[i]))
            carry[i] = as_kind(x, kind.dtype, kind.weak)
            body.make(i, kind.dtype, kind.weak)
        if all(a is b for a, b in zip(before, carry, strict=True)):
            return body


class _Reverse:
    """The reverse rule of a loop: a loop through its iterations from the last to the first.

    It computes each again from the carry that was stored, and sweeps back through that.
    """

    def __init__(
        self,
        body: Body,
        length: int,
        reverse: bool,
        weak: Sequence[type | None],
        x_edges: Sequence[Edge | None],
        sources: Sequence[Edge],
    ) -> None:
        self.body = body
        self.length = length
        self.reverse = reverse
        self.weak = weak
        self.x_edges = x_edges
        self.sources = sources

    def moved(self, edge: EdgeMap, value: Callable[[Any], Any]) -> _Reverse:
        body, sources = self.body.moved(edge, value), list(map(edge, self.sources))
        x_edges = map_edges(edge, self.x_edges)
        return _Reverse(body, self.length, self.reverse, self.weak, x_edges, sources)

    def __call__(self, g: list[Any], saved: Sequence[Any], recorded: bool) -> Sequence[Any]:
        n = len(self.weak)
        xp: Any = registry.namespace if recorded else recording_namespace
        carries, xs = list(saved[:n]), list(saved[n:])
        g_carry = [
            xp.zeros(x.shape[1:], dtype=x.dtype) if share is None and is_inexact(x.dtype) else share
            for share, x in zip(g, carries, strict=False)
        ]

        def back(held: Any, at: Any) -> Any:
            (g_carry, g_outside), (carry, x, g_ys) = held, at
            carry = [_number(t, weak) for t, weak in zip(carry, self.weak, strict=True)]
            seeds = [*g_carry, *g_ys]
            inside, outside = cotangents(
                self.body.replay, [*carry, *x], self.sources, seeds, recorded, recording_namespace
            )
            total = [registry.namespace.add(a, b) for a, b in zip(g_outside, outside, strict=True)]
            g_x = [
                None if edge is None else share
                for edge, share in zip(self.x_edges, inside[n:], strict=True)
            ]
            return (inside[:n], total), g_x

        start = (g_carry, [zeros_at(edge, xp) for edge in self.sources])
        along = (carries, xs, list(g[n:]))
        (g_carry, g_outside), g_xs = scan(back, start, along, self.length, not self.reverse)
        return [*g_carry, *g_xs, *g_outside]


def _number(t: Tensor, weak: type | None) -> Tensor:
    """A carry that was stored, as the number that it was."""
    if weak is None:
        return t
    x = t._value
    return Tensor(Traced(x.recorder, x.slot, x.value, weak), t._edge)
