"""Losses. Those of a network's output give one number for each row, for the caller to reduce."""

from __future__ import annotations

from math import inf, prod

import numpy as np

from gpugrad.backends import Namespace, is_inexact
from gpugrad.core.half import in_single
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import check_real, setting_of
from gpugrad.settings import settled
from gpugrad.types import Array, DTypeLike, Shape

__all__ = [
    "huber_loss",
    "mean_squared_error",
    "nll",
    "one_hot",
    "sigmoid_binary_cross_entropy",
    "softmax_cross_entropy",
]


@op(
    lambda g, labels, log_probs_shape, log_probs_dtype, xp: (
        -xp.expand_dims(g, axis=-1) * xp.one_hot(labels, log_probs_shape[-1], log_probs_dtype)
    ),
    None,
)
def nll(xp: Namespace, log_probs: Array, labels: Array) -> Array:
    """Negative log-likelihood `-log_probs[..., label]` of integer labels.

    Shapes (..., n) and (...) give (...). On a GPU, which is not waited for, the loss of a label
    outside of `range(n)` is NaN.

    Raises:
        InvalidArgument: On the CPU, for a label outside of `range(n)`; and where shapes do not fit.

    Example:
        >>> log_probs = gg.log_softmax(np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
        >>> gg.nll(log_probs, np.array([0, 2])).round(4)
        array([0.2395, 1.0986])
    """
    _check_shapes(log_probs, labels, log_probs.shape[:-1])
    return xp.nll(xp.floating(log_probs), labels)


@op()
def one_hot(xp: Namespace, labels: Array, /, n: int, dtype: DTypeLike) -> Array:
    """Rows of length `n` that are 1 at their label and 0 elsewhere; all 0 for one out of range.

    Labels of shape (...) give an array of shape (..., n) and of that `dtype`.

    Raises:
        InvalidArgument: For labels that are no integers, or an `n` that is none or is negative.

    Example:
        >>> gg.one_hot(np.array([0, 2]), 3, np.float64)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    if is_inexact(labels.dtype) or not isinstance(n, int) or n < 0:
        raise InvalidArgument(
            f"one_hot: labels have dtype {labels.dtype} and n is {n!r}; expected integers, and a "
            "number of classes of at least 0."
        )
    return xp.one_hot(labels, n, dtype)


@op(
    lambda g, softmax, labels, xp: xp.sum(
        xp.scale(g, softmax - xp.one_hot(labels, softmax.shape[-1], softmax.dtype)), axis=-1
    ),
    lambda g, to_losses, xp: xp.scale(xp.expand_dims(to_losses, axis=-1), g),
    None,
    public=False,
)
def cross_entropy_vjp(xp: Namespace, to_losses: Array, softmax: Array, labels: Array) -> Array:
    """The cotangent of logits, `to_losses * (softmax - one_hot(labels))`, one row for each loss."""
    return xp.cross_entropy_vjp(to_losses, softmax, labels)


def _cross_entropy_rule(
    g: tuple[Array, Array],
    y: tuple[Array, Array],
    labels: Array,
    used: tuple[bool, ...],
    xp: Namespace,
) -> tuple[Array | None, None]:
    to_losses, to_shares = g
    _, shares = y
    total: Array | None = None
    if used[0]:
        total = xp.cross_entropy_vjp(to_losses, shares, labels)
    if used[1]:
        weighted = xp.scale(to_shares, shares)
        inner = weighted - xp.scale(xp.sum(weighted, axis=-1, keepdims=True), shares)
        total = inner if total is None else total + inner
    return total, None


@op(vjp=_cross_entropy_rule, results=2, in_single=True, public=False)
def cross_entropy_and_softmax(xp: Namespace, logits: Array, labels: Array) -> tuple[Array, Array]:
    """`softmax_cross_entropy` for integer labels, and the softmax, which its gradient needs."""
    _check_shapes(logits, labels, logits.shape[:-1])
    losses, softmax = xp.cross_entropy(xp.floating(logits), labels)
    return losses, softmax


def _check_shapes(logits: Array, labels: Array, wanted: tuple[int, ...]) -> None:
    if not logits.shape or not logits.shape[-1]:
        raise InvalidArgument(
            f"logits have shape {logits.shape}; expected rows of a number for each class, of "
            "which there is one at least: (..., n)."
        )
    if labels.shape != wanted:
        raise InvalidArgument(
            f"labels have shape {labels.shape} and dtype {labels.dtype} for rows of shape "
            f"{logits.shape}. Expected integers of shape {logits.shape[:-1]}, or "
            f"probabilities of shape {logits.shape}."
        )


@composed(edges="NaN with integer labels where a logit is infinite")
def softmax_cross_entropy(
    logits: Array, labels: Array, /, *, label_smoothing: float = 0.0
) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss per row.

    Args:
        logits: Floating-point numbers of shape (..., n), with one per class in each row.
        labels: Integers of shape (...) in `range(n)`, or the probability of each class, such as
            one-hot rows, with the shape of `logits`. On a GPU, where checking would mean waiting,
            the loss for an integer out of range is NaN.
        label_smoothing: The share of each label, from 0 to 1, that all n classes get evenly, as in
            Szegedy et al. 2015, arXiv:1512.00567.

    Raises:
        InvalidArgument: For other shapes or shares, and on the CPU for integer labels out of range.

    Example:
        >>> logits = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        >>> labels = np.array([0, 2])
        >>> gg.softmax_cross_entropy(logits, labels).round(4)
        array([0.2395, 1.0986])
        >>> loss = lambda logits: gg.mean(gg.softmax_cross_entropy(logits, labels))
        >>> gg.grad(loss)(logits).round(3)
        array([[-0.107,  0.053,  0.053],
               [ 0.167,  0.167, -0.333]])
    """
    if not hasattr(labels, "dtype"):
        raise UnsupportedOperand(
            f"softmax_cross_entropy: the labels are a {type(labels).__name__}; expected an array "
            "or Tensor, for example np.asarray(labels)."
        )
    share = settled(setting_of("softmax_cross_entropy: label_smoothing", label_smoothing))
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise InvalidArgument(
            f"softmax_cross_entropy: label_smoothing is {label_smoothing!r}; expected a number "
            "from 0 to 1."
        )
    if is_inexact(labels.dtype):
        found = _with_shares(logits, labels)
    else:
        found = cross_entropy_and_softmax(logits, labels)[0]
    if not share:
        return found
    even = ops.mean(ops.log_softmax(logits), axis=-1)
    return ops.subtract(ops.multiply(found, 1 - float(share)), ops.multiply(even, float(share)))


@in_single
def _with_shares(logits: Array, labels: Array) -> Array:
    """The cross entropy with labels that hold the probability of each class."""
    log_probs = ops.log_softmax(logits)
    _check_shapes(log_probs, labels, log_probs.shape)
    # `scale`, because a class of probability 0 counts 0 even where its logit is -inf.
    return -ops.sum(ops.scale(labels, log_probs), axis=-1)


def _binary_rule(g: Array, logits: Array, labels: Array, xp: Namespace) -> Array:
    # Not sigmoid(logits) - labels, which would be 0 where a small error is left.
    labels = xp.astype(labels, logits.dtype)
    slope = (1 - labels) * xp.sigmoid(logits) - labels * xp.sigmoid(-logits)
    return xp.scale(g, slope)


def _binary(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.logaddexp(0, logits) - labels * logits
    return found


@op(
    _binary_rule,
    lambda g, logits, xp: -xp.scale(g, logits),
    in_single=True,
    reference=_binary,
    example=(call(of(2, 3), of(2, 3)), call(of(2, 3), of(3))),
    edges="0 where a logit is infinite and its label right",
)
def sigmoid_binary_cross_entropy(xp: Namespace, logits: Array, labels: Array) -> Array:
    """Cross entropy of `sigmoid(logits)` with `labels`: one loss per element.

    `-labels * log(p) - (1 - labels) * log(1 - p)` of the probability `p = sigmoid(logits)`, which
    keeps its digits where that rounds to 0 or 1. Labels are 0 or 1, of any dtype, or probabilities.
    One of the operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: Where both would broadcast: of shapes (n, 1) and (n,), each would be
            compared with each.

    Example:
        >>> logits, labels = np.array([-2.0, 0.0, 40.0]), np.array([0, 1, 1])
        >>> gg.sigmoid_binary_cross_entropy(logits, labels).round(4)
        array([0.1269, 0.6931, 0.    ])
        >>> loss = lambda logits: gg.mean(gg.sigmoid_binary_cross_entropy(logits, labels))
        >>> gg.grad(loss)(logits).round(4)
        array([ 0.0397, -0.1667, -0.    ])
    """
    check_real("sigmoid_binary_cross_entropy", logits)
    check_real("sigmoid_binary_cross_entropy", labels)
    check_pairs("sigmoid_binary_cross_entropy", logits.shape, labels.shape, "logits", "labels")
    logits = xp.floating(logits)
    if not is_inexact(labels.dtype):
        labels = xp.astype(labels, logits.dtype)
    small = xp.log1p(xp.exp(-xp.abs(logits)))
    wrong = xp.scale(1 - labels, xp.maximum(logits, 0)) + xp.scale(labels, xp.maximum(-logits, 0))
    return wrong + small


def _huber(predicted: np.ndarray, target: np.ndarray, delta: float = 1.0) -> np.ndarray:
    size = np.abs(predicted - target)
    found: np.ndarray = np.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta))
    return found


def _huber_slope(predicted: Array, target: Array, delta: float, xp: Namespace) -> Array:
    return xp.minimum(xp.maximum(predicted - target, -delta), delta)


@op(
    lambda g, predicted, target, delta, xp: g * _huber_slope(predicted, target, delta, xp),
    lambda g, predicted, target, delta, xp: -g * _huber_slope(predicted, target, delta, xp),
    in_single=True,
    reference=_huber,
    example=call(of(2, 3), of(2, 3), delta=0.3),
)
def huber_loss(
    xp: Namespace, predicted: Array, target: Array, /, *, delta: float = 1.0
) -> Array:
    """Half the square of a small error and the size of a large one: one loss per element.

    `e**2 / 2` where the error `e = predicted - target` is within `delta`, else `delta * (|e| -
    delta / 2)`. See P. Huber, "Robust estimation of a location parameter" (1964). One of the
    operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: For a `delta` that is no positive number, and where both operands would
            broadcast.

    Example:
        >>> target = np.array([0.0, 0.0, 0.0])
        >>> gg.huber_loss(np.array([0.5, 1.0, -3.0]), target)
        array([0.125, 0.5  , 2.5  ])
        >>> gg.grad(lambda x: gg.sum(gg.huber_loss(x, target)))(np.array([0.5, 1.0, -3.0]))
        array([ 0.5,  1. , -1. ])
    """
    check_real("huber_loss", predicted)
    check_real("huber_loss", target)
    check_pairs("huber_loss", predicted.shape, target.shape)
    if not isinstance(delta, int | float) or isinstance(delta, bool) or not 0 < delta < inf:
        raise InvalidArgument(f"huber_loss: delta is {delta!r}; expected a positive number.")
    if not (is_inexact(predicted.dtype) or is_inexact(target.dtype)):
        predicted = xp.floating(predicted)          # a difference of integers could wrap around
    size = xp.abs(predicted - target)
    small = xp.minimum(size, delta)
    return small * (size - 0.5 * small)


@op(
    lambda g, predicted, target, xp: _mse_rule(g, predicted, target, xp),
    lambda g, predicted, target, xp: -_mse_rule(g, predicted, target, xp),
    in_single=True,
)
def mean_squared_error(xp: Namespace, predicted: Array, target: Array) -> Array:
    """Mean of `(predicted - target) ** 2` over all elements.

    One of the operands may broadcast to the shape of the other.

    Raises:
        InvalidArgument: Where both would broadcast: of shapes (n, 1) and (n,), each would be
            compared with each.

    Example:
        >>> target = np.array([1.0, 2.0, 3.0])
        >>> gg.mean_squared_error(np.array([1.0, 2.0, 5.0]), target).round(4)
        np.float64(1.3333)
        >>> gg.grad(gg.mean_squared_error)(np.array([1.0, 2.0, 5.0]), target).round(4)
        array([0.    , 0.    , 1.3333])
    """
    check_pairs("mean_squared_error", predicted.shape, target.shape)
    if not (is_inexact(predicted.dtype) or is_inexact(target.dtype)):
        predicted = xp.floating(predicted)          # a difference of integers could wrap around
    return xp.mean(xp.square(predicted - target))


def check_pairs(
    name: str, predicted: Shape, target: Shape, one: str = "predicted", other: str = "target"
) -> None:
    """Raise `InvalidArgument` unless one of two shapes is that to which both broadcast."""
    predicted, target = tuple(predicted), tuple(target)
    if predicted == target:
        return
    given = f"{name}: {one} has shape {predicted} and {other} {target}"
    try:
        both = np.broadcast_shapes(predicted, target)
    except ValueError as error:
        raise InvalidArgument(f"{given}: {error}. Expected elements in pairs.") from error
    if both not in (predicted, target):
        raise InvalidArgument(
            f"{given}, so that each would be compared with others, {both} in all. Reshape one of "
            "them like the other."
        )


def _mse_rule(g: Array, predicted: Array, target: Array, xp: Namespace) -> Array:
    difference = predicted - target
    return xp.scale(g * (2 / max(prod(difference.shape), 1)), difference)
