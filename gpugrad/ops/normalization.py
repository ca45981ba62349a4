"""Layer normalization: J. Ba, J. Kiros and G. Hinton, "Layer normalization" (2016)."""

from __future__ import annotations

from gpugrad.backends import Namespace
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import check_real, shape_of
from gpugrad.types import Array, Axis, Shape

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
    """The array `x` with mean 0 and variance 1 along `axis`, times `weight` plus `bias`.

    See J. Ba, J. Kiros and G. Hinton, "Layer normalization" (2016).

    Args:
        x: Real numbers.
        weight: What the normalised numbers are multiplied by; it broadcasts to the shape of `x`.
        bias: What is added then; it broadcasts to the shape of `x`.
        axis: An axis or several, along which mean and variance are taken.
        eps: What is added to the variance, so that equal elements give 0.

    Raises:
        InvalidArgument: For a negative `eps`, and where `weight` or `bias` would enlarge `x`.

    Example:
        >>> x = np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 10.0]])
        >>> gg.layer_norm(x).round(3)
        array([[-1.225,  0.   ,  1.225],
               [ 0.   ,  0.   ,  0.   ]])
        >>> gg.layer_norm(x, weight=np.array([1.0, 1.0, 2.0]), bias=np.full(3, 5.0)).round(3)
        array([[3.775, 5.   , 7.449],
               [5.   , 5.   , 5.   ]])
    """
    if not hasattr(eps, "dtype") and not (isinstance(eps, int | float) and eps >= 0):
        raise InvalidArgument(f"layer_norm: eps is {eps!r}; expected a number of at least 0.")
    for name, factor in (("weight", weight), ("bias", bias)):
        if isinstance(factor, tuple):
            raise InvalidArgument(
                f"layer_norm: {name} is the tuple {factor}, as a shape would be; expected an "
                "array. Which axes are meant is said by axis=."
            )
        if factor is not None and not _broadcasts(shape_of(factor), shape_of(x)):
            raise InvalidArgument(
                f"layer_norm: {name} has shape {shape_of(factor)}; expected one that broadcasts "
                f"to {shape_of(x)}, that of x."
            )
    found = ops.standardize(x, axis=axis, eps=eps)
    if weight is not None:
        found = ops.multiply(found, weight)
    return found if bias is None else ops.add(found, bias)


def _broadcasts(shape: Shape, to: Shape) -> bool:
    return len(shape) <= len(to) and all(
        n in (1, m) for n, m in zip(reversed(shape), reversed(to), strict=False)
    )
