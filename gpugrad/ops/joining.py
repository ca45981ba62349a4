"""NumPy's ways to put arrays together, take them apart and turn them round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.core.views import lies_in_order, own
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import swapaxes, take
from gpugrad.ops.operands import along, array, arrays, arrays_or_numbers, axis_of, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, Operand, Shape

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
    """All elements of `x` in order, as a vector.

    It is a view of `x` where the elements lie in memory in that order, and a copy elsewhere.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.ravel(x)
        array([1., 2., 3., 4.])
        >>> gg.ravel(x.T)
        array([1., 3., 2., 4.])
    """
    flat = ops.reshape(x, (-1,))
    return flat if lies_in_order(x) else own(flat)


@add_function
def transpose(x: Array, /, axes: Sequence[int] | None = None) -> Array:
    """The array `x` with its axes in the order `axes`, or reversed without one.

    It is a view of `x`, as that of `permute_dims`. A vector stays as it is.

    Example:
        >>> x = np.zeros((2, 3, 4))
        >>> gg.transpose(x).shape, gg.transpose(x, (1, 0, 2)).shape
        ((4, 3, 2), (3, 2, 4))
    """
    return ops.permute_dims(x, tuple(range(len(shape_of(x))))[::-1] if axes is None else axes)


# Together


def _at_least(
    ndim: int, operands: Sequence[Array], place: Callable[[Shape], Shape]
) -> Array | tuple[Array, ...]:
    found = tuple(
        ops.reshape(x, place(shape_of(x))) if len(shape_of(x)) < ndim else x for x in operands
    )
    return found[0] if len(found) == 1 else found


@add_function
def atleast_1d(*operands: Array) -> Array | tuple[Array, ...]:
    """The arrays with one axis or more: a number becomes a vector of one element.

    One array gives an array, several a tuple of them.

    Example:
        >>> gg.atleast_1d(np.array(2.0))
        array([2.])
        >>> gg.atleast_1d(np.array(2.0), np.ones(2))
        (array([2.]), array([1., 1.]))
    """
    return _at_least(1, operands, lambda _: (1,))


@add_function
def atleast_2d(*operands: Array) -> Array | tuple[Array, ...]:
    """The arrays with two axes or more: a vector becomes a matrix of one row.

    One array gives an array, several a tuple of them.

    Example:
        >>> gg.atleast_2d(np.array([1.0, 2.0]))
        array([[1., 2.]])
    """
    return _at_least(2, operands, lambda shape: (1, *shape) if shape else (1, 1))


@add_function
def atleast_3d(*operands: Array) -> Array | tuple[Array, ...]:
    """The arrays with three axes or more.

    A vector of n elements gets shape (1, n, 1), a matrix (m, n, 1). One array gives an array,
    several a tuple of them.

    Example:
        >>> gg.atleast_3d(np.ones(4)).shape
        (1, 4, 1)
        >>> [x.shape for x in gg.atleast_3d(np.ones((2, 4)), np.array(1.0))]
        [(2, 4, 1), (1, 1, 1)]
    """
    return _at_least(
        3, operands, lambda shape: (*(1,) * (len(shape) < 2), *(shape or (1,)), 1)
    )


def _all(operands: Sequence[Operand], made: Callable[..., Any]) -> list[Array]:
    return [made(x) for x in arrays(*operands)]


@add_function
def vstack(operands: Sequence[Operand], /) -> Array:
    """Stack arrays along the first axis; vectors become rows.

    Numbers become rows of one element. The other axes must have equal lengths.

    Example:
        >>> gg.vstack([np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]])])
        array([[1., 2.],
               [3., 4.],
               [5., 6.]])
    """
    return ops.concat(_all(operands, atleast_2d), axis=0)


@add_function
def hstack(operands: Sequence[Operand], /) -> Array:
    """Stack arrays along the second axis, vectors along their only axis.

    The other axes must have equal lengths.

    Example:
        >>> gg.hstack([np.array([1.0, 2.0]), np.array([3.0])])
        array([1., 2., 3.])
        >>> gg.hstack([np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])])
        array([[1., 3.],
               [2., 4.]])
    """
    found = _all(operands, atleast_1d)
    return ops.concat(found, axis=0 if len(shape_of(found[0])) == 1 else 1)


@add_function
def dstack(operands: Sequence[Operand], /) -> Array:
    """Stack arrays along the third axis.

    Vectors and matrices get axes of length 1 first, as in `atleast_3d`: a vector of n elements has
    shape (1, n, 1), a matrix (m, n, 1).

    Example:
        >>> red, green, blue = np.zeros((3, 8, 6))
        >>> gg.dstack([red, green, blue]).shape
        (8, 6, 3)
    """
    return ops.concat(_all(operands, atleast_3d), axis=2)


@add_function
def column_stack(operands: Sequence[Operand], /) -> Array:
    """Stack arrays along the second axis; vectors become columns.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.column_stack([np.ones(3), x, x ** 2])
        array([[1., 1., 1.],
               [1., 2., 4.],
               [1., 3., 9.]])
    """
    columns = _all(operands, lambda x: x if len(shape_of(x)) > 1 else ops.reshape(x, (-1, 1)))
    return ops.concat(columns, axis=1)


@add_function
def append(x: Array, values: Array, /, axis: int | None = None) -> Array:
    """The array `x` with `values` appended along `axis`.

    Without an axis, both are flattened first, and the result is a vector.

    Example:
        >>> x = np.array([[1.0, 2.0]])
        >>> gg.append(x, np.array([[3.0, 4.0]]), axis=0)
        array([[1., 2.],
               [3., 4.]])
        >>> gg.append(x, 3.0)
        array([1., 2., 3.])
    """
    return ops.concat(arrays(x, values), axis=axis)


@add_function
def block(operands: Operand, /) -> Array:
    """An array made of blocks: inner lists go along the last axis, outer ones along earlier axes.

    Blocks with fewer axes than there are lists in each other get axes of length 1 in front.

    Example:
        >>> a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]])
        >>> gg.block([[a, b], [b.T, np.ones((1, 1))]])
        array([[1., 2., 5.],
               [3., 4., 6.],
               [5., 6., 1.]])
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
    """Split `x` along `axis` into parts, which may have unequal lengths.

    Each part is a view of `x`; their gradients add up in it.

    Args:
        x: What is cut.
        places: The indices before which it is cut, or the number of parts, of which the first are
            longer by one where the length asks for it.
        axis: The axis along which it is cut.

    Raises:
        InvalidArgument: For a number of parts below 1.

    Example:
        >>> gg.array_split(np.arange(5), 2)
        [array([0, 1, 2]), array([3, 4])]
        >>> gg.array_split(np.arange(5), [1, 4])
        [array([0]), array([1, 2, 3]), array([4])]
    """
    axis, places = axis_of(axis, len(shape_of(x)), "array_split"), settled(places)
    n = shape_of(x)[axis]
    if isinstance(places, int):
        if places < 1:
            raise InvalidArgument(f"array_split: into {places} parts; expected at least one.")
        size, more = divmod(n, places)
        places = [i * size + min(i, more) for i in range(1, places)]
    bounds = [None, *(int(i) for i in places), None]
    return [
        ops.getitem(x, along(axis, start, stop))
        for start, stop in pairwise(bounds)
    ]


@add_function
def split(x: Array, places: int | Sequence[int], /, axis: int = 0) -> list[Array]:
    """Split `x` along `axis` into parts, which have equal lengths if `places` is their number.

    Elsewhere, `places` are the indices before which it is cut, as in `array_split`.

    Raises:
        InvalidArgument: For a number of parts that does not divide the length of the axis.

    Example:
        >>> first, second = gg.split(np.arange(6), 2)
        >>> second
        array([3, 4, 5])
        >>> gg.split(np.arange(6), [1, 3])
        [array([0]), array([1, 2]), array([3, 4, 5])]
    """
    n, places = shape_of(x)[axis_of(axis, len(shape_of(x)), "split")], settled(places)
    if isinstance(places, int) and (places < 1 or n % places):
        raise InvalidArgument(
            f"split: {n} elements into {places} equal parts; expected a number that divides them, "
            "or gg.array_split."
        )
    return array_split(x, places, axis)


@add_function
def vsplit(x: Array, places: int | Sequence[int], /) -> list[Array]:
    """Split `x` along the first axis, as `split` does.

    Example:
        >>> upper, lower = gg.vsplit(np.array([[1, 2], [3, 4]]), 2)
        >>> upper
        array([[1, 2]])
    """
    return split(x, places, 0)


@add_function
def hsplit(x: Array, places: int | Sequence[int], /) -> list[Array]:
    """Split `x` along the second axis, or a vector along its only axis, as `split` does.

    Example:
        >>> left, right = gg.hsplit(np.array([[1, 2], [3, 4]]), 2)
        >>> left
        array([[1],
               [3]])
    """
    return split(x, places, min(len(shape_of(x)) - 1, 1))


@add_function
def dsplit(x: Array, places: int | Sequence[int], /) -> list[Array]:
    """Split `x` along the third axis, as `split` does.

    Example:
        >>> [part.shape for part in gg.dsplit(np.zeros((4, 4, 6)), [1, 3])]
        [(4, 4, 1), (4, 4, 2), (4, 4, 3)]
    """
    return split(x, places, 2)


@add_function
def delete(
    x: Array,
    places: int | slice | Sequence[int] | np.ndarray | Tensor,
    /,
    axis: int | None = None,
) -> Array:
    """The array `x` without the elements at `places` along `axis`.

    Args:
        x: What loses elements.
        places: An index, a slice or several indices. They must be known: not tracked or traced.
        axis: The axis along which they count; without one, all elements are flattened first.

    Example:
        >>> x = np.array([[1, 2, 3], [4, 5, 6]])
        >>> gg.delete(x, 1, axis=1)
        array([[1, 3],
               [4, 6]])
        >>> gg.delete(x, [0, 5])
        array([2, 3, 4, 5])
    """
    if axis is None:
        x, axis = ravel(x), 0
    n = shape_of(x)[axis_of(axis, len(shape_of(x)), "delete")]
    places = np.asarray(places) if isinstance(places, Tensor) else places
    return take(x, array(np.delete(np.arange(n), places).tolist(), x), axis=axis)


# Turned round


@add_function
def flipud(x: Array, /) -> Array:
    """The array `x` reversed along the first axis.

    Example:
        >>> gg.flipud(np.array([[1, 2], [3, 4]]))
        array([[3, 4],
               [1, 2]])
    """
    return ops.flip(x, axis=0)


@add_function
def fliplr(x: Array, /) -> Array:
    """The array `x` reversed along the second axis.

    Example:
        >>> gg.fliplr(np.array([[1, 2], [3, 4]]))
        array([[2, 1],
               [4, 3]])
    """
    return ops.flip(x, axis=1)


@add_function
def rot90(x: Array, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """The array `x` turned `k` times by 90°, from the first of two axes to the second.

    For a matrix that is counterclockwise; a negative `k` turns it clockwise.

    Example:
        >>> gg.rot90(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[3, 6],
               [2, 5],
               [1, 4]])
        >>> gg.rot90(np.array([[1, 2, 3], [4, 5, 6]]), k=-1)
        array([[4, 1],
               [5, 2],
               [6, 3]])
    """
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
    """For a matrix, its diagonal `k`; for a vector, the matrix with this diagonal.

    Diagonal 0 is the main one, and positive ones lie above. What else is in the matrix is 0.

    Raises:
        InvalidArgument: For an array that is neither.

    Example:
        >>> gg.diag(np.array([1.0, 2.0]), k=1)
        array([[0., 1., 0.],
               [0., 0., 2.],
               [0., 0., 0.]])
        >>> gg.diag(np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([1., 4.])
    """
    shape, k = shape_of(x), settled(k)
    if len(shape) == 2:
        return ops.diagonal(x, k)
    if len(shape) != 1:
        raise InvalidArgument(f"diag: of an array of shape {shape}; expected a vector or a matrix.")
    n = shape[0] + abs(k)
    start = k if k > 0 else -k * n
    place = slice(start, start + shape[0] * (n + 1), n + 1)
    return ops.reshape(ops.scatter_add(x, (place,), shape=(n * n,)), (n, n))


@add_function
def diagflat(x: Array, /, k: int = 0) -> Array:
    """The square matrix with all elements of `x`, in order, on its diagonal `k`.

    Example:
        >>> gg.diagflat(np.array([[1, 2], [3, 4]]))
        array([[1, 0, 0, 0],
               [0, 2, 0, 0],
               [0, 0, 3, 0],
               [0, 0, 0, 4]])
    """
    return diag(ravel(x), k)


@add_function
def select(
    conditions: Sequence[Operand], choices: Sequence[Operand], /, default: Operand = 0
) -> Array:
    """Elements of the first of `choices` whose condition holds, and else of `default`.

    Conditions, choices and `default` broadcast. As with `where`, gradients go only to what was
    chosen.

    Raises:
        InvalidArgument: Unless there are as many conditions as choices, and at least one.

    Example:
        >>> x = np.array([-2.0, 0.5, 3.0])
        >>> gg.select([x < 0, x < 1], [-x, x ** 2], default=1.0)
        array([2.  , 0.25, 1.  ])
    """
    if len(conditions) != len(choices) or not choices:
        raise InvalidArgument(
            f"select: {len(conditions)} conditions for {len(choices)} choices; expected as many, "
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
    """Write `values` into `x` at `indices` along `axis`, each at its own position along the others.

    As NumPy's function it writes into `x`, an array or a Tensor, and returns nothing. With
    `inplace=False`, `x` stays as it is, and the changed array is returned. On the other axes,
    shapes broadcast; of repeated indices the last wins. What was overwritten has gradient 0.

    Args:
        x: An array or a Tensor.
        indices: Integers, with as many axes as `x`.
        values: What is written; it broadcasts to the shape of the indices.
        axis: The axis along which the indices count.
        inplace: Whether to write into `x`.

    Raises:
        InvalidArgument: For indices with more or fewer axes than `x`.

    Example:
        >>> x = np.array([[3.0, 1.0], [2.0, 4.0]])
        >>> highest = gg.argmax(x, axis=1, keepdims=True)
        >>> gg.put_along_axis(x, highest, 0.0, axis=1, inplace=False)
        array([[0., 1.],
               [2., 0.]])
    """
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "put_along_axis")
    indices = array(indices, x)
    if len(shape_of(indices)) != len(shape):
        raise InvalidArgument(
            f"put_along_axis: indices have shape {shape_of(indices)} for an array of shape {shape};"
            " expected as many axes."
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
