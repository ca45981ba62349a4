"""Reading a data set from files: nothing is unpickled, and nothing unchecked comes out.

That is an `.npz` file, or a folder with one `.npy` file for each array, as an unpacked `.npz` is.
"""

from __future__ import annotations

import os
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TypeAlias

import numpy as np

from gpugrad.data.archive import array_names, header_of, is_stored, read_array, rows_of_array
from gpugrad.data.checks import (
    check_form,
    checked_features,
    checked_names,
    checked_parts,
    checked_targets,
    checked_weights,
)
from gpugrad.data.dataset import Dataset
from gpugrad.data.file_rows import FileRows
from gpugrad.data.header import LONGEST, Header, read_header
from gpugrad.errors import DataError

Features: TypeAlias = np.ndarray | FileRows

MORE = ("y", "target_names", "sample_weight", "part")
"""What a file may hold besides `x`: the fields of a `Dataset`, where `part` is its `parts`."""

LARGE = 2**29
"""Bytes of features from which on they stay in their file, unless it is said otherwise: training
takes about five times as many where they are in memory.
"""

WANTED = (
    "Expected a file written by `numpy.savez(path, x=..., y=...)` with x of shape (rows, features)"
)
WANTED_FOLDER = "Expected files x.npy, of shape (rows, features), and y.npy, as numpy.save writes"
MOST_NAMED = 20  # of the arrays in a file that has not the right one
# What opening an archive and reading a member raise for files that are no archive, cut short or
# damaged.
UNREADABLE = (
    OSError, EOFError, ValueError, KeyError, RuntimeError, MemoryError, OverflowError,
    struct.error, zipfile.BadZipFile, zlib.error, UserWarning,
)  # fmt: skip


def read_files(
    path: str | PathLike[str], from_file: bool | None = None, check: bool = True
) -> Dataset:
    """The data set in an `.npz` file or a folder: its array `x`, and those of `MORE` that it has.

    float32 stays float32; every other numeric type of features becomes float64. They may stay in
    their file: they do so from `LARGE` bytes on if they are not compressed, or as `from_file` says.
    With `check=False`, what is in them is not looked at then, as where another process does that.

    Raises:
        DataError: For a file that cannot be used; the message names it and says what is wrong.
    """
    path = Path(path)
    of = _of_folder if path.suffix != ".npz" and path.is_dir() else _of_archive
    x, more = of(path, from_file)
    source = str(path)
    if isinstance(x, FileRows):
        if check:
            x.check(source)
    else:
        x = checked_features(source, x)
    rows = x.shape[0]
    return Dataset(
        path.stem,
        x,
        checked_targets(source, more["y"], rows) if "y" in more else None,
        checked_names(source, more["target_names"]) if "target_names" in more else (),
        checked_weights(source, more["sample_weight"], rows) if "sample_weight" in more else None,
        checked_parts(source, more["part"], rows) if "part" in more else None,
    )


Arrays: TypeAlias = dict[str, np.ndarray]


def _of_archive(path: Path, from_file: bool | None) -> tuple[Features, Arrays]:
    """The arrays named `x` and as in `MORE` of the archive at `path`."""
    with _reading(path, "it is no readable .npz file", WANTED):
        with warnings.catch_warnings(), zipfile.ZipFile(path) as archive:
            warnings.simplefilter("error", UserWarning)     # of members that overlap, from 3.15 on
            names = array_names(archive)
            if "x" not in names:
                found = ", ".join(sorted(names)[:MOST_NAMED]) or "no arrays"
                raise DataError(f"{path}: there is no array 'x' in it, only {found}. {WANTED}")
            stays = from_file is not False and _stays(
                path, header_of(archive, "x"), from_file, is_stored(archive, "x")
            )
            x = rows_of_array(archive, "x") if stays else read_array(archive, "x")
            return x, {name: read_array(archive, name) for name in MORE if name in names}


def _of_folder(path: Path, from_file: bool | None) -> tuple[Features, Arrays]:
    """The array in `x.npy`, and those in files with the names of `MORE`, of the folder."""
    x = _of_file(path / "x.npy", from_file)
    more: Arrays = {}
    for name in MORE:
        if os.path.lexists(path / f"{name}.npy"):
            found = _of_file(path / f"{name}.npy", from_file=False)
            assert isinstance(found, np.ndarray)
            more[name] = found
    return x, more


def _of_file(path: Path, from_file: bool | None) -> Features:
    """The array in the file at `path`."""
    with _reading(path, "it is no readable .npy file", WANTED_FOLDER), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        begin = file.read(LONGEST)
        header = read_header(begin, path.stem, size)
        if from_file is not False and _stays(path, header, from_file):
            return FileRows(file, 0, header, path.stem)
        content = bytearray(begin[header.length :]) + file.read(header.size)
        if len(content) != header.size:
            raise ValueError(f"its array '{path.stem}' is cut short, after {len(content)} bytes")
        return np.ndarray(header.shape, header.dtype, content, order=header.order)


def _stays(path: Path, header: Header, from_file: bool | None, stored: bool = True) -> bool:
    """Whether features stay in their file; `DataError` where they are to, and cannot."""
    if from_file is None and header.size < LARGE:
        return False
    check_form(str(path), header.dtype, header.shape)
    problem = ""
    if not stored:
        problem = "is compressed; numpy.savez writes it as it is, numpy.savez_compressed does not"
    elif header.fortran:
        problem = "lies there column by column; numpy.ascontiguousarray(x) is what to write"
    if from_file and problem:
        raise DataError(f"{path}: x cannot be read row by row: it {problem}")
    return not problem


@contextmanager
def _reading(path: Path, unreadable: str, wanted: str) -> Iterator[None]:
    """Inside, an ordinary file is read; whatever goes wrong becomes a `DataError`."""
    try:
        kind = path.stat().st_mode
        if not S_ISREG(kind):                       # a pipe or a device is not waited for
            what = "it is a folder" if S_ISDIR(kind) else "it is no ordinary file"
            raise DataError(f"{path}: {what}. {wanted}")
        yield
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file. {wanted}") from error
    except UNREADABLE as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        reason = reason or type(error).__name__
        raise DataError(f"{path}: {unreadable} ({reason}). {wanted}") from error
