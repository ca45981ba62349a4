"""Diagonal batches, whose parts are 0 but in one place each: what becomes of them without zeros.

The seeds of a Jacobian are such a batch, with ones. What scales elements leaves a diagonal one, and
a product or a sum of its parts is made of the weights alone. So a zero of a part meets no number,
and none becomes NaN where the other factor is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeGuard

import numpy as np

from gpugrad.backends import Batched, namespace_of
from gpugrad.backends.batched import Level
from gpugrad.tracing.batching.batch_operands import below, level_of, same_for_all, varies
from gpugrad.types import Array, ArrayFunction, DTypeLike, Shape

Found = Batched | None
"""Another batch, or `None` where all parts must be looked at."""


def units(like: Array, level: Level) -> Batched:
    """One part of the batch of all arrays of the shape of `like` that are 1 in one place."""
    weights = namespace_of(like).ones((1,) * len(like.shape), dtype=like.dtype)
    return Batched.diagonal(weights, tuple(like.shape), level)


def is_diagonal(x: object) -> TypeGuard[Batched]:
    """Whether `x` is one part of a diagonal batch."""
    return isinstance(x, Batched) and x.weights is not None


def all_parts(x: Batched) -> Array:
    """All parts of a diagonal batch, in one array with the batch along its first axis."""
    rank = len(x.shape)
    whole = _spread(_behind(x, rank), x, tuple(range(rank)), x.shape)
    return below((whole,)).reshape(whole, (x.level.n, *x.shape))


def reshaped(x: Batched, shape: Shape) -> Batched:
    """Parts of another shape: the order of their elements is the same."""
    whole = _full(x)
    return Batched.diagonal(below((whole,)).reshape(whole, shape), shape, x.level)


def converted(x: Batched, dtype: DTypeLike) -> Batched:
    """Parts of another dtype."""
    assert x.weights is not None
    weights = below((x.weights,)).astype(x.weights, dtype)
    return Batched.diagonal(weights, x.shape, x.level)


def total(x: Batched, axes: Shape, keepdims: bool) -> Batched:
    """The sums of the parts along axes."""
    kept = tuple(axis for axis in range(len(x.shape)) if axis not in axes)
    lengths = tuple(x.shape[axis] for axis in kept)
    whole = _spread(_behind(x, len(kept)), x, kept, lengths)
    if keepdims:
        lengths = tuple(n if axis in kept else 1 for axis, n in enumerate(x.shape))
    return Batched(below((whole,)).reshape(whole, (x.level.n, *lengths)), x.level)


def product(a: Array, b: Array, level: Level) -> Found:
    """The product of two matrices, one of them of a diagonal batch and one the same for all."""
    if len(a.shape) != 2 or len(b.shape) != 2:
        return None
    rows, columns = a.shape[0], b.shape[1]
    if is_diagonal(a) and a.level is level and not varies(b, level):
        matrix, x = same_for_all(b, level), a
        behind, line, kept = (1, columns), (rows, 1), 0
    elif is_diagonal(b) and b.level is level and not varies(a, level):
        matrix, x = same_for_all(a, level), b
        matrix = below((matrix,)).matrix_transpose(matrix)
        behind, line, kept = (rows, 1), (1, columns), 1
    else:
        return None
    # Each part has the row of the matrix that its place says, as one row or column of the result.
    assert x.weights is not None
    xp = below((x.weights, matrix))
    if x.shape[kept] == 1:
        whole = xp.multiply(xp.reshape(x.weights, (-1, 1)), matrix)
    else:
        across = (1, matrix.shape[0]) if kept == 0 else (matrix.shape[0], 1)
        terms = xp.multiply(_behind(x, 2), xp.reshape(matrix, (*across, *behind)))
        whole = _spread(terms, x, (kept,), line)
    return Batched(xp.reshape(whole, (level.n, rows, columns)), level)


def _behind(x: Batched, rank: int) -> Array:
    """The weights with `rank` axes of length 1 behind theirs."""
    assert x.weights is not None
    return below((x.weights,)).reshape(x.weights, (*x.weights.shape, *(1,) * rank))


def _full(x: Batched) -> Array:
    """The weights of all parts."""
    assert x.weights is not None
    return below((x.weights,)).broadcast_to(x.weights, x.shape)


def _spread(terms: Array, x: Batched, kept: Shape, behind: Shape) -> Array:
    """Terms of each part in their places of a result, which is 0 elsewhere.

    The place of a part along the axes `kept` is that of the result, of the shape `behind`. The axes
    of the terms are those of a part and those of the result.
    """
    xp = below((terms,))
    n = prod(x.shape[axis] for axis in kept)
    if n != 1:
        unit = xp.one_hot(xp.arange(n), n, terms.dtype)
        places = (length if axis in kept else 1 for axis, length in enumerate(x.shape))
        terms = xp.scale(xp.reshape(unit, (*places, *behind)), terms)
    return xp.broadcast_to(terms, (*x.shape, *terms.shape[len(x.shape) :]))


def elementwise(name: str, operands: Sequence[Array]) -> Found:
    """What a step on each element makes of it, where that leaves its zeros alone.

    It scales them, or it is a sum of two that are diagonal.
    """
    places = [i for i in _WHERE_ZEROS_STAY.get(name, ()) if is_diagonal(operands[i])]
    x = operands[places[0]] if places else None
    if not is_diagonal(x):
        return None
    others = [y for i, y in enumerate(operands) if i != places[0]]
    shapes = [tuple(getattr(y, "shape", ())) for y in others]
    if level_of(operands) is not x.level or np.broadcast_shapes(x.shape, *shapes) != x.shape:
        return None
    if name in _SUMS:
        if not all(is_diagonal(y) and y.shape == x.shape for y in others):
            return None
    elif any(varies(y, x.level) for y in others) or (name == "where" and not _has_zero(others)):
        return None
    values = [y.weights if is_diagonal(y) else same_for_all(y, x.level) for y in operands]
    function: ArrayFunction = getattr(below(values), name)
    return Batched.diagonal(function(*values), x.shape, x.level)


_SUMS = ("add", "subtract")

_WHERE_ZEROS_STAY = {
    "multiply": (0, 1), "scale": (0,), "divide": (0,), "negative": (0,), "conj": (0,),
    "where": (1, 2), **dict.fromkeys(_SUMS, (0,)),
}  # fmt: skip
"""Which operands of a step may be diagonal, so that its result is too."""


def _has_zero(operands: Sequence[object]) -> bool:
    """Whether one is the number 0, and no array."""
    return any(isinstance(x, int | float | np.number) and x == 0 for x in operands)
