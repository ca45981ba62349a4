"""Data sets of what a program has: arrays, images and tables of any library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike, fspath
from typing import Any

from numpy.typing import ArrayLike

from gpugrad.data import Dataset, FileRows, ImageRows, Images, Table, as_table
from gpugrad.data.checks import (
    as_array,
    checked_names,
    checked_parts,
    checked_targets,
    checked_weights,
)
from gpugrad.data.dataset import Rows
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.train.config import Config
from gpugrad.train.inputs import Given, checked_floats, checked_whole
from gpugrad.train.tabular_data import dataset_of_table

NAME = "arrays"
"""What data without a name are called, in errors and in the description of a model."""

TABLE = "the table"


def dataset_of(
    x: Given,
    y: ArrayLike | None,
    config: Config,
    whole: bool,
    sample_weight: ArrayLike | None,
    target_names: tuple[str, ...],
    parts: ArrayLike | None,
) -> Dataset:
    """The data set of these, checked; with `whole`, integers stay integers."""
    if config.of_images:
        name, value = next(iter(config.of_images.items()))
        raise InvalidArgument(
            f"{name} is {value!r}, which is for images that are read from a folder; read them with "
            "gpugrad.data.read_images, which takes it, too"
        )
    beside = _with_targets(x)
    if beside is not None:
        if y is not None:
            beside = replace(beside, y=None, target_names=(), columns=())
        x, y = beside.x, beside.y if y is None else y
    _check_y(x, y)
    if is_table(x):
        found = _of_table(as_table(x, TABLE), y, config)
    else:
        found = _of_arrays(x, y, config, whole)
    if beside is not None:
        found = replace(
            found,
            target_names=beside.target_names,
            columns=found.columns or beside.columns,
            sample_weight=beside.sample_weight,
            parts=beside.parts,
        )
    rows = len(found)
    if len(target_names):
        found = replace(found, target_names=checked_names(NAME, target_names))
    if sample_weight is not None:
        weights = as_array(NAME, "sample_weight", sample_weight)
        found = replace(found, sample_weight=checked_weights(NAME, weights, rows))
    if parts is not None:
        found = replace(found, parts=checked_parts(NAME, as_array(NAME, "parts", parts), rows))
    return found


def _with_targets(x: Given) -> Dataset | None:
    """What comes with its own targets, as a data set; `None` for rows alone."""
    if isinstance(x, Images):
        if x.target is None:
            return Dataset(NAME, x.x)
        return Dataset(NAME, x.x, x.target.values, columns=x.target.names)
    return x if isinstance(x, Dataset) else None


def _check_y(x: Given, y: Any) -> None:
    """An error for names where data are expected."""
    if isinstance(x, str | PathLike):
        raise DataError(
            f"{NAME}: x is {fspath(x)!r}; fit takes data: read them first, as by "
            "gpugrad.data.read_table, read_images or load"
        )
    if isinstance(y, str):
        hint = "expected a label or a number for each row"
        if is_table(x):
            hint = f"did you mean the column of that name, fit(table, target={y!r})?"
        raise InvalidArgument(f"y is {y!r}; {hint}")


def is_table(x: Any) -> bool:
    """Whether it has columns with names, of whatever library."""
    return isinstance(x, Table | Mapping) or hasattr(x, "columns") or hasattr(x, "column_names")


def _of_table(table: Table, y: ArrayLike | None, config: Config) -> Dataset:
    if y is None:
        return dataset_of_table(table, config)
    if config.target:
        raise InvalidArgument(
            f"target is {config.target[0]!r}, and y is given, too; leave one of them out"
        )
    targets = checked_targets(NAME, as_array(NAME, "y", y), len(table))
    return dataset_of_table(table, config, targets)


def _of_arrays(x: Any, y: ArrayLike | None, config: Config, whole: bool) -> Dataset:
    names = [*(["target"] if config.target else []), *config.of_tables]
    if names:
        raise InvalidArgument(
            f"{names[0]} is {getattr(config, names[0])!r}, which is for tables, and x is an array; "
            "leave it out, or give a table"
        )
    if y is None:
        raise DataError(f"{NAME}: there is no y to learn from; give fit(x, y)")
    if not isinstance(x, FileRows | ImageRows):
        x = as_array(NAME, "x", x)
        keep = whole and x.dtype.kind in "iu"
        x = checked_whole(NAME, x) if keep else checked_floats(NAME, x)
    found: Rows = x
    return Dataset(NAME, found, checked_targets(NAME, as_array(NAME, "y", y), len(found)))
