"""Numbers, one or several for each row, learned in units of their standard deviations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import Dataset, Standardiser
from gpugrad.errors import DataError
from gpugrad.ops.elementwise import abs, minimum, square
from gpugrad.ops.reduction import mean, sum
from gpugrad.ops.shape import astype
from gpugrad.train.target import Target, columns_of, shortly
from gpugrad.train.tasks.task import Found, Losses, Predictions, Sums, Task, Totals
from gpugrad.types import Array, Shape


def _huber(error: Array) -> Array:
    """Half the square up to 1, and then straight on."""
    size = abs(error)
    near = minimum(size, 1.0)
    return near * (size - 0.5 * near)


def _of(cost: Callable[[Array], Array]) -> Losses:
    """A loss of each row: the mean cost of its errors."""
    return lambda outputs, y: mean(cost(outputs - y), axis=1)


class Regression(Task):
    """A number for each target.

    Losses are of errors in standard deviations of the training targets: a squared loss of 1 is that
    of predicting their mean.
    """

    name = "regression"
    metric = "r2"
    unit = "error, with targets in standard deviations"
    losses: ClassVar = {"squared": _of(square), "absolute": _of(abs), "huber": _of(_huber)}
    scaled = True

    def target(self, source: str, dataset: Dataset) -> Target:
        assert dataset.y is not None
        return columns_of(source, dataset.y, dataset.target_names or dataset.columns)

    def encode(self, source: str, y: np.ndarray, target: Target) -> NDArray[np.float64]:
        columns = len(target.names)
        if y.dtype.kind not in "bif":
            raise DataError(
                f"{source}: y holds texts, such as {shortly(y.flat[0])}; expected numbers to "
                "predict. To learn classes, leave the task out"
            )
        if y.shape[1:] != (() if y.ndim == 1 and columns == 1 else (columns,)):
            raise DataError(
                f"{source}: y has shape {y.shape}; expected (rows, {columns}), a number for each "
                "of the targets that the model was trained on"
            )
        return y.reshape(len(y), -1).astype(np.float64)

    def scaling(self, encoded: np.ndarray, rows: NDArray[np.int64]) -> Standardiser:
        return Standardiser.fit(encoded, rows, "targets")

    def tallied(self, target: Target) -> tuple[Shape, ...]:
        return ((len(target.names),),)

    def tally(self, outputs: Any, y: Any, weight: Any) -> Sums:
        errors = square(astype(outputs, "float64") - y)
        return (sum(errors if weight is None else errors * weight[:, None], axis=0),)

    def measured(self, sums: Sums, totals: Totals) -> float:
        """The mean R2 of the targets; 0 for one that is the same in all rows."""
        missed, spread = np.asarray(sums[0]), totals.spread
        differs = spread > 0
        parts = np.divide(missed, spread, out=np.ones_like(missed), where=differs)
        return float(1 - parts.mean())

    def predictions(
        self, outputs: NDArray[np.float64], scaling: Standardiser | None
    ) -> Predictions:
        assert scaling is not None
        return Predictions(scaling.undo(outputs))

    def decoded(self, values: np.ndarray, target: Target) -> np.ndarray:
        return values[:, 0] if target.flat else values

    def scores(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Found:
        from gpugrad.train import quality  # its import takes a second

        return quality.of_numbers(encoded, predicted.values, weight)

    def scores_of_each(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Sequence[Found]:
        from gpugrad.train import quality  # its import takes a second

        if encoded.shape[1] < 2:
            return ()
        return quality.of_each_number(encoded, predicted.values, weight)
