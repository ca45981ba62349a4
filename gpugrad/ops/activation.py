"""Nonlinear functions between the layers of a network."""

from __future__ import annotations

from math import inf, nan, pi

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.core.op_info import Edges
from gpugrad.ops.operands import check_real, typed, wide
from gpugrad.types import Axis

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


@op(
    lambda g, y, xp: xp.where(xp.greater(y, 0), g, 0),
    kernel="relu",
    edges=Edges(
        "slope 0 at 0 and at NaN",
        at=([-1.0, 0.0, 2.0, nan, inf, -inf],),
        value=[0, 0, 2, nan, inf, 0],
        slopes=([0, 0, 1, 0, 1, 0],),
    ),
)
def relu(xp: Namespace, x: Array) -> Array:
    """`x` where it is positive, else 0; NaN stays NaN. The derivative at 0 and at NaN is 0.

    Example:
        >>> x = np.array([-1.0, 0.0, 2.0])
        >>> gg.relu(x)
        array([0., 0., 2.])
        >>> gg.grad(lambda x: gg.sum(gg.relu(x)))(x)
        array([0., 0., 1.])
    """
    return xp.maximum(x, 0)


def _bell(x: Array, xp: Namespace) -> Array:
    """The slope of `sigmoid`."""
    return xp.tanh_slope(x * 0.5) * 0.25


@op(
    lambda g, x, xp: xp.scale(g, _bell(wide(x, xp), xp)),
    reference="scipy.special.expit",
)    # y * (1 - y) would be 0 far above 0
def sigmoid(xp: Namespace, x: Array) -> Array:
    """`1 / (1 + exp(-x))`, the logistic function, from 0 to 1.

    Integers give the default floating dtype. The value keeps its digits far below 0, and the slope
    far above.

    Example:
        >>> gg.sigmoid(np.array([-2.0, 0.0, 2.0])).round(6)
        array([0.119203, 0.5     , 0.880797])
        >>> gg.grad(gg.sigmoid)(0.0)
        array(0.25)
    """
    x = xp.floating(x)
    return typed(xp.sigmoid(wide(x, xp)), x, xp)


def _held(x: Array, limit: float, xp: Namespace) -> Array:
    """`x` within a limit from which on the slope is that at infinity: no 0 meets an infinity."""
    return xp.minimum(xp.maximum(wide(x, xp), -limit), limit)


def _silu_rule(g: Array, x: Array, xp: Namespace) -> Array:
    x = _held(x, 1000, xp)
    return xp.scale(g, xp.sigmoid(x) + x * _bell(x, xp))


@op(_silu_rule)
def silu(xp: Namespace, x: Array) -> Array:
    """`x * sigmoid(x)`, also called swish: a smooth relu that dips below 0.

    Example:
        >>> gg.silu(np.array([-2.0, 0.0, 2.0])).round(6)
        array([-0.238406,  0.      ,  1.761594])
        >>> gg.grad(gg.silu)(0.0)
        array(0.5)
    """
    x = xp.floating(x)
    single = wide(x, xp)
    return typed(xp.scale(xp.sigmoid(single), single), x, xp)


_ROOT, _CUBE = (2 / pi) ** 0.5, 0.044715


def _gelu_rule(g: Array, x: Array, xp: Namespace) -> Array:
    x = _held(x, 100, xp)
    square = x * x
    u = x * (_ROOT + _ROOT * _CUBE * square)
    bend = x * (0.5 * _ROOT + 1.5 * _ROOT * _CUBE * square)
    return xp.scale(g, xp.sigmoid(2 * u) + bend * xp.tanh_slope(u))


@op(_gelu_rule)
def gelu(xp: Namespace, x: Array) -> Array:
    """`x` times the normal distribution function at `x`, in the tanh approximation.

    D. Hendrycks and K. Gimpel, "Gaussian error linear units" (2016). What they write as
    `(1 + tanh(u)) / 2` is `sigmoid(2 * u)`, which keeps its digits far below 0.

    Example:
        >>> gg.gelu(np.array([-2.0, 0.0, 2.0])).round(6)
        array([-0.045402,  0.      ,  1.954598])
        >>> gg.grad(gg.gelu)(0.0)
        array(0.5)
    """
    x = xp.floating(x)
    single = wide(x, xp)
    share = xp.sigmoid(single * (2 * _ROOT + 2 * _ROOT * _CUBE * (single * single)))
    return typed(xp.scale(share, single), x, xp)


def _elu_rule(g: Array, x: Array, alpha: float, xp: Namespace) -> Array:
    # Of the exponential, because y + alpha would be 0 far below 0.
    return xp.where(x > 0, g, g * (alpha * xp.exp(wide(xp.where(x > 0, 0, x), xp))))


@op(_elu_rule, edges="slope 1 at 0")
def elu(xp: Namespace, x: Array, /, *, alpha: float = 1.0) -> Array:
    """`x` where it is positive, else `alpha * (exp(x) - 1)`. The slope at 0 is `alpha`.

    Example:
        >>> gg.elu(np.array([-1.0, 0.0, 2.0])).round(6)
        array([-0.632121,  0.      ,  2.      ])
        >>> gg.grad(gg.elu)(-1.0).round(6)
        np.float64(0.367879)
    """
    x = xp.floating(x)
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0)))


@op(lambda g, x, slope, xp: xp.where(x > 0, g, g * slope), edges="at 0 its slope is `slope`")
def leaky_relu(xp: Namespace, x: Array, /, *, slope: float = 0.01) -> Array:
    """`x` where it is positive, else `slope * x`. The slope at 0 is `slope`.

    Example:
        >>> gg.leaky_relu(np.array([-1.0, 0.0, 2.0]), slope=0.1)
        array([-0.1,  0. ,  2. ])
        >>> gg.grad(gg.leaky_relu)(-1.0)
        array(0.01)
    """
    return xp.where(x > 0, x, x * slope)


@op(lambda g, x, xp: xp.scale(g, xp.sigmoid(-wide(x, xp))), reference="scipy.special.log_expit")
def log_sigmoid(xp: Namespace, x: Array) -> Array:
    """Logarithm of `sigmoid(x)` for real `x`, accurate even where that rounds to 0 or 1.

    Example:
        >>> gg.log_sigmoid(-800.0)
        array(-800.)
        >>> gg.grad(gg.log_sigmoid)(0.0)
        array(0.5)
    """
    check_real("log_sigmoid", x)
    x = xp.floating(x)
    single = wide(x, xp)
    return typed(xp.minimum(single, 0) - xp.log1p(xp.exp(-xp.abs(single))), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.sigmoid(wide(x, xp))))
def softplus(xp: Namespace, x: Array) -> Array:
    """`log(1 + exp(x))` of real `x`, a smooth relu, whose slope is `sigmoid(x)`.

    Example:
        >>> gg.softplus(np.array([-1.0, 0.0, 30.0])).round(4)
        array([ 0.3133,  0.6931, 30.    ])
        >>> gg.grad(gg.softplus)(0.0)
        array(0.5)
    """
    check_real("softplus", x)
    x = xp.floating(x)
    single = wide(x, xp)
    return typed(xp.maximum(single, 0) + xp.log1p(xp.exp(-xp.abs(single))), x, xp)


def _softmax_rule(g: Array, y: Array, axis: Axis, xp: Namespace) -> Array:
    weighted = xp.scale(g, y)
    return weighted - xp.scale(xp.sum(weighted, axis=axis, keepdims=True), y)


@op(_softmax_rule, in_single=True, edges="infinite elements are equally large")
def softmax(xp: Namespace, x: Array, /, axis: Axis = -1) -> Array:
    """`exp(x)` divided by its sum along `axis`, without overflow; `axis=None` means all axes.

    The results lie between 0 and 1 and add up to 1. Infinite elements count as equally large. For a
    loss, use `log_softmax`, or `softmax_cross_entropy`, which combines both.

    Example:
        >>> gg.softmax(np.array([1.0, 2.0, 3.0])).round(4)
        array([0.09  , 0.2447, 0.6652])
        >>> gg.grad(lambda x: gg.softmax(x)[2])(np.array([1.0, 2.0, 3.0])).round(4)
        array([-0.0599, -0.1628,  0.2227])
    """
    return xp.softmax(xp.floating(x), axis=axis)


@op(
    lambda g, y, axis, xp: g - xp.scale(xp.sum(g, axis=axis, keepdims=True), xp.exp(y)),
    in_single=True,
)
def log_softmax(xp: Namespace, x: Array, /, axis: Axis = -1) -> Array:
    """Logarithm of the softmax along `axis`, accurate even where that rounds to 0.

    Example:
        >>> gg.log_softmax(np.array([0.0, 1000.0]))
        array([-1000.,     0.])
        >>> gg.grad(lambda x: gg.log_softmax(x)[0])(np.array([0.0, 0.0]))
        array([ 0.5, -0.5])
    """
    x = xp.floating(x)
    shifted = xp.below_largest(x, axis)
    return shifted - xp.log_of_sum(shifted, axis)
