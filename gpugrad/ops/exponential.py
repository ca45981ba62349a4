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
    """Logarithm of `x` to base 2; -inf at 0, NaN below."""
    return xp.log2(x)


@op(lambda g, x, xp: xp.scale(g, (1 / log(10)) / wide(x, xp)))
def log10(xp: Namespace, x: Array) -> Array:
    """Logarithm of `x` to base 10; -inf at 0, NaN below."""
    return xp.log10(x)


def _exp2_rule(g: Array, x: Array, xp: Namespace) -> Array:
    root = xp.exp2(wide(x, xp) * 0.5)               # the slope may be finite where `y` is not
    return xp.scale(g, root * log(2) * root)


@op(_exp2_rule)
def exp2(xp: Namespace, x: Array) -> Array:
    """2 to the power `x`."""
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
    """`log(exp(x1) + exp(x2))` without overflow. Equal operands share the gradient evenly."""
    return xp.logaddexp(x1, x2)


@op(
    lambda g, x1, x2, xp: _share(g, x1, x2, xp, base=2),
    lambda g, x1, x2, xp: _share(g, x2, x1, xp, base=2),
)
def logaddexp2(xp: Namespace, x1: Array, x2: Array) -> Array:
    """`log2(2**x1 + 2**x2)` without overflow; see `logaddexp`."""
    return xp.logaddexp2(x1, x2)
