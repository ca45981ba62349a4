"""The loss of outputs that are the logits of yes or no."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpugrad.ops.activation import softplus
from gpugrad.ops.reduction import mean
from gpugrad.train.tasks.task import Losses
from gpugrad.types import Array


def cross_entropy(smoothing: float) -> Losses:
    """Cross entropy of each logit with 0 or 1 in nats, the mean of a row's.

    With smoothing, a half of that part is moved from what is true to what is not.
    """
    def losses(logits: Array, y: Array) -> Array:
        shares = y * (1 - smoothing) + smoothing / 2 if smoothing else y
        return mean(softplus(logits) - shares * logits, axis=1)

    return losses


def probability(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of yes, without overflow."""
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1.0, small) / (1.0 + small)
