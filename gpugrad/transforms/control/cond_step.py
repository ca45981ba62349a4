"""`cond` while it is traced: one step that holds the plans of both branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends.batched import unwrapped, wrapped
from gpugrad.core import registry
from gpugrad.core.tensor import Tensor
from gpugrad.graph import Edge, is_recording
from gpugrad.plan.effects import has_effect
from gpugrad.plan.plan import Step
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Tracer
from gpugrad.transforms.composite import (
    CompositeVjp,
    EdgeMap,
    Reached,
    Shares,
    ValueMap,
    cotangents,
    tracked_results,
    zeros_at,
)
from gpugrad.transforms.control.structure import agreed_kinds
from gpugrad.transforms.control.subtraces import (
    Body,
    execute,
    joined,
    levels_of,
    run_body,
    traced,
    weak_of,
)
from gpugrad.types import Array, Functions, Value

R = TypeVar("R")


def trace_cond(
    tracer: Tracer,
    pred: Value | np.generic,
    true: Callable[[], R],
    false: Callable[[], R],
    cond: Callable[..., Shares],
) -> R:
    """Note the branches as one step; the result is that of the branch taken in this run.

    Its reverse rule is such a branch again, which `cond` makes.
    """
    condition, _ = unwrapped(traced(pred))          # of no batch: others are for `select`
    if condition.dtype.kind != "b":
        condition = tracing_namespace.not_equal(condition, 0)
    bodies = [run_body(tracer, branch, ()) for branch in (true, false)]
    kinds = agreed_kinds(*((body.structure, body.outputs) for body in bodies))
    for i, kind in enumerate(kinds):
        levels = joined(*(body.outputs[i] for body in bodies))
        for body in bodies:
            body.make(i, kind.dtype, kind.weak, levels)
    outside = list({x.slot: x for body in bodies for x in body.outside}.values())
    taken = bodies[0] if condition.value else bodies[1]
    settings = (("true", bodies[0].plan(outside)), ("false", bodies[1].plan(outside)))
    values = tuple(unwrapped(x)[0].value for x in taken.outputs)
    operands = (condition, *outside)
    step = Step("cond", tuple(x.slot for x in operands), (), settings)
    if has_effect(step):                            # which has not run while it was traced
        values = execute(step, operands, tracer)
    noted = values or has_effect(step)
    wholes = tracer.emit_several("cond", operands, values, settings) if noted else ()
    for whole, x in zip(wholes, taken.outputs, strict=True):
        whole.weak = weak_of(x)
    results = [wrapped(x, levels_of(y)) for x, y in zip(wholes, taken.outputs, strict=True)]
    sources = list(dict.fromkeys(edge for body in bodies for edge in body.sources))
    leaves = [Tensor(x) for x in results]
    if sources and is_recording():
        vjp = CompositeVjp("cond", _Reverse(bodies, sources, cond), [None])
        leaves = tracked_results(vjp, sources, [condition], results)
    result: R = tree.unflatten(taken.structure, leaves)
    return result


class _Reverse:
    """The reverse rule of a branch: a branch between the reverses of both."""

    def __init__(
        self, bodies: Sequence[Body], sources: Sequence[Edge], cond: Callable[..., Shares]
    ) -> None:
        self.bodies = bodies
        self.sources = sources
        self.cond = cond

    def __call__(self, g: Shares, saved: Sequence[Array], recorded: bool) -> Shares:
        xp: Functions = registry.namespace if recorded else tracing_namespace
        reached, zeros = Reached(), [partial(zeros_at, edge, xp) for edge in self.sources]

        def back(body: Body) -> Callable[[], Shares]:
            def shares() -> Shares:
                raw = tracing_namespace
                return reached.full(
                    cotangents(body.replay, (), self.sources, g, recorded, raw)[1], zeros
                )

            return shares

        return reached.only(self.cond(saved[0], *map(back, self.bodies)))

    def moved(self, edge: EdgeMap, value: ValueMap) -> _Reverse:
        bodies = [body.moved(edge, value) for body in self.bodies]
        return _Reverse(bodies, list(map(edge, self.sources)), self.cond)
