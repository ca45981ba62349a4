"""Which rows `x[key]` asks for, where rows are read from files: as NumPy understands keys."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Key: TypeAlias = Any
"""A row number, a slice, an array of row numbers, or an array that says of each row whether."""


def row_numbers(key: Key, rows: int) -> NDArray[np.int64]:
    """The numbers of the rows, (n,), or () for one alone; `IndexError` for any other key."""
    if isinstance(key, slice):
        return np.arange(*key.indices(rows))
    numbers = np.asarray(key)
    if numbers.dtype == np.bool and numbers.shape == (rows,):
        return np.flatnonzero(numbers)
    if numbers.size == 0 and numbers.ndim == 1:
        return np.empty(0, np.int64)
    if isinstance(key, tuple) or numbers.dtype.kind not in "iu" or numbers.ndim > 1:
        raise IndexError(
            f"rows that are in files are read by row numbers, a slice or {rows} booleans, and not "
            f"by {key!r:.60}; read them first, as by x[:]"
        )
    if not -rows <= numbers.min() <= numbers.max() < rows:
        wrong = numbers.max() if numbers.max() >= rows else numbers.min()
        raise IndexError(f"rows are from 0 to {rows - 1}, not {wrong}")
    numbers = numbers.astype(np.int64, copy=False)
    return numbers if numbers.min() >= 0 else np.where(numbers < 0, numbers + rows, numbers)


def all_of(x: Any, dtype: Any, copy: bool | None) -> np.ndarray:
    """All rows in memory, for the method `__array__` of what has them in files."""
    if copy is False:
        raise ValueError("rows that are in files cannot be an array without a copy; give copy=None")
    found: np.ndarray = x[:]
    return found if dtype is None else found.astype(dtype, copy=False)
