"""Pooling layers, and one that flattens: they have settings and no arrays."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, ClassVar

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.convolutions import one_of
from gpugrad.nn.layer import layer, whole
from gpugrad.ops.convolution import Sizes, sizes_of
from gpugrad.ops.operands import shape_of
from gpugrad.ops.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from gpugrad.ops.shape import reshape

_STATIC = ("kernel_size", "stride", "padding")


class _Pool:
    """What pooling layers have in common."""

    _axes: ClassVar[int]
    _function: ClassVar[Callable[..., Array]]

    def __init__(
        self, kernel_size: Sizes, *, stride: Sizes | None = None, padding: Sizes = 0
    ) -> None:
        name, n = type(self).__name__, self._axes
        self.kernel_size = sizes_of(name, "kernel_size", kernel_size, n, 1)
        self.stride = self.kernel_size
        if stride is not None:
            self.stride = sizes_of(name, "stride", stride, n, 1)
        self.padding = sizes_of(name, "padding", padding, n, 0)
        if any(2 * pad > k for pad, k in zip(self.padding, self.kernel_size, strict=True)):
            raise InvalidArgument(
                f"{name}: padding is {self.padding} of windows of {self.kernel_size}; it must be "
                "at most half of these, so that no window lies outside."
            )

    def __repr__(self) -> str:
        words = [str(one_of(self.kernel_size))]
        if self.stride != self.kernel_size:
            words.append(f"stride={one_of(self.stride)}")
        if any(self.padding):
            words.append(f"padding={one_of(self.padding)}")
        return f"{type(self).__name__}({', '.join(words)})"

    def __call__(self, x: Array) -> Array:
        return type(self)._function(
            x, self.kernel_size, stride=self.stride, padding=self.padding
        )


@layer(static=_STATIC)
class MaxPool1d(_Pool):
    """The largest element of each window of the last axis; see `gg.nn.max_pool1d`.

    The arguments are those of `MaxPool2d`.

    Raises:
        InvalidArgument: For sizes that cannot be used.

    Example:
        >>> gg.nn.MaxPool1d(2)(np.array([[1.0, 2.0, 4.0, 3.0]]))
        array([[2., 4.]])
    """

    _axes = 1
    _function = staticmethod(max_pool1d)


@layer(static=_STATIC)
class MaxPool2d(_Pool):
    """The largest element of each window of an image; see `gg.nn.max_pool2d`.

    Args:
        kernel_size: How large a window is: a length, or a pair for height and width.
        stride: How far windows lie apart; side by side by default.
        padding: How many elements, of which none is the largest, come before and behind each axis.

    Raises:
        InvalidArgument: For sizes that cannot be used.

    Example:
        >>> gg.nn.MaxPool2d(2)(np.ones((8, 3, 32, 32))).shape
        (8, 3, 16, 16)
        >>> gg.nn.MaxPool2d(3, stride=2, padding=1)
        MaxPool2d(3, stride=2, padding=1)
    """

    _axes = 2
    _function = staticmethod(max_pool2d)


@layer(static=_STATIC)
class AvgPool1d(_Pool):
    """The mean of each window of the last axis; see `gg.nn.avg_pool1d`.

    The arguments are those of `AvgPool2d`.

    Raises:
        InvalidArgument: For sizes that cannot be used.

    Example:
        >>> gg.nn.AvgPool1d(2)(np.array([[1.0, 2.0, 4.0, 3.0]]))
        array([[1.5, 3.5]])
    """

    _axes = 1
    _function = staticmethod(avg_pool1d)


@layer(static=_STATIC)
class AvgPool2d(_Pool):
    """The mean of each window of an image; see `gg.nn.avg_pool2d`.

    Args:
        kernel_size: How large a window is: a length, or a pair for height and width.
        stride: How far windows lie apart; side by side by default.
        padding: How many zeros, which count, come before and behind each axis.

    Raises:
        InvalidArgument: For sizes that cannot be used.

    Example:
        >>> gg.nn.AvgPool2d(2)(np.ones((8, 3, 32, 32))).shape
        (8, 3, 16, 16)
    """

    _axes = 2
    _function = staticmethod(avg_pool2d)


class _Adaptive:
    """What adaptive pooling layers have in common."""

    output_size: tuple[int, ...]

    _axes: ClassVar[int]
    _function: ClassVar[Callable[..., Array]]

    def __init__(self, output_size: Any) -> None:
        name = type(self).__name__
        self.output_size = sizes_of(name, "output_size", output_size, self._axes, 1)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({one_of(self.output_size)})"

    def __call__(self, x: Array) -> Array:
        return type(self)._function(x, self.output_size)


@layer(static=("output_size",))
class AdaptiveAvgPool1d(_Adaptive):
    """The means of so many windows that cover the last axis; see `gg.nn.adaptive_avg_pool1d`.

    Args:
        output_size: How many windows there are; with 1, it is the mean.

    Raises:
        InvalidArgument: For what is no positive integer.

    Example:
        >>> gg.nn.AdaptiveAvgPool1d(2)(np.array([[1.0, 2.0, 4.0, 3.0]]))
        array([[1.5, 3.5]])
    """

    _axes = 1
    _function = staticmethod(adaptive_avg_pool1d)


@layer(static=("output_size",))
class AdaptiveAvgPool2d(_Adaptive):
    """The means of so many windows that cover an image; see `gg.nn.adaptive_avg_pool2d`.

    Args:
        output_size: How many windows lie along both axes: a number or a pair. With 1, it is the
            mean of each channel (global average pooling).

    Raises:
        InvalidArgument: For what are no positive integers.

    Example:
        >>> gg.nn.AdaptiveAvgPool2d(1)(np.ones((8, 3, 32, 32))).shape
        (8, 3, 1, 1)
    """

    _axes = 2
    _function = staticmethod(adaptive_avg_pool2d)


@layer(static=("start_axis",))
class Flatten:
    """The axes of an array as one, from the second on: (batch, ...) becomes (batch, n).

    Args:
        start_axis: The first of them.

    Raises:
        InvalidArgument: For what is no axis, counted from the front.

    Example:
        >>> gg.nn.Flatten()(np.ones((8, 32, 2, 2))).shape
        (8, 128)
    """

    def __init__(self, start_axis: int = 1) -> None:
        self.start_axis = whole("Flatten: start_axis", start_axis, 0)

    def __repr__(self) -> str:
        return f"Flatten({self.start_axis if self.start_axis != 1 else ''})"

    def __call__(self, x: Array) -> Array:
        shape = shape_of(x)
        if len(shape) < self.start_axis:
            raise InvalidArgument(
                f"Flatten: x has shape {shape}; expected at least {self.start_axis} axes."
            )
        kept = shape[: self.start_axis]
        return reshape(x, (*kept, prod(shape[self.start_axis :])))
