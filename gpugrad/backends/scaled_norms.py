"""Norms whose squares leave the range of their dtype, of the functions of any namespace."""

from __future__ import annotations

from gpugrad.backends.axes import reduced
from gpugrad.types import Array, Axis, DTypeLike, Functions

LIMITS = {
    "double": (2.0**400, 2.0**-600, 2.0**-400, 2.0**600),
    "single": (2.0**40, 2.0**-70, 2.0**-40, 2.0**90),
}
"""Above the first, numbers are multiplied by the second before they are squared; below the third,
by the fourth. These are powers of two, so no digit changes, and the sum of squares is finite where
its root is.
"""


def _limits(dtype: DTypeLike) -> tuple[float, float, float, float]:
    return LIMITS["double" if "64" in str(dtype) else "single"]


def factor(xp: Functions, top: Array) -> Array:
    """What to multiply numbers by, of which the largest size is `top`."""
    large, down, small, up = _limits(top.dtype)
    one = xp.ones_like(top)
    return xp.where(top > large, one * down, xp.where(top < small, one * up, one))


def euclidean_norm(xp: Functions, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Root of the sum of the squared sizes of the elements along `axis`."""
    size = xp.abs(x)
    if 0 in x.shape:                                # nothing is the largest of nothing
        return xp.sum(size, axis=axis, keepdims=keepdims)
    by = factor(xp, xp.max(size, axis=axis, keepdims=True))
    size = size * by
    total = xp.sqrt(xp.sum(size * size, axis=axis, keepdims=True)) / by
    if keepdims or not x.shape:
        return total
    return xp.squeeze(total, axis=reduced(axis, len(x.shape)))


def unit_vector(xp: Functions, x: Array, axis: Axis = None) -> Array:
    """`x` over its norm along `axis`, 0 where that is 0. Infinities count as equally large."""
    if 0 in x.shape:
        return x
    size = xp.abs(x)
    top = xp.max(size, axis=axis, keepdims=True)
    far = top == float("inf")
    x = xp.where(far, xp.where(xp.isinf(x), xp.sign(x), xp.zeros_like(x)), x)
    x = x * factor(xp, xp.where(far, xp.ones_like(top), top))
    size = xp.abs(x)
    total = xp.sqrt(xp.sum(size * size, axis=axis, keepdims=True))
    return x / xp.where(total == 0, xp.ones_like(total), total)


def root_mean_square(xp: Functions, x: Array, axis: Axis, eps: float) -> Array:
    """Root of the mean of the squares of real numbers and `eps`, along kept axes.

    Squares that leave the range are formed again of smaller numbers, beside which `eps` is nothing.
    """
    square = xp.mean(x * x, axis=axis, keepdims=True)
    _, by, _, _ = _limits(x.dtype)
    small = x * by
    large = xp.sqrt(xp.mean(small * small, axis=axis, keepdims=True)) / by
    return xp.where(square < float("inf"), xp.sqrt(square + eps), large)
