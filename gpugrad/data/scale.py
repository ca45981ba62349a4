"""Standardising columns, so that one learning rate suits pixels, metres and dollars alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.dataset import Rows
from gpugrad.data.file_rows import FileRows
from gpugrad.errors import DataError

PART = 2**20  # numbers of rows with several axes that are looked at together
SMALLEST = 1e-150  # of a standard deviation: squares of what is below underflow


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Moves each column to mean 0 and scales it to standard deviation 1.

    `mean` and `scale` have the shape of a row, or (channels, 1, 1) for images: of these, all pixels
    of a channel are moved and scaled alike.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        x: Rows,
        rows: NDArray[np.int64] | None = None,
        what: str = "features",
    ) -> Standardiser:
        """The statistics of `x`, or of those `rows` of it: give it the training part only.

        A column that never changes carries nothing to learn; its scale is 1, so it becomes 0. Of
        rows in a file, which are read twice, they have the same bits. `what` names the columns.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            # One feature alone has fewer bytes than the labels, and NumPy adds it up otherwise.
            if x.ndim > 2:
                mean, scale = _of_parts(x, rows)
            elif isinstance(x, FileRows) and x.shape[1] > 1:
                mean, scale = _of_chunks(x, rows)
            else:
                own = x[slice(None) if rows is None else rows]
                mean, scale = own.mean(axis=0, dtype=np.float64), own.std(axis=0, dtype=np.float64)
        if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
            raise DataError(
                f"the {what} are so large that their mean or variance overflows float64; "
                "divide them by a constant first"
            )
        constant = _never_changes(x, rows)          # whose deviation may be dust of rounding
        if np.any(~constant & (scale < SMALLEST)):
            raise DataError(
                f"some {what} are so small that their variance underflows float64; multiply them "
                "by a constant first"
            )
        return cls(np.where(constant, _first(x, rows), mean), np.where(constant, 1.0, scale))

    def apply(self, x: np.ndarray, dtype: str, what: str = "features") -> np.ndarray:
        """The rows `x` (n, ...) in units of standard deviations, as a new array of `dtype`.

        `DataError` where `dtype` cannot hold one: then it is no row of the kind that was fitted.
        """
        if x.ndim > 2 and x.size > PART:            # in float64, all at once would be large
            some = _rows_in_part(x.shape)
            z = np.empty(x.shape, dtype)
            for start in range(0, len(x), some):
                z[start : start + some] = self.apply(x[start : start + some], dtype, what)
            return z
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


def _first(x: Rows, rows: NDArray[np.int64] | None) -> np.ndarray:
    """The first of these rows; of an image, one pixel of each channel."""
    first: np.ndarray = x[slice(0, 1) if rows is None else rows[:1]][0]
    return first[:, :1, :1] if first.ndim == 3 else first


def _never_changes(x: Rows, rows: NDArray[np.int64] | None) -> NDArray[np.bool]:
    """For each column whether all of these rows have the same number there."""
    first = _first(x, rows)
    n = len(x) if rows is None else len(rows)
    some = _rows_in_part(x.shape)
    same = np.ones(first.shape, np.bool)
    for start in range(0, n, some):
        part = slice(start, start + some) if rows is None else rows[start : start + some]
        equal = x[part] == first
        same &= equal.all(axis=(0, 2, 3), keepdims=True)[0] if x.ndim == 4 else equal.all(axis=0)
    return same


def _of_parts(
    x: Rows, rows: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of rows with several axes, as `Standardiser` has them.

    They come from the same sums wherever the rows are.
    """
    rows = np.arange(len(x)) if rows is None else rows
    some = _rows_in_part(x.shape)
    axes = (0, 2, 3) if x.ndim == 4 else (0,)

    def added(of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        total: np.ndarray | float = 0.0
        for start in range(0, len(rows), some):
            total = total + of(x[rows[start : start + some]].astype(np.float64)).sum(
                axis=axes, keepdims=True
            )
        n = len(rows) * (prod(x.shape[2:]) if x.ndim == 4 else 1)
        found: np.ndarray = np.asarray(total)[0] / n
        return found

    mean = added(lambda part: part)
    return mean, np.sqrt(added(lambda part: (part - mean) ** 2))


def _rows_in_part(shape: tuple[int, ...]) -> int:
    return max(PART // prod(shape[1:]), 1)


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
