"""What is minimised, and what is added up over rows on the way."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.train.config import Settled
from gpugrad.train.metrics import Score
from gpugrad.train.target import Target
from gpugrad.train.tasks.task import Losses, Model, Sums, Task, Totals
from gpugrad.types import Array, Shape


@dataclass(frozen=True)
class Objective:
    """The loss of a task and its sums; weights are (rows, 2), for losses and for metrics."""

    task: Task
    losses: Losses
    shapes: tuple[Shape, ...]  # of the sums

    @classmethod
    def make(cls, config: Settled, target: Target) -> Objective:
        """The one that settings ask for."""
        task = config.kind
        losses = task.loss(config.loss, config.label_smoothing)
        return cls(task, losses, ((), *task.tallied(target)))

    def weighted(self, outputs: Array, y: Array, weights: Any) -> Array:
        """The loss of each row, by its weight."""
        losses = self.losses(outputs, y)
        return losses if weights is None else losses * weights[:, 0]

    def sums(self, outputs: Array, losses: Array, y: Array, weights: Any) -> Sums:
        """The sum of the losses, which are weighted already, and what the metric is made of."""
        weight = None if weights is None else weights[:, 1]
        return sum(astype(losses, "float64")), *self.task.tally(outputs, y, weight)

    def of(self, model: Model, x: Array, y: Array, weights: Any) -> Sums:
        """The sums of a model."""
        outputs = model(x)
        return self.sums(outputs, self.weighted(outputs, y, weights), y, weights)

    def zeros(self, backend: Namespace) -> Sums:
        """The sums over no rows, on the device."""
        return tuple(backend.asarray(np.zeros(shape, np.float64)) for shape in self.shapes)

    @property
    def width(self) -> int:
        """How many numbers the sums are."""
        return builtins.sum(map(prod, self.shapes))

    def line(self, sums: Sums, backend: Namespace) -> Array:
        """All sums in one line, so that the device is read once for them."""
        return backend.concat([backend.reshape(each, (-1,)) for each in sums])

    def score(self, line: NDArray[np.float64], totals: Totals) -> Score:
        """What the sums in such a line come to."""
        ends = np.cumsum([prod(shape) for shape in self.shapes])[:-1]
        loss, *tallies = (
            part.reshape(shape)
            for part, shape in zip(np.split(line, ends), self.shapes, strict=True)
        )
        with np.errstate(over="ignore", invalid="ignore"):
            metric = self.task.measured(tuple(tallies), totals)
        return Score(float(loss) / totals.loss, metric, totals.rows)
