"""By vectors of how many lanes a kernel computes, and which functions it calls."""

from __future__ import annotations

from gpugrad.codegen.ir import WIDTHS, lanes_for
from gpugrad.codegen.scalars import elementary_in
from gpugrad.plan.nest import INDEX, LOAD, NUMBER, Nest, is_reduced

SEVERAL = ((4, 4), (10, 2))
"""Up to so many operations, so many times as long a vector, where the last axis is long."""

SEVERAL_OF_ROWS = ((20, 4),)
"""The same, where rows are reduced: each waits for what the one before it in its vector gave."""

INLINED = 4
"""Elementary functions that a kernel has in place; where there are more, it calls them."""

CALLED = 2
"""So many times as long a vector, where functions are called: a call has its price, and what one
does is a chain of operations that wait for one another.
"""


def functions_called(nest: Nest, wide: bool) -> list[tuple[str, str, int]]:
    """The elementary functions that a kernel calls, each with the dtype and lanes of its vectors.

    One that has many of them would take long to compile with each in place.
    """
    found = _functions(nest)
    if len(found) <= INLINED:
        return []
    return [(name, dtype, lanes_of(nest, wide)) for name, dtype in dict.fromkeys(found)]


def _functions(nest: Nest) -> list[tuple[str, str]]:
    """The elementary functions of elements, each time that there is one, with its dtype."""
    return [
        (name, dtype)
        for part in nest.values if part.depth == nest.axes
        for dtype in {part.dtype, *(nest.values[x].dtype for x in part.args)}
        for name in elementary_in(part.op, dtype)
    ]  # fmt: skip


def lanes_of(nest: Nest, wide: bool) -> int:
    """Elements of a vector: more of them, where few operations would wait for one another."""
    last = nest.axes - 1
    widths = [WIDTHS[a.dtype] for a in nest.accesses if last in a.axes]
    widths += [WIDTHS[v.dtype] for v in nest.values if v.op != INDEX and v.depth > last]
    work = sum(v.op not in (LOAD, NUMBER) and v.depth >= nest.axes - 1 for v in nest.values)
    rows = nest.axes > 1 and any(is_reduced(v) and v.depth == last for v in nest.values)
    choice = SEVERAL_OF_ROWS if rows else SEVERAL
    otherwise = CALLED if len(_functions(nest)) > INLINED else 1
    several = next((n for most, n in choice if work <= most), otherwise) if nest.long else 1
    return several * lanes_for(max([32, *widths]), wide)
