"""The values of nodes, found again in what a graph keeps.

A graph keeps only what the reverse rules need. A value is known where its node or one that used
it kept it, and where its op can be applied again to known operands. A segment of a program, such as
`gg.checkpoint` leaves, is not run again: it may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gpugrad.backends import namespace_for, namespace_of
from gpugrad.graph import Edge, Node
from gpugrad.show.picture import NOT_KEPT
from gpugrad.types import Array

Known = dict[Edge, object]
Constants = dict[tuple[Node, int], object]
"""Values of operands that need no gradient, by node and position among its edges."""


def find_values(
    nodes: Iterable[Node],
    known: Mapping[Edge, object],
    constants: Mapping[tuple[Node, int], object],
) -> tuple[Known, Constants]:
    """All values that can be known of `nodes`, which are in the order of computation.

    `known` and `constants` hold what is known beforehand.
    """
    found: Known = dict(known)
    fixed: Constants = dict(constants)
    nodes = list(nodes)
    for node in nodes:
        _read(node, found, fixed)
    for node in nodes:
        if node.vjp is not None and (node, 0) not in found:
            _compute(node, found, fixed)
    return found, fixed


def argument_places(node: Node) -> list[tuple[str, int, bool]]:
    """For each edge of `node`: the argument of its op, the place in it, and whether it is nested.

    The edges of a tracked sequence of arrays stand side by side; one without gradient has one edge.
    """
    if node.vjp is None:
        return []
    op = node.vjp.op
    if op.forward is None:
        return [("", i, False) for i in range(len(node.edges))]
    spare = len(node.edges) - len(op.arrays)        # more edges than arguments: of the nested one
    places: list[tuple[str, int, bool]] = []
    for name in op.arrays:
        nested = name in op.nested and node.vjp.needs[op.arrays.index(name)]
        count = 1 + spare if nested else 1
        places.extend((name, i, nested) for i in range(count))
    return places


def _read(node: Node, found: Known, fixed: Constants) -> None:
    """Note what `node` kept."""
    if node.vjp is None:
        if node.saved:
            found.setdefault((node, 0), node.saved[0])
        return
    if node.saved is None:
        return                                      # freed, as the sweep will say

    def note(value: Array, edge: Edge) -> Array:
        found.setdefault(edge, value)
        return value

    node.vjp.lift(node, note)
    kept = dict(zip(node.vjp.keeps, node.saved, strict=False))  # a segment has no names for it
    for position, (name, i, nested) in enumerate(argument_places(node)):
        if name in kept and node.edges[position] is None:
            fixed.setdefault((node, position), kept[name][i] if nested else kept[name])


def _compute(node: Node, found: Known, fixed: Constants) -> None:
    """Apply the op of `node` again, if all of its operands are known."""
    assert node.vjp is not None
    op = node.vjp.op
    if op.forward is None:
        return
    arguments: dict[str, Any] = {}
    for position, (name, _, nested) in enumerate(argument_places(node)):
        edge = node.edges[position]
        value = fixed.get((node, position), NOT_KEPT) if edge is None else found.get(edge, NOT_KEPT)
        if value is NOT_KEPT:
            return
        value = _copied(value)                      # a forward may write where a setting says so
        arguments[name] = (*arguments.get(name, ()), value) if nested else value
    arrays = [x for x in arguments.values() if hasattr(x, "dtype")]
    arrays += [x for part in arguments.values() if isinstance(part, tuple) for x in part]
    arrays = [x for x in arrays if hasattr(x, "dtype")]
    xp = namespace_for(arrays, namespace_of(arrays[0]))
    settings = dict(zip(op.settings, node.settings, strict=True))
    y = op.forward(xp, *(arguments[name] for name in op.arrays), **settings)
    for i, value in enumerate(y if op.multiple else (y,)):
        found[node, i] = namespace_for(value, xp).as_array(value)


def _copied(x: Any) -> Array:
    return namespace_of(x).copy(x) if hasattr(x, "dtype") else x
