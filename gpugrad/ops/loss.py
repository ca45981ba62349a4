"""Losses. Those of a network's output give one number for each row, for the caller to reduce."""

from __future__ import annotations

from math import prod
from typing import Any

from gpugrad.backends import Array
from gpugrad.errors import InvalidArgument
from gpugrad.executor.cotangents import is_inexact
from gpugrad.op import op

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
def nll(xp: Any, log_probs: Array, labels: Array) -> Array:
    """Negative log-likelihood `-log_probs[..., label]` of integer labels.

    Shapes (..., n) and (...) give (...). A label outside of `range(n)` raises `InvalidArgument` on
    the CPU; on a GPU, which is not waited for, the loss is NaN.
    """
    return xp.nll(log_probs, labels)


@op()
def one_hot(xp: Any, labels: Array, /, n: int, dtype: Any) -> Array:
    """Rows of length `n` that are 1 at their label and 0 elsewhere."""
    return xp.one_hot(labels, n, dtype)


def _cross_entropy_rule(
    g: Array, logits: Array, labels: Array, needs: tuple[bool, ...], xp: Any
) -> tuple[Array | None, Array | None]:
    g = xp.expand_dims(g, axis=-1)
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    e = xp.exp(shifted)
    total = xp.sum(e, axis=-1, keepdims=True)
    to_labels = g * (xp.log(total) - shifted) if needs[1] else None
    if is_inexact(labels.dtype):
        weight = xp.sum(labels, axis=-1, keepdims=True)
        return g * (e * (weight / total) - labels), to_labels
    return g * (e / total - xp.one_hot(labels, logits.shape[-1], logits.dtype)), to_labels


@op(vjp=_cross_entropy_rule)
def softmax_cross_entropy(xp: Any, logits: Array, labels: Array) -> Array:
    """Cross entropy of the softmax of `logits` with `labels`: one loss for each row.

    `logits` has shape (..., n). Integer `labels` have shape (...) and values in `range(n)` (checked
    on the CPU; on a GPU the loss is NaN outside); floating ones have the shape of `logits` and hold
    the probability of each class, such as one-hot rows.
    """
    wanted = logits.shape if is_inexact(labels.dtype) else logits.shape[:-1]
    if labels.shape != wanted:
        raise InvalidArgument(
            f"softmax_cross_entropy: labels have shape {labels.shape} and dtype {labels.dtype} for "
            f"logits of shape {logits.shape}. Wanted are integers of shape {logits.shape[:-1]}, or "
            f"probabilities of shape {logits.shape}."
        )
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    log_total = xp.log(xp.sum(xp.exp(shifted), axis=-1))
    if not is_inexact(labels.dtype):
        return log_total + xp.nll(shifted, labels)
    return xp.sum(labels * (xp.expand_dims(log_total, axis=-1) - shifted), axis=-1)


@op(
    lambda g, predicted, target, xp: _mse_rule(g, predicted, target, xp),
    lambda g, predicted, target, xp: -_mse_rule(g, predicted, target, xp),
)
def mean_squared_error(xp: Any, predicted: Array, target: Array) -> Array:
    """Mean of `(predicted - target) ** 2` over all elements; the operands broadcast."""
    return xp.mean(xp.square(predicted - target))


def _mse_rule(g: Array, predicted: Array, target: Array, xp: Any) -> Array:
    difference = predicted - target
    return difference * (g * (2 / max(prod(difference.shape), 1)))
