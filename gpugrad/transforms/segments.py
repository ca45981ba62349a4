"""Parts of a program as single nodes of its graph: branches, loops, recomputations, rules of users.

The reverse rule of such a segment is a function of its own. It may run the segment again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Protocol, TypeAlias

from gpugrad import registry
from gpugrad.backends import Namespace, conjugate, is_inexact
from gpugrad.executor.sweep import sweep
from gpugrad.graph import ALIAS, ENDED, Edge, Node, leading_to
from gpugrad.ops.creation import leaf
from gpugrad.tensor import Tensor

EdgeMap: TypeAlias = Callable[[Edge], Edge]
"""Where in a graph stands what stood at an edge of another one."""


class Rule(Protocol):
    """The reverse rule of a segment."""

    def __call__(self, g: list[Any], saved: Sequence[Any], recorded: bool) -> Sequence[Any]:
        """Shares of the operands, given the cotangents `g` of the results.

        `g` holds `None` for a result that nobody used. `recorded` says whether the sweep is.
        """

    def moved(self, edge: EdgeMap, value: Callable[[Any], Any]) -> Rule:
        """The same rule where that outside stands elsewhere."""


class SegmentVjp:
    """What the node of a segment knows. What was saved is lifted along `saved_edges`, where an
    integer stands for a result of the node itself.
    """

    spreads = False
    takes_unused = True
    foreign: tuple[int, ...] = ()

    def __init__(
        self, name: str, rule: Rule, saved_edges: Sequence[Edge | int | None] = ()
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

    def moved(self, edge: EdgeMap, value: Callable[[Any], Any]) -> SegmentVjp:
        """That of the same segment where what it uses stands elsewhere."""
        saved = [e if e is None or isinstance(e, int) else edge(e) for e in self._saved_edges]
        return SegmentVjp(self.op.name, self._rule.moved(edge, value), saved)


def tracked_results(
    vjp: SegmentVjp, edges: Sequence[Edge | None], saved: Sequence[Any], values: Sequence[Any]
) -> list[Tensor]:
    """The results of a segment, as those of one node."""
    shapes, dtypes = tuple(x.shape for x in values), tuple(x.dtype for x in values)
    node = Node(vjp, (), tuple(edges), tuple(saved), shapes, dtypes)
    return [
        Tensor(x, (node, i)) if is_inexact(x.dtype) else Tensor(x) for i, x in enumerate(values)
    ]


def cotangents(
    replay: Callable[[list[Tensor]], Sequence[Any]],
    primals: Sequence[Tensor],
    sources: Sequence[Edge],
    seeds: Sequence[Any],
    recorded: bool,
    raw: Namespace,
) -> tuple[list[Any], list[Any]]:
    """Cotangents of `primals` and `sources`, given those of the results of `replay` on `primals`.

    More seeds than there are results are those of the primals themselves. A seed is `None` for a
    result that nobody used, and so is the cotangent of integers. Zeros are for that on which the
    results do not depend. If `recorded`, cotangents are tracked Tensors.
    """
    aliases = [alias(x) for x in primals]
    results = [*replay(aliases), *aliases][: len(seeds)]
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
    xp: Any = registry.namespace if recorded else raw
    given = [(edge, conjugate(_seed(g, recorded), xp)) for edge, g in pairs]
    lift = Tensor if recorded else None
    found = sweep(given, raw, xp=xp, lift=lift, targets=nodes, only=only)
    for x in aliases:
        if x._edge is not None and x._edge[0].vjp is None:
            x._edge[0].settings = ENDED
    reached = [None if edge is None else _reached(found, edge, xp) for edge in wanted]
    shares = [None if g is None else conjugate(g, xp) for g in reached]
    return shares[: len(primals)], shares[len(primals) :]


def alias(x: Tensor) -> Tensor:
    """A tracked Tensor of the same value that the graph of `x` leads to; integers as they are."""
    if not is_inexact(x.dtype):
        return x
    if x._edge is None:
        return leaf(x._value, settings=ALIAS)
    identity = registry.get_op("copy").rules[1]
    return Tensor(x._value, (Node(identity, (), (x._edge,), (), x.shape, x.dtype), 0))


def _seed(g: Any, recorded: bool) -> Any:
    if recorded:
        return g if isinstance(g, Tensor) else Tensor(g)
    return g._value if isinstance(g, Tensor) else g


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
