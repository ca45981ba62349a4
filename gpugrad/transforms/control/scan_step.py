"""`scan` while it is traced: one step that holds the plan of an iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from gpugrad.backends import is_inexact
from gpugrad.backends.batched import Level, unwrapped, wrapped
from gpugrad.core import registry
from gpugrad.core.tensor import Tensor
from gpugrad.graph import Edge, is_recording
from gpugrad.plan.effects import has_effect
from gpugrad.plan.plan import Step
from gpugrad.tracing.batching.batch_operands import spread
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Traced, Tracer
from gpugrad.transforms.composite import (
    CompositeVjp,
    EdgeMap,
    Reached,
    Shares,
    ValueMap,
    Zeros,
    cotangents,
    tracked_results,
    zeros_at,
)
from gpugrad.transforms.control.structure import Kind, Loop
from gpugrad.transforms.control.subtraces import (
    Body,
    Leaf,
    as_kind,
    execute,
    joined,
    levels_of,
    run_body,
    traced,
    weak_of,
)
from gpugrad.transforms.remaking import map_edges
from gpugrad.types import Array, Functions

Backwards: TypeAlias = tuple[tuple[Shares, Shares], Shares]
"""Cotangents of the carry and of what is outside, and of the elements."""


def trace_scan(
    tracer: Tracer, loop: Loop, scan: Callable[..., Backwards]
) -> tuple[list[Tensor], list[Tensor]]:
    """Note the loop as one step: leaves of the last carry and of `ys`.

    If it is tracked, the step also stores the carries with which the iterations began. Its
    reverse rule is such a loop again, which `scan` makes.
    """
    carry, xs = [traced(x) for x in loop.carry], [traced(x) for x in loop.xs]
    rows = [_rows_first(x) for x in xs]
    x_edges = [x._edge if isinstance(x, Tensor) else None for x in loop.xs]
    edges: list[Edge | None] = [x._edge if isinstance(x, Tensor) else None for x in loop.carry]
    edges += x_edges
    tracked = is_recording() and any(edge is not None for edge in edges)
    body = _traced_body(tracer, loop, carry, xs, rows, tracked)
    if body.sources and is_recording() and not tracked:     # only now it shows
        tracked = True
        body = _traced_body(tracer, loop, carry, xs, rows, tracked)
    edges += body.sources
    n, m = len(carry), len(body.outputs) - len(carry)
    settings = (
        ("body", body.plan(body.outside, range(n) if tracked else ())),
        ("carries", n),
        ("xs", len(xs)),
        ("length", loop.length),
        ("reverse", loop.reverse),
    )
    operands = (*(unwrapped(x)[0] for x in carry), *rows, *body.outside)
    slots = tuple(x.slot for x in operands)
    step = Step("scan", slots, (), settings)
    values = execute(step, operands, tracer)
    noted = values or has_effect(step)
    wholes = tracer.emit_several("scan", operands, values, settings) if noted else ()
    weak = [weak_of(x) for x in carry]
    for whole, number in zip(wholes[:n], weak, strict=True):
        whole.weak = number
    levels = [levels_of(x) for x in (*carry, *body.outputs[n:], *(carry if tracked else ()))]
    results = [
        wrapped(whole, batches) if i < n else _batches_first(whole, batches)
        for i, (whole, batches) in enumerate(zip(wholes, levels, strict=True))
    ]
    leaves = [Tensor(x) for x in results]
    if tracked:
        rule = _Reverse(body, loop.length, loop.reverse, weak, x_edges, body.sources, scan)
        vjp = CompositeVjp("scan", rule, [*range(n + m, n + m + n), *x_edges])
        leaves = tracked_results(vjp, edges, [*results[n + m :], *xs], results)
    return leaves[:n], leaves[n : n + m]


def _rows_first(x: Leaf) -> Traced:
    """All parts of what the loop goes through, with the axis along which it does so in front."""
    whole, levels = unwrapped(x)
    k = len(levels)
    order = (k, *range(k), *range(k + 1, whole.ndim))
    return tracing_namespace.permute_dims(whole, order) if k else whole


def _batches_first(rows: Traced, levels: tuple[Level, ...]) -> Leaf:
    """One part of what a loop made row by row, each row of all parts."""
    k = len(levels)
    order = (*range(1, k + 1), 0, *range(k + 1, rows.ndim))
    return wrapped(tracing_namespace.permute_dims(rows, order), levels) if k else rows


def _traced_body(
    tracer: Tracer,
    loop: Loop,
    carry: list[Leaf],
    xs: list[Leaf],
    rows: list[Traced],
    tracked: bool,
) -> Body:
    """The traced iteration, of which `rows` are what it goes through.

    A number in `carry` that an iteration turns into an array becomes one, and what it turns into
    one part of a batch becomes that too; then it is traced again.
    """
    n, base = len(carry), tracer.base
    first = loop.length - 1 if loop.reverse else 0
    elements = [
        base.as_array(base.getitem(x.value, (first, ...)))
        if loop.length
        else base.zeros(x.shape[1:], dtype=x.dtype)
        for x in rows
    ]

    def iteration(*leaves: Tensor) -> object:
        return loop(list(leaves[:n]), list(leaves[n:]))

    while True:
        examples = [(unwrapped(x)[0].value, weak_of(x), levels_of(x)) for x in carry]
        examples += [(x, None, levels_of(of)) for x, of in zip(elements, xs, strict=True)]
        body = run_body(tracer, iteration, examples, tracked)
        before = list(carry)
        for i, x in enumerate(before):
            kind = loop.kind(i, Kind.of(x), Kind.of(body.outputs[i]))
            levels = joined(x, body.outputs[i])
            carry[i] = as_kind(x, kind.dtype, kind.weak, levels)
            body.make(i, kind.dtype, kind.weak, levels)
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
        scan: Callable[..., Backwards],
    ) -> None:
        self.body = body
        self.length = length
        self.reverse = reverse
        self.weak = weak
        self.x_edges = x_edges
        self.sources = sources
        self.scan = scan

    def moved(self, edge: EdgeMap, value: ValueMap) -> _Reverse:
        body, sources = self.body.moved(edge, value), list(map(edge, self.sources))
        x_edges = map_edges(edge, self.x_edges)
        again = self.length, self.reverse, self.weak
        return _Reverse(body, *again, x_edges, sources, self.scan)

    def __call__(self, g: Shares, saved: Sequence[Array], recorded: bool) -> Shares:
        n = len(self.weak)
        xp: Functions = registry.namespace if recorded else tracing_namespace
        carries, xs = list(saved[:n]), list(saved[n:])
        g_carry = [
            xp.zeros(x.shape[1:], dtype=x.dtype) if share is None and is_inexact(x.dtype) else share
            for share, x in zip(g, carries, strict=False)
        ]
        if not recorded:                            # a sweep sees by a cotangent what is of a batch
            g_carry = [
                None if share is None else spread(share, joined(share, x))
                for share, x in zip(g_carry, carries, strict=True)
            ]
        zeros = [partial(zeros_at, edge, xp) for edge in self.sources]
        inwards, outwards = Reached(), Reached()

        def back(
            held: tuple[Shares, Shares], at: tuple[list[Tensor], list[Tensor], Shares]
        ) -> Backwards:
            (g_carry, g_outside), (carry, x, g_ys) = held, at
            carry = [_number(t, weak) for t, weak in zip(carry, self.weak, strict=True)]
            seeds = [*g_carry, *g_ys]
            inside, outside = cotangents(
                self.body.replay, [*carry, *x], self.sources, seeds, recorded, tracing_namespace
            )
            before = [_zeros_like(t, xp) for t in carry]
            elements = [
                None if edge is None else _zeros_like(t, xp)
                for edge, t in zip(self.x_edges, x, strict=True)
            ]
            g_x = [
                None if edge is None else share
                for edge, share in zip(self.x_edges, inside[n:], strict=True)
            ]
            total = [
                registry.namespace.add(a, b)
                for a, b in zip(g_outside, outwards.full(outside, zeros), strict=True)
            ]
            return (Reached().full(inside[:n], before), total), inwards.full(g_x, elements)

        start = (g_carry, [make() for make in zeros])
        along = (carries, xs, list(g[n:]))
        (g_start, g_outside), g_xs = self.scan(back, start, along, self.length, not self.reverse)
        return [*g_start, *inwards.only(g_xs), *outwards.only(g_outside)]


def _zeros_like(t: Tensor, xp: Functions) -> Zeros | None:
    """What makes zeros like an operand that has a gradient."""
    return partial(xp.zeros, t.shape, dtype=t.dtype) if is_inexact(t.dtype) else None


def _number(t: Tensor, weak: type | None) -> Tensor:
    """A carry that was stored, as the number that it was."""
    x = t._value
    if weak is None or type(x) is not Traced:
        return t
    return Tensor(Traced(x.tracer, x.slot, x.value, weak), t._edge)
