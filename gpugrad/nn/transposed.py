"""Transposed convolutional layers, which make images larger."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import ClassVar

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.convolutions import channels, described, one_of
from gpugrad.nn.initializers import Init, Rng, first_bias, in_turn, initialized
from gpugrad.nn.layer import flag, layer
from gpugrad.ops.convolution import Sizes, conv_transpose1d, conv_transpose2d, sizes_of
from gpugrad.types import DTypeLike

_SETTINGS = ("stride", "padding", "output_padding", "dilation", "groups")


class _Transposed:
    """What transposed convolutions along one axis and along two have in common."""

    weight: Array
    bias: Array | None

    _axes: ClassVar[int]
    _function: ClassVar[Callable[..., Array]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        init: Init = "he_normal",
        rng: Rng = 0,
        dtype: DTypeLike = "float32",
    ) -> None:
        name, n = type(self).__name__, self._axes
        inputs, outputs, groups = channels(name, in_channels, out_channels, groups)
        sizes = sizes_of(name, "kernel_size", kernel_size, n, 1)
        self.stride = sizes_of(name, "stride", stride, n, 1)
        self.padding = sizes_of(name, "padding", padding, n, 0)
        self.output_padding = sizes_of(name, "output_padding", output_padding, n, 0)
        if any(more >= step for more, step in zip(self.output_padding, self.stride, strict=True)):
            raise InvalidArgument(
                f"{name}: output_padding is {self.output_padding} with a stride of {self.stride}; "
                "it must be below the stride."
            )
        self.dilation = sizes_of(name, "dilation", dilation, n, 1)
        self.groups = groups
        # Windows overlap where they are longer than the stride: so many of them meet in an output.
        n_in = max(inputs // groups * prod(sizes) // prod(self.stride), 1)
        n_out = outputs // groups * prod(sizes)
        draws = in_turn(rng)
        shape = (inputs, outputs // groups, *sizes)
        self.weight = initialized(init, draws, shape, n_in, n_out, dtype)
        self.bias = None
        if flag(f"{name}: bias", bias):
            self.bias = first_bias(init, draws, (outputs,), n_in, n_out, dtype)

    def __repr__(self) -> str:
        shape = getattr(self.weight, "shape", ())[-self._axes - 2 :]
        if len(shape) != self._axes + 2:            # what a tree holds in place of arrays
            return f"{type(self).__name__}(weight={self.weight!r}, bias={self.bias!r})"
        inputs, outputs, *sizes = shape
        return described(self, _SETTINGS, inputs, outputs * self.groups, one_of(sizes))

    def __call__(self, x: Array) -> Array:
        return type(self)._function(
            x, self.weight, self.bias, stride=self.stride, padding=self.padding,
            output_padding=self.output_padding, dilation=self.dilation, groups=self.groups,
        )  # fmt: skip


@layer("weight", "bias", static=_SETTINGS)
class ConvTranspose1d(_Transposed):
    """A transposed convolution along one axis, with the parameters `weight` and `bias`.

    `layer(x)` maps shape (batch, in_channels, length) to (batch, out_channels, length'); see
    `gg.nn.conv_transpose1d`. The arguments are those of `ConvTranspose2d`.

    Raises:
        InvalidArgument: For sizes and settings that cannot be used.

    Example:
        >>> layer = gg.nn.ConvTranspose1d(4, 2, 2, stride=2, rng=0)
        >>> layer(np.ones((8, 4, 10), dtype="float32")).shape
        (8, 2, 20)
    """

    _axes = 1
    _function = staticmethod(conv_transpose1d)


@layer("weight", "bias", static=_SETTINGS)
class ConvTranspose2d(_Transposed):
    """A transposed convolution of images, with the parameters `weight` and `bias`.

    `layer(x)` maps shape (batch, in_channels, height, width) to (batch, out_channels, height',
    width'), where the batch may be left away; see `gg.nn.conv_transpose2d`.

    Args:
        in_channels: How many channels an image has.
        out_channels: How many the result has.
        kernel_size: How large the windows are: a length, or a pair for height and width, as the
            four that follow.
        stride: How far windows lie apart in the result.
        padding: How many elements are cut off before and behind each axis.
        output_padding: How many elements longer the result is, below the stride.
        dilation: How far the elements of a window lie apart.
        groups: How many groups of inputs there are, each of which makes one group of outputs.
        bias: Whether there is one.
        init: What the weights, of shape (in_channels, out_channels / groups, ...), start
            from: a name in `gg.nn.INITIALIZERS`, or a function.
        rng: A seed, a NumPy generator, which layers draw from in turn, or a key of `gg.random`.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For sizes and settings that cannot be used.

    Example:
        >>> layer = gg.nn.ConvTranspose2d(16, 3, 4, stride=2, padding=1, rng=0)
        >>> layer
        ConvTranspose2d(16, 3, 4, stride=2, padding=1)
        >>> layer(np.ones((8, 16, 16, 16), dtype="float32")).shape
        (8, 3, 32, 32)
    """

    _axes = 2
    _function = staticmethod(conv_transpose2d)
