"""A batch in pieces, one after the other, so that no more than one of them is in memory at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import gpugrad.tree as tree
from gpugrad.ops.shape import reshape
from gpugrad.transforms import scan

T = TypeVar("T")


def in_pieces(f: Callable[..., T], rows: Sequence[Any], pieces: int, nothing: T) -> T:
    """The sum of what `f` gives for each of some pieces of the rows, a tree of arrays.

    Args:
        f: Called with these rows of each array, or `None` where that is one.
        rows: Arrays with as many rows each.
        pieces: How many to make, of equally many rows but for the last one, as far as rows go.
        nothing: What it gives for no rows at all.
    """
    count = rows[0].shape[0]
    size = max(-(-count // pieces), 1)
    whole = count // size
    if whole < 2:
        return f(*rows)
    parts = tuple(
        None if x is None else reshape(x[: whole * size], (whole, size, *x.shape[1:]))
        for x in rows
    )

    def add(total: T, part: Any) -> tuple[T, None]:
        return added(total, f(*part)), None

    total, _ = scan(add, nothing, parts)
    if whole * size < count:
        total = added(total, f(*(None if x is None else x[whole * size :] for x in rows)))
    return total


def added(a: T, b: T) -> T:
    """The sum of two trees, leaf by leaf."""
    total: T = tree.map(lambda x, y: x + y, a, b)
    return total
