"""Random numbers as functions of a key (see `gpugrad.random`)."""

from __future__ import annotations

import numpy as np

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.errors import InvalidArgument
from gpugrad.settings import settled
from gpugrad.types import DTypeLike

FLOATING = ("float32", "float64")


@op(public=False)
def random_bits(xp: Namespace, key: Array, /, shape: int | tuple[int, ...]) -> Array:
    """Random words of 32 bits, as `uint32`.

    `key` has two words (see `gpugrad.random.key`); for anything else `InvalidArgument` is raised.
    """
    return xp.random_bits(_checked(key), as_shape(shape))


@op(public=False)
def random_uniform(
    xp: Namespace,
    key: Array,
    /,
    shape: int | tuple[int, ...],
    dtype: DTypeLike = np.float64,
    low: float = 0.0,
    high: float = 1.0,
) -> Array:
    """Random numbers from `low` on and below `high`, as `float32` or `float64`.

    Raises `InvalidArgument` for another dtype, and for a `key` that is none.
    """
    if np.dtype(dtype).name not in FLOATING:
        raise InvalidArgument(
            f"dtype is {np.dtype(dtype)}; random numbers are float32 or float64. Cast them: "
            "gg.astype(numbers, dtype)."
        )
    return xp.random_uniform(_checked(key), as_shape(shape), np.dtype(dtype), low, high)


def as_shape(shape: int | tuple[int, ...]) -> tuple[int, ...]:
    """A shape, of which an integer is the one length; raises `InvalidArgument` for others."""
    shape = settled(shape)
    found = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    for n in found:
        if type(n) is not int or n < 0:
            raise InvalidArgument(
                f"shape is {shape!r}; expected whole numbers of at least 0, in the order "
                "gg.random.normal(key, shape)."
            )
    return found


def _checked(key: Array) -> Array:
    if key.shape != (2,) or np.dtype(str(key.dtype).rpartition(".")[2]) != np.uint32:
        raise InvalidArgument(
            f"a key is uint32[2], made by gg.random.key(seed) or gg.random.split(key); this is "
            f"{key.dtype}{list(key.shape)}."
        )
    return key
