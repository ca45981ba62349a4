"""Reading a data set from an `.npz` file: nothing is unpickled, and nothing unchecked comes out."""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.archive import array_names, read_array
from gpugrad.errors import DataError

WANTED = (
    "Wanted is a file written by `numpy.savez(path, x=..., y=...)` with x of shape (rows, features)"
)
MOST_NAMED = 20  # of the arrays in a file that has not the right one
# What opening an archive and reading a member raise for files that are no archive, cut short or
# damaged.
UNREADABLE = (
    OSError, EOFError, ValueError, KeyError, RuntimeError, MemoryError, OverflowError,
    struct.error, zipfile.BadZipFile, zlib.error, UserWarning,
)  # fmt: skip


def read_npz(path: str | PathLike[str]) -> tuple[np.ndarray, NDArray[np.int64] | None]:
    """The features (rows, features), as floats, and the labels (rows,), or `None` without any.

    `DataError` names the file and what is wrong with it. float32 stays float32; every other numeric
    type becomes float64.
    """
    arrays = _read_members(Path(path))
    if "x" not in arrays:
        found = ", ".join(sorted(arrays)[:MOST_NAMED]) or "no arrays"
        raise DataError(f"{path}: there is no array 'x' in it, only {found}. {WANTED}")
    x = checked_features(str(path), arrays["x"])
    if "y" not in arrays:
        return x, None
    return x, checked_labels(str(path), arrays["y"], rows=x.shape[0])


def _read_members(path: Path) -> dict[str, np.ndarray]:
    """The arrays named `x` and `y`, and the bare names of all others, of the archive at `path`."""
    try:
        kind = path.stat().st_mode
        if not S_ISREG(kind):                       # a pipe or a device is not waited for
            what = "it is a folder" if S_ISDIR(kind) else "it is no ordinary file"
            raise DataError(f"{path}: {what}. {WANTED}")
        with warnings.catch_warnings(), zipfile.ZipFile(path) as archive:
            warnings.simplefilter("error", UserWarning)     # of members that overlap, from 3.15 on
            return {
                name: read_array(archive, name) if name in ("x", "y") else np.empty(0)
                for name in array_names(archive)
            }
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file. {WANTED}") from error
    except UNREADABLE as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        reason = reason or type(error).__name__
        raise DataError(f"{path}: it is no readable .npz file ({reason}). {WANTED}") from error


def checked_features(source: str, x: np.ndarray) -> np.ndarray:
    """`x` as floats, or `DataError` if it is not a non-empty matrix of finite numbers."""
    if x.dtype.kind not in "fiu":
        raise DataError(f"{source}: x has dtype {x.dtype}; wanted are floats or integers")
    if x.ndim != 2 or x.size == 0:
        raise DataError(
            f"{source}: x has shape {x.shape}; wanted is (rows, features), neither of them 0. "
            "Images become rows with x.reshape(len(x), -1)"
        )
    with np.errstate(all="ignore"):                 # what does not fit is found below, as infinite
        single = x.dtype.newbyteorder("=") == np.float32
        x = x.astype(np.float32 if single else np.float64, copy=False)
    if not (finite := np.isfinite(x)).all():
        row, column = np.argwhere(~finite)[0]
        raise DataError(
            f"{source}: x holds {finite.size - int(finite.sum())} values that are not finite, the "
            f"first is x[{row}, {column}] = {x[row, column]}; remove or replace them"
        )
    return np.ascontiguousarray(x)


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
