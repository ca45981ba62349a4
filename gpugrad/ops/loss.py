"""Losses. Those of a network's output give one number for each row, for the caller to reduce."""

from __future__ import annotations

from math import prod

import numpy as np

from gpugrad.backends import Namespace, is_inexact
from gpugrad.core.half import in_single
from gpugrad.core.op import op
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.types import Array, DTypeLike, Shape

__all__ = [
    "mean_squared_error",
    "nll",
    "one_hot",
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
            f"{logits.shape}. Wanted are integers of shape {logits.shape[:-1]}, or "
            f"probabilities of shape {logits.shape}."
        )


@composed(edges="NaN with integer labels where a logit is infinite")
def softmax_cross_entropy(logits: Array, labels: Array, /) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss per row.

    Args:
        logits: Floating-point numbers of shape (..., n), with one per class in each row.
        labels: Integers of shape (...) in `range(n)`, or the probability of each class, such as
            one-hot rows, with the shape of `logits`. On a GPU, where checking would mean waiting,
            the loss for an integer out of range is NaN.

    Raises:
        InvalidArgument: For other shapes, and on the CPU for integer labels out of range.

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
    if not is_inexact(labels.dtype):
        return cross_entropy_and_softmax(logits, labels)[0]
    return _with_shares(logits, labels)


@in_single
def _with_shares(logits: Array, labels: Array) -> Array:
    """The cross entropy with labels that hold the probability of each class."""
    log_probs = ops.log_softmax(logits)
    _check_shapes(log_probs, labels, log_probs.shape)
    # `scale`, because a class of probability 0 counts 0 even where its logit is -inf.
    return -ops.sum(ops.scale(labels, log_probs), axis=-1)


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


def check_pairs(name: str, predicted: Shape, target: Shape) -> None:
    """Raise `InvalidArgument` unless one of two shapes is that to which both broadcast."""
    predicted, target = tuple(predicted), tuple(target)
    if predicted == target:
        return
    given = f"{name}: predicted has shape {predicted} and target {target}"
    try:
        both = np.broadcast_shapes(predicted, target)
    except ValueError as error:
        raise InvalidArgument(f"{given}: {error}. Wanted are elements in pairs.") from error
    if both not in (predicted, target):
        raise InvalidArgument(
            f"{given}, so that each would be compared with others, {both} in all. Reshape one of "
            "them like the other."
        )


def _mse_rule(g: Array, predicted: Array, target: Array, xp: Namespace) -> Array:
    difference = predicted - target
    return xp.scale(g * (2 / max(prod(difference.shape), 1)), difference)
