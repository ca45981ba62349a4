"""A graph and its gradients as a program of primitives, which the page computes with.

The function is run once more, traced, and everything that is shown of its graph is an output of the
trace: values, gradients, and the contributions of edges and paths. So the page needs no rule of any
op, only the primitives that rules are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context
from typing import Any

import numpy as np

from gpugrad.backends import namespace_of, within
from gpugrad.context import holding
from gpugrad.core.causes import check_refused
from gpugrad.core.tensor import Tensor
from gpugrad.graph import Node, looking_on
from gpugrad.ops.creation import leaf
from gpugrad.plan.called import arguments, function
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Operand, Plan, Slot, Step
from gpugrad.show.collect import Watch, in_order
from gpugrad.show.numbers import on_host
from gpugrad.show.pages.paths import Path, contributions
from gpugrad.show.pages.runnable import Runnable
from gpugrad.show.pages.seen import Watched
from gpugrad.show.pages.shown_numbers import Numbers, of_vertices, packed
from gpugrad.show.picture import NOT_KEPT, Picture, Vertex, has_several
from gpugrad.show.values import find_values
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Traced, Tracer, tracing
from gpugrad.types import Array

CARRIED, COMPUTED = 100_000, 2_000_000
"""Numbers that a page holds for its program at most, and numbers and products that this makes."""

UNFUSED = ("products", "assemble", "horizontal")
"""Passes that are for engines."""


_OTHERWISE = (
    "the function made another graph when it was traced, as one does that uses gg.checkpoint, "
    "gg.scan or gg.cond, or that is not the same each time"
)


class NotComputed(Exception):
    """Why a page cannot compute, as the end of a sentence."""


def program(
    runnable: Runnable,
    picture: Picture,
    paths: Sequence[Path],
    places: list[dict[str, object]],
    numbers: Sequence[Array],
) -> tuple[dict[str, object], list[tuple[int, int]]]:
    """The program as JSON: slots, inputs, constants, steps, and the slot of each number.

    `places` says where the `numbers` of the picture stand, as those of the trace must; after them
    are those of the paths. Then come operands that need no gradient, but change with the inputs,
    such as the condition `x > 0`: each is listed by its vertex and its place among the operands.
    Raises `NotComputed`.
    """
    traced = _Traced(runnable, picture, paths, places)
    try:
        plan, inputs = copy_context().run(traced.run)
    except NotComputed:
        raise
    except Exception as error:                      # of a function that cannot be traced
        raise NotComputed(str(error).rstrip(".") or type(error).__name__) from error
    if not all(map(_near, numbers, traced.values)):
        raise NotComputed("the function gave other numbers when it ran again")
    _check(plan)
    return {**written(plan), "arrays": [packed(x) for x in inputs]}, traced.live


class _Traced:
    """One run of the function and of the sweep, traced."""

    def __init__(
        self,
        runnable: Runnable,
        picture: Picture,
        paths: Sequence[Path],
        places: list[dict[str, object]],
    ) -> None:
        self.runnable = runnable
        self.picture = picture
        self.paths = paths
        self.places = places
        self.live: list[tuple[int, int]] = []
        self.values: list[Array] = []

    def run(self) -> tuple[Plan, list[Array]]:
        """The plan of all numbers, and what to call it with: leaves, then captured arrays."""
        leaves = self.runnable.leaves
        tracer = Tracer(namespace_of(leaves[0]))
        values = [tracer.input(tracer.base.asarray(x)) for x in leaves]
        with tracing(tracer), tracer.base.quiet():  # it has warned when it ran first
            try:
                with holding(within, tracing_namespace):
                    numbers = self._numbers([leaf(x) for x in values], tracer)
            except Exception as error:
                check_refused(error)
                raise
            made = [tracer.traced(x) for x in numbers]
            self.values = [x.value for x in made]
            captured = list(tracer.captured)
            plan = Plan(
                slots=tuple(tracer.slots),
                inputs=(*tracer.inputs, *(slot for slot, _ in captured)),
                constants=tuple(tracer.constants.items()),
                steps=tuple(tracer.steps),
                outputs=tuple(x.slot for x in made),
            )
        return improve(plan, UNFUSED), [*leaves, *(x for _, x in captured)]

    def _numbers(self, leaves: list[Tensor], tracer: Tracer) -> list[Array]:
        watched = Watched()
        with holding(looking_on, watched):
            t = self.runnable.call(leaves)
        assert t._edge is not None                  # it had one when the picture was made
        nodes = in_order(t._edge[0])
        before = self.picture.vertices
        if len(nodes) != len(before):
            raise NotComputed(_OTHERWISE)
        vertices = [_like(node, v) for node, v in zip(nodes, before, strict=True)]
        by_node = {v.node: v for v in vertices}
        known: dict[Any, object] = {x._edge: x._value for x in (t, *leaves)}
        seen, _ = find_values(nodes, known | watched.values, watched.constants)
        for v, then in zip(vertices, before, strict=True):
            v.value = _values(v, then, seen)
        raw = namespace_of(t._value)
        watch = Watch(by_node, raw, by_node[t._edge[0]], formulas=False)
        watch.sweep(t)
        found = Numbers()
        if of_vertices(vertices, found) != self.places:
            raise NotComputed(_OTHERWISE)
        seed = raw.ones_like(t._value)
        along = contributions(self.paths, nodes, watch, raw, seed)
        fixed = {*tracer.constants, *(slot for slot, _ in tracer.captured)}
        place = {node: i for i, node in enumerate(nodes)}
        live = {
            (place[node], position): x
            for (node, position), x in watched.constants.items()
            if node in place and isinstance(x, Traced) and x.slot not in fixed
        }
        self.live = list(live)
        return [*found.arrays, *along, *live.values()]


def _near(x: Array, y: Array) -> bool:
    """Whether two runs gave the same, to rounding."""
    a, b = on_host(x), on_host(y)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-3, atol=1e-6, equal_nan=True))


def _like(node: Node, before: Vertex) -> Vertex:
    name = None if node.vjp is None else node.vjp.op.name
    known = None if before.op is None else before.op.name
    if (name, node.shape) != (known, before.node.shape):
        raise NotComputed(_OTHERWISE)
    return Vertex(before.name, before.kind, node)


def _values(v: Vertex, before: Vertex, seen: dict[Any, Any]) -> object:
    """The value of a vertex; what was not known of it before is not looked for now."""
    if before.value is NOT_KEPT:
        return NOT_KEPT
    if not has_several(v.node):
        return seen.get((v.node, 0), NOT_KEPT)
    return tuple(seen.get((v.node, i), NOT_KEPT) for i in range(len(v.node.dtype)))


def _check(plan: Plan) -> None:
    if any(slot.dtype.kind == "c" for slot in plan.slots):
        raise NotComputed("a page does not compute with complex numbers")
    given = [*plan.inputs, *(slot for slot, _ in plan.constants)]
    carried = sum(plan.slots[i].size for i in given)
    computed = sum(plan.slots[i].size for step in plan.steps for i in step.outputs)
    computed += sum(_multiplied(plan, step) for step in plan.steps)
    if carried > CARRIED:
        raise NotComputed(
            f"its arrays hold {carried:,} numbers, and a page computes with at most {CARRIED:,}"
        )
    if computed > COMPUTED:
        raise NotComputed(
            f"it makes {computed:,} numbers and products, and a page computes at most {COMPUTED:,}"
        )


def _multiplied(plan: Plan, step: Step) -> int:
    """Products that a matrix product, or a correlation, sums up."""
    operands = [plan.slots[i] for i in step.inputs]
    result = plan.slots[step.outputs[0]] if step.outputs else None
    if result is None or not result.size:
        return 0
    if step.op == "matmul":
        return operands[0].shape[-1] * result.size
    if step.op in ("batched_correlation", "biased_correlation"):
        return result.size * operands[1].size // operands[1].shape[0]
    if step.op == "correlation_inputs":
        return operands[0].size * operands[1].size // operands[1].shape[0]
    if step.op == "correlation_weights":
        return operands[1].size * result.size // result.shape[0]
    return 0


def written(plan: Plan) -> dict[str, object]:
    """Slots, inputs, steps and outputs of a plan, as JSON."""
    return {
        "slots": [_slot(slot) for slot in plan.slots],
        "inputs": list(plan.inputs),
        "constants": [[slot, packed(constant.array())] for slot, constant in plan.constants],
        "steps": [
            [step.op, list(step.inputs), list(step.outputs), _settings(step)]
            for step in plan.steps
        ],
        "outputs": list(plan.outputs),
    }  # fmt: skip


def _slot(slot: Slot) -> list[object]:
    return [list(slot.shape), slot.dtype.name]


def _settings(step: Step) -> dict[str, object]:
    """The settings of a step by name; of a call, `arrays` are its other arguments."""
    settings = dict(step.settings)
    takes = function(step.op) if "args" in settings else None
    if takes is not None:
        arrays, settings = arguments(step.op, takes, settings)
        settings = {"arrays": arrays, **settings}
    return {name: _setting(value) for name, value in settings.items()}


def _setting(x: Any) -> object:
    """A setting as JSON; what JSON does not have is an object with the name of its kind."""
    if isinstance(x, tuple | list):
        return [_setting(part) for part in x]
    if isinstance(x, slice):
        return {"slice": [x.start, x.stop, x.step]}
    if isinstance(x, Operand):
        return {"operand": x.number}
    if x is ...:
        return {"ellipsis": True}
    if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
        return {"dtype": np.dtype(x).name}
    if isinstance(x, Plan):
        return {"plan": written(x)}
    if isinstance(x, np.generic):
        return _setting(x.item())
    if isinstance(x, float) and not np.isfinite(x):
        return {"number": str(x)}
    if x is None or isinstance(x, bool | int | float | str):
        return x
    raise NotComputed(f"a step has a setting that a page cannot hold, {type(x).__name__}")
