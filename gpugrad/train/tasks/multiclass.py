"""One of several classes, each with an output of its own."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import Dataset, Standardiser
from gpugrad.nn import softmax_cross_entropy
from gpugrad.ops.logic import argmax
from gpugrad.ops.loss import one_hot
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.train.target import Target, classes_of
from gpugrad.train.tasks.task import Found, Predictions, Sums, Task, Totals
from gpugrad.types import Array


def smoothed(logits: Array, labels: Array, smoothing: float) -> Array:
    """Cross entropy of the softmax, where a part of each label is spread over all classes.

    C. Szegedy et al., "Rethinking the Inception architecture for computer vision" (2016).
    """
    classes = logits.shape[-1]
    shares = one_hot(labels, classes, logits.dtype) * (1 - smoothing) + smoothing / classes
    return softmax_cross_entropy(logits, shares)


class Multiclass(Task):
    """One of two or more classes for each row."""

    name = "multiclass"
    metric = "accuracy"
    unit = "in nats per row"
    losses: ClassVar = {"cross_entropy": softmax_cross_entropy}
    smoothed: ClassVar = {"cross_entropy": smoothed}

    def target(self, source: str, dataset: Dataset) -> Target:
        assert dataset.y is not None
        return classes_of(source, dataset.y, dataset.target_names)

    def encode(self, source: str, y: np.ndarray, target: Target) -> NDArray[np.int64]:
        return target.codes(source, y)

    def classes(self, encoded: np.ndarray) -> NDArray[np.int64]:
        return encoded

    def tally(self, outputs: Any, y: Any, weight: Any) -> Sums:
        hits = astype(argmax(outputs, axis=1) == y, "float64")
        return (sum(hits if weight is None else hits * weight),)

    def measured(self, sums: Sums, totals: Totals) -> float:
        return min(float(sums[0]) / totals.weight, 1.0)     # weights are added up in another order

    def predictions(
        self, outputs: NDArray[np.float64], scaling: Standardiser | None
    ) -> Predictions:
        exponents = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        shares = exponents / exponents.sum(axis=1, keepdims=True)
        return Predictions(outputs.argmax(axis=1), shares)

    def decoded(self, values: np.ndarray, target: Target) -> np.ndarray:
        labels: np.ndarray = target.values()[values]
        return labels

    def scores(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Found:
        from gpugrad.train import quality  # its import takes a second

        assert predicted.shares is not None
        return quality.of_classes(encoded, predicted.values, predicted.shares, weight)
