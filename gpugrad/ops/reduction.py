"""Operations that reduce along axes. `axis` is an integer, a tuple of them, or `None` for all."""

from __future__ import annotations

from math import inf, nan
from math import prod as prod_of

from gpugrad.backends import Array, Namespace, conjugate, wider
from gpugrad.backends.axes import reduced
from gpugrad.core.op import op
from gpugrad.ops.cumulative import in_dtype, is_whole
from gpugrad.types import Axis, DTypeLike, Shape

__all__ = [
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]


def _kept(shape: Shape, axis: Axis) -> Shape:
    """The shape of a reduction that keeps the reduced axes with length 1."""
    gone = reduced(axis, len(shape))
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def spread(g: Array, shape: Shape, axis: Axis, keepdims: bool, xp: Namespace) -> Array:
    """`g`, the cotangent of a reduction, such that it broadcasts to the operand's `shape`."""
    return g if keepdims or axis is None else xp.reshape(g, _kept(shape, axis))


def _sum_rule(
    g: Array, x_shape: Shape, axis: Axis, dtype: DTypeLike, keepdims: bool, xp: Namespace
) -> Array:
    if is_whole(dtype):
        return xp.zeros(x_shape, dtype=g.dtype)
    return xp.broadcast_to(spread(g, x_shape, axis, keepdims, xp), x_shape)


@op(_sum_rule)
def sum(
    xp: Namespace,
    x: Array,
    /,
    axis: Axis = None,
    *,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
) -> Array:
    """Sum along `axis`, in `dtype` if one is given. An empty sum is 0.

    `axis` is an integer, a tuple of them, or `None` for all. Without `dtype`, float16 accumulates
    in float32, and integers in 64 bits. A sum of floating-point numbers with an integer `dtype`
    counts as a constant.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.sum(x), gg.sum(x, axis=1)
        (array(10.), array([3., 7.]))
        >>> gg.grad(lambda x: gg.sum(x ** 2))(x)
        array([[2., 4.],
               [6., 8.]])
    """
    if dtype is not None:
        return in_dtype(xp.sum, x, dtype, xp, axis=axis, keepdims=keepdims)
    return xp.sum(x, axis=axis, keepdims=keepdims)


def _mean_rule(g: Array, x_shape: Shape, axis: Axis, keepdims: bool, xp: Namespace) -> Array:
    share = xp.divide(g, count_of(x_shape, axis) or 1)
    return xp.broadcast_to(spread(share, x_shape, axis, keepdims, xp), x_shape)


@op(_mean_rule, in_single=True)
def mean(xp: Namespace, x: Array, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """Mean along `axis`; float16 accumulates in float32. The mean of no elements is NaN.

    `axis` is an integer, a tuple of them, or `None` for all.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 6.0]])
        >>> gg.mean(x, axis=0)
        array([2., 4.])
        >>> gg.grad(gg.mean)(x)
        array([[0.25, 0.25],
               [0.25, 0.25]])
    """
    return xp.mean(x, axis=axis, keepdims=keepdims)


def _extreme_rule(
    g: Array, x: Array, y: Array, axis: Axis, keepdims: bool, xp: Namespace
) -> Array:
    """The cotangent goes evenly to the elements that equal the result, NaNs to the NaNs."""
    y = spread(y, x.shape, axis, keepdims, xp)
    chosen = (x == y) | (x != x)
    # In float16, more than 65,504 equal elements could not be counted.
    counted = wider(x.dtype) or x.dtype
    count = xp.sum(xp.astype(chosen, counted), axis=axis, keepdims=True)
    share = spread(g, x.shape, axis, keepdims, xp) / count
    return xp.where(chosen, share, 0)


@op(_extreme_rule, edges="ties share the gradient evenly, NaNs too")
def max(xp: Namespace, x: Array, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """Largest element along `axis`; NaN if there is one.

    `axis` is an integer, a tuple of them, or `None` for all. Equal elements share the gradient
    evenly. There must be one element at least.

    Example:
        >>> x = np.array([3.0, 5.0, 5.0])
        >>> gg.max(x)
        array(5.)
        >>> gg.grad(gg.max)(x)
        array([0. , 0.5, 0.5])
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@op(_extreme_rule, edges="ties share the gradient evenly, NaNs too")
def min(xp: Namespace, x: Array, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """Smallest element along `axis`; NaN if there is one.

    `axis` is an integer, a tuple of them, or `None` for all. Equal elements share the gradient
    evenly. There must be one element at least.

    Example:
        >>> x = np.array([[3.0, 5.0], [4.0, 1.0]])
        >>> gg.min(x, axis=1)
        array([3., 1.])
        >>> gg.grad(gg.min)(x)
        array([[0., 0.],
               [0., 1.]])
    """
    return xp.min(x, axis=axis, keepdims=keepdims)


def _logsumexp_rule(
    g: Array, x: Array, y: Array, axis: Axis, keepdims: bool, xp: Namespace
) -> Array:
    # exp(x - y) would do but for its rounding: in float32 it is off by 1e-5 where y is 1000. Where
    # all of x is -inf, no element has a share.
    y = spread(y, x.shape, axis, keepdims, xp)
    shares = xp.where(y == -inf, 0, xp.softmax(x, axis=axis))
    return xp.scale(spread(g, x.shape, axis, keepdims, xp), shares)


@op(
    _logsumexp_rule, in_single=True,
    edges="gradient 0 where all are -inf; infinite elements share it evenly",
    reference="scipy.special.logsumexp",
)
def logsumexp(xp: Namespace, x: Array, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """`log(sum(exp(x)))` along `axis`, without overflow; -inf (with gradient 0) if all are -inf.

    `axis` is an integer, a tuple of them, or `None` for all. The gradient is the softmax.

    Example:
        >>> x = np.array([1000.0, 1000.0])
        >>> (gg.logsumexp(x) - 1000).round(6)
        np.float64(0.693147)
        >>> gg.grad(gg.logsumexp)(x)
        array([0.5, 0.5])
    """
    x = xp.floating(x)
    largest = xp.max(x, axis=axis, keepdims=True)
    total = xp.log_of_sum(xp.below(x, largest), axis) + largest
    total = xp.where(largest == -inf, -inf, total)
    return total if keepdims else xp.reshape(total, without(x.shape, axis))


def _prod_rule(
    g: Array, x: Array, axis: Axis, dtype: DTypeLike, keepdims: bool, xp: Namespace
) -> Array:
    """The product of all others, without dividing, so that zeros do no harm."""
    if is_whole(dtype):
        return xp.zeros(x.shape, dtype=g.dtype)
    x = x if dtype is None else xp.astype(x, dtype)
    gone = reduced(axis, len(x.shape))
    kept = [i for i in range(len(x.shape)) if i not in gone]
    order = (*kept, *gone)
    turned = xp.permute_dims(x, order)
    rows = xp.reshape(turned, (*(x.shape[i] for i in kept), count_of(x.shape, axis)))
    others = xp.reshape(xp.other_products(rows), turned.shape)
    back = tuple(order.index(i) for i in range(len(order)))
    slope = xp.permute_dims(others, back)
    return xp.scale(spread(g, x.shape, axis, keepdims, xp), slope)


@op(_prod_rule, in_single=True, edges="gradients are exact where elements are 0")
def prod(
    xp: Namespace,
    x: Array,
    /,
    axis: Axis = None,
    *,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
) -> Array:
    """Product along `axis`, in `dtype` if one is given, as in `sum`. An empty product is 1.

    `axis` is an integer, a tuple of them, or `None` for all. The gradient is exact also with zeros.

    Example:
        >>> x = np.array([2.0, 0.0, 4.0])
        >>> gg.prod(x)
        array(0.)
        >>> gg.grad(gg.prod)(x)
        array([0., 8., 0.])
    """
    if dtype is not None:
        return in_dtype(xp.prod, x, dtype, xp, axis=axis, keepdims=keepdims)
    return xp.prod(x, axis=axis, keepdims=keepdims)


def count_of(shape: Shape, axis: Axis) -> int:
    return prod_of(shape[i] for i in reduced(axis, len(shape)))


def _var_rule(
    g: Array, x: Array, axis: Axis, correction: float, keepdims: bool, xp: Namespace
) -> Array:
    share = spread(g, x.shape, axis, keepdims, xp) * (2 / _left(x.shape, axis, correction))
    return xp.scale(share, conjugate(x - xp.mean(x, axis=axis, keepdims=True), xp))


def _left(shape: Shape, axis: Axis, correction: float) -> float:
    """What a variance divides by; NaN where nothing is left."""
    left = count_of(shape, axis) - correction
    return left if left > 0 else nan


@op(_var_rule, in_single=True)
def var(
    xp: Namespace,
    x: Array,
    /,
    axis: Axis = None,
    *,
    correction: float = 0.0,
    keepdims: bool = False,
) -> Array:
    """Variance along `axis`: the mean squared distance from the mean.

    The sum of squares is divided by n - `correction`; with 1, the estimate has no bias. NaN where
    that is not positive.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 6.0])
        >>> gg.var(x), gg.var(x, correction=2)
        (array(3.5), array(7.))
        >>> gg.grad(gg.var)(x)
        array([-1. , -0.5,  0. ,  1.5])
    """
    axis = reduced(axis, len(x.shape))
    if count_of(x.shape, axis) <= correction:
        return xp.var(x, axis=axis, keepdims=keepdims) * nan
    return xp.var(x, axis=axis, correction=correction, keepdims=keepdims)


def _std_rule(
    g: Array, x: Array, axis: Axis, correction: float, keepdims: bool, xp: Namespace
) -> Array:
    turn = xp.unit_vector(x - xp.mean(x, axis=axis, keepdims=True), axis=axis)
    share = spread(g, x.shape, axis, keepdims, xp) / _left(x.shape, axis, correction) ** 0.5
    return xp.scale(share, conjugate(turn, xp))


@op(
    _std_rule, in_single=True,
    edges="gradient 0 where all elements are equal; so the second derivatives of std(x)**2 there "
    "are 0: take var",
)
def std(
    xp: Namespace,
    x: Array,
    /,
    axis: Axis = None,
    *,
    correction: float = 0.0,
    keepdims: bool = False,
) -> Array:
    """Standard deviation along `axis`: the root of `var`, even where that overflows.

    Where it is 0, so is its gradient.

    Example:
        >>> gg.std(np.array([1.0, 3.0]))
        array(1.)
        >>> gg.grad(gg.std)(np.array([1.0, 3.0])).round(6)
        array([-0.5,  0.5])
        >>> gg.grad(gg.std)(np.array([2.0, 2.0]))
        array([0., 0.])
    """
    x = xp.floating(x)
    centred = x - xp.mean(x, axis=axis, keepdims=True)
    root: float = _left(x.shape, axis, correction) ** 0.5
    return xp.euclidean_norm(centred, axis=axis, keepdims=keepdims) / root


def without(shape: Shape, axis: Axis) -> Shape:
    gone = reduced(axis, len(shape))
    return tuple(n for i, n in enumerate(shape) if i not in gone)
