"""Rows in pieces, one after the other, so that no more than one of them takes up memory at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gpugrad.tree as tree
from gpugrad.ops.shape import reshape
from gpugrad.transforms import scan

T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")


def in_pieces(
    f: Callable[[S, R], tuple[T, S]], state: S, rows: R, pieces: int, nothing: T
) -> tuple[T, S]:
    """The sum of what `f` gives for pieces of the rows, and the state after the last one.

    Args:
        f: From the state and some rows to what is added up, a tree of arrays, and the next state.
        state: The one to begin with.
        rows: A tree of arrays with as many rows each, at least one.
        pieces: How many to make, of equally many rows but for the last one, as far as rows go.
        nothing: What `f` would add for no rows at all.
    """
    count = tree.leaves(rows)[0].shape[0]
    size = -(-count // pieces)
    whole = count // size
    done = whole * size

    def add(carried: tuple[T, S], piece: Any) -> tuple[tuple[T, S], None]:
        total, state = carried
        more, state = f(state, piece)
        return (added(total, more), state), None

    def cut(x: Any) -> Any:
        return reshape(x[:done], (whole, size, *x.shape[1:]))

    if whole == 1:
        total, state = f(state, rows if done == count else tree.map(lambda x: x[:done], rows))
    else:
        (total, state), _ = scan(add, (nothing, state), tree.map(cut, rows))
    if done < count:
        more, state = f(state, tree.map(lambda x: x[done:], rows))
        total = added(total, more)
    return total, state


def added(a: T, b: T) -> T:
    """The sum of two trees, leaf by leaf."""
    total: T = tree.map(lambda x, y: x + y, a, b)
    return total
