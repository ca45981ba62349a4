"""What a task is: all that depends on what is to be learned, and nothing else of training does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import Dataset, Standardiser
from gpugrad.errors import InvalidArgument
from gpugrad.train.target import Target
from gpugrad.types import Array, Shape

Model: TypeAlias = Callable[[Array], Array]
"""A network, from rows (n, features) to outputs (n, outputs): a tree whose leaves are weights."""

Losses: TypeAlias = Callable[[Array, Array], Array]
"""From outputs (n, outputs) and targets to what is to become small, a number for each row."""

Sums: TypeAlias = tuple[Array, ...]
"""Sums over rows, in float64 on the device: of losses, and of what a metric is made of."""

Found: TypeAlias = Mapping[str, float | str]
"""Metrics by name: a number, or why there is none."""


@dataclass(frozen=True)
class Totals:
    """What the sums over the rows of a part are compared with.

    Args:
        rows: How many there are.
        loss: The sum of their weights in the loss.
        weight: The sum of their weights in metrics.
        spread: Of each target that is a number, the weighted sum of squared distances from its
            mean, (targets,), as the device has them.
    """

    rows: int
    loss: float
    weight: float
    spread: NDArray[np.float64]


@dataclass(frozen=True)
class Predictions:
    """What a model says of rows, as the task has it.

    Args:
        values: The number of the class of each row, (rows,); or of each target its number or
            whether it holds, (rows, targets).
        shares: The probability of each class, (rows, classes), or of each label, (rows, targets);
            `None` for numbers.
    """

    values: np.ndarray
    shares: NDArray[np.float64] | None = None

    def at(self, rows: NDArray[np.int64]) -> Predictions:
        """Those of some rows."""
        return Predictions(self.values[rows], None if self.shares is None else self.shares[rows])


class Task(ABC):
    """One kind of thing to learn.

    Targets are "encoded": numbers of classes as int64, (rows,), or numbers and truths as float64,
    (rows, targets). `encode` makes them of a data set's, and the rest of a task works with them.
    """

    name: str
    metric: str
    """What is measured after each epoch; larger is better, and 1 the best."""
    unit: str
    """That of the loss, as it reads after its name."""
    losses: ClassVar[Mapping[str, Losses]]
    """The losses by name; the first one is the default."""
    smoothed: ClassVar[Mapping[str, Callable[[Array, Array, float], Array]]] = {}
    """Those of them that can spread a part of each label over all, which is their last argument."""
    scaled = False
    """Whether targets are numbers, which are scaled, and not labels."""

    @abstractmethod
    def target(self, source: str, dataset: Dataset) -> Target:
        """What the targets of `dataset` mean; `DataError` where they do not suit the task.

        `source` is what the data are called in errors.
        """

    @abstractmethod
    def encode(self, source: str, y: np.ndarray, target: Target) -> np.ndarray:
        """The encoded targets; `DataError` where they do not mean that."""

    def loss(self, name: str, smoothing: float) -> Losses:
        """The loss of that name; `InvalidArgument` if there is none, or it cannot be smoothed."""
        if name not in self.losses:
            raise InvalidArgument(
                f"loss is '{name}', but the task is {self.name}; expected one of "
                f"{', '.join(self.losses)}"
            )
        if not smoothing:
            return self.losses[name]
        if name not in self.smoothed:
            raise InvalidArgument(
                f"label_smoothing is {smoothing:g}, but the loss {name} of the task {self.name} "
                "takes none; leave it out"
            )
        spread = self.smoothed[name]
        return lambda outputs, y: spread(outputs, y, smoothing)

    def outputs(self, target: Target) -> int:
        """How many numbers the network gives for a row."""
        return len(target.names)

    def classes(self, encoded: np.ndarray) -> NDArray[np.int64] | None:
        """The number of the class of each row, by which rows are split and weighed, if any."""
        return None

    def scaling(self, encoded: np.ndarray, rows: NDArray[np.int64]) -> Standardiser | None:
        """How targets are scaled by those of these training rows, if they are."""
        return None

    def tallied(self, target: Target) -> tuple[Shape, ...]:
        """The shapes of what `tally` gives."""
        return ((),)

    @abstractmethod
    def tally(self, outputs: Any, y: Any, weight: Any) -> Sums:
        """Sums over rows, which `measured` makes a metric of; without `weight`, all are equal."""

    @abstractmethod
    def measured(self, sums: Sums, totals: Totals) -> float:
        """The metric, from sums of `tally` on the host."""

    @abstractmethod
    def predictions(
        self, outputs: NDArray[np.float64], scaling: Standardiser | None
    ) -> Predictions:
        """What outputs (rows, outputs) mean."""

    @abstractmethod
    def decoded(self, values: np.ndarray, target: Target) -> np.ndarray:
        """The values of predictions as the targets of a data set are."""

    @abstractmethod
    def scores(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Found:
        """The metrics of a report, as scikit-learn computes them."""

    def scores_of_each(
        self, encoded: np.ndarray, predicted: Predictions, weight: NDArray[np.float64] | None
    ) -> Sequence[Found]:
        """Those of each target for itself, where there are several and metrics are their means."""
        return ()
