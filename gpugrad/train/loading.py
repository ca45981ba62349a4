"""Data for the ranks of a run: the first one looks at what is in a large file, for all of them."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from os.path import exists
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from gpugrad import data
from gpugrad.data.npz import LARGE
from gpugrad.errors import DataError, GpugradError, InvalidArgument
from gpugrad.parallel import world
from gpugrad.train.config import Config
from gpugrad.train.tabular_data import dataset_of_table

T = TypeVar("T")


def load(config: Config, from_file: bool | None) -> data.Dataset:
    """The data set that settings name, checked, with what of it they name as targets.

    What stays in its file is looked at by the first rank alone.

    Raises:
        DataError: For data that cannot be used.
        InvalidArgument: For settings that are of no use to such data.
    """
    source = config.dataset
    table = data.is_table(source)
    images = not table and data.is_path(source) and data.is_image_folder(source)
    if source not in data.dataset_names() and not exists(source):
        data.load(source)                           # says so, and what there is instead
    _check_settings(config, table, images)
    if table:
        if from_file:
            raise InvalidArgument(
                f"{source}: a table is read into memory, and its rows do not stay in the file; "
                "leave `from_file` out"
            )
        text = [*config.categorical, *config.ordinal]
        return dataset_of_table(data.read_table(source, text=text), config)
    if images:
        return _of_images(source, config, from_file)
    if source.endswith(".npy"):
        return _of_pair(source, config, from_file)
    dataset = data.load(source, config.seed, from_file, check=False)
    _checked_by_the_first(dataset.x, source)
    return dataset


def fingerprint(dataset: data.Dataset) -> str:
    """That of the data set. What stays in its file is read by the first rank alone."""
    if isinstance(dataset.x, data.FileRows | data.ImageRows):
        return of_the_first(dataset.fingerprint)
    return dataset.fingerprint()


def of_the_first(make: Callable[[], T]) -> T:
    """What `make` gives on the first rank, on all of them; or the error that it raises there."""
    found: T | None = None
    error: GpugradError | None = None
    if world().rank == 0:
        try:
            found = make()
        except GpugradError as problem:
            error = problem
    found, error = world().share((found, error))
    if error is not None:
        raise error
    return cast(T, found)


def read_images(
    source: str, target: tuple[str, ...], size: tuple[int, int] | None, channels: int | None,
    from_file: bool | None,
) -> data.Dataset:  # fmt: skip
    """The images in a folder, in memory unless they are many, or `from_file` says so."""
    images = data.read_images(source, size=size, channels=channels, target=target)
    x: data.ImageRows | np.ndarray = images.x
    if from_file is None:
        from_file = 4 * prod(images.x.shape) >= LARGE
    if not from_file:
        x = images.x[:]
    found = images.target
    y = None if found is None else found.values
    return data.Dataset(Path(source).name, x, y, columns=() if found is None else found.names)


def _of_images(source: str, config: Config, from_file: bool | None) -> data.Dataset:
    dataset = read_images(source, config.target, config.size, config.channels, from_file)
    if dataset.y is None:
        raise DataError(
            f"{source}: nothing says what its images show; put those of each class into a folder "
            "with its name, or add a labels.csv with a row for each image"
        )
    return dataset


def _of_pair(source: str, config: Config, from_file: bool | None) -> data.Dataset:
    """The arrays in two `.npy` files, of which `target` names the second one."""
    if len(config.target) != 1:
        raise DataError(
            f"{source}: it has features alone; name the file with the targets in `target`"
        )
    x, y = data.read_pair(source, config.target[0], from_file=from_file, check=False)
    assert y is not None
    _checked_by_the_first(x, source)
    y = data.checks.checked_targets(config.target[0], y, len(x))
    return data.Dataset(Path(source).stem, x, y)


def _checked_by_the_first(x: object, source: str) -> None:
    if isinstance(x, data.FileRows):
        of_the_first(lambda: x.check(source))


def _check_settings(config: Config, table: bool, images: bool) -> None:
    """`InvalidArgument` for settings that would not do anything."""
    if config.of_tables and not table:
        name, value = next(iter(config.of_tables.items()))
        raise InvalidArgument(
            f"{name} is {value!r}, which is for tables; {config.dataset} is none: leave it out, or "
            "give a .csv, .tsv, .parquet, .feather or .arrow file"
        )
    if config.of_images and not images:
        name, value = next(iter(config.of_images.items()))
        raise InvalidArgument(
            f"{name} is {value!r}, which is for folders of images; {config.dataset} is none: leave "
            "it out"
        )
    if config.target and not (table or images or config.dataset.endswith(".npy")):
        raise InvalidArgument(
            f"target is {config.target[0]!r}, but {config.dataset} has its targets in y; leave it "
            "out"
        )
