"""From a Tensor to a Picture: names, values, and one reverse sweep that is watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gpugrad.backends import (
    Batched,
    Cleared,
    Indexed,
    Namespace,
    is_complex,
    is_inexact,
    namespace_for,
    namespace_of,
)
from gpugrad.backends.batched import batches_of
from gpugrad.core.tensor import Tensor
from gpugrad.errors import NotDifferentiable
from gpugrad.graph import Edge, Node, reverse_order
from gpugrad.show.formula import Symbol, formulas, operand_piece
from gpugrad.show.keeping import keeps
from gpugrad.show.naming import name_nodes
from gpugrad.show.notation import Piece
from gpugrad.show.picture import LIMIT, NOT_KEPT, Operand, Picture, Share, Vertex, has_several
from gpugrad.show.values import argument_places, find_values
from gpugrad.sweep.cotangents import fit
from gpugrad.sweep.sweep import sweep
from gpugrad.types import Array


def collect(
    t: Tensor,
    names: Mapping[Node, str],
    *,
    title: str = "",
    exact: bool = False,
    known: Mapping[Edge, object] | None = None,
    constants: Mapping[tuple[Node, int], object] | None = None,
    limit: int = LIMIT,
    named: Mapping[tuple[Node, int], str] | None = None,
) -> Picture:
    """The Picture of all that `t` was computed from, with the gradients of `t`.

    The cotangent of `t` is one for each element. `names`, `known` and `constants` hold what is
    known beforehand, `named` the constants that are written by a name; beyond `limit`, nodes in the
    middle are left out. Raises `NotDifferentiable` for an untracked Tensor, and `GraphFreed`.
    """
    if t._edge is None:
        raise NotDifferentiable(
            "the Tensor has no graph to show, because no gradient was asked for: make an input "
            "with gg.tensor(..., requires_grad=True)."
        )
    root_node = t._edge[0]
    ordered = in_order(root_node)
    gap = len(ordered) if len(ordered) <= limit else limit // 2
    shown = ordered[:gap] + ordered[max(gap, len(ordered) - limit // 2) :]
    called = name_nodes(shown, root_node, names)
    vertices = {node: Vertex(called[node], _kind(node, root_node), node) for node in shown}

    with namespace_of(t.value).quiet():
        found, fixed = find_values(shown, {t._edge: t.value, **(known or {})}, constants or {})
    for node, vertex in vertices.items():
        vertex.value = _outputs(node, lambda i, node=node: found.get((node, i), NOT_KEPT))
        vertex.operands = tuple(
            _operand(edge, vertices, fixed.get(place, NOT_KEPT), (named or {}).get(place, ""))
            for position, edge in enumerate(node.edges)
            for place in [(node, position)]
        )
    Watch(vertices, namespace_of(t.value), vertices[root_node]).sweep(t)
    for vertex in vertices.values():
        vertex.keeps = keeps(vertex)
    return Picture(
        title, list(vertices.values()), vertices[root_node], len(ordered) - len(shown), gap, exact
    )


def in_order(root: Node) -> list[Node]:
    """All that `root` was computed from: leaves first, then in the order of computation."""
    order = reverse_order([root])
    return [*_leaves(root, order), *order[::-1]]


def _leaves(root: Node, order: list[Node]) -> list[Node]:
    """The leaves below `root`, in the order in which they were made."""
    found = {edge[0] for node in order for edge in node.edges if edge is not None} | {root}
    return sorted((node for node in found if node.vjp is None), key=lambda node: node.order)


def _kind(node: Node, root: Node) -> str:
    if node.vjp is None:
        return "input"
    return "output" if node is root else "intermediate"


def _outputs(node: Node, value: Any) -> object:
    return tuple(map(value, range(len(node.dtype)))) if has_several(node) else value(0)


def _operand(
    edge: Edge | None, vertices: Mapping[Node, Vertex], value: object, name: str
) -> Operand:
    if edge is None:
        return Operand(value=value, name=name)
    if edge[0] not in vertices:
        return Operand(left_out=True)
    return Operand(vertices[edge[0]], edge[1] if has_several(edge[0]) else None)


class Watch:
    """Looks on while a graph is swept, and notes gradients and shares in its vertices.

    Without `formulas`, it does not write down what the rules do.
    """

    def __init__(
        self,
        vertices: Mapping[Node, Vertex],
        raw: Namespace,
        root: Vertex,
        formulas: bool = True,
    ) -> None:
        self.vertices = vertices
        self.raw = raw
        self.root = root
        self.formulas = formulas
        self.hidden: dict[Vertex, int] = {}         # where in the shares the sum of those is

    def sweep(self, t: Tensor) -> None:
        """Run the sweep for a cotangent of ones."""
        assert t._edge is not None                  # which whoever shows it has seen to
        seeds = [(t._edge, self.raw.ones_like(t._value))]
        leaves = sweep(seeds, self.raw, observe=self.see)
        for node, gradient in leaves.items():
            if node in self.vertices:
                self.vertices[node].gradient = gradient
        for vertex in self.vertices.values():       # shares came from the last user first
            vertex.shares.reverse()

    def see(self, node: Node, g: Any, shares: Sequence[Any]) -> None:
        """What the sweep calls for each node. Copies, because it writes into its buffers later."""
        vertex = self.vertices.get(node)
        locals_: tuple[object, ...] = (None,) * len(shares)
        if vertex is not None:
            vertex.gradient = self._gradient(g if vertex.several or type(g) is not list else g[0])
            locals_ = self._describe(vertex, g)
        for position in reversed(range(len(shares))):
            edge, share = node.edges[position], shares[position]
            target = None if edge is None else self.vertices.get(edge[0])
            if edge is None or target is None or share is None:
                continue
            value = self.dense(share, edge)
            if vertex is None:
                self._add_hidden(target, value)
            else:
                summed = share.shape != value.shape or _is_summed(node, g, value)
                target.shares.append(Share(vertex, position, value, locals_[position], summed))

    def _add_hidden(self, target: Vertex, value: Array) -> None:
        """Add a share that comes from a node which is not shown to the sum of all of these."""
        place = self.hidden.setdefault(target, len(target.shares))
        if place == len(target.shares):
            target.shares.append(Share(None, 0, value))
        else:
            target.shares[place] = Share(None, 0, target.shares[place].value + value)

    def _describe(self, vertex: Vertex, g: Array) -> tuple[object, ...]:
        """Write down the formulas of the rules; the local derivatives of a single number."""
        node, raw = vertex.node, namespace_for(g, self.raw)
        if not self.formulas:
            return self._locals(vertex, g, raw)
        names: dict[str, tuple[Piece, bool]] = {"y": (Piece(vertex.name), False)}
        for (name, _, nested), operand in zip(argument_places(node), vertex.operands, strict=True):
            piece = Piece(name) if nested else operand_piece(operand)
            names[name] = (piece, operand.is_constant)
        wanted = Piece(f"∂{self.root.name}/∂{vertex.name}")
        if isinstance(g, tuple | list):
            g = [None if x is None else Symbol(x, Piece(f"{wanted.text}[{i}]"))
                 for i, x in enumerate(g)]
            vertex.pulls = formulas(node, raw, g, names)
            return (None,) * len(node.edges)
        vertex.pulls = formulas(node, raw, Symbol(g, wanted), names)
        if has_local(node, g):
            vertex.locals = formulas(node, raw, Symbol(raw.one(g), Piece("1"), 1), names)
        return self._locals(vertex, g, raw)

    def _locals(self, vertex: Vertex, g: Array, raw: Namespace) -> tuple[object, ...]:
        """The local derivatives of a single number, `None` for anything else."""
        node = vertex.node
        if not has_local(node, g):
            return (None,) * len(node.edges)
        one = raw.one(g)
        assert node.vjp is not None
        assert node.saved is not None
        shares = node.vjp.pull(one, raw, node.saved, node.settings)
        return tuple(
            None if edge is None or share is None else self.dense(share, edge)
            for edge, share in zip(node.edges, shares, strict=True)
        )

    def _gradient(self, g: Array) -> Array:
        if isinstance(g, tuple | list):
            return tuple(None if part is None else self._gradient(part) for part in g)
        raw = namespace_for(g, self.raw)
        g = raw.copy(raw.as_array(g))
        return raw.conj(g) if is_complex(g.dtype) else g

    def dense(self, share: Array, edge: Edge) -> Array:
        """A share as an array with the shape and dtype of its operand."""
        node, index = edge
        several = type(node.dtype) is tuple
        shape = node.shape[index] if several else node.shape
        dtype = node.dtype[index] if several else node.dtype
        written = share.value if isinstance(share, Indexed | Cleared) else share
        raw = namespace_for(written, self.raw)
        if isinstance(share, Indexed):
            zeros = raw.zeros(shape, dtype=dtype, device=share.value.device)
            share = raw.add_at(zeros, share.key, fit(share.value, share.value.shape, dtype, raw))
        elif isinstance(share, Cleared):
            share = share.written(raw.copy(share.value), raw)
        if not is_inexact(dtype):
            return share
        return self._gradient(fit(share, shape, dtype, raw))


def has_local(node: Node, g: Any) -> bool:
    """Whether a node is a single real number, which has a local derivative for each operand."""
    several = isinstance(g, tuple | list) or node.shape != ()
    return not several and not is_complex(node.dtype) and type(g) is not Batched


def _is_summed(node: Node, g: Any, value: Array) -> bool:
    """Whether a share is a sum over a batch of the cotangent, not one that `node` entered."""
    parts = g if isinstance(g, tuple | list) else (g,)
    batches = {level for part in parts for level in batches_of(part)}
    left = batches.difference(batches_of(value))
    return any(all(level is not x for x in node.settings) for level in left)
