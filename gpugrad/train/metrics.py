"""What is measured: the score of a model on some rows, and one record for each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gpugrad.train.fields import Fields

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Mean cross entropy in nats, and the share of rows whose class was found, over `rows` rows."""

    loss: float
    accuracy: float
    rows: int


@dataclass(frozen=True)
class Record:
    """One line of `metrics.jsonl`: an epoch that is over.

    The training figures are means over the epoch's batches, each measured before its update; the
    validation figures are measured after the last update. No clock enters, so that equal runs write
    equal bytes.
    """

    epoch: int
    step: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float

    @classmethod
    def read(cls, found: Fields) -> Record:
        """The record that a line holds."""
        record = cls(
            epoch=found.whole("epoch", low=1),
            step=found.whole("step", low=1),
            learning_rate=found.number("learning_rate"),
            train_loss=found.number("train_loss"),
            train_accuracy=found.number("train_accuracy", high=1.0),
            validation_loss=found.number("validation_loss"),
            validation_accuracy=found.number("validation_accuracy", high=1.0),
        )
        found.end()
        return record


MEASURED = [field.name for field in fields(Record) if field.name not in ("epoch", "step")]


def to_array(records: Sequence[Record]) -> NDArray[np.float64]:
    """What was measured in each epoch, (n, 5); numbers of epochs and steps follow from it."""
    rows = [[getattr(record, name) for name in MEASURED] for record in records]
    return np.array(rows, np.float64).reshape(-1, len(MEASURED))


def from_array(array: NDArray[np.float64], steps: int) -> tuple[Record, ...]:
    """The records that `to_array` was given, of epochs with so many `steps`."""
    return tuple(
        Record(number, number * steps, *row) for number, row in enumerate(array.tolist(), 1)
    )


def confusion(y: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """How often class i (row) was taken for class j (column): (classes, classes)."""
    counts = np.bincount(y * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)
