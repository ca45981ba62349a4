"""Standardising columns, so that one learning rate suits pixels, metres and dollars alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.file_rows import FileRows
from gpugrad.errors import DataError


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Moves each column to mean 0 and scales it to standard deviation 1; both are (columns,)."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        x: np.ndarray | FileRows,
        rows: NDArray[np.int64] | None = None,
        what: str = "features",
    ) -> Standardiser:
        """The statistics of `x`, or of those `rows` of it: give it the training part only.

        A column that never changes carries nothing to learn; its scale is 1, so it becomes 0. Of
        rows in a file, which are read twice, they have the same bits. `what` names the columns.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            # One feature alone has fewer bytes than the labels, and NumPy adds it up otherwise.
            if isinstance(x, FileRows) and x.shape[1] > 1:
                mean, scale = _of_chunks(x, rows)
            else:
                x = x[slice(None) if rows is None else rows]
                mean, scale = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
        if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
            raise DataError(
                f"the {what} are so large that their mean or variance overflows float64; "
                "divide them by a constant first"
            )
        # std of equal numbers can be rounding dust instead of 0: judge it against their size
        constant = scale <= 1e-12 * np.abs(mean)
        return cls(mean, np.where(constant, 1.0, scale))

    def apply(self, x: np.ndarray, dtype: str, what: str = "features") -> np.ndarray:
        """The rows `x` (n, columns) in units of standard deviations, as a new array of `dtype`.

        `DataError` where `dtype` cannot hold one: then it is no row of the kind that was fitted.
        """
        with np.errstate(over="ignore"):
            z = x - self.mean
            z /= self.scale
            z = z.astype(dtype, copy=False)
        if not np.isfinite(z).all():
            raise DataError(
                f"some {what} are so far from those of the training rows that {dtype} cannot "
                "hold them after standardising; check their units"
            )
        return z

    def undo(self, z: np.ndarray) -> NDArray[np.float64]:
        """The rows that `apply` made `z` of."""
        return z.astype(np.float64) * self.scale + self.mean


def _of_chunks(
    x: FileRows, rows: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation as NumPy's of rows in memory, which adds up row by row."""
    n = len(x) if rows is None else len(rows)
    mean = _sum(x.chunks(rows)) / n
    deviations = (chunk - mean for chunk in x.chunks(rows))
    return mean, np.sqrt(_sum(d * d for d in deviations) / n)


def _sum(chunks: Iterable[np.ndarray]) -> NDArray[np.float64]:
    """The sum of all rows, each added to that of those before it."""
    total: np.ndarray | None = None
    for chunk in chunks:
        wide = chunk.astype(np.float64, copy=False)
        total = np.add.reduce(wide if total is None else np.vstack((total, wide)), axis=0)
    assert total is not None
    return total
