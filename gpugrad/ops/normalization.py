"""Layer normalization: J. Ba, J. Kiros and G. Hinton, "Layer normalization" (2016)."""

from __future__ import annotations

from gpugrad.backends import Namespace
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.ops.operands import check_real
from gpugrad.types import Array, Axis

__all__ = [
    "layer_norm",
]


def _centred(x: Array, axis: Axis, xp: Namespace) -> Array:
    return x - xp.mean(x, axis=axis, keepdims=True)


def _standardize_rule(g: Array, y: Array, x: Array, axis: Axis, eps: float, xp: Namespace) -> Array:
    deviation = xp.root_mean_square(_centred(x, axis, xp), axis=axis, eps=eps)
    along = xp.mean(g * y, axis=axis, keepdims=True)
    return (g - xp.mean(g, axis=axis, keepdims=True) - y * along) / deviation


@op(_standardize_rule, in_single=True, public=False)
def standardize(xp: Namespace, x: Array, /, *, axis: Axis = -1, eps: float = 1e-5) -> Array:
    """Real `x` less its mean along `axis`, divided by `sqrt(variance + eps)`."""
    check_real("standardize", x)
    centred = _centred(xp.floating(x), axis, xp)
    return centred / xp.root_mean_square(centred, axis=axis, eps=eps)


@add_function
def layer_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    axis: Axis = -1,
    eps: float = 1e-5,
) -> Array:
    """`x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`, which broadcast.

    `eps` is added to the variance, so that equal elements give 0.
    """
    found = ops.standardize(x, axis=axis, eps=eps)
    if weight is not None:
        found = ops.multiply(found, weight)
    return found if bias is None else ops.add(found, bias)
