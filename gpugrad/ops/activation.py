"""Nonlinear functions between the layers of a network."""

from __future__ import annotations

from math import pi
from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op
from gpugrad.ops.operands import check_real
from gpugrad.ops.reduction import Axis

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
]


@op(lambda g, y, xp: xp.where(xp.greater(y, 0), g, 0), kernel="relu")
def relu(xp: Any, x: Array) -> Array:
    """`x` where it is positive, else 0; NaN stays NaN. The derivative at 0 and at NaN is 0."""
    return xp.maximum(x, 0)


@op(lambda g, y, xp: xp.scale(g, y * (1 - y)))
def sigmoid(xp: Any, x: Array) -> Array:
    """`1 / (1 + exp(-x))`."""
    return xp.sigmoid(xp.floating(x))


def _silu_rule(g: Array, x: Array, xp: Any) -> Array:
    share = xp.sigmoid(x)
    return xp.scale(g, share * (1 + xp.scale(x, 1 - share)))


@op(_silu_rule)
def silu(xp: Any, x: Array) -> Array:
    """`x * sigmoid(x)`."""
    x = xp.floating(x)
    return xp.scale(xp.sigmoid(x), x)


_ROOT = (2 / pi) ** 0.5


def _gelu_rule(g: Array, x: Array, xp: Any) -> Array:
    turned = xp.tanh(_ROOT * (x + 0.044715 * x * x * x))
    bend = (1 - turned * turned) * (_ROOT * (1 + 3 * 0.044715 * x * x))
    return xp.scale(g, 0.5 * (1 + turned) + 0.5 * xp.scale(bend, x))


@op(_gelu_rule)
def gelu(xp: Any, x: Array) -> Array:
    """`x` times the normal distribution function at `x`, by its approximation with tanh.

    D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016).
    """
    x = xp.floating(x)
    share = 0.5 * (1 + xp.tanh(_ROOT * (x + 0.044715 * x * x * x)))
    return xp.scale(share, x)


@op(lambda g, y, x, alpha, xp: xp.where(x > 0, g, g * (y + alpha)))
def elu(xp: Any, x: Array, /, *, alpha: float = 1.0) -> Array:
    """`x` where it is positive, else `alpha * (exp(x) - 1)`. The slope at 0 is `alpha`."""
    x = xp.floating(x)
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0)))


@op(lambda g, x, slope, xp: xp.where(x > 0, g, g * slope))
def leaky_relu(xp: Any, x: Array, /, *, slope: float = 0.01) -> Array:
    """`x` where it is positive, else `slope * x`. The slope at 0 is `slope`."""
    return xp.where(x > 0, x, x * slope)


@op(lambda g, x, xp: xp.scale(g, xp.sigmoid(-x)))
def log_sigmoid(xp: Any, x: Array) -> Array:
    """Logarithm of `sigmoid(x)` of real `x`, accurate where that is 0 or 1 in its dtype."""
    check_real("log_sigmoid", x)
    x = xp.floating(x)
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


@op(lambda g, x, xp: xp.scale(g, xp.sigmoid(x)))
def softplus(xp: Any, x: Array) -> Array:
    """`log(1 + exp(x))` of real `x`, a smooth relu."""
    check_real("softplus", x)
    x = xp.floating(x)
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


def _softmax_rule(g: Array, y: Array, axis: Axis, xp: Any) -> Array:
    weighted = xp.scale(g, y)
    return weighted - xp.scale(xp.sum(weighted, axis=axis, keepdims=True), y)


@op(_softmax_rule, in_single=True)
def softmax(xp: Any, x: Array, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`."""
    return xp.softmax(xp.floating(x), axis=axis)


@op(
    lambda g, y, axis, xp: g - xp.scale(xp.sum(g, axis=axis, keepdims=True), xp.exp(y)),
    in_single=True,
)
def log_softmax(xp: Any, x: Array, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`."""
    x = xp.floating(x)
    shifted = xp.below_largest(x, axis)
    return shifted - xp.log_of_sum(shifted, axis)
