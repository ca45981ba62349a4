"""Pooling: one number for each window along the last axes."""

from __future__ import annotations

from itertools import product
from math import inf, prod
from typing import Any

import numpy as np

from gpugrad.backends import Namespace, is_inexact, wider
from gpugrad.core.half import in_single
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.convolution import Sizes, sizes_of
from gpugrad.ops.operands import dtype_of, moved_to, shape_of
from gpugrad.types import Array, ArrayFunction, Shape

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "max_pool1d",
    "max_pool2d",
]

_LENGTHS = {1: "length", 2: "height, width"}


def _pooled(
    name: str, n: int, x: Array, window: Sizes, stride: Sizes | None, padding: Sizes, fill: float
) -> Array:
    """What `name` reduces of the windows of the last `n` axes, which stand along axes in front."""
    shape = _checked(n, x)
    sizes = sizes_of("pooling", "window", window, n, 1)
    steps = sizes if stride is None else sizes_of("pooling", "stride", stride, n, 1)
    pads = sizes_of("pooling", "padding", padding, n, 0)
    if any(2 * pad > size for pad, size in zip(pads, sizes, strict=True)):
        raise InvalidArgument(
            f"pooling: padding is {pads} of windows of {sizes}; it must be at most half of these, "
            "so that no window lies outside."
        )
    whole = [length + 2 * pad for length, pad in zip(shape[-n:], pads, strict=True)]
    if any(size > length for size, length in zip(sizes, whole, strict=True)):
        raise InvalidArgument(
            f"pooling: windows of {sizes} in an image of {tuple(whole)}, padding included; they "
            "must not be longer."
        )
    if any(pads):
        around = ((0, 0),) * (len(shape) - n)
        x = ops.pad(x, (*around, *((k, k) for k in pads)), constant_values=fill)
    if steps == sizes:
        x = _covered(x, sizes)
        if name == "max":
            return ops.max_of_windows(x, sizes=sizes)
        x = _side_by_side(x, sizes, ops)
    else:
        for a in reversed(range(n)):
            x = ops.windows(x, axis=len(shape) - 1, at=0, size=sizes[a], step=steps[a])
    reduce: ArrayFunction = getattr(ops, name)
    return reduce(x, axis=tuple(range(n)))


def _checked(n: int, x: Array) -> tuple[int, ...]:
    """The shape of `x`; raises `UnsupportedOperand` where it has not `n` axes of numbers."""
    shape = shape_of(x)
    if len(shape) < n or not is_inexact(dtype_of(x)):
        raise UnsupportedOperand(
            f"pooling of {dtype_of(x)} of shape {shape}; expected floating (..., {_LENGTHS[n]})."
        )
    return shape


def _covered(x: Array, sizes: tuple[int, ...]) -> Array:
    """What windows side by side cover."""
    lengths = shape_of(x)[-len(sizes) :]
    covered = [length - length % size for length, size in zip(lengths, sizes, strict=True)]
    return x if lengths == tuple(covered) else ops.getitem(x, (..., *map(slice, covered)))


def _parted(shape: Shape, sizes: tuple[int, ...]) -> Shape:
    """The last axes of `shape`, each as two: how many windows there are, and how large one is."""
    n = len(sizes)
    pairs = [(length // size, size) for length, size in zip(shape[-n:], sizes, strict=True)]
    return (*shape[:-n], *(k for pair in pairs for k in pair))


def _side_by_side(x: Array, sizes: tuple[int, ...], xp: Any) -> Array:
    """Windows that do not overlap, along axes in front: a view."""
    n, m = len(sizes), len(shape_of(x)) - len(sizes)
    axes = (*range(m + 1, m + 2 * n, 2), *range(m), *range(m, m + 2 * n, 2))
    views: Array = xp.permute_dims(xp.reshape(x, _parted(shape_of(x), sizes)), axes=axes)
    return views


def _to_windows(x: Array, sizes: tuple[int, ...], xp: Namespace) -> Array:
    """Of a number for each window, one for each of its elements: an image."""
    n = len(sizes)
    others, counts = x.shape[:-n], x.shape[-n:]
    alone = (*others, *(k for count in counts for k in (count, 1)))
    spread = (*others, *(k for pair in zip(counts, sizes, strict=True) for k in pair))
    image = (*others, *(a * b for a, b in zip(counts, sizes, strict=True)))
    return xp.reshape(xp.broadcast_to(xp.reshape(x, alone), spread), image)


FEW = 16
"""Elements of a window that are counted one by one."""


def _max_of_windows_rule(
    g: Array, x: Array, y: Array, sizes: tuple[int, ...], xp: Namespace
) -> Array:
    """As that of `max`, but in the image: windows in front would have to be copied back."""
    chosen = (x == _to_windows(y, sizes, xp)) | (x != x)
    # In float16, more than 2,048 equal elements could not be counted.
    counted = wider(x.dtype) or x.dtype
    count: Any = None
    if prod(sizes) <= FEW:
        for place in product(*map(range, sizes)):
            steps = (slice(i, None, size) for i, size in zip(place, sizes, strict=True))
            ties = xp.astype(xp.getitem(chosen, (..., *steps)), counted)
            count = ties if count is None else count + ties
    else:
        ties = xp.astype(_side_by_side(chosen, sizes, xp), counted)
        count = xp.sum(ties, axis=tuple(range(len(sizes))))
    return xp.where(chosen, _to_windows(g / count, sizes, xp), 0)


@op(_max_of_windows_rule, public=False, example=call(of(2, 4, 6), sizes=(2, 3)))
def max_of_windows(xp: Namespace, x: Array, /, *, sizes: tuple[int, ...]) -> Array:
    """The largest element of each window of the last axes of `x`, which windows side by side cover.

    Equal elements share the gradient evenly, NaNs too.
    """
    return xp.max(_side_by_side(x, sizes, xp), axis=tuple(range(len(sizes))))


@add_function
def max_pool1d(
    x: Array, window: int, /, *, stride: int | None = None, padding: int = 0
) -> Array:
    """The largest element of each window of the last axis of `x`; see `max_pool2d`.

    Example:
        >>> gg.max_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 2)
        array([2., 4.])
        >>> gg.max_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 3, stride=2, padding=1)
        array([2., 4., 3.])
    """
    return _pooled("max", 1, x, window, stride, padding, -inf)


@add_function
def max_pool2d(
    x: Array, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0
) -> Array:
    """The largest element of each window of the last two axes of `x`.

    Equal elements share the gradient evenly, as in `max`.

    Args:
        x: Floating numbers of shape (..., height, width).
        window: How large a window is: a length, or a pair for height and width.
        stride: How far windows lie apart, as a length or a pair; side by side by default.
        padding: How many elements come before and behind along both axes, as a length or a pair.
            None of these is the largest.

    Raises:
        InvalidArgument: For windows that are longer than the image, and for a padding of more than
            half of them.
        UnsupportedOperand: For integers, and for an array of fewer than two axes.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0, 1.0], [4.0, 3.0, 5.0, 2.0]])
        >>> gg.max_pool2d(image, 2)
        array([[4., 5.]])
        >>> gg.grad(lambda x: gg.sum(gg.max_pool2d(x, 2)))(image)
        array([[0., 0., 0., 0.],
               [1., 0., 1., 0.]])
    """
    return _pooled("max", 2, x, window, stride, padding, -inf)


@add_function
def avg_pool1d(
    x: Array, window: int, /, *, stride: int | None = None, padding: int = 0
) -> Array:
    """The mean of each window of the last axis of `x`; see `avg_pool2d`.

    Example:
        >>> gg.avg_pool1d(np.array([1.0, 2.0, 4.0, 3.0, 0.0]), 2)
        array([1.5, 3.5])
    """
    return _pooled("mean", 1, x, window, stride, padding, 0.0)


@add_function
def avg_pool2d(
    x: Array, window: Sizes, /, *, stride: Sizes | None = None, padding: Sizes = 0
) -> Array:
    """The mean of each window of the last two axes of `x`.

    The arguments are those of `max_pool2d`; elements of the padding are zeros, which count.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0, 1.0], [4.0, 3.0, 5.0, 2.0]])
        >>> gg.avg_pool2d(image, 2)
        array([[2.5, 2. ]])
        >>> gg.avg_pool2d(image, (2, 2), stride=(1, 1))
        array([[2.5, 2.5, 2. ]])
    """
    return _pooled("mean", 2, x, window, stride, padding, 0.0)


def _adaptive(n: int, x: Array, output_size: Sizes) -> Array:
    lengths = _checked(n, x)[-n:]
    counts = sizes_of("adaptive pooling", "output_size", output_size, n, 1)
    if 0 in lengths:
        raise InvalidArgument(
            f"adaptive pooling: x has shape {shape_of(x)}; expected lengths of at least 1."
        )
    if all(length % count == 0 for length, count in zip(lengths, counts, strict=True)):
        windows = tuple(
            length // count for length, count in zip(lengths, counts, strict=True)
        )
        return _pooled("mean", n, x, windows, None, 0, 0.0)
    return _uneven(x, counts)


@in_single
def _uneven(x: Array, counts: tuple[int, ...]) -> Array:
    """Means of windows of different lengths, as products with the shares of elements in them."""
    lengths = shape_of(x)[-len(counts) :]
    for axis in range(-len(counts), 0):
        shares = moved_to(_shares(lengths[axis], counts[axis]), x)
        shares = ops.astype(shares, dtype_of(x))
        x = ops.moveaxis(ops.matmul(ops.moveaxis(x, axis, -1), shares), -1, axis)
    return x


def _shares(length: int, count: int) -> np.ndarray:
    """What each element has in the mean of each window, of shape (length, count).

    Window `i` is from `floor(i * length / count)` to before `ceil((i + 1) * length / count)`.
    """
    found = np.zeros((length, count))
    for i in range(count):
        start, end = i * length // count, -(-(i + 1) * length // count)
        found[start:end, i] = 1 / (end - start)
    return found


@add_function
def adaptive_avg_pool1d(x: Array, output_size: int, /) -> Array:
    """The means of `output_size` windows that cover the last axis; see `adaptive_avg_pool2d`.

    Example:
        >>> gg.adaptive_avg_pool1d(np.array([1.0, 2.0, 4.0, 3.0]), 1)
        array([2.5])
    """
    return _adaptive(1, x, output_size)


@add_function
def adaptive_avg_pool2d(x: Array, output_size: Sizes, /) -> Array:
    """The means of windows that cover the last two axes, of which there are as many as is said.

    With 1, it is the mean over each image (global average pooling). Where the number divides a
    length, windows are equally long; else they overlap, as in PyTorch.

    Args:
        x: Floating numbers of shape (..., height, width).
        output_size: How many windows lie along both axes: a number or a pair.

    Raises:
        InvalidArgument: For sizes that are no positive integers, and for an empty image.
        UnsupportedOperand: For integers, and for an array of fewer than two axes.

    Example:
        >>> image = np.array([[1.0, 2.0, 0.0], [4.0, 3.0, 5.0]])
        >>> gg.adaptive_avg_pool2d(image, 1)
        array([[2.5]])
        >>> gg.adaptive_avg_pool2d(image, (1, 2))
        array([[2.5, 2.5]])
    """
    return _adaptive(2, x, output_size)
