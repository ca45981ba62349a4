"""What a network can be trained for, by name, and which of that the targets of a data set are."""

from __future__ import annotations

import numpy as np

from gpugrad.data import Dataset
from gpugrad.train.tasks.binary import Binary
from gpugrad.train.tasks.multiclass import Multiclass
from gpugrad.train.tasks.multilabel import Multilabel
from gpugrad.train.tasks.regression import Regression
from gpugrad.train.tasks.task import Task

TASKS: dict[str, Task] = {
    task.name: task for task in (Regression(), Binary(), Multiclass(), Multilabel())
}
"""What `gpugrad train` offers by name."""

__all__ = ["TASKS", "Task", "chosen"]

FEW = 20
"""Different whole numbers, up to which numbers may have been meant as labels."""

MANY = 50
"""Different integers, from which on labels may have been meant as numbers."""


def chosen(dataset: Dataset) -> tuple[str, str]:
    """The name of the task that the targets look like, and a line about it where they may not be.

    Texts, booleans and integers are labels, a matrix of 0 and 1 has labels that hold or do not, and
    other numbers are to be predicted as such.
    """
    y = dataset.y
    assert y is not None
    if y.ndim == 2:
        if y.shape[1] > 1 and y.dtype.kind in "bif" and ((y == 0) | (y == 1)).all():
            return "multilabel", _about_truths(y)
        if y.dtype.kind == "i" and y.shape[1] > 1:
            return "regression", "y is a matrix of integers, which are predicted as numbers"
        return ("regression" if y.dtype.kind == "f" else "multiclass"), ""
    labels = np.unique(y)
    if y.dtype.kind == "f":
        if len(labels) <= FEW and (labels == np.floor(labels)).all():
            return "regression", (
                f"y holds floats, of which only {len(labels)} differ, all whole: they are "
                f"predicted as numbers. For classes, ask for the task "
                f"{'binary' if len(labels) == 2 else 'multiclass'}"
            )
        return "regression", ""
    hint = ""
    if y.dtype.kind == "i" and len(labels) > MANY:
        hint = (
            f"y holds {len(labels)} different integers, which are taken for classes. To predict "
            "them as numbers, ask for the task regression"
        )
    return ("binary" if len(labels) == 2 else "multiclass"), hint


def _about_truths(y: np.ndarray) -> str:
    """A line about a matrix of 0 and 1 that may be meant otherwise."""
    if (y.sum(axis=1) == 1).all() and y.any(axis=0).all():
        return (
            "y is a matrix with a single 1 in each row, whose columns are taken for labels that "
            "hold or do not, each for itself. For classes of which one holds, give y.argmax(axis=1)"
        )
    return "" if y.dtype.kind != "f" else (
        "y is a matrix of floats that are all 0 or 1, which are taken for labels that hold or do "
        "not. To predict them as numbers, ask for the task regression"
    )
