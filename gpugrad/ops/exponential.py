"""Logarithms to other bases, and sums of exponentials."""

from __future__ import annotations

from math import log
from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op

__all__ = [
    "log2",
    "log10",
    "logaddexp",
]


@op(lambda g, x, xp: xp.scale(g, 1 / (x * log(2))))
def log2(xp: Any, x: Array) -> Array:
    """Logarithm of `x` to base 2; -inf at 0, NaN below."""
    return xp.log2(x)


@op(lambda g, x, xp: xp.scale(g, 1 / (x * log(10))))
def log10(xp: Any, x: Array) -> Array:
    """Logarithm of `x` to base 10; -inf at 0, NaN below."""
    return xp.log10(x)


def _share(g: Array, mine: Array, other: Array, xp: Any) -> Array:
    # Equal infinities share evenly, as equal numbers do.
    equal = (mine == other) & xp.isinf(mine)
    return xp.scale(g, xp.sigmoid(xp.where(equal, 0, mine - other)))


@op(
    lambda g, x1, x2, xp: _share(g, x1, x2, xp),
    lambda g, x1, x2, xp: _share(g, x2, x1, xp),
)
def logaddexp(xp: Any, x1: Array, x2: Array) -> Array:
    """`log(exp(x1) + exp(x2))` without overflow. Equal operands share the gradient evenly."""
    return xp.logaddexp(x1, x2)
