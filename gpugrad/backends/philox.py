"""Philox4x32-10: random numbers from a key and a counter, without any other state.

John K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011). A block of four words
of 32 bits is a function of the key (two words) and the number of the block, so that any part of a
stream can be computed by itself, in any order. `kernels/philox.cuh` gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, prod
from typing import NamedTuple

import numpy as np

from gpugrad.types import DType, DTypeLike

Array = np.ndarray

ROUNDS = 10

FACTORS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
STEPS = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def blocks(key: Array, counter: tuple[Array, ...]) -> tuple[Array, ...]:
    """The four words of each block; the words of `counter` and of the result are `uint64`.

    The two words of the key are its last axis; the others broadcast with the counter.
    """
    first, second = np.moveaxis(key, -1, 0).astype(np.uint64)
    a, b, c, d = counter
    for _ in range(ROUNDS):
        one, other = a * FACTORS[0], c * FACTORS[1]
        a, b, c, d = (other >> _HALF) ^ b ^ first, other & _LOW, (one >> _HALF) ^ d ^ second, (
            one & _LOW
        )
        first, second = (first + STEPS[0]) & _LOW, (second + STEPS[1]) & _LOW
    return a, b, c, d


def bits(key: Array, shape: tuple[int, ...]) -> Array:
    """Random words as `uint32`: the first ones of the stream of `key`.

    Of several keys, of shape (..., 2), there are as many of each: the result is (..., *shape).
    """
    size, several = prod(shape), key.shape[:-1]
    numbers = np.arange(-(-size // 4), dtype=np.uint64)
    zero = np.zeros_like(numbers)
    words = blocks(key[..., None, :], (numbers & _LOW, numbers >> _HALF, zero, zero))
    streams = np.stack(words, axis=-1).reshape((*several, 4 * len(numbers)))
    return streams[..., :size].astype(np.uint32).reshape((*several, *shape))


class Interval(NamedTuple):
    """Numbers of one dtype that make those from `low` on and below `high` of a number `u`.

    `u` is from 0 on and below 1. The result is `min((start + u * span) * factor, below)`, in which
    each operation is rounded.
    """

    start: np.floating
    span: np.floating
    factor: np.floating
    below: np.floating

    @classmethod
    def of(cls, dtype: DTypeLike, low: float, high: float) -> Interval:
        """The interval between two numbers, also where their difference overflows."""
        exact: DType = np.dtype(dtype)
        number: Callable[[float], np.floating] = exact.type
        first, last = number(low), number(high)
        with np.errstate(over="ignore"):
            factor = number(1 if isfinite(last - first) else 2)
        start = first / factor
        return cls(start, last / factor - start, factor, np.nextafter(last, first))


def uniform(
    key: Array, shape: tuple[int, ...], dtype: DTypeLike, low: float = 0.0, high: float = 1.0
) -> Array:
    """Numbers from `low` on and below `high`: of 24 random bits in `float32`, 53 in `float64`."""
    unit = _unit(key, shape, dtype)
    if (low, high) == (0.0, 1.0):
        return unit
    start, span, factor, below = Interval.of(dtype, low, high)
    return np.asarray(np.minimum((start + unit * span) * factor, below))


def _unit(key: Array, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    if np.dtype(dtype) == np.float32:
        whole, unit = bits(key, shape) >> np.uint32(8), 2.0**-24
    else:
        high, low = np.moveaxis(bits(key, (*shape, 2)).astype(np.uint64), -1, 0)
        whole, unit = (high << np.uint64(21)) ^ (low >> np.uint64(11)), 2.0**-53
    return np.asarray(whole.astype(dtype) * unit)   # without axes, these are scalars
