"""Layers that normalise each sample by itself, and so have no state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpugrad.backends import Array, default
from gpugrad.errors import InvalidArgument
from gpugrad.nn.initializers import checked_dtype
from gpugrad.nn.layer import flag, layer, number, whole
from gpugrad.ops.normalization import group_norm, layer_norm, rms_norm
from gpugrad.ops.operands import shape_of
from gpugrad.settings import settled
from gpugrad.types import DTypeLike, Shape


def factors(
    name: str, shape: Shape, affine: bool, bias: bool, dtype: DTypeLike
) -> tuple[Array | None, Array | None]:
    """What the normalised numbers are multiplied by, and what is added: ones and zeros at first."""
    made = checked_dtype(dtype)
    both = flag(f"{name}: bias", bias)
    if not flag(f"{name}: affine", affine):
        return None, None
    weight = default().asarray(np.ones(shape, made))
    return weight, default().asarray(np.zeros(shape, made)) if both else None


def described(layer: Any, sizes: Any, bias: str = ", bias=False") -> str:
    """A layer as it may be made again, less its eps; `bias` is said where there is none."""
    affine = ", affine=False" if layer.weight is None else ""
    without = bias if not affine and getattr(layer, "bias", None) is None else ""
    return f"{type(layer).__name__}({sizes}{affine}{without})"


def _lengths(name: str, shape: Any) -> Shape:
    """The lengths of the last axes, as a tuple."""
    given = settled(shape)
    found = tuple(given) if isinstance(given, tuple | list) else (given,)
    if not found:
        raise InvalidArgument(f"{name}: shape is {shape!r}; expected a length, or several.")
    return tuple(whole(f"{name}: shape", n) for n in found)


def _check_last(name: str, x: Array, shape: Shape) -> tuple[int, ...]:
    """The last axes; raises `InvalidArgument` where `x` has not these lengths there."""
    if shape_of(x)[-len(shape) :] != shape:
        wanted = ", ".join(map(str, shape))
        raise InvalidArgument(f"{name}: x has shape {shape_of(x)}; expected (..., {wanted}).")
    return tuple(range(-len(shape), 0))


@layer("weight", "bias", static=("shape", "eps"))
class LayerNorm:
    """Numbers with mean 0 and variance 1 along the last axes; see `gg.nn.layer_norm`.

    Args:
        shape: The length of the last axis, or the lengths of the last ones.
        eps: What is added to the variance.
        affine: Whether there is `weight`, of ones at first, to multiply by.
        bias: Whether there is `bias` then, of zeros at first.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For settings and shapes that cannot be used.

    Example:
        >>> layer = gg.nn.LayerNorm(3, dtype="float64")
        >>> layer(np.array([[1.0, 2.0, 3.0]])).round(3)
        array([[-1.225,  0.   ,  1.225]])
    """

    weight: Array | None
    bias: Array | None

    def __init__(
        self,
        shape: int | Sequence[int],
        *,
        eps: float = 1e-5,
        affine: bool = True,
        bias: bool = True,
        dtype: DTypeLike = "float32",
    ) -> None:
        self.shape = _lengths("LayerNorm", shape)
        self.eps = number("LayerNorm: eps", eps)
        self.weight, self.bias = factors("LayerNorm", self.shape, affine, bias, dtype)

    def __repr__(self) -> str:
        return described(self, self.shape[0] if len(self.shape) == 1 else self.shape)

    def __call__(self, x: Array) -> Array:
        axes = _check_last("LayerNorm", x, self.shape)
        return layer_norm(x, self.weight, self.bias, axis=axes, eps=self.eps)


@layer("weight", static=("shape", "eps"))
class RMSNorm:
    """Numbers over the root of the mean of their squares; see `gg.nn.rms_norm`.

    Args:
        shape: The length of the last axis, or the lengths of the last ones.
        eps: What is added to the mean of the squares.
        affine: Whether there is `weight`, of ones at first, to multiply by.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For settings and shapes that cannot be used.

    Example:
        >>> layer = gg.nn.RMSNorm(2, dtype="float64")
        >>> layer(np.array([[3.0, 4.0]])).round(4)
        array([[0.8485, 1.1314]])
    """

    weight: Array | None

    def __init__(
        self,
        shape: int | Sequence[int],
        *,
        eps: float = 1e-6,
        affine: bool = True,
        dtype: DTypeLike = "float32",
    ) -> None:
        self.shape = _lengths("RMSNorm", shape)
        self.eps = number("RMSNorm: eps", eps)
        self.weight, _ = factors("RMSNorm", self.shape, affine, False, dtype)

    def __repr__(self) -> str:
        return described(self, self.shape[0] if len(self.shape) == 1 else self.shape, "")

    def __call__(self, x: Array) -> Array:
        axes = _check_last("RMSNorm", x, self.shape)
        return rms_norm(x, self.weight, axis=axes, eps=self.eps)


@layer("weight", "bias", static=("groups", "channels", "eps"))
class GroupNorm:
    """Each sample with mean 0 and variance 1 in each group of channels; see `gg.nn.group_norm`.

    Args:
        groups: How many groups of equally many channels there are.
        channels: How many channels there are.
        eps: What is added to the variance.
        affine: Whether there are `weight` and `bias` for each channel, ones and zeros at first.
        dtype: The dtype of the parameters.

    Raises:
        InvalidArgument: For settings and shapes that cannot be used.

    Example:
        >>> layer = gg.nn.GroupNorm(4, 16)
        >>> layer(np.ones((8, 16, 5, 5), dtype="float32")).shape
        (8, 16, 5, 5)
    """

    weight: Array | None
    bias: Array | None

    def __init__(
        self,
        groups: int,
        channels: int,
        *,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: DTypeLike = "float32",
    ) -> None:
        self.groups = whole("GroupNorm: groups", groups)
        self.channels = whole("GroupNorm: channels", channels)
        if self.channels % self.groups:
            raise InvalidArgument(
                f"GroupNorm: {self.channels} channels in {self.groups} groups; expected groups "
                "that divide them."
            )
        self.eps = number("GroupNorm: eps", eps)
        self.weight, self.bias = factors(
            "GroupNorm", (self.channels,), affine, True, dtype
        )

    def __repr__(self) -> str:
        return described(self, f"{self.groups}, {self.channels}")

    def __call__(self, x: Array) -> Array:
        if shape_of(x)[1:2] != (self.channels,):
            raise InvalidArgument(
                f"GroupNorm: x has shape {shape_of(x)}; expected (batch, {self.channels}, ...)."
            )
        return group_norm(x, self.groups, self.weight, self.bias, eps=self.eps)
