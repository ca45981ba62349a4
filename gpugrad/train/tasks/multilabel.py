"""Several labels, each of which holds or does not: an output for each, its logit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import Dataset, Standardiser
from gpugrad.errors import DataError
from gpugrad.ops.logic import logical_and
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.train.target import Target, columns_of
from gpugrad.train.tasks import sigmoid
from gpugrad.train.tasks.task import Found, Predictions, Sums, Task, Totals
from gpugrad.types import Shape


class Multilabel(Task):
    """Of each label whether it holds, for each row."""

    name = "multilabel"
    metric = "micro_f1"
    unit = "in nats per row and label"
    losses: ClassVar = {"cross_entropy": sigmoid.cross_entropy}
    smoothed: ClassVar = {"cross_entropy": sigmoid.smoothed}

    def target(self, source: str, dataset: Dataset) -> Target:
        assert dataset.y is not None
        if dataset.y.ndim != 2:
            raise DataError(
                f"{source}: y has shape {dataset.y.shape}; expected (rows, labels), of 0 "
                "and 1"
            )
        return columns_of(source, dataset.y, dataset.target_names or dataset.columns)

    def encode(self, source: str, y: np.ndarray, target: Target) -> NDArray[np.float64]:
        if y.shape[1:] != (len(target.names),):
            raise DataError(
                f"{source}: y has shape {y.shape}; expected (rows, {len(target.names)})"
            )
        wrong = np.argwhere((y != 0) & (y != 1)) if y.dtype.kind in "bif" else [[0, 0]]
        if len(wrong):
            row, column = wrong[0]
            raise DataError(
                f"{source}: y[{row}, {column}] is {y[row, column]!r}; expected 0 where a label "
                "does not hold, and 1 where it does"
            )
        return y.astype(np.float64)

    def tallied(self, target: Target) -> tuple[Shape, ...]:
        return (), ()

    def tally(self, outputs: Any, y: Any, weight: Any) -> Sums:
        found, true = outputs > 0, y > 0
        right = sum(astype(logical_and(found, true), "float64"), axis=1)
        wrong = sum(astype(found != true, "float64"), axis=1)
        if weight is not None:
            right, wrong = right * weight, wrong * weight
        return sum(right), sum(wrong)

    def measured(self, sums: Sums, totals: Totals) -> float:
        right, wrong = (float(each) for each in sums)
        return 2 * right / (2 * right + wrong) if right else 0.0

    def predictions(
        self, outputs: NDArray[np.float64], scaling: Standardiser | None
    ) -> Predictions:
        return Predictions((outputs > 0).astype(np.int64), sigmoid.probability(outputs))

    def decoded(self, values: np.ndarray, target: Target) -> np.ndarray:
        return values

    def scores(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Found:
        from gpugrad.train import quality  # its import takes a second

        assert predicted.shares is not None
        y = encoded.astype(np.int64)
        return quality.of_labels(y, predicted.values, predicted.shares, weight)

    def scores_of_each(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Sequence[Found]:
        from gpugrad.train import quality  # its import takes a second

        found = quality.f1_of_each(encoded.astype(np.int64), predicted.values, weight)
        return [{"f1": value} for value in found.tolist()]
