"""Convolutional layers, with the layouts and meanings of PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, ClassVar

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.nn.initializers import Init, Rng, first_bias, in_turn, initialized
from gpugrad.nn.layer import flag, layer, whole
from gpugrad.ops.convolution import Padding, Sizes, conv1d, conv2d, sizes_of
from gpugrad.types import DTypeLike

_SETTINGS = ("stride", "padding", "dilation", "groups")


class _Convolution:
    """What convolutions along one axis and along two have in common."""

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
        padding: Padding = 0,
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
        self.dilation = sizes_of(name, "dilation", dilation, n, 1)
        self.padding = padding_of(name, padding, n)
        self.groups = groups
        n_in, n_out = inputs // groups * prod(sizes), outputs // groups * prod(sizes)
        draws = in_turn(rng)
        shape = (outputs, inputs // groups, *sizes)
        self.weight = initialized(init, draws, shape, n_in, n_out, dtype)
        self.bias = None
        if flag(f"{name}: bias", bias):
            self.bias = first_bias(init, draws, (outputs,), n_in, n_out, dtype)

    def __repr__(self) -> str:
        shape = getattr(self.weight, "shape", ())[-self._axes - 2 :]
        if len(shape) != self._axes + 2:            # what a tree holds in place of arrays
            return f"{type(self).__name__}(weight={self.weight!r}, bias={self.bias!r})"
        outputs, inputs, *sizes = shape
        return described(self, _SETTINGS, inputs * self.groups, outputs, one_of(sizes))

    def __call__(self, x: Array) -> Array:
        return type(self)._function(
            x, self.weight, self.bias, stride=self.stride, padding=self.padding,
            dilation=self.dilation, groups=self.groups,
        )  # fmt: skip


def channels(name: str, inputs: Any, outputs: Any, groups: Any) -> tuple[int, int, int]:
    """Numbers of channels that the groups divide."""
    inputs = whole(f"{name}: in_channels", inputs)
    outputs = whole(f"{name}: out_channels", outputs)
    groups = whole(f"{name}: groups", groups)
    if inputs % groups or outputs % groups:
        raise InvalidArgument(
            f"{name}: {inputs} and {outputs} channels with {groups} groups; expected groups that "
            "divide both."
        )
    return inputs, outputs, groups


def padding_of(name: str, padding: Padding, n: int) -> Any:
    """A padding as words or as numbers for each axis."""
    if padding in ("same", "valid"):
        return padding
    if isinstance(padding, str):
        raise InvalidArgument(
            f"{name}: padding is {padding!r}; expected 'same', 'valid' or numbers."
        )
    return sizes_of(name, "padding", padding, n, 0)


def one_of(sizes: Sequence[int]) -> Any:
    """One number where all are equal, as it was probably given."""
    return sizes[0] if len(set(sizes)) == 1 else tuple(sizes)


def described(of: Any, settings: Sequence[str], *sizes: Any) -> str:
    """A convolution as it may be made again, less what it starts from."""
    words = [*map(str, sizes)]
    for name in settings:
        value = getattr(of, name)
        value = one_of(value) if isinstance(value, tuple) else value
        if value != (0 if "padding" in name else 1):
            words.append(f"{name}={value!r}")
    if of.bias is None:
        words.append("bias=False")
    return f"{type(of).__name__}({', '.join(words)})"


@layer("weight", "bias", static=_SETTINGS)
class Conv1d(_Convolution):
    """A convolution along one axis, with the parameters `weight` and `bias`.

    `layer(x)` maps shape (batch, in_channels, length) to (batch, out_channels, length'); see
    `gg.nn.conv1d`. The arguments are those of `Conv2d`.

    Raises:
        InvalidArgument: For sizes and settings that cannot be used.

    Example:
        >>> layer = gg.nn.Conv1d(2, 4, 3, padding="same", rng=0)
        >>> layer(np.ones((8, 2, 10), dtype="float32")).shape
        (8, 4, 10)
    """

    _axes = 1
    _function = staticmethod(conv1d)


@layer("weight", "bias", static=_SETTINGS)
class Conv2d(_Convolution):
    """A convolution of images, with the parameters `weight` and `bias`.

    `layer(x)` maps shape (batch, in_channels, height, width) to (batch, out_channels, height',
    width'), where the batch may be left away; see `gg.nn.conv2d`.

    Args:
        in_channels: How many channels an image has.
        out_channels: How many the result has.
        kernel_size: How large the windows are: a length, or a pair for height and width, as the
            three that follow.
        stride: How far windows lie apart.
        padding: How many zeros come before and behind each axis, or "valid" for none, or "same" for
            as many places as before.
        dilation: How far the elements of a window lie apart.
        groups: How many groups of outputs there are, each of which sees one group of the inputs.
        bias: Whether there is one.
        init: What the weights, of shape (out_channels, in_channels / groups, ...), start
            from: a name in `gg.nn.INITIALIZERS`, or a function.
        rng: A seed, a NumPy generator, which layers draw from in turn, or a key of `gg.random`.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For sizes and settings that cannot be used.

    Example:
        >>> layer = gg.nn.Conv2d(3, 16, 3, stride=2, padding=1, rng=0)
        >>> layer
        Conv2d(3, 16, 3, stride=2, padding=1)
        >>> layer(np.ones((8, 3, 32, 32), dtype="float32")).shape
        (8, 16, 16, 16)
    """

    _axes = 2
    _function = staticmethod(conv2d)
