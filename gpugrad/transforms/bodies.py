"""Functions recorded as plans of their own inside a recording: what branches and loops consist of.

Such a function may use whatever the program around it computed. A traced array of the recording
outside becomes an operand of its step; and the nodes of its graph lead to those outside as in any
program, so that the graph itself says of what else the results are to be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

from gpugrad import registry, tree
from gpugrad.backends import is_complex, is_inexact
from gpugrad.errors import UnsupportedOperand
from gpugrad.executor.plan import Plan
from gpugrad.executor.record import Recorder, Traced, active, recording, weak_type
from gpugrad.executor.recording import namespace as recording_namespace
from gpugrad.executor.sweep import sweep
from gpugrad.graph import ALIAS, ENDED, Edge, Node, enable_grad, leading_to, now, older
from gpugrad.ops.creation import leaf
from gpugrad.tensor import Tensor
from gpugrad.transforms.arguments import NUMBERS


class Body:
    """One run of `f` under a recorder inside `outer`, on `examples`: values, and numbers' types.

    `outputs` are the leaves of the result, `outside` the traced arrays of `outer` that it used, and
    `sources` where the results come from in the graph outside.
    """

    def __init__(
        self, outer: Recorder, f: Callable[..., Any], examples: Iterable[tuple[Any, type | None]]
    ) -> None:
        self.recorder = recorder = Recorder(outer.base, outer)
        inputs = [recorder.input(value, weak) for value, weak in examples]
        began = now()
        with recording(recorder), outer.base.quiet():
            leaves, self.structure = tree.flatten(f(*map(Tensor, inputs)))
            self.outputs = [traced(x) for x in leaves]
        edges = [x._edge for x in leaves if isinstance(x, Tensor) and x._edge is not None]
        self.sources = older(edges, began)
        met = [(outer.traced(x), slot) for slot, x in recorder.captured]
        self._slots = {x.slot: slot for x, slot in met}
        self.outside = list({x.slot: x for x, _ in met}.values())

    def make(self, number: int, dtype: Any, weak: bool) -> None:
        """Give the output of that number another dtype, as an array or as a number."""
        with recording(self.recorder):
            self.outputs[number] = as_kind(self.outputs[number], dtype, weak)

    def plan(self, outside: Sequence[Traced], saved: Collection[int] = ()) -> Plan:
        """The plan: `outside` are its operands after the inputs.

        The inputs of the numbers in `saved` are results after the others.
        """
        recorder = self.recorder
        operands = [
            self._slots[x.slot] if x.slot in self._slots else recorder.slot(x.value).slot
            for x in outside
        ]
        return Plan(
            slots=tuple(recorder.slots),
            inputs=(*recorder.inputs, *operands),
            constants=tuple(recorder.constants.items()),
            steps=tuple(recorder.steps),
            outputs=(*(x.slot for x in self.outputs), *(recorder.inputs[i] for i in saved)),
        )


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


class ControlVjp:
    """The reverse rule of one branch or loop: `rule(g, saved, recorded)` gives the shares.

    `g` holds the cotangents of the results, `None` for one that nobody used; `recorded` says that
    the sweep is itself recorded. What was saved is lifted along `saved_edges`, where an integer
    stands for a result of the node itself.
    """

    spreads = False
    takes_unused = True
    foreign: tuple[int, ...] = ()

    def __init__(
        self,
        name: str,
        rule: Callable[[list[Any], Sequence[Any], bool], Sequence[Any]],
        saved_edges: Sequence[Edge | int | None] = (),
    ) -> None:
        self.op = SimpleNamespace(name=name)
        self._rule = rule
        self._saved_edges = saved_edges

    def is_closed(self) -> bool:
        """Never: the rule holds what the functions close over."""
        return False

    def pull(self, g: Any, xp: Any, saved: Any, settings: Any) -> tuple[Any, ...]:
        recorded = xp is registry.namespace
        shares = self._rule(g, saved, recorded)
        if recorded:
            return tuple(shares)
        return tuple(x._value if isinstance(x, Tensor) else x for x in shares)

    def lift(self, node: Node, lift: Callable[[Any, Edge], Any]) -> tuple[Any, ...]:
        edges = [(node, e) if isinstance(e, int) else e for e in self._saved_edges]
        return tuple(
            value if edge is None else lift(value, edge)
            for value, edge in zip(node.saved or (), edges, strict=True)
        )


def tracked_results(
    vjp: ControlVjp, edges: Sequence[Edge | None], saved: Sequence[Any], values: Sequence[Traced]
) -> list[Tensor]:
    """The results of a branch or loop, as those of one node."""
    shapes, dtypes = tuple(x.shape for x in values), tuple(x.dtype for x in values)
    node = Node(vjp, (), tuple(edges), tuple(saved), shapes, dtypes)
    return [
        Tensor(x, (node, i)) if is_inexact(x.dtype) else Tensor(x) for i, x in enumerate(values)
    ]


def cotangents(
    f: Callable[..., Sequence[Any]],
    primals: Sequence[Tensor],
    sources: Sequence[Edge],
    seeds: Sequence[Any],
    recorded: bool,
) -> tuple[list[Any], list[Any]]:
    """Cotangents of `primals` and `sources`, given those of the leaves that `f(*primals)` returns.

    A seed is `None` for a leaf that nobody used, and so is the cotangent of integers. Zeros are for
    that on which the leaves do not depend. If `recorded`, cotangents are tracked Tensors.
    """
    with enable_grad():
        aliases = [_alias(x) for x in primals]
        results = f(*aliases)
    pairs = [
        (x._edge, g)
        for x, g in zip(results, seeds, strict=True)
        if isinstance(x, Tensor) and x._edge is not None and g is not None
    ]
    wanted = [*(x._edge for x in aliases), *sources]
    nodes = {edge[0] for edge in wanted if edge is not None}
    only, _ = leading_to(nodes, [edge[0] for edge, _ in pairs])
    if only is not None:
        pairs = [(edge, g) for edge, g in pairs if edge[0] in only]
    # A sweep conjugates what goes in and what comes out, but this one is part of another.
    xp: Any = registry.namespace if recorded else recording_namespace
    given = [(edge, _conjugate(_seed(g, recorded), xp)) for edge, g in pairs]
    lift = Tensor if recorded else None
    found = sweep(given, recording_namespace, xp=xp, lift=lift, targets=nodes, only=only)
    for x in aliases:
        if x._edge is not None and x._edge[0].vjp is None:
            x._edge[0].settings = ENDED
    reached = [None if edge is None else _reached(found, edge, xp) for edge in wanted]
    shares = [None if g is None else _conjugate(g, xp) for g in reached]
    return shares[: len(primals)], shares[len(primals) :]


def _alias(x: Tensor) -> Tensor:
    """A tracked Tensor of the same value that the graph of `x` leads to; integers as they are."""
    if not is_inexact(x.dtype):
        return x
    if x._edge is None:
        return leaf(x._value, settings=ALIAS)
    copy = registry.get_op("copy").rules[1]
    return Tensor(x._value, (Node(copy, (), (x._edge,), (), x.shape, x.dtype), 0))


def _seed(g: Any, recorded: bool) -> Any:
    if recorded:
        return g if isinstance(g, Tensor) else Tensor(g)
    return g._value if isinstance(g, Tensor) else g


def _conjugate(g: Any, xp: Any) -> Any:
    return xp.conj(g) if is_complex(g.dtype) else g


def _reached(found: dict[Node, Any], edge: Edge, xp: Any) -> Any:
    """The cotangent at `edge`."""
    node, i = edge
    several = type(node.dtype) is tuple
    g = found.get(node)
    if several and g is not None:
        g = g[i]
    return zeros_at(edge, xp) if g is None else g


def zeros_at(edge: Edge, xp: Any) -> Any:
    """Zeros like the value at `edge`."""
    node, i = edge
    if type(node.dtype) is tuple:
        return xp.zeros(node.shape[i], dtype=node.dtype[i])
    return xp.zeros(node.shape, dtype=node.dtype)
