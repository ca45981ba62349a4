"""Folders of images: which files there are, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from os import fspath
from pathlib import Path, PurePath

import numpy as np

from gpugrad.data.tables.csv_file import read_csv
from gpugrad.data.tables.named_columns import Table, shown
from gpugrad.data.tables.targets import Target, target_of
from gpugrad.errors import DataError

ENDINGS = (".png", ".jpg", ".jpeg")
LABELS = "labels.csv"
WANTED = f"Expected .png or .jpg files, in a folder for each class or beside a file {LABELS}"


def listed(folder: Path, target: Sequence[str]) -> tuple[list[Path], Target | None]:
    """The files of images, in order, and what is said of them."""
    inside = _visible(folder)
    if labels := [path for path in inside if path.name == LABELS]:
        inside.remove(labels[0])
        return _labelled(inside, labels[0], target)
    if target:
        raise DataError(f"{folder}: there is no {LABELS} in it, which would have such columns")
    folders = [path for path in inside if path.is_dir()]
    if not folders:
        _check_images(inside)
        return _some(folder, inside), None
    for path in inside:
        if path not in folders:
            raise DataError(
                f"{path}: it lies beside folders, each of which has the images of a class; move it "
                "into one of them, or away"
            )
    files, classes = [], []
    for one in folders:
        here = _some(one, _visible(one))
        _check_images(here)
        files += here
        classes += [one.name] * len(here)
    return files, Target(("class",), np.array(classes), "text")


def _visible(folder: Path) -> list[Path]:
    """What is in a folder and not hidden, by name."""
    try:
        return sorted((path for path in folder.iterdir() if path.name[0] != "."), key=fspath)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{folder}: there is no such folder. {WANTED}") from error
    except OSError as error:
        raise DataError(f"{folder}: it cannot be read ({error.strerror})") from error


def _some(folder: Path, files: list[Path]) -> list[Path]:
    if not files:
        raise DataError(f"{folder}: there are no images in it. {WANTED}")
    return files


def _check_images(files: list[Path]) -> None:
    for path in files:
        if path.suffix.lower() not in ENDINGS or path.is_dir():
            what = "a folder" if path.is_dir() else "neither a .png nor a .jpg file"
            raise DataError(f"{path}: it is {what}; move it away, or convert it. {WANTED}")


def _labelled(inside: list[Path], labels: Path, target: Sequence[str]) -> tuple[list[Path], Target]:
    """The images that a table names, of those files."""
    table = read_csv(labels)
    first, *others = table.names
    column = table.columns[first]
    if column.kind != "text" or column.missing.any():
        raise DataError(
            f"{table.place(first)} holds no names of files; expected that of an image in each row "
            "of the first column, such as cat.png"
        )
    if not others:
        raise DataError(f"{labels}: it has one column; expected more, with what to predict")
    files = [labels.parent / _relative(table, first, row) for row in range(len(table))]
    seen: dict[Path, int] = {}
    for row, path in enumerate(files):
        place = table.place(first, row)
        if path in seen:
            where = table.where(seen[path])
            raise DataError(f"{place} has an image that is also in {where}; remove one of them")
        if not path.is_file():
            raise DataError(
                f"{place} has no file of that name: {shown(path)}; remove the row, or bring it"
            )
        seen[path] = row
    _check_images(files)
    forgotten = [path for path in inside if path.is_file() and path not in seen]
    if forgotten:
        raise DataError(
            f"{forgotten[0]}: it is not in {LABELS}; add a row for it, or move it away"
        )
    return files, target_of(table, target or others)


def _relative(table: Table, first: str, row: int) -> PurePath:
    """The name of a file in the folder of the table, or below."""
    column = table.columns[first]
    path = PurePath(column.words[column.values[row]])
    if path.is_absolute() or ".." in path.parts:
        raise DataError(
            f"{table.place(first, row)} has the file {shown(path)}, which is not in the folder of "
            "the table; name files as seen from there"
        )
    return path
