"""What is measured: one record for each epoch, and in the end the scores on each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gpugrad.errors import CheckpointError
from gpugrad.train.fields import Fields
from gpugrad.train.tasks import TASKS


@dataclass(frozen=True)
class Score:
    """Mean loss, and the metric of the task, over `rows` rows."""

    loss: float
    metric: float
    rows: int


@dataclass(frozen=True)
class Scores:
    """What a model comes to on some rows.

    Args:
        rows: How many these are.
        values: The metrics by name, first the loss where it is known; `None` where there is none.
        reasons: Why there is none, by the names of these metrics.
        targets: Of several numbers that are predicted, the metrics of each by its name, of which
            those in `values` are means; of several labels, the F1 of each.
    """

    rows: int
    values: Mapping[str, float | None]
    reasons: Mapping[str, str]
    targets: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float | None:
        return self.values[name]

    def to_json(self) -> dict[str, object]:
        """As `summary.json` has it."""
        found: dict[str, object] = {"rows": self.rows, **self.values}
        if self.targets:
            found["targets"] = {name: dict(values) for name, values in self.targets.items()}
        return found | ({"undefined": dict(self.reasons)} if self.reasons else {})


@dataclass(frozen=True)
class Record:
    """One epoch that is over, a line of `metrics.jsonl`.

    The training figures are means over the epoch's batches, each measured before its update; the
    validation figures are measured after the last update, and are `None` without validation rows.
    No clock enters, so that equal runs write equal bytes.

    Args:
        epoch: Its number, from 1 on.
        step: How many updates there have been.
        learning_rate: That of the last one.
        metric: The name of the task's metric, such as "accuracy".
    """

    epoch: int
    step: int
    learning_rate: float
    metric: str
    train_loss: float
    train_metric: float
    validation_loss: float | None
    validation_metric: float | None

    def to_json(self) -> dict[str, object]:
        """The line, where the metric stands under its own name."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "learning_rate": self.learning_rate,
            "train_loss": self.train_loss,
            f"train_{self.metric}": self.train_metric,
            "validation_loss": self.validation_loss,
            f"validation_{self.metric}": self.validation_metric,
        }

    @classmethod
    def read(cls, found: Fields) -> Record:
        """The record that a line holds."""
        names = (task.metric for task in TASKS.values())
        metric = next((name for name in names if f"train_{name}" in found.left), "accuracy")
        low = float("-inf")                         # R2 has no bound below
        record = cls(
            epoch=found.whole("epoch", low=1),
            step=found.whole("step", low=1),
            learning_rate=found.number("learning_rate"),
            metric=metric,
            train_loss=found.number("train_loss"),
            train_metric=found.number(f"train_{metric}", low, high=1.0),
            validation_loss=found.number_if_any("validation_loss"),
            validation_metric=found.number_if_any(f"validation_{metric}", low, high=1.0),
        )
        found.end()
        if (record.validation_loss is None) != (record.validation_metric is None):
            raise CheckpointError(
                f"{found.path}: of the validation figures of epoch {record.epoch}, one is null"
            )
        return record


MEASURED = (
    "learning_rate", "train_loss", "train_metric", "validation_loss", "validation_metric"
)  # fmt: skip


def to_array(records: Sequence[Record]) -> NDArray[np.float64]:
    """What was measured in each epoch, (n, 5), with NaN where there are no validation rows.

    Numbers of epochs and steps follow from it.
    """
    rows = [[getattr(record, name) for name in MEASURED] for record in records]
    return np.array(rows, np.float64).reshape(-1, len(MEASURED))


def from_array(array: NDArray[np.float64], steps: int, metric: str) -> tuple[Record, ...]:
    """The records that `to_array` was given, of epochs with so many `steps`."""
    def record(number: int, row: list[float]) -> Record:
        rate, loss, measured, *validated = row
        rest = (None, None) if np.isnan(validated[0]) else validated
        return Record(number, number * steps, rate, metric, loss, measured, *rest)

    return tuple(record(number, row) for number, row in enumerate(array.tolist(), 1))


def confusion(
    y: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """How often class i (row) was taken for class j (column): (classes, classes)."""
    counts = np.bincount(y * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)
