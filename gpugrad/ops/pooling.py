"""Pooling: one number for each window of an image."""

from __future__ import annotations

from math import inf

from gpugrad.backends import is_inexact
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.convolution import Sizes, sizes_of
from gpugrad.ops.operands import dtype_of, shape_of
from gpugrad.types import Array, ArrayFunction

__all__ = [
    "avg_pool2d",
    "max_pool2d",
]


def _pooled(
    name: str, x: Array, window: Sizes, stride: Sizes | None, padding: Sizes, fill: float
) -> Array:
    """What `name` reduces of the windows of `x`, which stand along two axes in front."""
    shape = shape_of(x)
    if len(shape) < 2 or not is_inexact(dtype_of(x)):
        raise UnsupportedOperand(
            f"pooling of {dtype_of(x)} of shape {shape}; expected floating (..., height, width)."
        )
    sizes = sizes_of("pooling", "window", window, 2, 1)
    steps = sizes if stride is None else sizes_of("pooling", "stride", stride, 2, 1)
    pads = sizes_of("pooling", "padding", padding, 2, 0)
    if any(2 * pad > size for pad, size in zip(pads, sizes, strict=True)):
        raise InvalidArgument(
            f"pooling: padding is {pads} of windows of {sizes}; it must be at most half of these, "
            "so that no window lies outside."
        )
    whole = [length + 2 * pad for length, pad in zip(shape[-2:], pads, strict=True)]
    if any(size > length for size, length in zip(sizes, whole, strict=True)):
        raise InvalidArgument(
            f"pooling: windows of {sizes} in an image of {tuple(whole)}, padding included; they "
            "must not be longer."
        )
    if pads != (0, 0):
        around = ((0, 0),) * (len(shape) - 2)
        x = ops.pad(x, (*around, *((k, k) for k in pads)), constant_values=fill)
    if steps == sizes:
        x = _side_by_side(x, sizes)
    else:
        for a in (1, 0):
            x = ops.windows(x, axis=len(shape) - 1, at=0, size=sizes[a], step=steps[a])
    reduce: ArrayFunction = getattr(ops, name)
    return reduce(x, axis=(0, 1))


def _side_by_side(x: Array, sizes: tuple[int, ...]) -> Array:
    """Windows that do not overlap, along two axes in front: a view."""
    *others, height, width = shape_of(x)
    down, across = height // sizes[0], width // sizes[1]
    if (height, width) != (down * sizes[0], across * sizes[1]):
        x = ops.getitem(x, (..., slice(down * sizes[0]), slice(across * sizes[1])))
    x = ops.reshape(x, (*others, down, sizes[0], across, sizes[1]))
    n = len(others)
    return ops.permute_dims(x, axes=(n + 1, n + 3, *range(n), n, n + 2))


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
    return _pooled("max", x, window, stride, padding, -inf)


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
    return _pooled("mean", x, window, stride, padding, 0.0)
