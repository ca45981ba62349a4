"""Columns of short rows that lie one behind the other: vectors of them, and back."""

from __future__ import annotations

from collections.abc import Sequence

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import Value


def apart(b: Body, rows: Sequence[Value]) -> list[Value]:
    """The columns of memory that was read as these vectors: as many columns as vectors."""
    width, lanes = len(rows), rows[0].lanes
    if width == 1:
        return [*rows]
    if width % 2 == 0:
        even, odd = (
            [b.shuffle(x, y, range(first, 2 * lanes, 2))
             for x, y in zip(rows[::2], rows[1::2], strict=True)]
            for first in (0, 1)
        )  # fmt: skip
        return [x for pair in zip(apart(b, even), apart(b, odd), strict=True) for x in pair]
    return [
        _chosen(b, rows, [divmod(lane * width + k, lanes) for lane in range(lanes)])
        for k in range(width)
    ]


def together(b: Body, columns: Sequence[Value]) -> list[Value]:
    """The vectors as which to write these columns."""
    width, lanes = len(columns), columns[0].lanes
    if width == 1:
        return [*columns]
    if width % 2 == 0:
        found = []
        for x, y in zip(together(b, columns[::2]), together(b, columns[1::2]), strict=True):
            for first in (0, lanes // 2):
                order = [k for i in range(first, first + lanes // 2) for k in (i, lanes + i)]
                found.append(b.shuffle(x, y, order))
        return found
    places = [divmod(e, width) for e in range(width * lanes)]
    return [
        _chosen(b, columns, [(k, lane) for lane, k in places[first : first + lanes]])
        for first in range(0, width * lanes, lanes)
    ]


def _chosen(b: Body, vectors: Sequence[Value], places: Sequence[tuple[int, int]]) -> Value:
    """The elements at these places, each a vector and a lane: by two vectors at a time."""
    lanes = len(places)
    found = vectors[0]
    for number, vector in enumerate(vectors[1:], 1):
        order = []
        for lane, (which, where) in enumerate(places):
            early = where if number == 1 else lane  # from the second on, they are in their places
            order.append(lanes + where if which == number else early if which < number else lane)
        found = b.shuffle(found, vector, order)
    return found
