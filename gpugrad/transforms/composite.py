"""Parts of a program as single nodes of its graph: branches, loops, recomputations, rules of users.

The reverse rule of such a segment is a function of its own. It may run the segment again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

from gpugrad.backends import Namespace, conjugate, is_inexact, namespace_of
from gpugrad.core import registry
from gpugrad.core.tensor import Tensor
from gpugrad.graph import ALIAS, ENDED, Edge, Lift, Node, Vjp, leading_to
from gpugrad.ops.creation import leaf
from gpugrad.sweep.cotangents import Held
from gpugrad.sweep.sweep import sweep
from gpugrad.types import Array, DType, Functions, Shape

EdgeMap: TypeAlias = Callable[[Edge], Edge]
"""Where in a graph stands what stood at an edge of another one."""

ValueMap: TypeAlias = Callable[[Any], Any]
"""What stands for an array, a number or a batch of another part of a program."""

Shares: TypeAlias = "Sequence[Array | None]"
"""Cotangents, one for each operand or result; `None` where there is none."""

Zeros: TypeAlias = Callable[[], Array]
"""Makes zeros, in the place of a cotangent that nothing came to."""


class Rule(Protocol):
    """The reverse rule of a segment."""

    def __call__(
        self, g: list[Array | None], saved: Sequence[Array], recorded: bool
    ) -> Shares:
        """Shares of the operands, given the cotangents `g` of the results.

        `g` holds `None` for a result that nobody used, and so do the shares for an operand that no
        result depends on. `recorded` says whether the sweep is.
        """

    def moved(self, edge: EdgeMap, value: ValueMap) -> Rule:
        """The same rule where that outside stands elsewhere."""


@dataclass(frozen=True)
class Segment:
    """A segment, in the place of an op: it has a name alone."""

    name: str
    forward: ClassVar[None] = None
    arrays: ClassVar[tuple[()]] = ()
    nested: ClassVar[tuple[()]] = ()
    settings: ClassVar[tuple[()]] = ()
    parameters: ClassVar[tuple[()]] = ()
    multiple: ClassVar[bool] = False


class CompositeVjp:
    """What the node of a segment knows.

    What was saved is lifted along `saved_edges`, where an integer stands for a result of the node
    itself.
    """

    spreads = False
    takes_unused = leaves_out = once = True
    needs: tuple[bool, ...] = ()
    keeps: tuple[str, ...] = ()
    foreign: tuple[int, ...] = ()

    def __init__(
        self, name: str, rule: Rule, saved_edges: Sequence[Edge | int | None] = ()
    ) -> None:
        self.op = Segment(name)
        self._rule = rule
        self._saved_edges = saved_edges

    def is_closed(self) -> bool:
        """Never: the rule holds what the functions close over."""
        return False

    def pull(
        self, g: list[Array | None], xp: Functions, saved: Sequence[Array], settings: object
    ) -> tuple[Array | None, ...]:
        recorded = xp is registry.namespace
        shares = self._rule(g, saved, recorded)
        if recorded:
            return tuple(shares)
        return tuple(x._value if isinstance(x, Tensor) else x for x in shares)

    def lift(self, node: Node, lift: Lift) -> tuple[Array, ...]:
        edges = [(node, e) if isinstance(e, int) else e for e in self._saved_edges]
        return tuple(
            value if edge is None else lift(value, edge)
            for value, edge in zip(node.saved or (), edges, strict=True)
        )

    def moved(self, edge: EdgeMap, value: ValueMap) -> CompositeVjp:
        """That of the same segment where what it uses stands elsewhere."""
        saved = [e if e is None or isinstance(e, int) else edge(e) for e in self._saved_edges]
        return CompositeVjp(self.op.name, self._rule.moved(edge, value), saved)


def tracked_results(
    vjp: CompositeVjp,
    edges: Sequence[Edge | None],
    saved: Sequence[Array],
    values: Sequence[Array],
) -> list[Tensor]:
    """The results of a segment, as those of one node."""
    shapes, dtypes = tuple(x.shape for x in values), tuple(x.dtype for x in values)
    node = Node(vjp, (), tuple(edges), tuple(saved), shapes, dtypes)
    return [
        Tensor(x, (node, i)) if is_inexact(x.dtype) else Tensor(x) for i, x in enumerate(values)
    ]


def cotangents(
    replay: Callable[[list[Tensor]], Sequence[object]],
    primals: Sequence[Tensor],
    sources: Sequence[Edge],
    seeds: Shares,
    recorded: bool,
    raw: Namespace,
) -> tuple[Shares, Shares]:
    """Cotangents of `primals` and `sources`, given those of the results of `replay` on `primals`.

    More seeds than there are results are those of the primals themselves. A seed is `None` for a
    result that nobody used, and so is the cotangent of integers and of that on which the results do
    not depend: zeros would not tell of which batches they are. If `recorded`, cotangents are
    tracked Tensors.
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
    xp: Functions = registry.namespace if recorded else raw
    pairs = [(edge, _seed(g, recorded)) for edge, g in pairs]
    given = [(edge, conjugate(g, _of(g))) for edge, g in pairs]
    lift = Tensor if recorded else None
    found = sweep(given, raw, xp=xp, lift=lift, targets=nodes, only=only)
    for x in aliases:
        if x._edge is not None and x._edge[0].vjp is None:
            x._edge[0].settings = ENDED
    reached = [None if edge is None else _reached(found, edge) for edge in wanted]
    shares = [None if g is None else conjugate(g, _of(g)) for g in reached]
    return shares[: len(primals)], shares[len(primals) :]


def alias(x: Tensor) -> Tensor:
    """A tracked Tensor of the same value that the graph of `x` leads to; integers as they are."""
    if not is_inexact(x.dtype):
        return x
    if x._edge is None:
        return leaf(x._value, settings=ALIAS)
    identity: Vjp = registry.get_op("copy").rules[1]
    return Tensor(x._value, (Node(identity, (), (x._edge,), (), x.shape, x.dtype), 0))


def _of(g: Array) -> Functions:
    """What computes with a cotangent."""
    return registry.namespace if isinstance(g, Tensor) else namespace_of(g)


def _seed(g: Array, recorded: bool) -> Array:
    if recorded:
        return g if isinstance(g, Tensor) else Tensor(g)
    return g._value if isinstance(g, Tensor) else g


def _reached(found: Held, edge: Edge) -> Array | None:
    """The cotangent at `edge`, if one came there."""
    node, i = edge
    g = found.get(node)
    reached: Array | None = g[i] if type(node.dtype) is tuple and g is not None else g
    return reached


class Reached:
    """The shares of the same operands that several runs of a rule give, as arrays throughout.

    A run gives `None` for what its results do not depend on; zeros stand there until all are done.
    """

    def __init__(self) -> None:
        self._came: set[int] = set()

    def full(self, shares: Shares, zeros: Sequence[Zeros | None]) -> list[Array | None]:
        """The shares of one run, with what `zeros` make where there is none."""
        self._came.update(i for i, share in enumerate(shares) if share is not None)
        return [
            make() if share is None and make is not None else share
            for share, make in zip(shares, zeros, strict=True)
        ]

    def only(self, shares: Shares) -> list[Array | None]:
        """The shares of all runs together; `None` where no run gave one."""
        return [x if i in self._came else None for i, x in enumerate(shares)]


def zeros_at(edge: Edge, xp: Functions) -> Array:
    """Zeros like the value at `edge`."""
    shape, dtype = kind_at(edge)
    return xp.zeros(shape, dtype=dtype)


def kind_at(edge: Edge) -> tuple[Shape, DType]:
    """Shape and dtype of the value at `edge`."""
    node, i = edge
    several = type(node.dtype) is tuple
    return (node.shape[i], node.dtype[i]) if several else (node.shape, node.dtype)
