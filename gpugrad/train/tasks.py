"""What a network can be trained for: by the name of a task, the loss of each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gpugrad.nn import softmax_cross_entropy
from gpugrad.ops.loss import one_hot
from gpugrad.types import Array

Model: TypeAlias = Callable[[Array], Array]
"""A network, from rows (n, features) to outputs (n, classes): a tree whose leaves are weights."""

Losses: TypeAlias = Callable[[Array, Array], Array]
"""From outputs (n, classes) and labels (n,) to what is to become small, a number for each row."""

SPREAD = 0.1  # of a label over all classes, as is customary


def smoothed(logits: Array, labels: Array) -> Array:
    """Cross entropy with labels of which a part is spread over all classes.

    C. Szegedy et al., "Rethinking the Inception architecture for computer vision" (2016).
    """
    classes = logits.shape[-1]
    shares = one_hot(labels, classes, logits.dtype) * (1 - SPREAD) + SPREAD / classes
    return softmax_cross_entropy(logits, shares)


TASKS: dict[str, Losses] = {
    "classify": softmax_cross_entropy,
    "classify-smoothed": smoothed,
}
"""What `gpugrad train` offers by name."""
