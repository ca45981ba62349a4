"""How much rows count: by weights of their own, and by their class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpugrad.data import Dataset
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.printable import counted
from gpugrad.train.config import Config
from gpugrad.train.target import as_labels, shortly

Weights: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class RowWeights:
    """How much each row of a data set counts, and in the loss by its class as well.

    Args:
        source: What the data are called in errors.
        given: Of each row, (rows,).
        by_class: That of its class beside it, (rows,).
    """

    source: str
    given: Weights
    by_class: Weights

    def of(self, rows: NDArray[np.int64], learned: bool) -> Weights:
        """The weights of these rows, (rows, 2): in the loss, and in metrics.

        Only ratios within a part matter, so that no scale of weights is too large or too small.
        Those in the loss have the mean 1 in the part that is `learned` from.
        """
        given = near_one(self.given[rows])
        loss = near_one(given * self.by_class[rows])
        if learned:
            mean = loss.mean()
            if not mean:
                raise DataError(
                    f"{self.source}: all training rows have the weight 0; expected one that counts"
                )
            loss /= mean
        return np.stack([loss, given], axis=1)


def near_one(weights: Weights) -> Weights:
    """Weights times the power of two by which the largest is from 0.5 to 1.

    That changes no bit of a ratio, but for weights that are nothing beside the largest.
    """
    exponent = np.frexp(weights.max(initial=0.0))[1]
    with np.errstate(under="ignore"):
        found: Weights = np.ldexp(weights, -exponent)
    return found


def row_weights(
    config: Config, dataset: Dataset, classes: NDArray[np.int64] | None, train: np.ndarray
) -> RowWeights | None:
    """The weights that settings and data ask for; `None` if all rows count the same."""
    if config.class_weight == "none" and dataset.sample_weight is None:
        return None
    given = np.ones(len(dataset)) if dataset.sample_weight is None else dataset.sample_weight
    by_class = np.ones(len(dataset))
    if config.class_weight != "none":
        if classes is None:
            raise InvalidArgument(
                f"class_weight is {config.class_weight}, but the task {config.task} has no "
                "classes; leave it out, or give each row a weight with `sample_weight`"
            )
        by_class = near_one(_of_classes(config.class_weight, classes, given, train))[classes]
    return RowWeights(config.dataset, given, by_class)


def _of_classes(
    asked: str | tuple[float, ...],
    classes: NDArray[np.int64],
    given: Weights,
    train: np.ndarray,
) -> Weights:
    """The weight of each class, (classes,)."""
    number = int(classes.max()) + 1
    if isinstance(asked, tuple):
        if len(asked) != number:
            raise InvalidArgument(
                f"class_weight has {counted(len(asked), 'number')}; expected {number}, one for "
                "each class"
            )
        return np.array(asked)
    sums = np.bincount(classes[train], near_one(given[train]), number)
    balanced = np.zeros(number)
    np.divide(sums.sum(), number * sums, out=balanced, where=sums > 0)
    return balanced


def by_label(asked: Mapping[Any, Any], dataset: Dataset) -> tuple[Any, ...]:
    """The setting `class_weight` of a dictionary from labels, or their names, to weights.

    Raises:
        InvalidArgument: For a label that is not in the targets, and for targets that are no labels.
    """
    y = dataset.y
    if y is None or y.ndim != 1 or (y.dtype.kind == "f" and (y != np.floor(y)).any()):
        raise InvalidArgument(
            "class_weight is a dictionary, but y has no classes; leave it out, or give each row a "
            "weight with `sample_weight`"
        )
    labels = np.unique(as_labels(dataset.name, y)).tolist()
    places = dict(zip(labels, range(len(labels)), strict=True))
    places |= dict(zip(dataset.target_names, range(len(labels)), strict=False))
    weights: list[Any] = [1.0] * len(labels)
    for label, weight in asked.items():
        if label not in places:
            known = ", ".join(map(shortly, labels[:10])) + ", ..." * (len(labels) > 10)
            raise InvalidArgument(
                f"class_weight has the label {shortly(label)}, but those of y are {known}"
            )
        weights[places[label]] = weight
    return tuple(weights)
