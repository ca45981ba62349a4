"""What is measured: the score of a model on some rows, and one record for each epoch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

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

    def to_line(self) -> bytes:
        """The record as one line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"


def parse_records(content: bytes) -> list[Record]:
    """The records in the contents of a `metrics.jsonl`."""
    return [Record(**json.loads(line)) for line in content.splitlines()]


def confusion(y: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """How often class i (row) was taken for class j (column): (classes, classes)."""
    counts = np.bincount(y * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)
