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
    """Largest integer that is at most `x`, in the dtype of `x`; its gradient is 0.

    Example:
        >>> gg.floor(np.array([1.7, -1.2]))
        array([ 1., -2.])
    """
    return xp.floor(x)


@op()
def ceil(xp: Namespace, x: Array) -> Array:
    """Smallest integer that is at least `x`, in the dtype of `x`; its gradient is 0.

    Example:
        >>> gg.ceil(np.array([1.2, -1.7]))
        array([ 2., -1.])
    """
    return xp.ceil(x)


@op()
def trunc(xp: Namespace, x: Array) -> Array:
    """The number `x` rounded towards 0, in its dtype; its gradient is 0.

    It rounds towards 0.

    Example:
        >>> gg.trunc(np.array([1.7, -1.7]))
        array([ 1., -1.])
    """
    return xp.trunc(x)


@op()
def round(xp: Namespace, x: Array) -> Array:
    """Nearest integer, in the dtype of `x`; halves round to even.

    The gradient is 0. For a gradient that passes through, add `x - gg.stop_gradient(x)`.

    Example:
        >>> gg.round(np.array([0.4, 0.5, 1.5, 2.5]))
        array([0., 0., 2., 2.])
        >>> through = lambda x: gg.round(x) + x - gg.stop_gradient(x)
        >>> gg.grad(gg.round)(2.4), gg.grad(through)(2.4)
        (array(0.), array(1.))
    """
    return xp.round(x)


@op()
def rint(xp: Namespace, x: Array) -> Array:
    """Nearest integer, as a floating-point number also for integers; halves round to even.

    The gradient is 0.

    Example:
        >>> gg.rint(np.array([0.4, 0.5, 1.5])), gg.rint(np.array([2, 3]))
        (array([0., 0., 2.]), array([2., 3.]))
    """
    return xp.round(x if is_inexact(x.dtype) else xp.multiply(x, 1.0))


@op()
def signbit(xp: Namespace, x: Array) -> Array:
    """Whether the sign bit of `x` is set, also for -0.0 and NaN.

    Example:
        >>> gg.signbit(np.array([-1.0, -0.0, 0.0, 2.0]))
        array([ True,  True, False, False])
    """
    return xp.signbit(x)


@op()
def spacing(xp: Namespace, x: Array) -> Array:
    """The distance from each number to the next representable one away from 0.

    It is a constant for gradients.

    Example:
        >>> gg.spacing(np.array([1.0, 2.0])) / np.finfo(np.float64).eps
        array([1., 2.])
    """
    x = xp.floating(x)
    away = xp.copysign(xp.full_like(x, inf), x)
    return xp.nextafter(x, away) - x


@op()
def nextafter(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The next representable number after `x1` in the direction of `x2`.

    It is a constant for gradients.

    Example:
        >>> (gg.nextafter(np.array([1.0]), 2.0) - 1) / np.finfo(np.float64).eps
        array([1.])
    """
    return xp.nextafter(x1, x2)


@op()
def floor_divide(xp: Namespace, x1: Array, x2: Array) -> Array:
    """Largest integer that is at most `x1 / x2`; for infinities too, unlike Python's.

    The gradient is 0. A quotient that is infinite or 0 is the result as it is: of division by 0,
    floating numbers give an infinity or NaN.

    Example:
        >>> gg.floor_divide(np.array([7.0, -7.0, 1.0]), np.array([2.0, 2.0, np.inf]))
        array([ 3., -4.,  0.])
    """
    return special_cases.floor_divide(xp, x1, x2)


@op(
    lambda g: g,
    lambda g, x1, x2, xp: xp.scale(g, -xp.floor_divide(x1, x2)),
)
def remainder(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The remainder of `x1 / x2`, `x1 - x2 * floor(x1 / x2)`, which has the sign of `x2`.

    Of floating numbers it is NaN where `x2` is 0.

    Example:
        >>> gg.remainder(np.array([7.0, -7.0]), 3.0)
        array([1., 2.])
        >>> gg.grad(gg.remainder, argnums=(0, 1))(7.0, 3.0)
        (array(1.), array(-2.))
    """
    return xp.remainder(x1, x2)


@op(
    lambda g: g,
    lambda g, y, x1, x2, xp: xp.scale(g, -xp.round((x1 - y) / x2)),
)
def fmod(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The remainder of `x1 / x2` with the sign of `x1`; `remainder` has the sign of `x2`.

    Example:
        >>> gg.fmod(np.array([7.0, -7.0]), 3.0)
        array([ 1., -1.])
        >>> gg.remainder(np.array([7.0, -7.0]), 3.0)
        array([1., 2.])
    """
    return xp.fmod(x1, x2)


@add_function
def divmod(x1: Array, x2: Array, /) -> tuple[Array, Array]:
    """The results of `floor_divide` and `remainder`.

    Example:
        >>> gg.divmod(np.array([7.0, -7.0]), 2.0)
        (array([ 3., -4.]), array([1., 1.]))
    """
    return ops.floor_divide(x1, x2), ops.remainder(x1, x2)


def _copysign_rule(g: Array, x1: Array, x2: Array, xp: Namespace) -> Array:
    turned = xp.signbit(x1) != xp.signbit(x2)
    return xp.where(x1 == 0, 0, xp.where(turned, -g, g))


@op(_copysign_rule, None)
def copysign(xp: Namespace, x1: Array, x2: Array) -> Array:
    """The magnitude of `x1` with the sign of `x2`: `|x1|` or `-|x1|`.

    The derivative at `x1 = 0` is 0, as that of `abs`; the sign counts as a constant.

    Example:
        >>> gg.copysign(np.array([1.0, -2.0]), np.array([-0.0, 3.0]))
        array([-1.,  2.])
        >>> gg.grad(gg.copysign)(2.0, -1.0)
        array(-1.)
    """
    return xp.copysign(x1, x2)
