"""The paths from an input to the output, and what each of them adds to the gradient.

A gradient is the sum over all paths of the product of the local derivatives along each. There may
be exponentially many: all are counted, some are listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from gpugrad.backends import Batched, Namespace, is_complex
from gpugrad.graph import Node
from gpugrad.show.collect import Watch
from gpugrad.show.picture import Picture, Share, Vertex
from gpugrad.types import Array

Path = tuple[tuple[int, int], ...]
"""From an input on: the vertex that uses what came before, and as which operand."""

LISTED, EDGES, NUMBERS = 24, 3000, 3_000_000
"""How many paths are listed of one input; how many edges those on a page have together, and how
many numbers there are at the vertices along them."""


def count_paths(picture: Picture) -> dict[Vertex, int]:
    """How many paths lead from each vertex to the output."""
    counts = {v: 0 for v in picture.vertices}
    counts[picture.root] = 1
    for v in reversed(picture.vertices):            # users come after what they use
        counts[v] += sum(counts[share.via] for share in v.shares if share.via is not None)
    return counts


def list_paths(picture: Picture) -> dict[int, list[Path]]:
    """The first paths of each input, by its place among the vertices.

    There are none where the graph is not whole, or holds what is not one real array: complex
    numbers, and the parts of a batch.
    """
    if picture.left_out or not all(map(_is_plain, picture.vertices)):
        return {}
    place = {v: i for i, v in enumerate(picture.vertices)}
    counts = count_paths(picture)
    found: dict[int, list[Path]] = {}
    left = _Left(EDGES, NUMBERS)
    for v in picture.vertices:
        if v.op is None and counts[v] and v is not picture.root:
            found[place[v]] = _walk(v, picture.root, counts, place, left)
    return found


@dataclass
class _Left:
    """What paths may still take."""

    edges: int
    numbers: int

    def takes(self, path: Sequence[Vertex]) -> bool:
        """Whether there is room for a path through these vertices, which is then taken."""
        self.edges -= len(path)
        self.numbers -= sum(_size(v) for v in path)
        return self.edges >= 0 and self.numbers >= 0


def _size(v: Vertex) -> int:
    shapes = v.node.shape if isinstance(v.node.dtype, tuple) else (v.node.shape,)
    return sum(map(prod, shapes))


def _walk(
    start: Vertex,
    root: Vertex,
    counts: Mapping[Vertex, int],
    place: Mapping[Vertex, int],
    left: _Left,
) -> list[Path]:
    """The first paths from `start`, as far as there is room for them."""
    found: list[Path] = []
    vertices = list(place)
    todo: list[tuple[Vertex, Path]] = [(start, ())]
    while todo and len(found) < LISTED:
        v, path = todo.pop()
        if v is root:
            if not left.takes([vertices[i] for i, _ in path]):
                break
            found.append(path)
            continue
        steps: list[Share] = [s for s in v.shares if s.via is not None and counts[s.via]]
        for share in reversed(steps):
            assert share.via is not None            # as those above
            todo.append((share.via, (*path, (place[share.via], share.position))))
    return found


def contributions(
    paths: Sequence[Path], nodes: Sequence[Node], watch: Watch, raw: Namespace, seed: Array
) -> list[Array]:
    """What each path adds to the gradient of its input, by the rules of the ops along it."""
    with raw.quiet():
        return _along(paths, nodes, watch, raw, seed)


def _along(
    paths: Sequence[Path], nodes: Sequence[Node], watch: Watch, raw: Namespace, seed: Array
) -> list[Array]:
    known: dict[Path, Any] = {(): seed}             # by the last part of a path
    for path in paths:
        for i in reversed(range(len(path))):
            part = path[i:]
            if part in known:
                continue
            place, position = part[0]
            output = 0
            if len(part) > 1:                       # as which the next one uses it
                user, operand = part[1]
                edge = nodes[user].edges[operand]
                assert edge is not None             # a path goes along it
                output = edge[1]
            known[part] = _pulled(nodes[place], position, output, known[part[1:]], watch, raw)
    return [known[path] for path in paths]


def _pulled(
    node: Node, position: int, output: int, g: Array, watch: Watch, raw: Namespace
) -> Array:
    """What the rule of `node` makes for one operand of the cotangent of one output."""
    assert node.vjp is not None                     # an input is the end of a path
    whole: Any = g
    if type(node.dtype) is tuple:
        whole = [
            g if i == output else None if node.vjp.takes_unused else raw.zeros(shape, dtype=dtype)
            for i, (shape, dtype) in enumerate(zip(node.shape, node.dtype, strict=True))
        ]
    share = node.vjp.pull(whole, raw, node.saved, node.settings)[position]
    edge = node.edges[position]
    assert edge is not None
    if share is None:                               # nothing of this output is made of it
        shape = edge[0].shape if type(edge[0].dtype) is not tuple else edge[0].shape[edge[1]]
        return raw.zeros(shape, dtype=g.dtype)
    return watch.dense(share, edge)


def _is_plain(v: Vertex) -> bool:
    dtypes = v.node.dtype if isinstance(v.node.dtype, tuple) else (v.node.dtype,)
    parts = v.value if isinstance(v.value, tuple) else (v.value,)
    return not any(map(is_complex, dtypes)) and not any(type(x) is Batched for x in parts)
