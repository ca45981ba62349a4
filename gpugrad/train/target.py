"""What the targets of a data set mean: classes with their labels, or columns with their names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.checks import is_text
from gpugrad.errors import DataError
from gpugrad.printable import counted

Label = str | int | bool


@dataclass(frozen=True)
class Target:
    """What a model predicts, by which its outputs become predictions.

    Args:
        names: Of the classes, or of the columns of `y`.
        labels: The classes as `y` has them, in ascending order; empty for columns.
        flat: Whether `y` is (rows,), and so are predictions.
    """

    names: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    flat: bool = True

    def values(self) -> np.ndarray:
        """The labels as an array, (classes,)."""
        return np.array(self.labels)

    def codes(self, source: str, y: np.ndarray) -> NDArray[np.int64]:
        """The number of the class of each row, (rows,); `DataError` for a label that is none."""
        values, y = self.values(), as_labels(source, y)
        if y.dtype.kind == values.dtype.kind:
            found = np.minimum(np.searchsorted(values, y), len(values) - 1)
            foreign = np.flatnonzero(values[found] != y)
        else:
            found, foreign = np.zeros(len(y), np.int64), np.arange(len(y))
        if len(foreign):
            known = ", ".join(repr(label) for label in self.labels[:10])
            more = ", ..." if len(values) > 10 else ""
            raise DataError(
                f"{source}: y holds the label {shortly(y[foreign[0]])}, but the model knows the "
                f"{len(values)} classes {known}{more}"
            )
        return found.astype(np.int64)


def as_labels(source: str, y: np.ndarray) -> np.ndarray:
    """`y` as integers, booleans or texts, (rows,); `DataError` if it is none of these."""
    if y.ndim != 1:
        raise DataError(
            f"{source}: y has shape {y.shape}; expected ({len(y)},), one label a row. A single "
            "column becomes that with y.ravel(), a matrix with a 1 in each row with "
            "y.argmax(axis=1)"
        )
    if y.dtype.kind == "f":
        if not (y == np.floor(y)).all() or np.abs(y).max() > 2**53:
            raise DataError(
                f"{source}: y holds {y[y != np.floor(y)][:1]}, which is no label; expected "
                "integers, booleans or texts. For numbers to predict, use the task regression"
            )
        y = y.astype(np.int64)
    return y


def classes_of(source: str, y: np.ndarray, names: tuple[str, ...]) -> Target:
    """The classes in `y`; `names` are those of the labels 0, 1, 2, ..., if they have any.

    `DataError` unless there are two or more.
    """
    labels = np.unique(as_labels(source, y))
    if len(labels) < 2:
        raise DataError(
            f"{source}: y has one class only, {shortly(labels[0])}; expected two or more"
        )
    values = tuple(labels.tolist())
    if names:
        if values != tuple(range(len(names))):
            raise DataError(
                f"{source}: there are {len(names)} target_names, but y has the labels "
                f"{', '.join(map(shortly, values[:10]))}; expected names for labels 0, 1, 2, ..."
            )
        return Target(names, values)
    found = tuple(str(value) for value in values)
    wrong = [name for name in found if not is_text(name)]
    if wrong:
        raise DataError(f"{source}: y holds the label {shortly(wrong[0])}, which is no text")
    return Target(found, values)


def columns_of(source: str, y: np.ndarray, names: tuple[str, ...]) -> Target:
    """The columns of `y`, (rows,) or (rows, columns)."""
    columns = 1 if y.ndim == 1 else y.shape[1]
    if names and len(names) != columns:
        raise DataError(
            f"{source}: y has {counted(columns, 'column')}, but target_names {len(names)}; "
            "expected a name for each column"
        )
    unnamed = ("y",) if columns == 1 else tuple(f"y{i}" for i in range(columns))
    return Target(names or unnamed, flat=y.ndim == 1)


def shortly(label: object) -> str:
    """A label in an error, however long it is."""
    text = repr(label.item() if isinstance(label, np.generic) else label)
    return text if len(text) <= 40 else f"{text[:37]}..."
