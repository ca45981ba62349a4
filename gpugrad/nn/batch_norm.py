"""Batch normalisation with running averages.

S. Ioffe and C. Szegedy, "Batch normalization" (2015), arXiv:1502.03167.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from gpugrad.backends import Array, default, wider
from gpugrad.errors import InvalidArgument
from gpugrad.nn.initializers import checked_dtype
from gpugrad.nn.layer import layer, number, whole
from gpugrad.nn.normalizing import described, factors
from gpugrad.ops.normalization import batch_norm, batch_norm_and_moments
from gpugrad.ops.operands import shape_of
from gpugrad.ops.shape import astype
from gpugrad.short_repr import shortly
from gpugrad.transforms.reverse import stop_gradient
from gpugrad.types import DTypeLike


@shortly
class BatchNormState(NamedTuple):
    """Running averages of the mean and the variance of each channel, of shape (channels,).

    Example:
        >>> gg.nn.BatchNorm1d(2).init_state()
        BatchNormState(mean=array([0., 0.], dtype=float32), variance=array([1., 1.], dtype=float32))
    """

    mean: Array
    variance: Array


class _BatchNorm:
    """What the two have in common, which differ in the axes that they take."""

    weight: Array | None
    bias: Array | None

    _ndims: ClassVar[tuple[int, ...]]
    _wanted: ClassVar[str]

    def __init__(
        self,
        channels: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        dtype: DTypeLike = "float32",
    ) -> None:
        name = type(self).__name__
        self.channels = whole(f"{name}: channels", channels)
        self.eps = number(f"{name}: eps", eps)
        self.momentum = number(f"{name}: momentum", momentum)
        if self.momentum > 1:
            raise InvalidArgument(
                f"{name}: momentum is {momentum!r}; expected the share of the new batch in the "
                "averages, from 0 to 1."
            )
        made = checked_dtype(dtype)
        self.dtype = (wider(made) or made).name
        self.weight, self.bias = factors(name, (self.channels,), affine, True, made)

    def init_state(self) -> BatchNormState:
        """The averages to start from: mean 0 and variance 1."""
        return BatchNormState(
            default().asarray(np.zeros(self.channels, self.dtype)),
            default().asarray(np.ones(self.channels, self.dtype)),
        )

    def __repr__(self) -> str:
        return described(self, self.channels)

    def __call__(
        self, x: Array, state: BatchNormState | None = None, *, training: bool = False
    ) -> tuple[Array, BatchNormState]:
        """The pair of the normalised `x` and the state, which changes in training alone."""
        shape, name = shape_of(x), type(self).__name__
        if len(shape) not in self._ndims or shape[1] != self.channels:
            raise InvalidArgument(
                f"{name}: x has shape {shape}; expected {self._wanted} with {self.channels} "
                "channels."
            )
        if not isinstance(state, tuple) or len(state) != 2:
            given = "missing" if state is None else f"of type {type(state).__name__}"
            raise InvalidArgument(
                f"{name}: the state is {given}; expected what layer.init_state() or the call "
                "before returned: y, state = layer(x, state)."
            )
        mean, variance = state
        if not training:
            y = batch_norm(
                x, self.weight, self.bias, mean=mean, variance=variance, eps=self.eps
            )
            # The averages are wider than a half-precision `x`, and must not widen it.
            if y.dtype != x.dtype and (self.weight is None or self.weight.dtype == x.dtype):
                y = astype(y, x.dtype)
            return y, state
        count = shape[0] * int(np.prod(shape[2:]))
        if count < 2:
            raise InvalidArgument(
                f"{name}: x has shape {shape}, one number for each channel, which has no variance. "
                "In training, expected several."
            )
        y, found, spread = batch_norm_and_moments(x, self.weight, self.bias, self.eps)
        spread = spread * (count / (count - 1))
        return y, BatchNormState(self._moved(mean, found), self._moved(variance, spread))

    def _moved(self, average: Array, found: Array) -> Array:
        """A running average, moved towards what the batch has, in its own dtype."""
        share, fresh = self.momentum, astype(stop_gradient(found), average.dtype)
        moved = average * (1 - share) + fresh * share
        return moved if moved.dtype == average.dtype else astype(moved, average.dtype)


_STATIC = ("channels", "eps", "momentum", "dtype")


@layer("weight", "bias", static=_STATIC)
class BatchNorm1d(_BatchNorm):
    """Batch normalisation of rows (batch, channels), or of (batch, channels, length).

    Otherwise it is as `BatchNorm2d`.

    Raises:
        InvalidArgument: For settings and shapes that cannot be used.

    Example:
        >>> layer = gg.nn.BatchNorm1d(2)
        >>> x = np.array([[0.0, 0.0], [2.0, 20.0]], dtype="float32")
        >>> y, state = layer(x, layer.init_state(), training=True)
        >>> y.round(3)
        array([[-1., -1.],
               [ 1.,  1.]], dtype=float32)
        >>> state.mean
        array([0.1, 1. ], dtype=float32)
    """

    _ndims = (2, 3)
    _wanted = "(batch, channels) or (batch, channels, length)"


@layer("weight", "bias", static=_STATIC)
class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images (batch, channels, height, width), with running averages.

    In training, each channel gets mean 0 and variance 1 over the batch and all places, is
    multiplied by `weight` and `bias` is added; and the running averages move by `momentum` towards
    mean and unbiased variance of the batch, as in PyTorch. Otherwise the averages stand in for
    those of the batch. They are the state of the layer: it takes them and returns them, and no
    gradient flows through them.

    Args:
        channels: How many channels there are.
        eps: What is added to the variance.
        momentum: The share of the new batch in the averages, from 0 to 1.
        affine: Whether there are `weight` and `bias`, which start as ones and zeros.
        dtype: That of the parameters, and of the averages, which are float32 beside float16 and
            bfloat16.

    Raises:
        InvalidArgument: For settings and shapes that cannot be used, and in training for one number
            in a channel.

    Example:
        >>> layer = gg.nn.BatchNorm2d(3)
        >>> state = layer.init_state()
        >>> x = np.random.default_rng(0).normal(5.0, 2.0, (8, 3, 4, 4)).astype("float32")
        >>> y, state = layer(x, state, training=True)
        >>> bool(abs(y.mean()) < 1e-5), state.mean.round(1)
        (True, array([0.5, 0.5, 0.5], dtype=float32))
        >>> y, state = layer(x, state)                      # by the averages, which stay
    """

    _ndims = (4,)
    _wanted = "(batch, channels, height, width)"
