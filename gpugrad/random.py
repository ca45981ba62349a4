"""Random numbers from explicit keys: `key`, `split`, `uniform`, `normal`, `bernoulli`.

A key is an array of two words and the only state: equal keys give equal numbers, on every backend,
in eager code and under `gg.jit`. Whoever needs more numbers splits the key:

    key, own = gg.random.split(key)
    noise = gg.random.normal(own, x.shape, dtype=x.dtype)

Numbers are float64 unless another dtype is named, and widen what is float32 beside them, as the
networks of `gg.nn` are: name its dtype. The generator is Philox4x32-10 (Salmon et al., SC 2011).
"""

from __future__ import annotations

from math import isfinite, pi, prod

import numpy as np

from gpugrad.backends import default
from gpugrad.backends.devices import on_their_device
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import broadcast_shapes
from gpugrad.ops.elementwise import cos, log1p, minimum, sin, sqrt
from gpugrad.ops.logic import less
from gpugrad.ops.operands import array, shape_of
from gpugrad.ops.random import as_shape, random_bits, random_uniform
from gpugrad.ops.shape import astype, concat, reshape
from gpugrad.settings import settled
from gpugrad.types import Array, DType, DTypeLike, Value, offered

__all__ = ["bernoulli", "key", "normal", "split", "uniform"]

Shape = int | tuple[int, ...]

_HALF = np.dtype("float16")


def key(seed: int) -> Array:
    """The key of a seed from 0 to 2**64 - 1, as `uint32[2]` on the default backend.

    Raises `InvalidArgument` for any other seed.
    """
    seed = settled(seed)
    if not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise InvalidArgument(f"seed is {seed!r}; wanted is an integer from 0 to 2**64 - 1.")
    words = np.array([seed % 2**32, seed >> 32], np.uint32)
    return default().asarray(words)


def split(key: Array, n: int = 2) -> Array:
    """`n` new keys, as rows: independent of each other. The old key is not to be used again.

    Its numbers are the first ones of its stream, which `uniform` and the others give as well.
    """
    return random_bits(key, (n, 2))


def uniform(
    key: Array,
    shape: Shape = (),
    low: float = 0.0,
    high: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Numbers from `low` on and below `high`: of 24 random bits in `float32`, of 53 in `float64`;
    in `float16` those of `float32`, rounded.

    Raises `InvalidArgument` unless `low` and `high` are finite numbers of the dtype, in order.
    """
    dtype = np.dtype(dtype)
    low, high = _ends(low, high, dtype)
    if dtype != _HALF:
        return random_uniform(key, shape, dtype=dtype, low=low, high=high)
    wide = random_uniform(key, shape, dtype=np.float32, low=low, high=high)
    return minimum(astype(wide, dtype), float(np.nextafter(_HALF.type(high), _HALF.type(low))))


def _ends(low: float, high: float, dtype: DType) -> tuple[float, float]:
    """The ends of an interval as numbers that the dtype has."""
    if any(getattr(x, "shape", ()) or isinstance(x, Tensor) for x in (low, high)):
        raise InvalidArgument(
            "uniform: low or high is an array; wanted are numbers. Compose it: low + (high - low) "
            "* gg.random.uniform(key, shape)."
        )
    with np.errstate(over="ignore"):
        ends = tuple(float(dtype.type(x)) if dtype.kind == "f" else float(x) for x in (low, high))
    if not (isfinite(ends[0]) and isfinite(ends[1]) and low <= high):
        raise InvalidArgument(
            f"uniform: from {low} to {high} in {dtype}; wanted are finite numbers of that dtype, "
            "low not above high."
        )
    return ends  # type: ignore[return-value]


@on_their_device
def normal(key: Array, shape: Shape = (), dtype: DTypeLike = np.float64) -> Array:
    """Numbers of the standard normal distribution, by the Box-Muller transform.

    None is beyond 5.77 in `float32` or 8.58 in `float64`, which a normal one is once in 10**8 or
    10**17 times; in `float16` they are those of `float32`, rounded.
    """
    shape, dtype = as_shape(shape), np.dtype(dtype)
    if dtype == _HALF:
        return astype(normal(key, shape, np.float32), dtype)
    half = -(-prod(shape) // 2)
    pairs = random_uniform(key, (2, half), dtype=dtype)
    radius = sqrt(log1p(-pairs[0]) * -2.0)  # type: ignore[index]  # of 1 - u, which is not 0
    angle = pairs[1] * (2 * pi)  # type: ignore[index]
    both = [radius * cos(angle), radius * sin(angle)]
    return reshape(concat(both)[: prod(shape)], shape)  # type: ignore[index]


@on_their_device
def bernoulli(key: Array, p: Value = 0.5, shape: Shape = ()) -> Array:
    """Booleans that are true with probability `p`, a number or an array, each drawn by itself.

    The result has the shape to which `shape` and that of `p` broadcast. At 0 none is true, at 1 all
    are. Raises `InvalidArgument` for a number that is no probability.
    """
    if isinstance(p, bool | int | float | np.number) and not 0 <= float(p) <= 1:
        raise InvalidArgument(f"bernoulli: p is {p}; wanted is a probability, from 0 to 1.")
    p = array(p, key) if isinstance(p, list | tuple) else p
    shape = broadcast_shapes(as_shape(shape), shape_of(p))
    # As many bits as there are: of 24, those that a small probability needs would be missing.
    return less(random_uniform(key, shape, dtype=np.float64), p)

__dir__ = offered(globals())
