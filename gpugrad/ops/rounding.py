"""Functions that are flat between their steps, and those that copy signs.

What only rounds has no gradient: its result counts as a constant.
"""

from __future__ import annotations

from math import inf

from gpugrad.backends import Namespace, is_inexact
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.ops import special_cases
from gpugrad.types import Array

__all__ = [
    "ceil",
    "copysign",
    "divmod",
    "floor",
    "floor_divide",
    "fmod",
    "nextafter",
    "remainder",
    "rint",
    "round",
    "signbit",
    "spacing",
    "trunc",
]


@op()
def floor(xp: Namespace, x: Array) -> Array:
    """Largest whole number that is not above `x`."""
    return xp.floor(x)


@op()
def ceil(xp: Namespace, x: Array) -> Array:
    """Smallest whole number that is not below `x`."""
    return xp.ceil(x)


@op()
def trunc(xp: Namespace, x: Array) -> Array:
    """`x` without what comes after the point."""
    return xp.trunc(x)


@op()
def round(xp: Namespace, x: Array) -> Array:
    """Nearest whole number; of two as near, the even one."""
    return xp.round(x)


@op()
def rint(xp: Namespace, x: Array) -> Array:
    """Nearest whole number, of integers too as a floating one; of two as near, the even one."""
    return xp.round(x if is_inexact(x.dtype) else xp.multiply(x, 1.0))


@op()
def signbit(xp: Namespace, x: Array) -> Array:
    """Whether the sign of `x` is negative, also for -0.0 and NaN."""
    return xp.signbit(x)


@op()
def spacing(xp: Namespace, x: Array) -> Array:
    """How far it is from each number to the next one away from 0."""
    x = xp.floating(x)
    away = xp.copysign(xp.full_like(x, inf), x)
    return xp.nextafter(x, away) - x


@op()
def nextafter(xp: Namespace, x1: Array, x2: Array) -> Array:
    """Next number after `x1` that the dtype has, towards `x2`."""
    return xp.nextafter(x1, x2)


@op()
def floor_divide(xp: Namespace, x1: Array, x2: Array) -> Array:
    """Largest whole number that is not above `x1 / x2`; of infinities too, unlike Python's."""
    return special_cases.floor_divide(xp, x1, x2)


@op(
    lambda g: g,
    lambda g, x1, x2, xp: xp.scale(g, -xp.floor_divide(x1, x2)),
)
def remainder(xp: Namespace, x1: Array, x2: Array) -> Array:
    """`x1 - x2 * floor(x1 / x2)`: it has the sign of `x2`."""
    return xp.remainder(x1, x2)


@op(
    lambda g: g,
    lambda g, y, x1, x2, xp: xp.scale(g, -xp.round((x1 - y) / x2)),
)
def fmod(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The rest of `x1` divided by `x2`, with the sign of `x1`; `remainder` has that of `x2`."""
    return xp.fmod(x1, x2)


@add_function
def divmod(x1: Array, x2: Array, /) -> tuple[Array, Array]:
    """`floor_divide` and `remainder`."""
    return ops.floor_divide(x1, x2), ops.remainder(x1, x2)


def _copysign_rule(g: Array, x1: Array, x2: Array, xp: Namespace) -> Array:
    turned = xp.signbit(x1) != xp.signbit(x2)
    return xp.where(x1 == 0, 0, xp.where(turned, -g, g))


@op(_copysign_rule, None)
def copysign(xp: Namespace, x1: Array, x2: Array) -> Array:
    """`|x1|` with the sign of `x2`. The derivative at `x1 = 0` is 0, as that of `abs`."""
    return xp.copysign(x1, x2)
