"""Products of arrays that are made of matrix products and sums."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from gpugrad.backends import is_complex
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import axis_of, broadcast_arrays, moveaxis
from gpugrad.ops.operands import dtype_of, shape_of
from gpugrad.registry import add_function
from gpugrad.registry import namespace as ops

__all__ = [
    "cross",
    "diagonal",
    "outer",
    "tensordot",
    "trace",
    "vecdot",
]


@add_function
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Sums of `conj(x1) * x2` along `axis`; the other axes broadcast."""
    if shape_of(x1)[axis:][:1] != shape_of(x2)[axis:][:1]:
        raise InvalidArgument(
            f"vecdot: shapes {shape_of(x1)} and {shape_of(x2)} have different lengths along axis "
            f"{axis}; wanted are equal ones."
        )
    left = ops.conj(x1) if is_complex(dtype_of(x1)) else x1
    return ops.sum(ops.multiply(left, x2), axis=axis)


@add_function
def outer(x1: Any, x2: Any, /) -> Any:
    """The products of each element of the vector `x1` with each of `x2`."""
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise InvalidArgument(
            f"outer: of arrays of shapes {shape_of(x1)} and {shape_of(x2)}; wanted are vectors."
        )
    return ops.multiply(ops.expand_dims(x1, axis=-1), x2)


@add_function
def tensordot(x1: Any, x2: Any, /, *, axes: int | Sequence[Sequence[int]] = 2) -> Any:
    """Sums of products over axes of `x1` and `x2`: the last of one with the first of the other, so
    many of them, or those that two sequences name.
    """
    shape1, shape2 = shape_of(x1), shape_of(x2)
    if isinstance(axes, int):
        mine, theirs = list(range(len(shape1) - axes, len(shape1))), list(range(axes))
    else:
        mine = [axis_of(a, len(shape1), "tensordot") for a in axes[0]]
        theirs = [axis_of(a, len(shape2), "tensordot") for a in axes[1]]
    lengths = [shape1[a] for a in mine]
    if lengths != [shape2[a] for a in theirs]:
        raise InvalidArgument(
            f"tensordot: the axes {mine} of shape {shape1} and {theirs} of shape {shape2} have "
            "different lengths."
        )
    free1 = [a for a in range(len(shape1)) if a not in mine]
    free2 = [a for a in range(len(shape2)) if a not in theirs]
    rest1, rest2 = tuple(shape1[a] for a in free1), tuple(shape2[a] for a in free2)
    left = ops.reshape(ops.permute_dims(x1, (*free1, *mine)), (prod(rest1), prod(lengths)))
    right = ops.reshape(ops.permute_dims(x2, (*theirs, *free2)), (prod(lengths), prod(rest2)))
    return ops.reshape(ops.matmul(left, right), (*rest1, *rest2))


@add_function
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonal of matrices: the main one, or that so many places above it."""
    *_, rows, columns = shape_of(x)
    up, down = max(offset, 0), max(-offset, 0)
    n = max(min(rows - down, columns - up), 0)
    # In a flat matrix, neighbours on the diagonal are one row and one column apart.
    flat = ops.reshape(x, (*shape_of(x)[:-2], rows * columns))
    start = down * columns + up
    stop = start + n * (columns + 1)
    return ops.getitem(flat, (..., slice(start, stop, columns + 1)))


@add_function
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Sums of the diagonals of matrices, in `dtype` if one is given."""
    line = diagonal(x, offset=offset)
    return ops.sum(line if dtype is None else ops.astype(line, dtype), axis=-1)


@add_function
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Vector products of vectors with three components along `axis`; the other axes broadcast."""
    if shape_of(x1)[axis] != 3 or shape_of(x2)[axis] != 3:
        raise InvalidArgument(
            f"cross: of arrays of shapes {shape_of(x1)} and {shape_of(x2)}; wanted are three "
            f"components along axis {axis}."
        )
    a, b = (moveaxis(x, axis, -1) for x in broadcast_arrays(x1, x2))
    a, b = ([ops.getitem(x, (..., i)) for i in range(3)] for x in (a, b))
    parts = [
        ops.subtract(ops.multiply(a[i], b[k]), ops.multiply(a[k], b[i]))
        for i, k in ((1, 2), (2, 0), (0, 1))
    ]
    return ops.stack(parts, axis=axis)
