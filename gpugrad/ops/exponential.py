"""Logarithms to other bases, and sums of exponentials."""

from __future__ import annotations

from math import log

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.ops.operands import wide

__all__ = [
    "exp2",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
]


@op(lambda g, x, xp: xp.scale(g, (1 / log(2)) / wide(x, xp)))
def log2(xp: Namespace, x: Array) -> Array:
    """Logarithm of `x` to base 2; -inf at 0, NaN below.

    Example:
        >>> gg.log2(np.array([1.0, 8.0]))
        array([0., 3.])
        >>> gg.grad(gg.log2)(1.0).round(6)
        np.float64(1.442695)
    """
    return xp.log2(x)


@op(lambda g, x, xp: xp.scale(g, (1 / log(10)) / wide(x, xp)))
def log10(xp: Namespace, x: Array) -> Array:
    """Logarithm of `x` to base 10; -inf at 0, NaN below.

    Example:
        >>> gg.log10(np.array([1.0, 1000.0])).round(6)
        array([0., 3.])
        >>> gg.grad(gg.log10)(1.0).round(6)
        np.float64(0.434294)
    """
    return xp.log10(x)


def _exp2_rule(g: Array, x: Array, xp: Namespace) -> Array:
    root = xp.exp2(wide(x, xp) * 0.5)               # the slope may be finite where `y` is not
    return xp.scale(g, root * log(2) * root)


@op(_exp2_rule)
def exp2(xp: Namespace, x: Array) -> Array:
    """2 to the power `x`.

    Example:
        >>> gg.exp2(np.array([0.0, 3.0, -1.0]))
        array([1. , 8. , 0.5])
        >>> gg.grad(gg.exp2)(0.0).round(6)
        np.float64(0.693147)
    """
    return xp.exp2(x)


def _share(g: Array, mine: Array, other: Array, xp: Namespace, base: float | None = None) -> Array:
    # Equal infinities share evenly, as equal numbers do.
    mine, other = wide(mine, xp), wide(other, xp)
    equal = (mine == other) & xp.isinf(mine)
    apart = xp.where(equal, 0, mine - other)
    return xp.scale(g, xp.sigmoid(apart if base is None else apart * log(base)))


@op(
    lambda g, x1, x2, xp: _share(g, x1, x2, xp),
    lambda g, x1, x2, xp: _share(g, x2, x1, xp),
)
def logaddexp(xp: Namespace, x1: Array, x2: Array) -> Array:
    """`log(exp(x1) + exp(x2))` without overflow, element by element.

    The gradients are the shares of the two in the sum; equal operands, also infinite ones, share
    evenly. For all elements along an axis see `logsumexp`.

    Example:
        >>> gg.logaddexp(1000.0, 1000.0).round(6)
        np.float64(1000.693147)
        >>> gg.grad(gg.logaddexp, argnums=(0, 1))(1000.0, 1000.0)
        (array(0.5), array(0.5))
    """
    return xp.logaddexp(x1, x2)


@op(
    lambda g, x1, x2, xp: _share(g, x1, x2, xp, base=2),
    lambda g, x1, x2, xp: _share(g, x2, x1, xp, base=2),
)
def logaddexp2(xp: Namespace, x1: Array, x2: Array) -> Array:
    """`log2(2**x1 + 2**x2)` without overflow; see `logaddexp`.

    Example:
        >>> gg.logaddexp2(np.array([3.0, 2000.0]), np.array([3.0, 2000.0]))
        array([   4., 2001.])
        >>> gg.grad(gg.logaddexp2)(3.0, 3.0)
        array(0.5)
    """
    return xp.logaddexp2(x1, x2)
