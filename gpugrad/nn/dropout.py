"""Dropout."""

from __future__ import annotations

from typing import Any

from gpugrad import random
from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.ops.elementwise import where


def dropout(x: Array, key: Array, rate: float = 0.5) -> Any:
    """`x` with each element set to 0 with probability `rate`, and the others divided by `1 - rate`.

    The expectation of each element stays; `key` (see `gpugrad.random`) decides which ones go, also
    under `gg.jit`, where a new key is a new choice. Leave it out when the network is not trained.
    Raises `InvalidArgument` unless `0 <= rate < 1`.
    """
    if not 0 <= rate < 1:
        raise InvalidArgument(f"rate is {rate}; it must be at least 0 and below 1.")
    kept = random.bernoulli(key, 1 - rate, x.shape)
    return where(kept, x * (1 / (1 - rate)), 0)
