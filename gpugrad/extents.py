"""Extents of bytes, of many of which it is asked whether others meet them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np


def extent_of(x: np.ndarray) -> tuple[int, int]:
    """The address of the first byte that an array shows, and that of the first one behind it."""
    begin = end = x.__array_interface__["data"][0]
    if not x.size:
        return begin, begin
    for n, stride in zip(x.shape, x.strides, strict=True):
        begin, end = begin + min(0, (n - 1) * stride), end + max(0, (n - 1) * stride)
    return begin, end + x.itemsize


class Extents:
    """Bytes that some extents cover, each from its begin to before its end."""

    def __init__(self, extents: Iterable[tuple[int, int]]) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []
        for begin, end in sorted(extents):
            if begin == end:
                continue
            if self._ends and begin <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._begins.append(begin)
                self._ends.append(end)

    def meet(self, begin: int, end: int) -> bool:
        """Whether they cover one of these bytes."""
        last = bisect_left(self._begins, end) - 1
        return begin < end and last >= 0 and begin < self._ends[last]


class Latest:
    """Names of what lies in an arena, each written over what was there before."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._parts: list[tuple[int, int, int]] = []    # the end, the turn and the name of each
        self._turn = 0

    def put(self, begin: int, end: int, name: int) -> int | None:
        """Let `name` lie there; of what was put there before, the latest, if anything was."""
        if begin == end:
            return None
        first = bisect_right(self._begins, begin) - 1
        if first < 0 or self._parts[first][0] <= begin:
            first += 1
        last = bisect_left(self._begins, end)
        found = self._parts[first:last]
        self._turn += 1
        places = [(begin, (end, self._turn, name))]
        if found and self._begins[first] < begin:
            places.insert(0, (self._begins[first], (begin, *found[0][1:])))
        if found and found[-1][0] > end:
            places.append((end, found[-1]))
        self._begins[first:last] = [place for place, _ in places]
        self._parts[first:last] = [part for _, part in places]
        before = max(found, key=lambda part: part[1], default=None)
        return None if before is None else before[2]
