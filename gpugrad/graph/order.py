"""Walks over a graph: all nodes in order, and those that lead to some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter

from gpugrad.graph.node import ENDED, Edge, Node

_by_order = attrgetter("order")


def reverse_order(roots: Iterable[Node]) -> list[Node]:
    """The inner nodes at and below `roots`, no leaves, each before those it was computed from.

    Nodes are numbered as they are made, so sorting by number is a topological order; as the walk
    meets them nearly sorted, the time is linear.
    """
    stack = [node for node in roots if node.vjp is not None]
    seen = set(stack)
    while stack:
        for edge in stack.pop().edges:
            if edge is not None:
                node = edge[0]
                if node.vjp is not None and node not in seen:
                    seen.add(node)
                    stack.append(node)
    return sorted(seen, key=_by_order, reverse=True)


def leading_to(
    targets: Collection[Node], roots: Iterable[Node]
) -> tuple[Collection[Node] | None, bool]:
    """The nodes from `roots` down to `targets`, and whether others track what lies there.

    Others do if the walk meets a leaf that is no target, or a target that comes from somewhere. If
    none do, all that lies there may be swept, and the nodes are `None`. The arguments of a
    transform that has ended do not count: nobody can ask for their gradient any more.
    """
    stack = list(dict.fromkeys(roots))
    seen = set(stack)
    foreign = False
    while stack:
        node = stack.pop()
        if node in targets:
            foreign = foreign or bool(node.edges)
            continue
        foreign = foreign or (node.vjp is None and node.settings != ENDED)
        for edge in node.edges:
            if edge is not None and edge[0] not in seen:
                seen.add(edge[0])
                stack.append(edge[0])
    if not foreign:
        return None, False
    leading: set[Node] = set()
    for node in sorted(seen, key=_by_order):
        if node in targets or any(edge is not None and edge[0] in leading for edge in node.edges):
            leading.add(node)
    return leading, True


def newer(edges: Iterable[Edge], since: int) -> list[Node]:
    """The nodes made after `since` at and below `edges`, leaves too, in the order of making."""
    stack = [edge[0] for edge in edges if edge[0].order >= since]
    seen = set(stack)
    while stack:
        for edge in stack.pop().edges:
            if edge is not None and edge[0].order >= since and edge[0] not in seen:
                seen.add(edge[0])
                stack.append(edge[0])
    return sorted(seen, key=_by_order)


def older(edges: Iterable[Edge], since: int) -> list[Edge]:
    """The edges by which `edges`, and the nodes made after `since` below them, leave these nodes.

    What a part of a program was computed from: each once, in the order in which they are met.
    """
    found: dict[Edge, None] = {}
    stack = list(edges)[::-1]
    seen: set[Node] = set()
    while stack:
        edge = stack.pop()
        node = edge[0]
        if node.order < since:
            found[edge] = None
        elif node not in seen:
            seen.add(node)
            stack.extend(below for below in reversed(node.edges) if below is not None)
    return list(found)
