"""Cutting a data set into training, validation and test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.dataset import PARTS
from gpugrad.errors import DataError
from gpugrad.printable import counted

Rows = NDArray[np.int64]

SPLIT_STREAM = 1  # of the seed: the split must not share its draws with the batches


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the three parts: ascending, disjoint, and together all rows."""

    train: Rows
    validation: Rows
    test: Rows


def split(
    y: np.ndarray,
    seed: int,
    validation: float = 0.1,
    test: float = 0.2,
    names: Sequence[str] = (),
) -> Split:
    """A random split in which each class gives these shares of its rows.

    Args:
        y: The labels, (rows,). A class gives each part at least one row, if that has a share.
        seed: The whole random state.
        validation: The share of rows for validation, from 0 on.
        test: The share of rows for testing.
        names: What the labels are called in errors, in their order.

    Returns:
        The row numbers of the three parts.

    Raises:
        DataError: If a class has too few rows.

    Example:
        >>> from gpugrad import data
        >>> parts = data.split(data.moons(rows=100).y, seed=0)
        >>> len(parts.train), len(parts.validation), len(parts.test)
        (70, 10, 20)
    """
    rng = np.random.default_rng((seed, SPLIT_STREAM))
    labels, codes = np.unique(y, return_inverse=True)
    pieces = [
        _cut(rng.permutation(np.flatnonzero(codes == code)), validation, test, f"class {what}")
        for code, what in enumerate(names or labels)
    ]
    return Split(*(np.sort(np.concatenate(part)) for part in zip(*pieces, strict=True)))


def split_rows(rows: int, seed: int, validation: float = 0.1, test: float = 0.2) -> Split:
    """A random split of so many rows, whatever is in them."""
    rng = np.random.default_rng((seed, SPLIT_STREAM))
    return Split(*map(np.sort, _cut(rng.permutation(rows), validation, test, "the data set")))


def split_in_order(rows: int, validation: float = 0.1, test: float = 0.2) -> Split:
    """The first rows for training, then those for validation, and the last ones for testing.

    So no row is judged by a model that has seen a later one, as with rows in the order of time.
    """
    parts = _cut(np.arange(rows)[::-1], validation, test, "the data set")
    return Split(*(part[::-1] for part in parts))


def split_as_given(parts: NDArray[np.str_]) -> Split:
    """The split in which each row belongs to the part that is named for it."""
    found = [np.flatnonzero(parts == name) for name in PARTS]
    if not len(found[0]):
        raise DataError("no row is given for training; give some the part 'train'")
    return Split(*found)


def _cut(rows: Rows, validation: float, test: float, what: str) -> tuple[Rows, Rows, Rows]:
    """Training, validation and test rows: the test rows come first in `rows`, then validation."""
    wanted = 1 + (validation > 0) + (test > 0)
    if len(rows) < wanted:
        raise DataError(
            f"{what} has {counted(len(rows), 'row')}; expected at least {wanted}, one for each "
            "part: for training, and where they have a share, for validation and test"
        )
    most = len(rows) - wanted                       # beyond one for each part
    for_test = min(max(1, round(test * len(rows))), 1 + most) if test else 0
    most -= max(for_test - 1, 0)
    for_validation = min(max(1, round(validation * len(rows))), 1 + most) if validation else 0
    pieces = np.split(rows, [for_test, for_test + for_validation])
    return pieces[2], pieces[1], pieces[0]
