"""Parts of a graph made again, where what they were computed from is something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from gpugrad.backends import Batched
from gpugrad.backends.batched import Level, batches_of
from gpugrad.graph import Edge, Node, newer, now
from gpugrad.transforms.composite import CompositeVjp, EdgeMap, ValueMap


class Remaking:
    """The nodes made from `since` to `until`, made again as far as `edges` asks for them.

    `outside` says where an edge leads now that leaves these nodes, and `value` what stands now for
    an array that they saved, and for a batch that began before them. `moved` holds the nodes that
    have their successors already.
    """

    def __init__(
        self,
        since: int,
        until: int,
        outside: EdgeMap,
        value: ValueMap,
        moved: dict[Node, Node] | None = None,
    ) -> None:
        self._since = since
        self._until = until
        self._outside = outside
        self._value = value
        self._moved = moved or {}
        self._levels: dict[Level, Level] = {}

    def edges(self, edges: Iterable[Edge | None]) -> list[Edge | None]:
        """Where these edges lead now; `None` leads nowhere."""
        given = list(edges)
        nodes = [
            node
            for node in newer([edge for edge in given if edge is not None], self._since)
            if node.vjp is not None and node not in self._moved
        ]
        named = (x for node in nodes for x in (*node.settings, *_levels_in(node.saved)))
        begun = {x for x in named if self._began_here(x)}
        # In their order, because a sweep tells by it what was there before a batch.
        both: list[Node | Level] = [*nodes, *begun]
        for made in sorted(both, key=lambda made: made.order):
            if isinstance(made, Level):
                again = self._levels[made] = Level(made.n, now())
                again.active = made.active
            else:
                self._moved[made] = self._again(made)
        return map_edges(self.edge, given)

    def edge(self, edge: Edge) -> Edge:
        """Where an edge leads now."""
        node, index = edge
        return self._outside(edge) if node.order < self._since else (
            self._moved.get(node, node),
            index,
        )

    def value(self, x: Any) -> Any:
        """What stands now for what a node saved, or for a batch."""
        if isinstance(x, tuple | list):
            return type(x)(map(self.value, x))
        if type(x) is Batched:
            level = self.value(x.level)
            if x.weights is None:
                return Batched(self.value(x.value), level)
            return Batched.diagonal(self.value(x.weights), x.shape, level)
        return self._levels[x] if self._began_here(x) else self._value(x)

    def _began_here(self, x: object) -> TypeGuard[Level]:
        return type(x) is Level and self._since <= x.order < self._until

    def _again(self, node: Node) -> Node:
        vjp = node.vjp
        if isinstance(vjp, CompositeVjp):
            vjp = vjp.moved(self.edge, self.value)
        settings = tuple(self.value(x) if type(x) is Level else x for x in node.settings)
        edges, saved = tuple(map_edges(self.edge, node.edges)), self.value(node.saved)
        made = Node(vjp, settings, edges, saved, node.shape, node.dtype)
        if hasattr(node, "origin"):
            made.origin = node.origin
        return made


def _levels_in(x: object) -> Iterator[Level]:
    """The batches of the arrays that a node saved."""
    if isinstance(x, tuple | list):
        for part in x:
            yield from _levels_in(part)
    elif isinstance(x, Batched):
        yield from batches_of(x)


def map_edges(edge: EdgeMap, edges: Iterable[Edge | None]) -> list[Edge | None]:
    """Where these edges lead now; `None` leads nowhere."""
    return [None if e is None else edge(e) for e in edges]
