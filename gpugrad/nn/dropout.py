"""Dropout."""

from __future__ import annotations

import numpy as np

from gpugrad.backends import Array
from gpugrad.backends.devices import on_their_device
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.nn.layer import layer
from gpugrad.ops.elementwise import multiply, where
from gpugrad.ops.logic import less
from gpugrad.ops.operands import setting_of
from gpugrad.ops.random import random_uniform
from gpugrad.settings import settled

RARE = 2.0**-10
"""Below this rate, the 24 bits of float32, which take half the time, would be too few."""


@on_their_device
def dropout(x: Array, key: Array, rate: float = 0.5) -> Array:
    """`x` with each element set to 0 with probability `rate`, and the others divided by `1 - rate`.

    This preserves the expectation of each element. Leave it out when you are not training.

    Args:
        x: An array of any shape.
        key: A key of `gg.random`, which decides which elements are dropped; a new key makes a new
            choice, also under `gg.jit`.
        rate: The probability of dropping an element, from 0 to below 1.

    Raises:
        InvalidArgument: Unless `0 <= rate < 1`.

    Example:
        >>> found = gg.nn.dropout(np.ones(1000), gg.random.key(0), rate=0.2)
        >>> sorted({float(x) for x in found})
        [0.0, 1.25]
    """
    if getattr(rate, "shape", ()) or not _is_number(rate) or not hasattr(key, "dtype"):
        raise InvalidArgument(
            f"dropout: rate is of type {type(rate).__name__} and key of {type(key).__name__}; the "
            "order is dropout(x, key, rate), with a key of gg.random and a number."
        )
    if not hasattr(x, "shape"):
        raise UnsupportedOperand(
            f"dropout: x is of type {type(x).__name__}; expected an array: np.asarray(x)."
        )
    rate = _checked(setting_of("dropout: rate", rate))
    share = 1 - float(rate)                         # a number of NumPy would widen float32
    dtype = np.float64 if 0 < rate < RARE else np.float32
    return where(less(random_uniform(key, x.shape, dtype=dtype), share), multiply(x, 1 / share), 0)


def _is_number(x: object) -> bool:
    return isinstance(x, int | float | np.number) or hasattr(x, "dtype")


def _checked(rate: float) -> float:
    if not 0 <= rate < 1:
        raise InvalidArgument(f"rate is {rate}; it must be at least 0 and below 1.")
    return rate


@layer(static=("rate",))
class Dropout:
    """A layer that is `gg.nn.dropout` in training, and else leaves `x` as it is.

    Args:
        rate: The probability of dropping an element, from 0 to below 1.

    Raises:
        InvalidArgument: For another rate, and in training without a key.

    Example:
        >>> layer = gg.nn.Dropout(0.5)
        >>> layer(np.ones(4))
        array([1., 1., 1., 1.])
        >>> layer(np.ones(4), key=gg.random.key(3), training=True)
        array([0., 2., 0., 0.])
    """

    def __init__(self, rate: float = 0.5) -> None:
        rate = settled(rate)
        if isinstance(rate, bool) or not isinstance(rate, int | float):
            raise InvalidArgument(f"Dropout: rate is {rate!r}; expected a number.")
        self.rate = float(_checked(rate))

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"

    def __call__(self, x: Array, key: Array | None = None, *, training: bool = False) -> Array:
        """The array `x`, of which elements are dropped in training."""
        if not training:
            return x
        if key is None:
            raise InvalidArgument(
                "Dropout: training without a key; expected one that is new at each step: key=, of "
                "gg.random.key(seed) and gg.random.split(key)."
            )
        return dropout(x, key, self.rate) if self.rate else x
