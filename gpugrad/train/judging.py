"""Judging predictions by what is true, as a report does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds
from gpugrad.train.metrics import Scores, confusion
from gpugrad.train.run_data import RunData
from gpugrad.train.scoring import outputs_of, rows_at_once
from gpugrad.train.tasks.task import Found, Model, Predictions, Task
from gpugrad.train.weights import near_one


@dataclass(frozen=True)
class Judged:
    """Rows of one part with what is true of them, encoded, and what was predicted.

    `numbers` are those of the rows in their data set; `weight` is `None` where all count the same.
    """

    part: str
    numbers: NDArray[np.int64]
    encoded: np.ndarray
    predicted: Predictions
    weight: NDArray[np.float64] | None

    def scores(
        self, task: Task, names: tuple[str, ...], loss: float | None = None
    ) -> Scores:
        """The metrics of the task, after the loss where that is known; `names` are of targets."""
        values: dict[str, float | None] = {} if loss is None else {"loss": loss}
        if self.weight is not None and not self.weight.any():
            values[task.metric] = None
            return Scores(len(self.encoded), values, {task.metric: "all rows have the weight 0"})
        weight = None if self.weight is None else near_one(self.weight)
        found = task.scores(self.encoded, self.predicted, weight)
        values |= _numbers(found)
        reasons = {name: value for name, value in found.items() if isinstance(value, str)}
        each = task.scores_of_each(self.encoded, self.predicted, weight)
        targets = {name: _numbers(found) for name, found in zip(names, each, strict=False)}
        return Scores(len(self.encoded), values, reasons, targets)

    def confusion(self, task: Task, classes: int) -> NDArray[np.int64] | None:
        """How often each class was taken for each, where there are classes."""
        y = task.classes(self.encoded)
        return None if y is None else confusion(y, self.predicted.values, classes)


def _numbers(found: Found) -> dict[str, float | None]:
    """The metrics, `None` for those that are not defined."""
    return {name: None if isinstance(x, str) else x for name, x in found.items()}


def judge(model: Model, run_data: RunData, name: str, task: Task, backend: Namespace) -> Judged:
    """What a model predicts for the rows of that part."""
    part: Any = getattr(run_data, name)
    batches = (
        part.between(start, stop)[0]
        for start, stop in batch_bounds(len(part), rows_at_once(part.shape))
    )
    outputs = outputs_of(model, batches, backend)
    numbers = getattr(run_data.rows, name)
    weight = run_data.dataset.sample_weight
    return Judged(
        name,
        numbers,
        run_data.encoded[numbers],
        task.predictions(outputs, run_data.fitted.targets),
        None if weight is None else weight[numbers],
    )
