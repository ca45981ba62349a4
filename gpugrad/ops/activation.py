"""Nonlinear functions between the layers of a network."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op
from gpugrad.ops.reduction import Axis

__all__ = [
    "log_softmax",
    "relu",
    "sigmoid",
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


@op(lambda g, x, xp: xp.scale(g, xp.sigmoid(x)))
def softplus(xp: Any, x: Array) -> Array:
    """`log(1 + exp(x))`, a smooth relu."""
    x = xp.floating(x)
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


def _softmax_rule(g: Array, y: Array, axis: Axis, xp: Any) -> Array:
    weighted = g * y
    return weighted - y * xp.sum(weighted, axis=axis, keepdims=True)


@op(_softmax_rule)
def softmax(xp: Any, x: Array, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`."""
    return xp.softmax(xp.floating(x), axis=axis)


@op(lambda g, y, axis, xp: g - xp.exp(y) * xp.sum(g, axis=axis, keepdims=True))
def log_softmax(xp: Any, x: Array, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`."""
    x = xp.floating(x)
    shifted = x - xp.max(x, axis=axis, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))
