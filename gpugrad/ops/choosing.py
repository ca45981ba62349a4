"""Elements chosen, put in, left out or computed in parts, as NumPy's functions have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gpugrad.backends import kind_of
from gpugrad.backends.one_place import check_library
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import broadcast_arrays, moveaxis, take
from gpugrad.ops.joining import ravel
from gpugrad.ops.operands import (
    array,
    arrays,
    axes_of,
    axis_of,
    is_known,
    moved_to,
    number_of,
    plain,
    shape_of,
)
from gpugrad.settings import settled
from gpugrad.types import Array, Axis, Operand, Shape

__all__ = [
    "apply_along_axis",
    "apply_over_axes",
    "choose",
    "compress",
    "dynamic_slice",
    "extract",
    "insert",
    "partition",
    "piecewise",
    "resize",
    "sliding_window_view",
    "sort_complex",
    "trim_zeros",
]


@composed(
    reference=np.compress,
    example=call(np.array([True, False, True]), of(2, 3), axis=1),
)
def compress(condition: Operand, x: Array, /, axis: int | None = None) -> Array:
    """The slices of `x` along `axis` where the vector `condition` holds; it must not be traced.

    Without an axis, elements in order. What the condition is too short for is left out.

    Raises:
        InvalidArgument: For a condition that is no vector.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> gg.compress(np.array([True, False, True]), x, axis=0)
        array([[1., 2.],
               [5., 6.]])
        >>> gg.grad(lambda x: gg.sum(gg.compress([False, True], x, axis=1)))(x)
        array([[0., 1.],
               [0., 1.],
               [0., 1.]])
    """
    check_library("compress", (condition, x))
    mask = plain(condition)
    if mask.ndim != 1:
        raise InvalidArgument(f"compress: the condition has shape {mask.shape}; expected a vector.")
    places = np.flatnonzero(mask)
    return take(ravel(x) if axis is None else x, moved_to(places, x), axis=axis or 0)


@composed(
    reference=np.extract,
    example=call(np.array([True, False, True]), of(3)),
)
def extract(condition: Operand, x: Array, /) -> Array:
    """The elements of `x`, in order, where `condition` holds; it must not be traced.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.extract(x > 1.5, x)
        array([2., 3.])
        >>> gg.grad(lambda x: gg.sum(gg.extract(np.array([True, False, True]), x) ** 2))(x)
        array([2., 0., 6.])
    """
    check_library("extract", (condition, x))
    (x,) = arrays(x)
    places = np.flatnonzero(plain(condition))
    return take(ravel(x), moved_to(places, x), axis=0)


@composed(
    reference=np.choose,
    example=call(np.array([0, 1, 1]), (of(3), of(3))),
)
def choose(a: Operand, choices: Sequence[Operand], /, mode: str = "raise") -> Array:
    """For each position, the element of the array in `choices` that `a` selects there by number.

    All broadcast. With `mode` "wrap" or "clip", numbers beyond the choices count from the other end
    or as the nearest.

    Raises:
        InvalidArgument: For an unknown mode, for no choices, and with `mode="raise"` for known
            numbers beyond them.

    Example:
        >>> a, b = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])
        >>> gg.choose(np.array([0, 1, 0]), (a, b))
        array([ 1., 20.,  3.])
        >>> gg.grad(lambda a: gg.sum(gg.choose(np.array([0, 1, 0]), (a, b))))(a)
        array([1., 0., 1.])
    """
    n = len(choices)
    if mode not in ("raise", "wrap", "clip") or not n:
        raise InvalidArgument(
            f"choose: mode is {mode!r} with {n} choices; expected 'raise', 'wrap' or 'clip', and "
            "at least one choice."
        )
    if mode == "raise":
        known = plain(a)
        if known.size and not 0 <= known.min() <= known.max() < n:
            raise InvalidArgument(
                f"choose: numbers from {known.min()} to {known.max()} for {n} choices; expected "
                f"those from 0 to {n - 1}, or mode='wrap' or 'clip'."
            )
    places = array(a, next((x for x in choices if hasattr(x, "dtype")), np.zeros(0)))
    places = ops.remainder(places, n) if mode == "wrap" else ops.clip(places, 0, n - 1)
    first, *parts = broadcast_arrays(places, *arrays(*choices))
    chosen = ops.stack(parts, axis=0)
    index = ops.expand_dims(first, 0)
    return ops.squeeze(ops.take_along_axis(chosen, index, axis=0), 0)


@composed(
    reference=np.insert, example=call(of(3), 1, of())
)
def insert(x: Array, places: Operand, values: Operand, /, axis: int | None = None) -> Array:
    """`x` with `values` inserted before the elements at `places` along `axis`.

    Args:
        x: The array.
        places: An index, a slice, several indices or a mask, which must be known. Indices are those
            in `x`; negative ones count from its end.
        values: What is put in, in the dtype of `x`: they broadcast to the slices there.
        axis: The axis; without one, all elements of `x` in order are what is put into.

    Raises:
        InvalidArgument: For places beyond the axis.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.insert(x, 1, 9.0)
        array([1., 9., 2., 3.])
        >>> gg.insert(x, np.array([0, 2]), np.array([8.0, 9.0]))
        array([8., 1., 2., 9., 3.])
        >>> gg.grad(lambda value: gg.sum(gg.insert(x, 1, value) ** 2))(9.0)
        array(18.)
    """
    if axis is None:
        x, axis = ravel(x), 0
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "insert")
    n = shape[axis]
    if isinstance(places, slice):
        index = np.arange(*places.indices(n))
    else:
        index = plain(places)
    one = index.ndim == 0
    index = np.flatnonzero(index) if index.dtype == bool else index.astype(int)
    count = 1 if one else index.size
    (x,) = arrays(x)
    given = _at_least(array(number_of(values), x), len(shape))
    if one:                                         # NumPy puts in all that the values have there
        given = moveaxis(given, 0, axis)
        count = shape_of(given)[axis]
        index = np.full(count, int(index))
    if index.size and not -n <= index.min() <= index.max() <= n:
        raise InvalidArgument(
            f"insert: places from {index.min()} to {index.max()} along axis {axis} of length {n}."
        )
    index = np.where(index < 0, index + n, index)
    wide = (*shape[:axis], count, *shape[axis + 1 :])
    given = ops.astype(ops.broadcast_to(given, wide), x.dtype)
    both = ops.concat([x, given], axis=axis)
    order = np.argsort(index, kind="stable")
    behind = index[order] + np.arange(count)
    source = np.empty(n + count, int)
    new = np.zeros(n + count, bool)
    new[behind] = True
    source[behind] = n + order
    source[~new] = np.arange(n)
    return take(both, moved_to(source, x), axis=axis)


def _at_least(x: Array, ndim: int) -> Array:
    """`x` with axes of length 1 in front, so that it has as many."""
    shape = shape_of(x)
    return ops.reshape(x, ((1,) * (ndim - len(shape)) + shape)) if len(shape) < ndim else x


@composed(reference=lambda x, kth: np.sort(x), example=call([3.0, 1.0, 2.0, 0.5], 2))
def partition(x: Array, kth: int | Sequence[int], /, axis: int | None = -1) -> Array:
    """`x` reordered so that the elements `kth` along `axis` are where sorting would put them.

    Smaller ones stand before and larger ones behind; here all are sorted.

    Example:
        >>> x = np.array([3.0, 1.0, 2.0])
        >>> gg.partition(x, 1)
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.partition(x, 1)[1])(x)
        array([0., 0., 1.])
    """
    return ops.sort(ravel(x) if axis is None else x, axis=-1 if axis is None else axis)


@composed(reference=np.sort_complex, example=call([3.0, 1.0, 2.0]))
def sort_complex(x: Array, /) -> Array:
    """The elements of `x` sorted along the last axis, as complex numbers.

    They are in order of their real parts, equal ones of their imaginary parts.

    Example:
        >>> gg.sort_complex(np.array([3.0, 1.0, 2.0]))
        array([1.+0.j, 2.+0.j, 3.+0.j])
        >>> gg.sort_complex(np.array([1 + 2j, 1 - 2j, 0 + 5j]))
        array([0.+5.j, 1.-2.j, 1.+2.j])
    """
    y = ops.sort(x, axis=-1)
    return y if np.dtype(y.dtype).kind == "c" else ops.astype(y, np.complex128)


Piece = Callable[..., Operand]


@composed(
    reference=np.piecewise,
    example=call(of(4), [[True, True, False, False]], (lambda v: v * v, 1.0)),
)
def piecewise(
    x: Array, conditions: Sequence[Operand], functions: Sequence[Piece | Operand], /,
    *args: object, **kwargs: object,
) -> Array:  # fmt: skip
    """For each position, the function or number of the last condition that holds there.

    As in NumPy, a function is given the elements where its condition holds. Where that is not
    known, as under `gg.jit`, it is given all of `x`, and its values at other places have no effect.

    Args:
        x: The array.
        conditions: Masks of the shape of `x`, or a single one.
        functions: A function or a number for each condition. One more is for where none holds;
            without it the result is 0 there.
        *args: Further arguments of the functions.
        **kwargs: Arguments of the functions by name.

    Raises:
        InvalidArgument: For fewer functions than conditions, or more than one more.

    Example:
        >>> def f(x):
        ...     return gg.piecewise(x, [x < 0, x >= 0], [lambda x: x * x, lambda x: 3 * x])
        >>> f(np.array([-2.0, 0.0, 2.0]))
        array([4., 0., 6.])
        >>> gg.grad(lambda x: gg.sum(f(x)))(np.array([-2.0, 0.0, 2.0]))
        array([-4.,  3.,  3.])
    """
    check_library("piecewise", (x, *(conditions if isinstance(conditions, list) else [conditions])))
    masks: list[Operand] = [conditions] if _is_one(conditions) else list(conditions)
    if len(functions) not in (len(masks), len(masks) + 1):
        raise InvalidArgument(
            f"piecewise: {len(functions)} functions for {len(masks)} conditions; expected as "
            "many, or one more."
        )
    (x,) = arrays(x)
    shape = shape_of(x)
    x = x if shape else ops.reshape(x, (1,))
    y = ops.zeros_like(x)
    rest: Operand = True
    for mask in masks:
        rest = ops.logical_and(rest, ops.logical_not(array(mask, x)))
    for mask, function in zip([*masks, rest], functions, strict=False):
        if not callable(function):
            y = ops.where(mask, function, y)
        elif is_known(mask):                        # as NumPy, of the elements there alone
            found = np.nonzero(np.broadcast_to(plain(mask), shape_of(x)))
            places = tuple(moved_to(index, x) for index in found)
            made = function(ops.getitem(x, places), *args, **kwargs)
            y = ops.setitem(y, places, ops.astype(array(made, x), x.dtype))
        else:
            y = ops.where(mask, function(x, *args, **kwargs), y)
    return ops.reshape(ops.astype(y, x.dtype, copy=False), shape)


def _is_one(conditions: object) -> bool:
    return hasattr(conditions, "shape") and len(conditions.shape) < 2


@composed(
    reference=np.resize, example=call(of(3), (2, 4))
)
def resize(x: Array, shape: int | Shape, /) -> Array:
    """The elements of `x` in order, repeated as needed to fill an array of that shape.

    Example:
        >>> gg.resize(np.array([1.0, 2.0, 3.0]), (2, 4))
        array([[1., 2., 3., 1.],
               [2., 3., 1., 2.]])
        >>> gg.grad(lambda x: gg.sum(gg.resize(x, (2, 4))))(np.array([1.0, 2.0, 3.0]))
        array([3., 3., 2.])
    """
    lengths = tuple(shape) if isinstance(shape, list | tuple) else (settled(shape),)
    n, count = int(np.prod(shape_of(x), dtype=int)), int(np.prod(lengths, dtype=int))
    if not n:
        return ops.zeros_like(ops.broadcast_to(ops.sum(x), lengths))
    return ops.reshape(take(ravel(x), moved_to(np.arange(count) % n, x), axis=0), lengths)


@composed(
    reference=np.lib.stride_tricks.sliding_window_view, example=call(of(5), 3)
)
def sliding_window_view(
    x: Array, window_shape: int | Shape, /, axis: Axis = None
) -> Array:
    """All windows of that shape along `axis`, or along all axes; those of each go to the end.

    Unlike NumPy's it is no view: the windows are copies.

    Raises:
        InvalidArgument: For a window that is longer than its axis, or that has another number of
            axes than `axis` names.

    Example:
        >>> x = np.array([1.0, 2.0, 4.0, 8.0])
        >>> gg.sliding_window_view(x, 3)
        array([[1., 2., 4.],
               [2., 4., 8.]])
        >>> gg.grad(lambda x: gg.sum(gg.max(gg.sliding_window_view(x, 3), axis=-1)))(x)
        array([0., 0., 1., 1.])
    """
    shape = shape_of(x)
    lengths = tuple(window_shape) if isinstance(window_shape, list | tuple) else (window_shape,)
    places = axes_of(axis, len(shape), "sliding_window_view")
    if len(places) != len(lengths):
        raise InvalidArgument(
            f"sliding_window_view: a window of {len(lengths)} axes along the axes {places} of "
            f"shape {shape}; expected as many."
        )
    for place, length in zip(places, map(settled, lengths), strict=True):
        count = shape_of(x)[place] - length + 1
        if length < 1 or count < 1:
            raise InvalidArgument(
                f"sliding_window_view: a window of length {length} along an axis of length "
                f"{shape_of(x)[place]}."
            )
        index = np.arange(count)[:, None] + np.arange(length)
        x = moveaxis(take(x, moved_to(index, x), axis=place), place + 1, -1)
    return x


@composed(
    reference=lambda x, starts, sizes: x[1:3, 0:2],
    example=call(of(4, 3), (1, 0), (2, 2)),
)
def dynamic_slice(x: Array, starts: Sequence[Operand], sizes: Sequence[int], /) -> Array:
    """The slice of `x` with lengths `sizes` from `starts`, which are integers that may be traced.

    Negative ones count from the end, and what would reach beyond an end begins earlier instead, as
    in JAX. There is one of each for every axis.

    Raises:
        InvalidArgument: For another number of starts or sizes than axes, for starts that are no
            whole numbers, and for sizes that are longer than their axes.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> gg.dynamic_slice(x, (1,), (2,))
        array([2., 3.])
        >>> gg.dynamic_slice(x, (3,), (2,))
        array([3., 4.])
        >>> after = gg.jit(lambda x, i: gg.dynamic_slice(x, (i,), (2,)))
        >>> after(x, 0), after(x, 1)
        (array([1., 2.]), array([2., 3.]))
    """
    shape = shape_of(x)
    if len(starts) != len(shape) or len(sizes) != len(shape):
        raise InvalidArgument(
            f"dynamic_slice: {len(starts)} starts and {len(sizes)} sizes for an array of shape "
            f"{shape}; expected one for each axis."
        )
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        size = settled(size)
        if not 0 <= size <= shape[axis]:
            raise InvalidArgument(
                f"dynamic_slice: a part of length {size} along an axis of length {shape[axis]}."
            )
        if size == shape[axis]:
            continue
        first = array(start, x)
        if kind_of(first.dtype) not in "iu" or shape_of(first):
            raise InvalidArgument(
                f"dynamic_slice: a start of dtype {first.dtype} and shape {shape_of(first)}; "
                "expected a whole number."
            )
        first = ops.astype(first, np.int64, copy=False)
        first = ops.where(ops.less(first, 0), ops.add(first, shape[axis]), first)
        first = ops.clip(first, 0, shape[axis] - size)
        x = take(x, ops.add(moved_to(np.arange(size), x), first), axis=axis)
    return x


@composed(reference=np.trim_zeros, example=call(of(3)))
def trim_zeros(x: Array, /, trim: str = "fb", axis: Axis = None) -> Array:
    """`x` without leading ("f") or trailing ("b") zeros, or both, along `axis` or all axes.

    Which elements are 0 must be known.

    Raises:
        InvalidArgument: For an unknown `trim`.

    Example:
        >>> x = np.array([0.0, 1.0, 0.0, 2.0, 0.0])
        >>> gg.trim_zeros(x)
        array([1., 0., 2.])
        >>> gg.trim_zeros(x, "f")
        array([1., 0., 2., 0.])
        >>> gg.grad(lambda x: gg.sum(gg.trim_zeros(x) ** 2))(x)
        array([0., 2., 0., 4., 0.])
    """
    if not trim or set(trim.lower()) - {"f", "b"}:
        raise InvalidArgument(f"trim_zeros: trim is {trim!r}; expected 'f', 'b' or 'fb'.")
    shape = shape_of(x)
    places = np.argwhere(plain(x))
    chosen = range(len(shape)) if axis is None else axes_of(axis, len(shape), "trim_zeros")
    key = [slice(None)] * len(shape)
    for a in chosen:
        begin, end = (places[:, a].min(), places[:, a].max() + 1) if len(places) else (0, 0)
        front = int(begin) if "f" in trim.lower() else 0
        back = int(end) if "b" in trim.lower() else shape[a]
        if not len(places):                         # NumPy leaves nothing
            front, back = 0, 0
        key[a] = slice(front, back)
    return ops.getitem(x, tuple(key))


@composed(
    reference=np.apply_along_axis, example=call(lambda row: row * row, 0, of(2, 3))
)
def apply_along_axis(
    function: Callable[..., Any], axis: int, x: Array, /, *args: object, **kwargs: object
) -> Array:
    """`function` applied to each vector of `x` along `axis`, which its result's axes replace.

    It is called once for each vector, with `args` and `kwargs` after it; `gg.vmap` calls a function
    once for all of them.

    Raises:
        InvalidArgument: For an array that holds no vector.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.apply_along_axis(lambda row: row[0] * row, 1, x)
        array([[ 1.,  2.],
               [ 9., 12.]])
        >>> gg.grad(lambda x: gg.sum(gg.apply_along_axis(gg.prod, 1, x)))(x)
        array([[2., 1.],
               [4., 3.]])
    """
    (x,) = arrays(x)
    shape = shape_of(x)
    axis = axis_of(axis, len(shape), "apply_along_axis")
    rows = ops.reshape(moveaxis(x, axis, -1), (-1, shape[axis]))
    if not shape_of(rows)[0]:
        raise InvalidArgument(f"apply_along_axis: there is no vector in an array of shape {shape}.")
    made = [array(function(row, *args, **kwargs), x) for row in ops.unstack(rows, axis=0)]
    found = ops.stack(made, axis=0)
    others = (*shape[:axis], *shape[axis + 1 :])
    inner = shape_of(made[0])
    found = ops.reshape(found, (*others, *inner))
    n = len(others)
    order = (*range(axis), *range(n, n + len(inner)), *range(axis, n))
    return ops.permute_dims(found, order)


@composed(
    reference=lambda f, x, axes: np.sum(x, axis=axes, keepdims=True),
    example=call(lambda x, axis: ops.sum(x, axis=axis), of(2, 3), (0,)),
)
def apply_over_axes(
    function: Callable[..., Any], x: Array, axes: int | Sequence[int], /
) -> Array:
    """`function(x, axis)` applied for each of `axes` in turn; it keeps the axis or drops it.

    An axis that was dropped comes back with length 1.

    Raises:
        InvalidArgument: For a function that drops more than one axis.

    Example:
        >>> x = np.arange(8.0).reshape(2, 2, 2)
        >>> gg.apply_over_axes(gg.sum, x, (0, 2))
        array([[[10.],
                [18.]]])
    """
    (x,) = arrays(x)
    ndim = len(shape_of(x))
    for axis in axes_of(axes, ndim, "apply_over_axes"):
        y = function(x, axis)
        x = ops.expand_dims(y, axis) if len(shape_of(y)) < ndim else y
        if len(shape_of(x)) != ndim:
            raise InvalidArgument(
                f"apply_over_axes: the function gave shape {shape_of(y)} for an array of {ndim} "
                "axes; expected as many axes, or one less."
            )
    return x
