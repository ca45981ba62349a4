"""Arrays of a program, and those in two files, as the features and targets of a data set."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from gpugrad.data.checks import check_form, check_unmasked, checked_features
from gpugrad.data.file_rows import FileRows
from gpugrad.data.header import Header
from gpugrad.data.npz import Features
from gpugrad.data.npz import _of_file as read_array
from gpugrad.errors import DataError


def read_pair(
    x: str | PathLike[str],
    y: str | PathLike[str] | None = None,
    *,
    from_file: bool | None = None,
    check: bool = True,
) -> tuple[Features, np.ndarray | None]:
    """The features and targets in two `.npy` files.

    Args:
        x: The file of the features, (rows, features). They stay there from half a gigabyte on, or
            as `from_file` says.
        y: The file of the targets, (rows,) or (rows, targets).
        from_file: Whether features stay in their file.
        check: Whether to look at the numbers in them then.

    Returns:
        Features, as floats or as `FileRows`, and targets as they are, or `None`.

    Raises:
        DataError: For a file that cannot be used, and for files of different numbers of rows.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from gpugrad import data
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name, array in {"x": np.ones((3, 2)), "y": np.arange(3)}.items():
        ...         np.save(Path(folder) / f"{name}.npy", array)
        ...     x, y = data.read_pair(f"{folder}/x.npy", f"{folder}/y.npy")
        >>> x.shape, y
        ((3, 2), array([0, 1, 2]))
    """
    features = read_array(Path(x), from_file)
    if not isinstance(features, FileRows):
        features = checked_features(str(Path(x)), features)
    elif check:
        features.check(str(Path(x)))
    if y is None:
        return features, None
    targets = read_array(Path(y), from_file=False)
    if targets.ndim == 0 or targets.shape[0] != features.shape[0]:
        raise DataError(
            f"{Path(y)}: y has shape {targets.shape}; expected {features.shape[0]} rows, one for "
            f"each of {Path(x)}"
        )
    return features, np.asarray(targets)


def as_features(x: np.ndarray, name: str = "the array", check: bool = True) -> Features:
    """An array of a program as the features of a data set: floats, finite, (rows, features).

    One that `np.load(path, mmap_mode="r")` mapped stays in its file, as `FileRows`, if its rows lie
    there one behind the other.

    Raises:
        DataError: For any other array.

    Example:
        >>> from gpugrad import data
        >>> data.as_features(np.array([[1, 2], [3, 4]]))
        array([[1., 2.],
               [3., 4.]])
    """
    check_unmasked(name, "x", x)
    check_form(name, x.dtype, x.shape)
    if isinstance(x, np.memmap) and x.mode == "r" and x.flags.c_contiguous and _is_whole(x):
        header = Header(x.shape, x.dtype, False, 0)
        with open(str(x.filename), "rb") as file:
            rows = FileRows(file, x.offset, header, "x")
        if check:
            rows.check(name)
        return rows
    return checked_features(name, x)


def _is_whole(x: np.memmap) -> bool:
    """Whether a map begins where its `offset` says: a part of one has that of the whole."""
    return not isinstance(x.base, np.ndarray) and x.filename is not None
