"""Functions recorded as plans of their own inside a recording: what branches and loops consist of.

Such a function may use whatever the program around it computed. A traced array of the recording
outside becomes an operand of its step; and the nodes of its graph lead to those outside as in any
program, so that the graph itself says of what else the results are to be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from gpugrad import tree
from gpugrad.backends import Namespace, numpy_namespace
from gpugrad.errors import UnsupportedOperand
from gpugrad.executor.engines.control import Scan
from gpugrad.executor.engines.interpret import run_step
from gpugrad.executor.engines.numpy import Program
from gpugrad.executor.passes import improve
from gpugrad.executor.plan import Plan, Step
from gpugrad.executor.record import Recorder, Traced, active, recording, weak_type
from gpugrad.executor.recording import namespace as recording_namespace
from gpugrad.graph import Edge, Node, now, older, reverse_order
from gpugrad.tensor import Tensor
from gpugrad.transforms.arguments import NUMBERS
from gpugrad.transforms.segments import EdgeMap, SegmentVjp, alias


class Body:
    """One run of `f` under a recorder inside `outer`, on `examples`: values, and numbers' types.

    `outputs` are the leaves of the result, `outside` the traced arrays of `outer` that it used, and
    `sources` where the results come from in the graph outside. If `tracked`, the graph inside leads
    from the results to the inputs.
    """

    def __init__(
        self,
        outer: Recorder,
        f: Callable[..., Any],
        examples: Iterable[tuple[Any, type | None]],
        tracked: bool = False,
    ) -> None:
        self.recorder = recorder = Recorder(outer.base, outer)
        self._began = now()
        given = [Tensor(recorder.input(value, weak)) for value, weak in examples]
        if tracked:
            given = [alias(x) for x in given]
        self._inputs = [x._edge for x in given]
        with recording(recorder), outer.base.quiet():
            leaves, self.structure = tree.flatten(f(*given))
            self.outputs = [traced(x) for x in leaves]
        self._edges = [x._edge if isinstance(x, Tensor) else None for x in leaves]
        self.sources = older([edge for edge in self._edges if edge is not None], self._began)
        self._captured = [(slot, outer.traced(x)) for slot, x in recorder.captured]
        self.outside = list({x.slot: x for _, x in self._captured}.values())
        self._edge_outside: EdgeMap = lambda edge: edge

    def make(self, number: int, dtype: Any, weak: bool) -> None:
        """Give the output of that number another dtype, as an array or as a number."""
        with recording(self.recorder):
            self.outputs[number] = as_kind(self.outputs[number], dtype, weak)

    def plan(self, outside: Sequence[Traced], saved: Collection[int] = ()) -> Plan:
        """The plan: `outside` are its operands after the inputs.

        The inputs of the numbers in `saved` are results after the others.
        """
        recorder = self.recorder
        slots = {x.slot: slot for slot, x in self._captured}
        operands = [
            slots[x.slot] if x.slot in slots else recorder.slot(x.value).slot for x in outside
        ]
        return Plan(
            slots=tuple(recorder.slots),
            inputs=(*recorder.inputs, *operands),
            constants=tuple(recorder.constants.items()),
            steps=tuple(recorder.steps),
            outputs=(*(x.slot for x in self.outputs), *(recorder.inputs[i] for i in saved)),
        )

    def replay(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The results for other inputs, Tensors that `alias` gave, in the recording at work.

        The steps are noted again and the nodes made again. `f` itself does not run: what it closes
        over may be something else by now.
        """
        here, known = active(), self._steps_again(inputs)

        def value(x: Any) -> Any:
            if isinstance(x, tuple | list):
                return type(x)(map(value, x))
            if type(x) is not Traced or x.recorder is not self.recorder:
                return x
            again = known[x.slot]
            return Traced(here, again.slot, again.value, x.weak)

        moved = {
            before[0]: x._edge[0]
            for before, x in zip(self._inputs, inputs, strict=True)
            if before is not None and x._edge is not None
        }

        def edge(e: Edge) -> Edge:
            if e[0].order < self._began:
                return self._edge_outside(e)
            return moved.get(e[0], e[0]), e[1]

        nodes = reverse_order([e[0] for e in self._edges if e is not None])
        for node in reversed(nodes):
            if node.order < self._began or node in moved:
                continue
            vjp = node.vjp.moved(edge, value) if isinstance(node.vjp, SegmentVjp) else node.vjp
            edges = tuple(map_edges(edge, node.edges))
            saved = value(node.saved)
            moved[node] = Node(vjp, node.settings, edges, saved, node.shape, node.dtype)
        edges = tuple(map_edges(edge, self._edges))
        return [Tensor(value(x), e) for x, e in zip(self.outputs, edges, strict=True)]

    def _steps_again(self, inputs: Sequence[Tensor]) -> dict[int, Traced]:
        """What in the recording at work stands for each slot."""
        here, mine = active(), self.recorder
        known = {slot: here.literal(constant.array()) for slot, constant in mine.constants.items()}
        known.update((slot, traced(x)) for slot, x in zip(mine.inputs, inputs, strict=True))
        known.update((slot, here.traced(x)) for slot, x in self._captured)
        for step in mine.steps:
            operands = tuple(known[slot] for slot in step.inputs)
            values = execute(step, [x.value for x in operands], here.base)
            results = here.emit_several(step.op, operands, values, step.settings)
            known.update(zip(step.outputs, results, strict=True))
        return known

    def moved(self, edge: EdgeMap, value: Callable[[Any], Any]) -> Body:
        """The same where that outside of it stands elsewhere."""
        other, before = copy(self), self._edge_outside
        other._captured = [(slot, value(x)) for slot, x in self._captured]
        other.outside = [value(x) for x in self.outside]
        other._edge_outside = lambda e: edge(before(e))
        return other


def map_edges(edge: EdgeMap, edges: Iterable[Edge | None]) -> list[Edge | None]:
    """Where these edges lead now; `None` leads nowhere."""
    return [None if e is None else edge(e) for e in edges]


def execute(step: Step, values: list[Any], base: Namespace) -> tuple[Any, ...]:
    """What a step computes; of a long loop, without interpreting each iteration."""
    if step.op != "scan" or base is not numpy_namespace:
        return run_step(step, values, base)
    settings = {**dict(step.settings), "body": improve(step.setting("body"))}
    return Scan(replace(step, settings=tuple(settings.items())), Program)(*values)


def traced(x: Any) -> Traced:
    """A leaf, array or number, as a traced array of the recording at work."""
    if isinstance(x, Tensor):
        if type(x._value) is not Traced:
            active().meet(x._value, x)
        x = x._value
    if type(x) in NUMBERS or (hasattr(x, "shape") and hasattr(x, "dtype")):
        return recording_namespace.as_array(x)
    raise UnsupportedOperand(
        f"gg.cond and gg.scan take and return pytrees of arrays and numbers; found is a leaf of "
        f"type {type(x).__name__}. Let the functions close over what is no array."
    )


def as_kind(x: Traced, dtype: Any, weak: bool) -> Traced:
    """`x` with that dtype, as an array or as a number; itself if it is so already."""
    if x.dtype == dtype and (x.weak is not None) == weak:
        return x
    x = recording_namespace.astype(x, dtype)
    return Traced(x.recorder, x.slot, x.value, weak_type(dtype)) if weak else x
