"""Rearrangements that are made of other operations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpugrad.backends import kind_of
from gpugrad.backends.one_place import check_place
from gpugrad.core.registry import add_function, composed
from gpugrad.core.registry import namespace as ops
from gpugrad.core.views import own
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import (
    along,
    array,
    axis_of,
    filled,
    is_array,
    number_of,
    shape_of,
)
from gpugrad.settings import settled
from gpugrad.types import Array, Operand

__all__ = [
    "broadcast_arrays",
    "broadcast_shapes",
    "diff",
    "meshgrid",
    "moveaxis",
    "repeat",
    "rollaxis",
    "swapaxes",
    "take",
    "tile",
]

Axes = int | tuple[int, ...]


@add_function
def moveaxis(x: Array, source: Axes, destination: Axes, /) -> Array:
    """`x` with the axes `source` moved to the positions `destination`; the others keep their order.

    Each is one axis or a tuple of them.

    Raises:
        InvalidArgument: For more axes than places, or fewer.

    Example:
        >>> images = np.zeros((8, 32, 24, 3))
        >>> gg.moveaxis(images, -1, 1).shape
        (8, 3, 32, 24)
        >>> gg.moveaxis(images, (0, 1), (-1, -2)).shape
        (24, 3, 32, 8)
    """
    ndim = len(shape_of(x))
    places = [axes if isinstance(axes, tuple | list) else (axes,)
              for axes in map(settled, (source, destination))]
    if len(places[0]) != len(places[1]):
        raise InvalidArgument(
            f"moveaxis: {len(places[0])} axes are to go to {len(places[1])} places; expected as "
            "many."
        )
    moved, to = ([axis_of(a, ndim, "moveaxis") for a in part] for part in places)
    order = [a for a in range(ndim) if a not in moved]
    for place, a in sorted(zip(to, moved, strict=True)):
        order.insert(place, a)
    return ops.permute_dims(x, tuple(order))


@add_function
def swapaxes(x: Array, axis1: int, axis2: int, /) -> Array:
    """`x` with these two axes swapped.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.swapaxes(x, 0, 1)
        array([[1., 4.],
               [2., 5.],
               [3., 6.]])
        >>> gg.grad(lambda x: gg.swapaxes(x, 0, 1)[2, 0])(x)
        array([[0., 0., 1.],
               [0., 0., 0.]])
    """
    order = list(range(len(shape_of(x))))
    a, b = (axis_of(axis, len(order), "swapaxes") for axis in (axis1, axis2))
    order[a], order[b] = b, a
    return ops.permute_dims(x, tuple(order))


@add_function
def rollaxis(x: Array, axis: int, /, start: int = 0) -> Array:
    """`x` with `axis` moved before the one now at `start`; `moveaxis` is simpler.

    Example:
        >>> gg.rollaxis(np.zeros((2, 3, 4)), 2).shape
        (4, 2, 3)
        >>> gg.rollaxis(np.zeros((2, 3, 4)), 0, 2).shape
        (3, 2, 4)
    """
    ndim = len(shape_of(x))
    axis = axis_of(axis, ndim, "rollaxis")
    before = ndim if start == ndim else axis_of(start, ndim, "rollaxis")
    return moveaxis(x, axis, before - 1 if axis < before else before)


@add_function
def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which arrays of these shapes broadcast.

    Raises:
        InvalidArgument: For lengths that, counted from the last, are neither equal nor 1.

    Example:
        >>> gg.broadcast_shapes((3, 1), (4,), (2, 1, 4))
        (2, 3, 4)
    """
    ndim = max(map(len, shapes), default=0)
    padded = [(1,) * (ndim - len(shape)) + tuple(settled(shape)) for shape in shapes]
    result = []
    for lengths in zip(*padded, strict=True):
        found = {n for n in lengths if n != 1}
        if len(found) > 1:
            raise InvalidArgument(
                f"shapes {', '.join(str(tuple(shape)) for shape in shapes)} cannot be broadcast "
                "together: counted from the last, lengths must be equal or 1."
            )
        result.append(found.pop() if found else 1)
    return tuple(result)


@add_function
def broadcast_arrays(*arrays: Array) -> tuple[Array, ...]:
    """The arrays, all broadcast to their common shape.

    One that has this shape is returned itself.

    Example:
        >>> x, y = gg.broadcast_arrays(np.array([1.0, 2.0]), np.array([[3.0], [4.0]]))
        >>> x
        array([[1., 2.],
               [1., 2.]])
        >>> y
        array([[3., 3.],
               [4., 4.]])
    """
    check_place("broadcast_arrays", arrays)
    shape = broadcast_shapes(*map(shape_of, arrays))
    return tuple(
        x if is_array(x) and shape_of(x) == shape else ops.broadcast_to(x, shape) for x in arrays
    )


@add_function
def meshgrid(
    *arrays: Array, indexing: str = "xy", sparse: bool = False, copy: bool = True
) -> tuple[Array, ...]:
    """Coordinates of a grid: each vector along a separate axis, repeated along the others.

    Args:
        *arrays: The coordinates along each axis, vectors or numbers.
        indexing: "xy" for a grid whose first two axes are swapped, as in a picture; "ij" for one
            whose axes are in the order of the vectors.
        sparse: Whether to repeat nothing: the coordinates then broadcast to the grid.
        copy: Whether each has memory of its own; else they are views, which cannot be written to.

    Raises:
        InvalidArgument: For arrays that are no vectors, and for an unknown `indexing`.

    Example:
        >>> x, y = gg.meshgrid(np.array([0.0, 1.0, 2.0]), np.array([10.0, 20.0]))
        >>> x
        array([[0., 1., 2.],
               [0., 1., 2.]])
        >>> y
        array([[10., 10., 10.],
               [20., 20., 20.]])
    """
    if indexing not in ("xy", "ij"):
        raise InvalidArgument(f"meshgrid: indexing is {indexing!r}; expected 'xy' or 'ij'.")
    check_place("meshgrid", arrays)
    n = len(arrays)
    for x in arrays:
        if len(shape_of(x)) > 1:
            raise InvalidArgument(
                f"meshgrid: of an array of shape {shape_of(x)}; expected vectors."
            )
    order = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else list(range(n))
    lengths = [(*shape_of(x), 1)[0] for x in arrays]
    shape = tuple(lengths[i] for i in order)
    grids = []
    for i, x in enumerate(arrays):
        place = order.index(i)
        row = ops.reshape(x, tuple(lengths[i] if k == place else 1 for k in range(n)))
        grid = row if sparse else ops.broadcast_to(row, shape)
        grids.append(own(grid) if copy else grid)
    return tuple(grids)


@composed(edges="repeated indices add up")
def take(
    x: Array, indices: Array, /, *, axis: int | None = None, mode: str = "raise"
) -> Array:
    """Elements of `x` at `indices` along `axis`, or of the flattened array without an axis.

    With `mode` "wrap" or "clip", indices beyond the ends count from the other end or as the nearest
    one. Gradients of elements that are named several times add up.

    Example:
        >>> x = np.array([10.0, 20.0, 30.0])
        >>> gg.take(x, np.array([2, 0, 2]))
        array([30., 10., 30.])
        >>> gg.grad(lambda x: gg.sum(gg.take(x, np.array([2, 0, 2]))))(x)
        array([1., 0., 2.])
        >>> gg.take(x, np.array([3, 4]), mode="wrap")
        array([10., 20.])
    """
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "take")
    places = array(indices, x)
    if isinstance(indices, list | tuple) and 0 in shape_of(places):
        places = ops.astype(places, np.int64)       # of what is not there, nothing tells the dtype
    if mode == "wrap":
        places = ops.remainder(places, shape[axis])
    elif mode == "clip":
        places = ops.clip(places, 0, shape[axis] - 1)
    elif mode != "raise":
        raise InvalidArgument(f"take: mode is {mode!r}; expected 'raise', 'wrap' or 'clip'.")
    return ops.getitem(x, (*(slice(None),) * axis, places))


@add_function
def repeat(x: Array, repeats: Operand, /, *, axis: int | None = None) -> Array:
    """`x` with each element repeated along `axis`, or flattened first without an axis.

    Args:
        x: The array.
        repeats: How often, as a number, or as one for each place along the axis.
        axis: The axis.

    Raises:
        UnsupportedOperand: For `repeats` that are no integers.
        InvalidArgument: For a negative number.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> gg.repeat(x, 2)
        array([1., 1., 2., 2.])
        >>> gg.repeat(x, np.array([3, 1]))
        array([1., 1., 1., 2.])
        >>> gg.grad(lambda x: gg.sum(gg.repeat(x, np.array([3, 1]))))(x)
        array([3., 1.])
    """
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "repeat")
    repeats = number_of(repeats)
    if not isinstance(repeats, int):
        counts = array(repeats, x)
        if kind_of(counts.dtype) not in "iu":
            raise UnsupportedOperand(
                f"repeat: repeats has dtype {counts.dtype}; expected integers."
            )
        return take(x, ops.repeated_places(counts, n=shape[axis]), axis=axis)
    if repeats < 0:
        raise InvalidArgument(f"repeat: repeats is {repeats}; it must not be negative.")
    wide = ops.expand_dims(x, axis=axis + 1)
    wide = ops.broadcast_to(wide, (*shape[: axis + 1], repeats, *shape[axis + 1 :]))
    return own(ops.reshape(wide, (*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :])))


@add_function
def tile(x: Array, repetitions: Sequence[int], /) -> Array:
    """`x` repeated a number of times along each axis, counted from the last.

    Example:
        >>> gg.tile(np.array([1.0, 2.0]), (2, 2))
        array([[1., 2., 1., 2.],
               [1., 2., 1., 2.]])
        >>> gg.grad(lambda x: gg.sum(gg.tile(x, 3)))(np.array([1.0, 2.0]))
        array([3., 3.])
    """
    repetitions = settled(repetitions)
    times = (repetitions,) if isinstance(repetitions, int) else tuple(repetitions)
    shape = shape_of(x)
    ndim = max(len(times), len(shape))
    times = (1,) * (ndim - len(times)) + times
    shape = (1,) * (ndim - len(shape)) + shape
    apart = tuple(n for length in shape for n in (1, length))
    wide = tuple(n for pair in zip(times, shape, strict=True) for n in pair)
    result = tuple(n * m for n, m in zip(times, shape, strict=True))
    return own(ops.reshape(ops.broadcast_to(ops.reshape(x, apart), wide), result))


@add_function
def diff(
    x: Array,
    /,
    *,
    axis: int = -1,
    n: int = 1,
    prepend: Operand | None = None,
    append: Operand | None = None,
) -> Array:
    """Differences of neighbours along `axis`, `n` times, after adding `prepend` and `append`.

    A number there stands for one element at each place. Of booleans, whether they differ. With
    `n=0`, `x` itself.

    Raises:
        InvalidArgument: For a negative `n`.

    Example:
        >>> x = np.array([1.0, 4.0, 9.0])
        >>> gg.diff(x)
        array([3., 5.])
        >>> gg.diff(x, prepend=0.0)
        array([1., 3., 5.])
        >>> gg.grad(lambda x: gg.sum(gg.diff(x) ** 2))(x)
        array([-6., -4., 10.])
    """
    n = settled(n)
    if n < 0:
        raise InvalidArgument(f"diff: n is {n}; it must not be negative.")
    if n == 0:
        return x
    axis = axis_of(axis, len(shape_of(x)), "diff")
    before, behind = (None if end is None else _end(end, x, axis) for end in (prepend, append))
    parts = [part for part in (before, x, behind) if part is not None]
    if len(parts) > 1:
        x = ops.concat(parts, axis=axis)
    for _ in range(n):
        upper, lower = ops.getitem(x, along(axis, 1, None)), ops.getitem(x, along(axis, None, -1))
        boolean = kind_of(upper.dtype) == "b"
        x = ops.not_equal(upper, lower) if boolean else ops.subtract(upper, lower)
    return x


def _end(end: Operand, x: Array, axis: int) -> Array:
    """What stands at an end of `x` along `axis`, of a number one slice."""
    if not isinstance(end, bool | int | float | complex):
        end = array(end, x)
        if shape_of(end):
            return end
    shape = shape_of(x)
    return ops.add(filled((*shape[:axis], 1, *shape[axis + 1 :]), -0.0, x), end)
