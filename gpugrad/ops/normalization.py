"""Layer normalization: J. Ba, J. Kiros and G. Hinton, "Layer normalization" (2016)."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op
from gpugrad.ops.operands import check_real
from gpugrad.ops.reduction import Axis
from gpugrad.registry import add_function
from gpugrad.registry import namespace as ops

__all__ = [
    "layer_norm",
    "standardize",
]


def _spread(x: Array, axis: Axis, eps: float, xp: Any) -> tuple[Array, Array]:
    """`x` less its mean along `axis`, and one by its deviation."""
    centred = x - xp.mean(x, axis=axis, keepdims=True)
    return centred, 1 / xp.sqrt(xp.mean(centred * centred, axis=axis, keepdims=True) + eps)


def _standardize_rule(g: Array, y: Array, x: Array, axis: Axis, eps: float, xp: Any) -> Array:
    _, scale = _spread(x, axis, eps, xp)
    along = xp.mean(g * y, axis=axis, keepdims=True)
    return (g - xp.mean(g, axis=axis, keepdims=True) - y * along) * scale


@op(_standardize_rule, in_single=True)
def standardize(xp: Any, x: Array, /, *, axis: Axis = -1, eps: float = 1e-5) -> Array:
    """Real `x` less its mean along `axis`, divided by `sqrt(variance + eps)`."""
    check_real("standardize", x)
    centred, scale = _spread(xp.floating(x), axis, eps, xp)
    return centred * scale


@add_function
def layer_norm(
    x: Any, weight: Any = None, bias: Any = None, *, axis: Axis = -1, eps: float = 1e-5
) -> Any:
    """`x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`, which broadcast.

    `eps` is added to the variance, so that equal elements give 0.
    """
    found = ops.standardize(x, axis=axis, eps=eps)
    if weight is not None:
        found = ops.multiply(found, weight)
    return found if bias is None else ops.add(found, bias)
