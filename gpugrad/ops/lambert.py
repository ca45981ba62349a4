"""The inverse of `w * exp(w)`."""

from __future__ import annotations

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.ops.operands import typed

__all__ = ["lambertw"]


def _rule(g: Array, x: Array, y: Array, k: int, xp: Namespace) -> Array:
    # y / (x * (1 + y)), which is 1 at 0 on the main branch, and -1 / abs(x) where y is infinite.
    zero, endless = (x == 0) & (y == 0), xp.isinf(y)
    finite = xp.where(endless, 0, y)
    share = finite / (xp.where(zero, 1, x) * (1 + finite))
    return xp.scale(g, xp.where(zero, 1, xp.where(endless, -1 / xp.abs(x), share)))


@op(_rule)
def lambertw(xp: Namespace, x: Array, /, *, k: int = 0) -> Array:
    """Branch `k` of the inverse of `w * exp(w)`.

    Of real `x` it is real, for the branches 0, from -1/e on, and -1, from there to 0; elsewhere NaN.
    """
    x = xp.floating(x)
    return typed(xp.lambertw(x, k=k), x, xp)
