"""Random numbers from explicit keys: `key`, `split`, `uniform`, `normal`, `bernoulli`.

A key is an array of two words and the only state: equal keys give equal numbers, on every backend,
in eager code and under `gg.jit`. Whoever needs more numbers splits the key:

    key, own = gg.random.split(key)
    noise = gg.random.normal(own, x.shape)

The generator is Philox4x32-10 (Salmon et al., SC 2011).
"""

from __future__ import annotations

from math import pi, prod
from typing import Any

import numpy as np

from gpugrad.backends import Array, default
from gpugrad.errors import InvalidArgument
from gpugrad.ops.elementwise import cos, log1p, sin, sqrt
from gpugrad.ops.logic import less
from gpugrad.ops.random import as_shape, random_bits, random_uniform
from gpugrad.ops.shape import concat, reshape

__all__ = ["bernoulli", "key", "normal", "split", "uniform"]

Shape = int | tuple[int, ...]


def key(seed: int) -> Array:
    """The key of a seed from 0 to 2**64 - 1, as `uint32[2]` on the default backend.

    Raises `InvalidArgument` for any other seed.
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise InvalidArgument(f"seed is {seed!r}; wanted is an integer from 0 to 2**64 - 1.")
    words = np.array([int(seed) % 2**32, int(seed) >> 32], np.uint32)
    return default().asarray(words)


def split(key: Array, n: int = 2) -> Any:
    """`n` new keys, as rows: independent of each other. The old key is not to be used again.

    Its numbers are the first ones of its stream, which `uniform` and the others give as well.
    """
    return random_bits(key, (n, 2))


def uniform(
    key: Array, shape: Shape = (), low: float = 0.0, high: float = 1.0, dtype: Any = np.float64
) -> Any:
    """Numbers from `low` on and below `high`, as `float32` (24 random bits) or `float64` (53)."""
    numbers = random_uniform(key, shape, dtype=dtype)
    return numbers if (low, high) == (0.0, 1.0) else numbers * (high - low) + low


def normal(key: Array, shape: Shape = (), dtype: Any = np.float64) -> Any:
    """Numbers of the standard normal distribution, by the Box-Muller transform."""
    shape = as_shape(shape)
    half = -(-prod(shape) // 2)
    pairs = random_uniform(key, (2, half), dtype=dtype)
    radius = sqrt(log1p(-pairs[0]) * -2.0)          # of 1 - u, which is not 0
    angle = pairs[1] * (2 * pi)
    both = [radius * cos(angle), radius * sin(angle)]
    return reshape(concat(both)[: prod(shape)], shape)


def bernoulli(key: Array, p: float = 0.5, shape: Shape = ()) -> Any:
    """Booleans that are true with probability `p`, a number or an array that broadcasts."""
    return less(random_uniform(key, shape, dtype=np.float32), p)
