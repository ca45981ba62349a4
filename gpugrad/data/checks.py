"""What is asked of features and labels: each thing that does not fit is named."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.file_rows import as_floats, not_finite
from gpugrad.errors import DataError


def check_form(source: str, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    """`DataError` unless an array of that dtype and shape is a non-empty matrix of real numbers."""
    if dtype.kind not in "fiu":
        raise DataError(f"{source}: x has dtype {dtype}; wanted are floats or integers")
    if len(shape) != 2 or 0 in shape:
        raise DataError(
            f"{source}: x has shape {shape}; wanted is (rows, features), neither of them 0. "
            "Images become rows with x.reshape(len(x), -1)"
        )


def checked_features(source: str, x: np.ndarray) -> np.ndarray:
    """`x` as floats, or `DataError` if it is not a non-empty matrix of finite numbers."""
    check_form(source, x.dtype, x.shape)
    x = as_floats(x, copy=False)
    if not (finite := np.isfinite(x)).all():
        row, column = np.argwhere(~finite)[0]
        wrong = finite.size - int(finite.sum())
        raise not_finite(source, wrong, f"x[{row}, {column}] = {x[row, column]}")
    return x


def checked_labels(source: str, y: np.ndarray, rows: int) -> NDArray[np.int64]:
    """`y` as int64, or `DataError` if it is not one label 0, 1, 2, ... for each row."""
    if y.dtype.kind not in "iu":
        raise DataError(
            f"{source}: y has dtype {y.dtype}; wanted are integer class labels. "
            "Make them with: y = numpy.unique(y, return_inverse=True)[1]"
        )
    if y.shape != (rows,):
        raise DataError(f"{source}: y has shape {y.shape}; wanted is ({rows},), one label a row")
    if y.min() < 0:
        raise DataError(f"{source}: y holds the label {y.min()}; wanted are labels 0, 1, 2, ...")
    if y.max() > np.iinfo(np.int64).max:
        raise DataError(f"{source}: y holds the label {y.max()}, which is too large for int64")
    return np.ascontiguousarray(y, dtype=np.int64)


def class_count(source: str, y: NDArray[np.int64], at_least: int) -> int:
    """How many classes `y` has; `DataError` unless each of 0..k-1 has `at_least` rows and k ≥ 2."""
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) != labels[-1] + 1:
        missing = next(i for i, label in enumerate(labels) if i != label)
        raise DataError(
            f"{source}: y has no label {missing}, but has {labels[-1]}; wanted are labels 0..k-1 "
            "with none missing. Make them with: y = numpy.unique(y, return_inverse=True)[1]"
        )
    if len(labels) < 2:
        raise DataError(f"{source}: y has one class only; wanted are two or more")
    if counts.min() < at_least:
        label = int(labels[counts.argmin()])
        raise DataError(
            f"{source}: class {label} has {counts.min()} rows; wanted are at least {at_least}, one "
            "each for training, validation and test"
        )
    return len(labels)
