"""Tables as data sets: which columns are to be predicted, and what else is no feature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gpugrad import data
from gpugrad.data.checks import checked_parts
from gpugrad.data.tables.named_columns import shown
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.train.config import Config

PART = "part"
"""The column that says which part a row belongs to, where the split is given."""

MOST_NAMED = 12

FEWEST = 20
"""Rows, of which whole numbers are unlikely to be in order by chance."""


def dataset_of_table(
    table: data.Table, config: Config, y: np.ndarray | None = None
) -> data.Dataset:
    """A data set whose features are still in the table, with targets, weights and parts of it.

    The targets may be `y` instead, beside the table.
    """
    if not config.target and y is None:
        there = ", ".join(table.names[:MOST_NAMED]) + ", ..." * (len(table.names) > MOST_NAMED)
        raise DataError(
            f"{table.source}: it is not said which column is to be predicted; name it in "
            f"`target`. There are {there}"
        )
    _check_roles(config)
    if y is None:
        y = targets_of(table, config.target, config.categorical)
    weights = config.sample_weight
    return data.Dataset(
        Path(table.source).stem or table.source,
        table,
        y,
        sample_weight=None if weights is None else data.weights_of(table, weights),
        parts=_parts(table) if config.split == "given" else None,
        columns=config.target,
    )


def targets_of(
    table: data.Table, names: tuple[str, ...], categorical: tuple[str, ...]
) -> np.ndarray:
    """Those columns: floats to predict, or labels, which are texts, integers or booleans."""
    found = data.target_of(table, names, categorical)
    y: np.ndarray = found.values
    return y.astype(bool) if found.kind == "boolean" and y.ndim == 1 else y


def called(source: str, columns: tuple[str, ...]) -> str:
    """What targets are called in errors that come from these columns of a table."""
    return f"{source}, target {', '.join(columns)}" if columns else source


def fitted_encoder(
    table: data.Table, config: Config, rows: np.ndarray
) -> data.Encoder:
    """How the columns that are left become features, by those rows."""
    given = [PART] if config.split == "given" and PART in table.columns else []
    no_features = [name for name in (*config.target, *given) if name in table.columns]
    return data.Encoder.fit(
        table,
        rows,
        target=no_features,
        drop=config.drop,
        weights=config.sample_weight,
        categorical=[name for name in config.categorical if name not in config.target],
        ordinal=config.ordinal,
        missing=config.missing,
        unknown=config.unknown,
    )


def notes_of_ids(table: data.Table, config: Config) -> Iterator[str]:
    """A line on each feature that seems to do nothing but number the rows."""
    none = {*config.target, *config.drop, config.sample_weight, *config.categorical}
    if len(table) < FEWEST:
        return
    for name, column in table.columns.items():
        if name not in none and column.kind == "number" and _rises(column.values):
            yield (
                f"{table.source}: the column '{shown(name)}' holds whole numbers that rise from "
                "row to row, and is a feature. If it only numbers the rows, name it in `drop`"
            )


def _rises(values: np.ndarray) -> bool:
    return bool((values == np.rint(values)).all() and (np.diff(values) > 0).all())


def _parts(table: data.Table) -> np.ndarray:
    """The column of parts; `DataError` if there is none, or it holds anything else."""
    table.check_names([PART], ", of train, validation or test, as the split is to be given")
    column = table.columns[PART].as_words()
    words = np.array([*column.words, ""])[column.values]
    return checked_parts(table.source, words, len(table))


def _check_roles(config: Config) -> None:
    """`InvalidArgument` for a column that is named for two things of which one excludes the other.

    A target that is categorical, too, is one of classes.
    """
    roles: dict[str, tuple[str, ...]] = {
        "target": config.target,
        "drop": config.drop,
        "sample_weight": () if config.sample_weight is None else (config.sample_weight,),
        "ordinal": config.ordinal,
        "categorical": tuple(name for name in config.categorical if name not in config.target),
    }
    seen: dict[str, str] = {}
    for role, names in roles.items():
        for name in names:
            if name in seen:
                raise InvalidArgument(
                    f"the column '{name}' is named as `{seen[name]}` and as `{role}`; name it in "
                    "one place only"
                )
            seen[name] = role
