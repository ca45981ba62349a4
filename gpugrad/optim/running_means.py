"""Running means of gradients and of their squares, and the dtypes in which they are kept."""

from __future__ import annotations

from gpugrad.backends import is_complex, namespace_of
from gpugrad.optim.rates import like, whole
from gpugrad.types import Array

LEAST = 2.0**-126
"""The smallest normal number of float32: no denominator is less, so that none is 0."""


def wide(x: Array) -> Array:
    """`x`, or if it is float16 as float32: in float16 `g²` and `eps` would be 0."""
    if getattr(x.dtype, "itemsize", 4) != 2:
        return x
    xp = namespace_of(x)
    return xp.astype(x, xp.float32)


def narrow(x: Array, given: Array) -> Array:
    """What was computed for `given` in its dtype again, as an array."""
    if x.dtype != given.dtype:
        return namespace_of(x).astype(whole(x), given.dtype)
    return whole(x)


def times(x: Array, number: Array) -> Array:
    """`x` times a number that float16 may not hold, in the dtype of `x`."""
    y = wide(x)
    return narrow(y * like(number, y), x)


def zero_like(x: Array) -> Array:
    """Zeros to keep a mean of `x` in: of float32 for float16."""
    return namespace_of(x).zeros_like(wide(x))


def real_like(x: Array, value: float = 0.0) -> Array:
    """An array full of `value` to keep a mean of `|x|²` in: it is real."""
    x = wide(x)
    xp = namespace_of(x)
    return xp.full_like(whole(xp.abs(x)) if is_complex(x.dtype) else x, value)


def squared(x: Array) -> Array:
    """`|x|²` of each element, as a new array, which is real."""
    if not is_complex(x.dtype):
        return x * x
    xp = namespace_of(x)
    return xp.real(x * xp.conj(x))


def mean_of(held: Array, g: Array, decay: float) -> Array:
    """`decay·held + (1 − decay)·g`, the running mean after one more step."""
    return _plus(held * decay, g * (1.0 - decay))


def mean_square(held: Array, g: Array, decay: float) -> Array:
    """The same of `|g|²`."""
    square = g * (1.0 - decay)
    if is_complex(g.dtype):
        xp = namespace_of(g)
        square = xp.real(square * xp.conj(g))
    else:
        square *= g
    return _plus(held * decay, square)


def _plus(owned: Array, x: Array) -> Array:
    """`owned + x`, written into `owned` unless that is an array, which cannot hold a Tensor `x`."""
    if type(owned) is not type(x):
        return owned + x
    owned += x
    return owned
