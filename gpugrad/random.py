"""Random numbers from explicit keys: `split`, `uniform`, `normal`, `bernoulli`, `categorical`.

A key is an array of two words and the only state: equal keys give equal numbers, on every backend,
in eager code and under `gg.jit`. Whoever needs more numbers splits the key:

>>> x, key = np.zeros(3, np.float32), gg.random.key(0)
>>> key, own = gg.random.split(key)
>>> noise = gg.random.normal(own, x.shape, dtype=x.dtype)
>>> noise.shape, noise.dtype
((3,), dtype('float32'))

Numbers are float64 unless another dtype is named, and widen what is float32 beside them, as the
networks of `gg.nn` are: name its dtype. The generator is Philox4x32-10 (Salmon et al., SC 2011).
"""

from __future__ import annotations

from math import isfinite, pi, prod

import numpy as np

from gpugrad.backends import default, dtype_named, kind_of, wider
from gpugrad.backends.devices import on_their_device
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import broadcast_shapes, moveaxis
from gpugrad.ops.elementwise import cos, log, log1p, minimum, sin, sqrt, subtract
from gpugrad.ops.logic import argmax, less
from gpugrad.ops.operands import array, shape_of
from gpugrad.ops.random import as_shape, random_bits, random_uniform
from gpugrad.ops.shape import astype, concat, reshape
from gpugrad.settings import settled
from gpugrad.types import Array, DType, DTypeLike, Value, offered

__all__ = ["bernoulli", "categorical", "key", "normal", "split", "uniform"]

Shape = int | tuple[int, ...]



def key(seed: int) -> Array:
    """A key from a seed between 0 and 2**64 - 1, as `uint32[2]` on the default backend.

    Raises:
        InvalidArgument: For any other seed.

    Example:
        >>> key = gg.random.key(0)
        >>> gg.random.normal(key, (2,)).round(4)
        array([-0.0905, -1.0051])
        >>> gg.random.normal(key, (2,)).round(4)            # equal keys give equal numbers
        array([-0.0905, -1.0051])
    """
    seed = settled(seed)
    if not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise InvalidArgument(f"seed is {seed!r}; expected an integer from 0 to 2**64 - 1.")
    words = np.array([seed % 2**32, seed >> 32], np.uint32)
    return default().asarray(words)


def split(key: Array, n: int = 2) -> Array:
    """`n` new keys as rows, independent of each other.

    Do not use the old key again: the new keys are the first numbers of its stream, which `uniform`
    and the others would return as well.

    Example:
        >>> key, own = gg.random.split(gg.random.key(0))
        >>> noise = gg.random.normal(own, (3,))
        >>> gg.random.split(key, 5).shape                   # one for each of five samples
        (5, 2)
    """
    return random_bits(key, (n, 2))


def uniform(
    key: Array,
    shape: Shape = (),
    low: float = 0.0,
    high: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Random numbers, uniformly distributed from `low` to below `high`.

    They have 24 random bits in `float32`, 53 in `float64`; in `float16` they are those of
    `float32`, rounded. Ends that are arrays, or that a gradient is wanted of, are composed:
    `low + (high - low) * gg.random.uniform(key, shape)`.

    Raises:
        InvalidArgument: Unless `low` and `high` are finite numbers of the dtype, in order.

    Example:
        >>> gg.random.uniform(gg.random.key(0), (3,), -1.0, 1.0).round(4)
        array([-0.2019,  0.4714,  0.9445])
    """
    dtype = dtype_named(dtype)
    low, high = _ends(low, high, dtype)
    if wider(dtype) is None:
        return random_uniform(key, shape, dtype=dtype, low=low, high=high)
    wide = random_uniform(key, shape, dtype=np.float32, low=low, high=high)
    return minimum(astype(wide, dtype), float(np.nextafter(dtype.type(high), dtype.type(low))))


def _ends(low: float, high: float, dtype: DType) -> tuple[float, float]:
    """The ends of an interval as numbers that the dtype has."""
    if any(getattr(x, "shape", ()) or isinstance(x, Tensor) for x in (low, high)):
        raise InvalidArgument(
            "uniform: low or high is an array; expected numbers. Compose it: low + (high - low) "
            "* gg.random.uniform(key, shape)."
        )
    with np.errstate(over="ignore"):
        number = dtype.type if kind_of(dtype) == "f" else float
        ends = tuple(float(number(x)) for x in (low, high))
    if not (isfinite(ends[0]) and isfinite(ends[1]) and low <= high):
        raise InvalidArgument(
            f"uniform: from {low} to {high} in {dtype}; expected finite numbers of that dtype, "
            "low not above high."
        )
    return ends  # type: ignore[return-value]


@on_their_device
def normal(key: Array, shape: Shape = (), dtype: DTypeLike = np.float64) -> Array:
    """Random numbers from the standard normal distribution, by the Box-Muller transform.

    None is beyond 5.77 in `float32` or 8.58 in `float64`, which exact normal numbers exceed once in
    10**8 or 10**17 times; in `float16` and `bfloat16` they are those of `float32`, rounded. For
    another mean and standard deviation, multiply and add, which also gives gradients with respect
    to these.

    Example:
        >>> key = gg.random.key(0)
        >>> x = gg.random.normal(key, (1000,))
        >>> bool(abs(x.mean()) < 0.1), bool(abs(x.std() - 1.0) < 0.1)
        (True, True)
        >>> def sample_mean(mean, deviation):
        ...     return gg.mean(mean + deviation * gg.random.normal(key, (1000,)))
        >>> bool(np.isclose(gg.grad(sample_mean, 1)(2.0, 3.0), x.mean()))
        True
    """
    shape, dtype = as_shape(shape), dtype_named(dtype)
    if wider(dtype) is not None:
        return astype(normal(key, shape, np.float32), dtype)
    half = -(-prod(shape) // 2)
    pairs = random_uniform(key, (2, half), dtype=dtype)
    radius = sqrt(log1p(-pairs[0]) * -2.0)  # type: ignore[index]  # of 1 - u, which is not 0
    angle = pairs[1] * (2 * pi)  # type: ignore[index]
    both = [radius * cos(angle), radius * sin(angle)]
    return reshape(concat(both)[: prod(shape)], shape)  # type: ignore[index]


@on_their_device
def bernoulli(key: Array, p: Value = 0.5, shape: Shape = ()) -> Array:
    """Booleans, drawn independently, that are true with probability `p`, a number or an array.

    The result has the shape to which `shape` and that of `p` broadcast. At 0 none is true, at 1 all
    are.

    Raises:
        InvalidArgument: For a number that is no probability.

    Example:
        >>> kept = gg.random.bernoulli(gg.random.key(0), 0.9, (1000,))
        >>> kept.dtype, bool(850 < kept.sum() < 950)
        (dtype('bool'), True)
        >>> gg.random.bernoulli(gg.random.key(0), np.array([0.0, 1.0]))
        array([False,  True])
    """
    if isinstance(p, bool | int | float | np.number) and not 0 <= float(p) <= 1:
        raise InvalidArgument(f"bernoulli: p is {p}; expected a probability, from 0 to 1.")
    p = array(p, key) if isinstance(p, list | tuple) else p
    shape = broadcast_shapes(as_shape(shape), shape_of(p))
    # As many bits as there are: of 24, those that a small probability needs would be missing.
    return less(random_uniform(key, shape, dtype=np.float64), p)


@on_their_device
def categorical(key: Array, logits: Array, axis: int = -1, shape: Shape | None = None) -> Array:
    """Classes, drawn with the probabilities `gg.softmax(logits, axis)`: the class of each as int64.

    It is the place of the largest of `logits + noise`, where the noise has Gumbel's distribution
    (Maddison et al. 2014, arXiv:1411.0030), so that logits need no norm; one of -inf is never
    drawn. They are divided by a temperature to sharpen or flatten the distribution. Numbers are
    drawn and compared in float64.

    Args:
        key: A key.
        logits: Logarithms of the probabilities, up to a constant, along `axis`.
        axis: The axis of the classes.
        shape: That of the result, to which that of `logits` without `axis` broadcasts; by default,
            it is that one.

    Raises:
        InvalidArgument: For logits without classes or that axis, and a shape that does not go with
            them.

    Example:
        >>> key, logits = gg.random.key(0), np.log([0.1, 0.2, 0.7])
        >>> gg.random.categorical(key, logits)
        array(2)
        >>> drawn = gg.random.categorical(key, logits, shape=(10_000,))
        >>> (np.bincount(drawn) / 10_000).round(2)
        array([0.1, 0.2, 0.7])
    """
    logits = array(logits, key) if isinstance(logits, list | tuple) else logits
    whole = shape_of(logits)
    if not whole or not -len(whole) <= axis < len(whole) or not whole[axis]:
        raise InvalidArgument(
            f"categorical: logits have shape {whole}, and axis is {axis}; expected an axis with "
            "at least one class."
        )
    scores = astype(moveaxis(logits, axis, -1), np.float64)
    batch = shape_of(scores)[:-1]
    drawn = batch if shape is None else as_shape(shape)
    ends = drawn[len(drawn) - len(batch) :]
    if len(ends) != len(batch) or any(n not in (1, m) for n, m in zip(batch, ends, strict=True)):
        raise InvalidArgument(
            f"categorical: shape is {drawn}; expected one to which {batch} broadcasts, the shape "
            "of the logits without the axis of the classes."
        )
    u = random_uniform(key, (*drawn, whole[axis]), dtype=np.float64, low=_LEAST)
    return argmax(subtract(scores, log(-log(u))), axis=-1)


_LEAST = 2.0**-64
"""In place of 0, which has no logarithm, and below all other numbers that are drawn."""

__dir__ = offered(globals())
