"""Where the boxes of a drawing go: layers from left to right, few crossings, short links.

The classical method: layers by longest path, links that cross a layer run through points in it, the
order within layers by repeated averaging, and at last heights that pull linked boxes level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gpugrad.show.flow import Flow

ORDERING, SETTLING = 12, 60
"""How often the order, and then the heights, are gone over; less often in large drawings."""

EFFORT = 30_000
MARGIN = 22.0
LINK_SPACE = 28.0
LABEL_SPACE = 52.0
BOX_SPACE = 22.0

Size = tuple[float, float]
Point = tuple[float, float]
Cell = str | tuple[int, int]
"""A box, by its id; or the point at which a link, by its number, crosses a layer."""


@dataclass(frozen=True)
class Placed:
    """Centres of the boxes, the points that each link passes, and the size of the whole."""

    boxes: dict[str, Point]
    routes: list[list[Point]]
    size: Size


def place(flow: Flow, sizes: dict[str, Size], label_width: Callable[[str], float]) -> Placed:
    """A place for everything in `flow`, whose boxes have these `sizes`."""
    layer = _layers(flow)
    columns, chains = _columns(flow, layer)
    neighbours = _neighbours(chains)
    columns = _ordered(columns, neighbours)
    heights = {
        cell: sizes[cell][1] if isinstance(cell, str) else 10.0
        for column in columns
        for cell in column
    }
    y = _levelled(columns, neighbours, heights)
    x = _across(flow, layer, columns, sizes, label_width)
    top = min(y[cell] - heights[cell] / 2 for cell in y) - MARGIN
    bottom = max(y[cell] + heights[cell] / 2 for cell in y) + MARGIN
    at = {cell: (x[i], y[cell] - top) for i, column in enumerate(columns) for cell in column}
    boxes = {box.id: at[box.id] for box in flow.boxes}
    widest = max((sizes[cell][0] for cell in columns[-1] if isinstance(cell, str)), default=0.0)
    return Placed(
        boxes,
        [[at[cell] for cell in chain] for chain in chains],
        (x[-1] + widest / 2 + MARGIN, bottom - top),
    )


def _layers(flow: Flow) -> dict[str, int]:
    """The layer of each box: behind all that it depends on; a source just before its first use."""
    layer: dict[str, int] = {box.id: 0 for box in flow.boxes}
    into: dict[str, list[str]] = {box.id: [] for box in flow.boxes}
    for link in flow.links:
        into[link.target].append(link.source)
    for box in flow.boxes:                          # operands stand before what uses them
        layer[box.id] = max((layer[source] + 1 for source in into[box.id]), default=0)
    first_use: dict[str, int] = {}
    for link in flow.links:
        used = layer[link.target]
        first_use[link.source] = min(used, first_use.get(link.source, used))
    for box in flow.boxes:
        if not into[box.id] and box.id in first_use:
            layer[box.id] = first_use[box.id] - 1
    return layer


def _columns(flow: Flow, layer: dict[str, int]) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """The cells of each layer, and for each link the cells that it passes, ends included."""
    columns: list[list[Cell]] = [[] for _ in range(1 + max(layer.values()))]
    for box in flow.boxes:
        columns[layer[box.id]].append(box.id)
    chains: list[list[Cell]] = []
    for number, link in enumerate(flow.links):
        between: list[Cell] = [
            (number, i) for i in range(layer[link.source] + 1, layer[link.target])
        ]
        for i, cell in enumerate(between, start=layer[link.source] + 1):
            columns[i].append(cell)
        chains.append([link.source, *between, link.target])
    return columns, chains


def _neighbours(chains: list[list[Cell]]) -> tuple[dict[Cell, list[Cell]], dict[Cell, list[Cell]]]:
    """For each cell those that it is linked to on the left, and on the right."""
    left: dict[Cell, list[Cell]] = {}
    right: dict[Cell, list[Cell]] = {}
    for chain in chains:
        for a, b in pairwise(chain):
            right.setdefault(a, []).append(b)
            left.setdefault(b, []).append(a)
    return left, right


def _ordered(
    columns: list[list[Cell]], neighbours: tuple[dict[Cell, list[Cell]], dict[Cell, list[Cell]]]
) -> list[list[Cell]]:
    """The columns, each in the order in which the fewest links were seen to cross."""
    best, fewest = columns, _crossings(columns, neighbours[1])
    columns = [list(column) for column in columns]
    for turn in range(_rounds(ORDERING, columns)):
        forward = turn % 2 == 0
        beside = neighbours[0 if forward else 1]
        steps = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for i in steps:
            other = columns[i - 1] if forward else columns[i + 1]
            rank = {cell: j for j, cell in enumerate(other)}
            own = {cell: float(j) for j, cell in enumerate(columns[i])}
            for cell in columns[i]:
                ranks = [rank[n] for n in beside.get(cell, ())]
                own[cell] = sum(ranks) / len(ranks) if ranks else own[cell]
            columns[i].sort(key=own.__getitem__)
        count = _crossings(columns, neighbours[1])
        if count < fewest:
            best, fewest = [list(column) for column in columns], count
    return best


def _rounds(wanted: int, columns: list[list[Cell]]) -> int:
    return max(4, min(wanted, EFFORT // sum(map(len, columns))))


def _crossings(columns: list[list[Cell]], right: dict[Cell, list[Cell]]) -> int:
    total = 0
    for column, following in pairwise(columns):
        rank = {cell: j for j, cell in enumerate(following)}
        ends = [end for cell in column for end in sorted(rank[n] for n in right.get(cell, ()))]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _levelled(
    columns: list[list[Cell]],
    neighbours: tuple[dict[Cell, list[Cell]], dict[Cell, list[Cell]]],
    heights: dict[Cell, float],
) -> dict[Cell, float]:
    """A height for each cell: as near to its neighbours as order and spacing permit."""
    y: dict[Cell, float] = {}
    for column in columns:
        level = 0.0
        for cell in column:
            y[cell] = level
            level += heights[cell] + BOX_SPACE
    for turn in range(_rounds(SETTLING, columns)):
        for column in columns if turn % 2 == 0 else columns[::-1]:
            wanted = []
            for cell in column:
                linked = neighbours[0].get(cell, []) + neighbours[1].get(cell, [])
                wanted.append(sum(y[n] for n in linked) / len(linked) if linked else y[cell])
            gaps = [
                (heights[a] + heights[b]) / 2 + BOX_SPACE
                for a, b in pairwise(column)
            ]
            for cell, level in zip(column, spaced(wanted, gaps), strict=True):
                y[cell] = level
    return y


def spaced(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The heights nearest to `wanted`, by least squares, that keep their order and these gaps."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    groups: list[tuple[float, int]] = []            # mean and size: a group moves as one
    for level, offset in zip(wanted, offsets, strict=True):
        mean, count = level - offset, 1
        while groups and groups[-1][0] > mean:
            before, size = groups.pop()
            mean = (mean * count + before * size) / (count + size)
            count += size
        groups.append((mean, count))
    means = [mean for mean, count in groups for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _across(
    flow: Flow,
    layer: dict[str, int],
    columns: list[list[Cell]],
    sizes: dict[str, Size],
    label_width: Callable[[str], float],
) -> list[float]:
    """The middle of each layer; between layers there is space for the labels."""
    space = [LINK_SPACE] * len(columns)
    for link in flow.links:
        i = layer[link.source]
        if link.label:
            space[i] = max(space[i], label_width(link.label) + LABEL_SPACE)
    x: list[float] = []
    right = MARGIN
    for i, column in enumerate(columns):
        width = max((sizes[cell][0] for cell in column if isinstance(cell, str)), default=0.0)
        x.append(right + width / 2)
        right += width + space[i]
    return x
