"""Functions traced as plans of their own inside a trace: what branches and loops consist of.

Such a function may use whatever the program around it computed. A traced array of the trace
outside becomes an operand of its step; and the nodes of its graph lead to those outside as in any
program, so that the graph itself says of what else the results are to be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import namespace_of, numpy_namespace
from gpugrad.backends.batched import Level, batches_of, unwrapped, wrapped
from gpugrad.core.tensor import Tensor
from gpugrad.engines.control import compile_scan
from gpugrad.engines.numpy.engine import compile_plan
from gpugrad.errors import NotDifferentiable
from gpugrad.graph import Edge, now, older
from gpugrad.plan.effects import has_effect
from gpugrad.plan.interpret import run_step
from gpugrad.plan.passes import improve
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.tracing.batching.batch_operands import spread
from gpugrad.tracing.held_effects import stand_ins
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Traced, Tracer, active, stands_for, tracing, weak_type
from gpugrad.transforms.composite import EdgeMap, ValueMap, alias
from gpugrad.transforms.control.structure import check_leaf
from gpugrad.transforms.remaking import Remaking
from gpugrad.tree import Structure
from gpugrad.types import Array, DType, Value

Leaf: TypeAlias = Array
"""A traced array, or one part of a batch that consists of one: a plan is of all parts at once."""

Example: TypeAlias = tuple[Array, type | None, tuple[Level, ...]]
"""A value, which Python number it stands for, and the batches along its first axes."""


@dataclass(eq=False)
class Body:
    """One run of a function under a tracer inside of another one.

    `outputs` are the leaves of the result, a tree of that `structure`; `edges` are theirs in the
    graph and `inputs` those of what the function was given; `sources` is where the results come
    from in the graph outside. `captured` are the traced arrays outside that it used, by the slots
    that they have inside, and `outside` each of them once. The nodes of the graph inside are
    numbered from `began` to `ended`. `edge_outside` and `value_outside` say where that outside
    stands now.
    """

    tracer: Tracer
    structure: Structure
    outputs: list[Leaf]
    inputs: list[Edge | None]
    edges: list[Edge | None]
    sources: list[Edge]
    captured: list[tuple[int, Traced]]
    outside: list[Traced]
    began: int
    ended: int
    edge_outside: EdgeMap = lambda edge: edge
    value_outside: ValueMap = lambda x: x

    def make(self, number: int, dtype: DType, weak: bool, levels: tuple[Level, ...]) -> None:
        """Give the output of that number another kind, as `as_kind` does."""
        with tracing(self.tracer):
            self.outputs[number] = as_kind(self.outputs[number], dtype, weak, levels)

    def plan(self, outside: Sequence[Traced], saved: Collection[int] = ()) -> Plan:
        """The plan: `outside` are its operands after the inputs.

        The inputs of the numbers in `saved` are results after the others.
        """
        tracer = self.tracer
        slots = {x.slot: slot for slot, x in self.captured}
        operands = [
            slots[x.slot] if x.slot in slots else tracer.slot(x.value).slot for x in outside
        ]
        return Plan(
            slots=tuple(tracer.slots),
            inputs=(*tracer.inputs, *operands),
            constants=tuple(tracer.constants.items()),
            steps=tuple(tracer.steps),
            outputs=(
                *(unwrapped(x)[0].slot for x in self.outputs),
                *(tracer.inputs[i] for i in saved),
            ),
        )

    def replay(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The results for other inputs, Tensors that `alias` gave, in the trace at work.

        The steps are noted again and the nodes made again. `f` itself does not run: what it closes
        over may be something else by now.
        """
        here, known = active(), self._steps_again(inputs)

        def value(x: object) -> object:
            if type(x) is not Traced or x.tracer is not self.tracer:
                return self.value_outside(x)
            again = known[x.slot]
            return Traced(here, again.slot, again.value, x.weak)

        moved = {
            before[0]: x._edge[0]
            for before, x in zip(self.inputs, inputs, strict=True)
            if before is not None and x._edge is not None
        }
        remaking = Remaking(self.began, self.ended, self.edge_outside, value, moved)
        edges = remaking.edges(self.edges)
        return [Tensor(remaking.value(x), e) for x, e in zip(self.outputs, edges, strict=True)]

    def _steps_again(self, inputs: Sequence[Tensor]) -> dict[int, Traced]:
        """What in the trace at work stands for each slot."""
        here, mine = active(), self.tracer
        known = {slot: here.literal(constant.array()) for slot, constant in mine.constants.items()}
        given = (unwrapped(traced(x))[0] for x in inputs)
        known.update(zip(mine.inputs, given, strict=True))
        known.update((slot, here.traced(x)) for slot, x in self.captured)
        for step in mine.steps:
            if has_effect(step):
                raise NotDifferentiable(
                    f"{step.line}: the gradient of a branch of gg.cond, or of a loop by gg.scan, "
                    f"computes it again, and with it the effect in {step.op!r}, which would happen "
                    "twice: move the effect outside, or stop the gradient with gg.stop_gradient."
                )
            operands = tuple(known[slot] for slot in step.inputs)
            values = execute(step, operands, here)
            results = here.emit_several(step.op, operands, values, step.settings)
            known.update(zip(step.outputs, results, strict=True))
        return known

    def moved(self, edge: EdgeMap, value: ValueMap) -> Body:
        """The same where that outside of it stands elsewhere."""
        edge_before, value_before = self.edge_outside, self.value_outside
        return replace(
            self,
            captured=[(slot, value(x)) for slot, x in self.captured],
            outside=[value(x) for x in self.outside],
            edge_outside=lambda e: edge(edge_before(e)),
            value_outside=lambda x: value(value_before(x)),
        )


def run_body(
    outer: Tracer, f: Callable[..., object], examples: Iterable[Example], tracked: bool = False
) -> Body:
    """Run `f` under a tracer inside `outer`, on `examples`.

    If `tracked`, the graph inside leads from the results to the inputs.
    """
    tracer = Tracer(outer.base, outer)
    began = now()
    given = [
        Tensor(wrapped(tracer.input(value, weak), levels)) for value, weak, levels in examples
    ]
    if tracked:
        given = [alias(x) for x in given]
    inputs = [x._edge for x in given]
    with tracing(tracer), outer.base.quiet():
        leaves, structure = tree.flatten(f(*given))
        outputs: list[Leaf] = [traced(x) for x in leaves]
    ended = now()
    edges = [x._edge if isinstance(x, Tensor) else None for x in leaves]
    captured = [(slot, outer.traced(x)) for slot, x in tracer.captured]
    return Body(
        tracer=tracer,
        structure=structure,
        outputs=outputs,
        inputs=inputs,
        edges=edges,
        sources=older([edge for edge in edges if edge is not None], began),
        captured=captured,
        outside=list({x.slot: x for _, x in captured}.values()),
        began=began,
        ended=ended,
    )


def execute(step: Step, operands: Sequence[Traced], tracer: Tracer) -> tuple[Array, ...]:
    """What a step computes; of a long loop, without interpreting each iteration.

    Where it has an effect and stands in a plan inside of a plan, the run of that one does it.
    """
    values: list[Array] = [x.value for x in operands]
    base = tracer.base
    if tracer.parent is not None and has_effect(step):
        return stand_ins(_made_by(step), operands, base)
    if step.op != "scan" or base is not numpy_namespace:
        return run_step(step, values, base)
    settings = {**dict(step.settings), "body": improve(step.setting("body"))}
    return compile_scan(replace(step, settings=tuple(settings.items())), compile_plan).loop(*values)


def _made_by(step: Step) -> list[Slot]:
    """What a branch or loop gives."""
    if step.op == "cond":
        plan: Plan = step.setting("true")
        return [plan.slots[slot] for slot in plan.outputs]
    body, n, length = (step.setting(name) for name in ("body", "carries", "length"))
    slots = [body.slots[slot] for slot in body.outputs]
    return [*slots[:n], *(Slot((length, *slot.shape), slot.dtype) for slot in slots[n:])]


def traced(x: Value | np.generic) -> Leaf:
    """A leaf, array or number, as one of the trace at work."""
    if isinstance(x, Tensor):
        active().meet(x._value, x)
        x = stands_for(x._value)
    check_leaf(x)
    whole, levels = unwrapped(x)
    return wrapped(tracing_namespace.as_array(whole), levels)


def levels_of(x: Leaf) -> tuple[Level, ...]:
    """The batches of which `x` is one part."""
    return batches_of(x)


def weak_of(x: Leaf) -> type | None:
    """Which Python number `x` stands for."""
    return x.weak if type(x) is Traced else None


def joined(*leaves: Leaf) -> tuple[Level, ...]:
    """The batches of which any of these is one part, in their order."""
    levels = {level for x in leaves for level in levels_of(x)}
    return tuple(sorted(levels, key=lambda level: level.order))


def as_kind(x: Leaf, dtype: DType, weak: bool, levels: tuple[Level, ...]) -> Leaf:
    """`x` with that dtype, as an array or as a number, and as one part of these batches.

    It is itself if it is so already.
    """
    if x.dtype != dtype or (weak_of(x) is not None) != weak:
        x = namespace_of(x).astype(x, dtype)
        if weak:
            assert type(x) is Traced                # a number is of no batch
            x = Traced(x.tracer, x.slot, x.value, weak_type(dtype))
    return spread(x, levels)
