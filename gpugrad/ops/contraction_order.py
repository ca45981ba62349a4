"""In which order products of several arrays are contracted, two at a time.

A path is what NumPy takes for one: for each step the places of its operands among those that are
left, to which its result is added as the last. Labels of axes are bits of a number, so that what an
intermediate result keeps is found by `&` and `|`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from gpugrad.errors import InvalidArgument

Path = tuple[tuple[int, ...], ...]

Best = dict[int, tuple[float, float, float, int]]
"""Of some operands, as bits: what their product costs at least, and those of its left side."""

FEW = 6
"""Operands of which all orders are compared unless the caller says otherwise."""


class Contraction(NamedTuple):
    """The labels of operands and of the result, as bits, and the length of each bit."""

    terms: tuple[int, ...]
    result: int
    lengths: tuple[int, ...]

    def size(self, labels: int) -> int:
        """How many elements an array with these axes has."""
        size = 1
        for i, n in enumerate(self.lengths):
            if labels >> i & 1:
                size *= n
        return size

    def kept(self, chosen: int) -> int:
        """The labels that the product of the operands `chosen`, as bits, has."""
        mine, others = 0, self.result
        for i, labels in enumerate(self.terms):
            if chosen >> i & 1:
                mine |= labels
            else:
                others |= labels
        return mine & others


def left_to_right(count: int) -> Path:
    """The first two operands, then the result of each step with the next."""
    return ((0, 1), *((0, n) for n in range(count - 2, 0, -1))) if count > 1 else ((0,),)


@lru_cache(maxsize=256)
def cheapest(sums: Contraction, limit: float) -> Path:
    """The path with the fewest multiplications.

    Of the orders whose results keep within `limit` elements, or exceed it by least.
    """
    single = {1 << i for i in range(len(sums.terms))}
    every = (1 << len(sums.terms)) - 1
    kept = {chosen: sums.kept(chosen) for chosen in range(1, every + 1)}
    best: Best = {}
    for chosen in range(1, every + 1):
        if chosen in single:
            best[chosen] = (0, 0, 0, 0)
            continue
        size = sums.size(kept[chosen])
        beyond = max(size - limit, 0) if chosen != every else 0
        found = []
        for one, other in _halves(chosen):
            costs = zip(best[one][:3], best[other][:3], strict=True)
            excess, products, elements = (mine + theirs for mine, theirs in costs)
            products += sums.size(kept[one] | kept[other])
            found.append((excess + beyond, products, elements + size, one))
        best[chosen] = min(found, key=lambda each: each[:3])
    return _path(len(sums.terms), _steps(best, every))


@lru_cache(maxsize=256)
def greedy(sums: Contraction, limit: float) -> Path:
    """The path that in each step takes the two operands of which memory shrinks most.

    Before others come those whose result keeps within `limit` elements, and those with a common
    label.
    """
    left = [1 << i for i in range(len(sums.terms))]
    steps: list[tuple[int, int]] = []
    while len(left) > 1:
        found = []
        for one, other in combinations(left, 2):
            mine, theirs = sums.kept(one), sums.kept(other)
            size = sums.size(sums.kept(one | other))
            change = size - sums.size(mine) - sums.size(theirs)
            found.append(
                (size > limit, not mine & theirs, change, sums.size(mine | theirs), one, other)
            )
        *_, one, other = min(found)
        steps.append((one, other))
        left = [x for x in left if x not in (one, other)] + [one | other]
    return _path(len(sums.terms), steps)


def chain(sides: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to cut the product of some matrices for the fewest multiplications.

    By the number of the first matrix and of the one behind the last; matrix `i` has the sides
    `sides[i]` and `sides[i + 1]`.
    """
    n = len(sides) - 1
    costs = {(i, i + 1): 0 for i in range(n)}
    cuts: dict[tuple[int, int], int] = {}
    for count in range(2, n + 1):
        for i in range(n - count + 1):
            k = i + count
            costs[i, k], cuts[i, k] = min(
                (costs[i, j] + costs[j, k] + sides[i] * sides[j] * sides[k], j)
                for j in range(i + 1, k)
            )
    return cuts


def checked(path: Sequence[Sequence[int]], count: int) -> Path:
    """A path that somebody gives, for so many operands."""
    left = count
    for step in path:
        places = {int(i) for i in step}
        if not places or len(places) < len(step) or not all(0 <= i < left for i in places):
            raise InvalidArgument(
                f"einsum: a step of the path takes the places {tuple(step)}; expected different "
                f"ones of the {left} arrays that are left there."
            )
        left -= len(places) - 1
    if left > 1:
        raise InvalidArgument(
            f"einsum: the path for {count} operands leaves {left} arrays; expected one."
        )
    return tuple(tuple(sorted(int(i) for i in step)) for step in path)


def _halves(chosen: int) -> Iterator[tuple[int, int]]:
    """All ways to divide these operands, the last ones alone first."""
    first = chosen & -chosen
    rest = other = chosen ^ first
    parts = []
    while other:
        parts.append(other)
        other = (other - 1) & rest
    parts.sort(key=lambda part: (part.bit_count(), -part))
    return ((chosen ^ part, part) for part in parts)


def _steps(best: Best, chosen: int) -> Iterator[tuple[int, int]]:
    one = best[chosen][3]
    if one:
        other = chosen ^ one
        yield from _steps(best, one)
        yield from _steps(best, other)
        yield one, other


def _path(count: int, steps: Iterable[tuple[int, int]]) -> Path:
    """Steps that name operands by bits, as the places of these at that time."""
    left = [1 << i for i in range(count)]
    path = []
    for one, other in steps:
        path.append(tuple(sorted((left.index(one), left.index(other)))))
        left = [x for x in left if x not in (one, other)] + [one | other]
    return tuple(path) or ((0,),)
