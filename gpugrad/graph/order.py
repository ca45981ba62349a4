"""The order of a reverse sweep: every node after all nodes that used its results."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter

from gpugrad.graph.node import Node

_by_order = attrgetter("order")


def reverse_order(
    roots: Iterable[Node], targets: Collection[Node] | None = None
) -> tuple[list[Node], bool]:
    """The nodes below `roots`, each before those it was computed from, and whether others track it.

    Nodes are numbered as they are made, so sorting by number is a topological order; as the walk
    meets them nearly sorted, the time is linear. With `targets`, the walk stops at these, keeps
    only what lies on a way to one of them, and the flag says whether it met a leaf that is none of
    them, or a target that itself comes from somewhere: something tracked by someone else.
    """
    stack = list(dict.fromkeys(roots))
    seen = set(stack)
    foreign = False
    while stack:
        node = stack.pop()
        if targets is not None:
            if node in targets:
                foreign = foreign or bool(node.edges)
                continue
            if node.vjp is None:
                foreign = True
        for edge in node.edges:
            if edge is not None and edge[0] not in seen:
                seen.add(edge[0])
                stack.append(edge[0])
    order = sorted(seen, key=_by_order, reverse=True)
    if targets is not None and foreign:
        order = _leading_to(targets, order)
    return order, foreign


def _leading_to(targets: Collection[Node], order: list[Node]) -> list[Node]:
    """Those nodes of `order` from which one of `targets` can be reached."""
    leading: set[Node] = set()
    for node in reversed(order):
        if node in targets or any(edge is not None and edge[0] in leading for edge in node.edges):
            leading.add(node)
    return [node for node in order if node in leading]
