"""The loss of outputs that are the logits of yes or no."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpugrad.ops.activation import softplus
from gpugrad.ops.reduction import mean
from gpugrad.types import Array


def cross_entropy(logits: Array, y: Array) -> Array:
    """Cross entropy of each logit with 0 or 1 or what is between them: the mean of a row's."""
    return mean(softplus(logits) - y * logits, axis=1)


def smoothed(logits: Array, y: Array, smoothing: float) -> Array:
    """The same, where half of that part is moved from what is true to what is not."""
    return cross_entropy(logits, y * (1 - smoothing) + smoothing / 2)


def probability(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of yes, without overflow."""
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1.0, small) / (1.0 + small)
