"""The free parts of an arena that grows."""

from __future__ import annotations

from bisect import bisect_left, insort

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector that processors have."""


class Heap:
    """`take` gives the smallest free part that is large enough, `give` gives it back."""

    def __init__(self) -> None:
        self.size = 0
        self._by_size: list[tuple[int, int]] = []   # length and offset of each free part
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}

    def take(self, nbytes: int) -> int:
        """The offset of so many bytes that are free."""
        length = _rounded(nbytes)
        found = bisect_left(self._by_size, (length, 0))
        if found == len(self._by_size):
            offset = self.size
            self.size += length
            return offset
        have, offset = self._by_size[found]
        self._remove(offset)
        if have > length:
            self._insert(offset + length, have - length)
        return offset

    def give(self, offset: int, nbytes: int) -> None:
        """Leave to others what was taken."""
        length = _rounded(nbytes)
        before = self._ends.get(offset)
        if before is not None:
            length += offset - before
            self._remove(before)
            offset = before
        if offset + length in self._starts:
            length += self._remove(offset + length)
        self._insert(offset, length)

    def _insert(self, offset: int, length: int) -> None:
        insort(self._by_size, (length, offset))
        self._starts[offset] = length
        self._ends[offset + length] = offset

    def _remove(self, offset: int) -> int:
        length = self._starts.pop(offset)
        del self._ends[offset + length]
        del self._by_size[bisect_left(self._by_size, (length, offset))]
        return length


def _rounded(nbytes: int) -> int:
    return max(-(-nbytes // ALIGNMENT) * ALIGNMENT, ALIGNMENT)
