"""What the graph keeps for the rule of a node, in the names that a picture gives.

It is a list of pairs of a kind and a name. Kinds are `input`, `constant`, `output`, `residual`,
which is what the rule of a segment needs besides, and `shape` and `dtype`, which hold no array.
"""

from __future__ import annotations

from gpugrad.core.rules import SUFFIXES
from gpugrad.graph import Edge, Vjp
from gpugrad.show.formula import constant, operand_piece
from gpugrad.show.picture import Vertex
from gpugrad.show.values import argument_places
from gpugrad.types import Array

Kept = list[tuple[str, str]]

KINDS = ("input", "constant", "output", "residual", "shape", "dtype")


def keeps(vertex: Vertex) -> Kept:
    """What the graph keeps for the rule of a vertex, each once, by kinds."""
    vjp = vertex.node.vjp
    if vjp is None:
        return []
    found = _of_op(vertex, vjp) if vjp.op.forward is not None else _of_segment(vertex, vjp)
    names = [operand_piece(operand).text for operand in vertex.operands]
    return sorted(
        dict.fromkeys(found),
        key=lambda pair: (KINDS.index(pair[0]), names.index(pair[1]) if pair[1] in names else 0),
    )


def _of_op(vertex: Vertex, vjp: Vjp) -> Kept:
    found: Kept = []
    for name in vjp.keeps:
        base, _, attribute = name.rpartition("_")
        if name == "y":
            found.append(("output", vertex.name))
        elif f"_{attribute}" in SUFFIXES and name not in vjp.op.arrays:
            found.extend((attribute, text) for _, text in _operands_of(vertex, base))
        else:
            found.extend(_operands_of(vertex, name))
    return found


def _operands_of(vertex: Vertex, argument: str) -> Kept:
    """The operands that stand for an argument of the op."""
    found = []
    places = argument_places(vertex.node)
    for (name, _, _), operand in zip(places, vertex.operands, strict=True):
        if name == argument and operand.value is not None:
            is_constant = operand.vertex is None and not operand.left_out
            kind = "constant" if is_constant else "input"
            found.append((kind, operand_piece(operand).text))
    return found


def _of_segment(vertex: Vertex, vjp: Vjp) -> Kept:
    node = vertex.node
    inputs = {
        edge: operand_piece(operand).text
        for edge, operand in zip(node.edges, vertex.operands, strict=True)
    }
    found: Kept = []
    placed: list[object] = []                       # what stands in the graph

    def note(value: Array, edge: Edge) -> Array:
        placed.append(value)
        if edge[0] is node:
            found.append(("output", f"{vertex.name}[{edge[1]}]" if vertex.several else vertex.name))
        else:
            found.append(("input", inputs[edge]))
        return value

    vjp.lift(node, note)
    residuals = [x for x in node.saved or () if not any(x is value for value in placed)]
    return [*found, *(("residual", constant(x).text) for x in residuals)]
