"""NumPy's ways to put arrays together, take them apart and turn them round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.core.views import lies_in_order, own
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import swapaxes, take
from gpugrad.ops.operands import along, array, arrays, arrays_or_numbers, axis_of, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, ArrayFunction, Operand, Shape

__all__ = [
    "append",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block",
    "column_stack",
    "delete",
    "diag",
    "diagflat",
    "dsplit",
    "dstack",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "put_along_axis",
    "ravel",
    "rot90",
    "select",
    "split",
    "transpose",
    "vsplit",
    "vstack",
]


@add_function
def ravel(x: Array, /) -> Array:
    """All elements of `x` in order, as a vector: a view where they lie in memory in that order."""
    flat = ops.reshape(x, (-1,))
    return flat if lies_in_order(x) else own(flat)


@add_function
def transpose(x: Array, /, axes: Sequence[int] | None = None) -> Array:
    """`x` with its axes in the order `axes`, or reversed without one."""
    return ops.permute_dims(x, tuple(range(len(shape_of(x))))[::-1] if axes is None else axes)


# Together


def _at_least(ndim: int, place: Callable[[Shape], Shape]) -> ArrayFunction:
    def function(*operands: Array) -> Array | tuple[Array, ...]:
        found = tuple(
            ops.reshape(x, place(shape_of(x))) if len(shape_of(x)) < ndim else x for x in operands
        )
        return found[0] if len(found) == 1 else found

    function.__name__ = function.__qualname__ = f"atleast_{ndim}d"
    function.__doc__ = (
        f"The arrays, each with {ndim} axes or more, of which new ones have length 1: a tuple, or "
        "of one array that."
    )
    return add_function(function)  # type: ignore[arg-type]  # of one array


atleast_1d = _at_least(1, lambda shape: (1,))
atleast_2d = _at_least(2, lambda shape: (1, *shape) if shape else (1, 1))
atleast_3d = _at_least(3, lambda shape: (*(1,) * (len(shape) < 2), *(shape or (1,)), 1))


def _all(operands: Sequence[Operand], made: ArrayFunction) -> list[Array]:
    return [made(x) for x in arrays(*operands)]


@add_function
def vstack(operands: Sequence[Operand], /) -> Array:
    """The arrays above each other: along the first axis, vectors as rows."""
    return ops.concat(_all(operands, atleast_2d), axis=0)


@add_function
def hstack(operands: Sequence[Operand], /) -> Array:
    """The arrays beside each other: along the second axis, vectors along their only one."""
    found = _all(operands, atleast_1d)
    return ops.concat(found, axis=0 if len(shape_of(found[0])) == 1 else 1)


@add_function
def dstack(operands: Sequence[Operand], /) -> Array:
    """The arrays behind each other: along the third axis."""
    return ops.concat(_all(operands, atleast_3d), axis=2)


@add_function
def column_stack(operands: Sequence[Operand], /) -> Array:
    """The arrays beside each other: along the second axis, vectors as columns."""
    columns = _all(operands, lambda x: x if len(shape_of(x)) > 1 else ops.reshape(x, (-1, 1)))
    return ops.concat(columns, axis=1)


@add_function
def append(x: Array, values: Array, /, axis: int | None = None) -> Array:
    """`x` with `values` behind it along `axis`; without one, of all elements in order."""
    return ops.concat(arrays(x, values), axis=axis)


@add_function
def block(operands: Operand, /) -> Array:
    """An array made of blocks: innermost lists go along the last axis, others along those before.

    Blocks with fewer axes than there are lists in each other get axes of length 1 in front.
    """

    def depth(x: Operand) -> int:
        return 1 + max(map(depth, x), default=0) if isinstance(x, list) else 0

    def flat(x: Operand) -> list[Operand]:
        return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]

    parts = flat(operands)
    like = next((x for x in parts if hasattr(x, "dtype")), np.zeros(0))
    parts = [array(list(x), like) if isinstance(x, range) else x for x in parts]
    levels = depth(operands)
    ndim = max(levels, *(len(shape_of(x)) for x in parts))

    def made(x: Operand, level: int) -> Array:
        if isinstance(x, list):
            return ops.concat([made(part, level - 1) for part in x], axis=-level)
        x = array(list(x) if isinstance(x, range) else x, like)
        return ops.reshape(x, (*(1,) * (ndim - len(shape_of(x))), *shape_of(x)))

    return own(made(operands, levels))


# Apart


@add_function
def array_split(x: Array, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """`x` cut before the indices `places` along `axis`, or into so many parts, of which the first
    are longer by one where the length asks for it.
    """
    axis, places = axis_of(axis, len(shape_of(x)), "array_split"), settled(places)
    n = shape_of(x)[axis]
    if isinstance(places, int):
        if places < 1:
            raise InvalidArgument(f"array_split: into {places} parts; wanted is at least one.")
        size, more = divmod(n, places)
        places = [i * size + min(i, more) for i in range(1, places)]
    bounds = [None, *(int(i) for i in places), None]
    return [
        ops.getitem(x, along(axis, start, stop))
        for start, stop in pairwise(bounds)
    ]


@add_function
def split(x: Array, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """`array_split` into parts of equal length, where their number is given."""
    n, places = shape_of(x)[axis_of(axis, len(shape_of(x)), "split")], settled(places)
    if isinstance(places, int) and (places < 1 or n % places):
        raise InvalidArgument(
            f"split: {n} elements into {places} equal parts; wanted is a number that divides them, "
            "or gg.array_split."
        )
    return array_split(x, places, axis)


@add_function
def vsplit(x: Array, places: int | Sequence[int], /) -> list[Array]:
    """`split` along the first axis."""
    return split(x, places, 0)


@add_function
def hsplit(x: Array, places: int | Sequence[int], /) -> list[Array]:
    """`split` along the second axis, of vectors along their only one."""
    return split(x, places, min(len(shape_of(x)) - 1, 1))


@add_function
def dsplit(x: Array, places: int | Sequence[int], /) -> list[Array]:
    """`split` along the third axis."""
    return split(x, places, 2)


@add_function
def delete(
    x: Array,
    places: int | slice | Sequence[int] | np.ndarray | Tensor,
    /,
    axis: int | None = None,
) -> Array:
    """`x` without what is at `places` along `axis`: an index, a slice or several indices.

    Without an axis, of all elements in order.
    """
    if axis is None:
        x, axis = ravel(x), 0
    n = shape_of(x)[axis_of(axis, len(shape_of(x)), "delete")]
    places = np.asarray(places) if isinstance(places, Tensor) else places
    return take(x, array(np.delete(np.arange(n), places).tolist(), x), axis=axis)


# Turned round


@add_function
def flipud(x: Array, /) -> Array:
    """`x` upside down: in the reverse order along the first axis."""
    return ops.flip(x, axis=0)


@add_function
def fliplr(x: Array, /) -> Array:
    """`x` in the reverse order along the second axis."""
    return ops.flip(x, axis=1)


@add_function
def rot90(x: Array, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """`x` turned `k` times by 90°, from the first of two axes to the second."""
    first, second = (axis_of(a, len(shape_of(x)), "rot90") for a in axes)
    k = settled(k)
    if k % 4 == 0:
        return x
    if k % 4 == 2:
        return ops.flip(x, axis=(first, second))
    turned = swapaxes(x, first, second)
    return ops.flip(turned, axis=first if k % 4 == 1 else second)


# Chosen


@add_function
def diag(x: Array, /, k: int = 0) -> Array:
    """Of a matrix, its diagonal number `k`; of a vector, the matrix with it there."""
    shape, k = shape_of(x), settled(k)
    if len(shape) == 2:
        return ops.diagonal(x, k)
    if len(shape) != 1:
        raise InvalidArgument(f"diag: of an array of shape {shape}; wanted: a vector or a matrix.")
    n = shape[0] + abs(k)
    start = k if k > 0 else -k * n
    place = slice(start, start + shape[0] * (n + 1), n + 1)
    return ops.reshape(ops.scatter_add(x, (place,), shape=(n * n,)), (n, n))


@add_function
def diagflat(x: Array, /, k: int = 0) -> Array:
    """The matrix with all elements of `x` on its diagonal number `k`."""
    return diag(ravel(x), k)


@add_function
def select(
    conditions: Sequence[Operand], choices: Sequence[Operand], /, default: Operand = 0
) -> Array:
    """Elements of the first of `choices` whose condition holds, and else of `default`."""
    if len(conditions) != len(choices) or not choices:
        raise InvalidArgument(
            f"select: {len(conditions)} conditions for {len(choices)} choices; wanted are as many, "
            "and at least one."
        )
    *chosen, found = arrays_or_numbers(*choices, default)
    for condition, choice in zip(reversed(conditions), reversed(chosen), strict=True):
        found = ops.where(condition, choice, found)
    return found


@add_function
def put_along_axis(
    x: Tensor | np.ndarray,
    indices: Operand,
    values: Operand,
    axis: int = -1,
    *,
    inplace: bool = True,
) -> Array | None:
    """Write `values` into `x` at `indices` along `axis`, each at its own place on the others.

    As NumPy's function it writes into `x`, an array or a Tensor, and returns nothing. With
    `inplace=False`, `x` stays as it is, and the changed array is returned. On the other axes,
    shapes broadcast; of repeated indices the last wins. What was overwritten has gradient 0.
    """
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "put_along_axis")
    indices = array(indices, x)
    if len(shape_of(indices)) != len(shape):
        raise InvalidArgument(
            f"put_along_axis: indices have shape {shape_of(indices)} for an array of shape {shape};"
            " wanted are as many axes."
        )
    places = [
        array(list(range(n)), x) if n else array(np.zeros(0, int), x) for n in shape
    ]
    key = [
        ops.reshape(place, (*(1,) * a, -1, *(1,) * (len(shape) - a - 1)))
        for a, place in enumerate(places)
    ]
    key[axis] = indices
    if not inplace:
        return ops.setitem(x, tuple(key), values)
    x[tuple(key)] = values
    return None
