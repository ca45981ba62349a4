"""One of two classes: one output, the logit of the second one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import Dataset, Standardiser
from gpugrad.errors import DataError
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.train.target import Target, classes_of
from gpugrad.train.tasks import sigmoid
from gpugrad.train.tasks.task import Found, Predictions, Sums, Task, Totals


class Binary(Task):
    """One of two classes for each row; the second one is the positive one."""

    name = "binary"
    metric = "accuracy"
    unit = "in nats per row"
    losses: ClassVar = {"cross_entropy": sigmoid.cross_entropy}
    smoothed: ClassVar = {"cross_entropy": sigmoid.smoothed}

    def target(self, source: str, dataset: Dataset) -> Target:
        assert dataset.y is not None
        target = classes_of(source, dataset.y, dataset.target_names)
        if len(target.names) != 2:
            raise DataError(
                f"{source}: y has {len(target.names)} classes; expected 2. For more, use "
                "the task multiclass"
            )
        return target

    def encode(self, source: str, y: np.ndarray, target: Target) -> NDArray[np.float64]:
        return target.codes(source, y)[:, None].astype(np.float64)

    def outputs(self, target: Target) -> int:
        return 1

    def classes(self, encoded: np.ndarray) -> NDArray[np.int64]:
        return encoded[:, 0].astype(np.int64)

    def tally(self, outputs: Any, y: Any, weight: Any) -> Sums:
        hits = astype(((outputs > 0) == (y > 0))[:, 0], "float64")
        return (sum(hits if weight is None else hits * weight),)

    def measured(self, sums: Sums, totals: Totals) -> float:
        return min(float(sums[0]) / totals.weight, 1.0)     # weights are added up in another order

    def predictions(
        self, outputs: NDArray[np.float64], scaling: Standardiser | None
    ) -> Predictions:
        positive = sigmoid.probability(outputs)
        shares = np.concatenate([sigmoid.probability(-outputs), positive], axis=1)
        return Predictions((outputs[:, 0] > 0).astype(np.int64), shares)

    def decoded(self, values: np.ndarray, target: Target) -> np.ndarray:
        labels: np.ndarray = target.values()[values]
        return labels

    def scores(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Found:
        from gpugrad.train import quality  # its import takes a second

        assert predicted.shares is not None
        y = self.classes(encoded)
        return quality.of_classes(y, predicted.values, predicted.shares, weight)
