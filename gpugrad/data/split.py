"""Cutting a data set into training, validation and test rows, by seed, each class in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

SPLIT_STREAM = 1  # of the seed: the split must not share its draws with the batches


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the three parts: ascending, disjoint, and together all rows."""

    train: Rows
    validation: Rows
    test: Rows


def split(y: NDArray[np.int64], seed: int, validation: float = 0.1, test: float = 0.2) -> Split:
    """A random split in which each class gives these shares of its rows, and at least one row.

    Args:
        y: The labels, (rows,). Each class needs three rows or more for all parts to have it.
        seed: The whole random state.
        validation: The share of rows for validation.
        test: The share of rows for testing.

    Returns:
        The row numbers of the three parts.

    Example:
        >>> from gpugrad import data
        >>> parts = data.split(data.moons(rows=100).y, seed=0)
        >>> len(parts.train), len(parts.validation), len(parts.test)
        (70, 10, 20)
    """
    rng = np.random.default_rng((seed, SPLIT_STREAM))
    parts: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        for_test = max(1, round(test * len(rows)))
        for_validation = max(1, round(validation * len(rows)))
        pieces = np.split(rows, [for_test, for_test + for_validation])
        for part, piece in zip(parts, (pieces[2], pieces[1], pieces[0]), strict=True):
            part.append(piece)
    return Split(*(np.sort(np.concatenate(part)) for part in parts))
