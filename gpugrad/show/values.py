"""The values of nodes, found again in what a graph keeps.

A graph keeps only what the reverse rules need. A value is known where its node or one that used
it kept it, and where its op can be applied again to known operands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gpugrad.backends import namespace_of
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
    spare = len(node.edges) - len(op.arrays)        # more edges than arguments: of the nested one
    places: list[tuple[str, int, bool]] = []
    for name in op.arrays:
        nested = name in op.nested and _is_tracked_sequence(node, name)
        count = 1 + spare if nested else 1
        places.extend((name, i, nested) for i in range(count))
    return places


def _is_tracked_sequence(node: Node, name: str) -> bool:
    vjp: Any = node.vjp
    return bool(vjp.needs[vjp.op.arrays.index(name)])


def _read(node: Node, found: Known, fixed: Constants) -> None:
    """Note what `node` kept."""
    if node.vjp is None:
        if node.saved:
            found.setdefault((node, 0), node.saved[0])
        return
    kept = dict(zip(node.vjp.keeps, node.saved or (), strict=False))  # type: ignore[attr-defined]
    if "y" in kept:
        outputs = kept["y"] if node.vjp.op.multiple else (kept["y"],)
        for i, value in enumerate(outputs):
            found.setdefault((node, i), value)
    for position, (name, i, nested) in enumerate(argument_places(node)):
        if name not in kept:
            continue
        value = kept[name][i] if nested else kept[name]
        edge = node.edges[position]
        if edge is None:
            fixed.setdefault((node, position), value)
        else:
            found.setdefault(edge, value)


def _compute(node: Node, found: Known, fixed: Constants) -> None:
    """Apply the op of `node` again, if all of its operands are known."""
    vjp: Any = node.vjp
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
    xp = namespace_of(next(x for x in arrays if hasattr(x, "dtype")))
    settings = dict(zip(vjp.op.settings, node.settings, strict=True))
    y = vjp.op.forward(xp, *(arguments[name] for name in vjp.op.arrays), **settings)
    for i, value in enumerate(y if vjp.op.multiple else (y,)):
        found[node, i] = xp.as_array(value)


def _copied(x: Any) -> Array:
    return namespace_of(x).copy(x) if hasattr(x, "dtype") else x
