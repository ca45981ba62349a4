"""Columns of cells that are objects of Python or in an array of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from gpugrad.data.tables.column import EXACT, Column, Words, doubted, inexact, number_word

ABSENT = ("NoneType", "NAType")                     # the second one is pandas's


def of_array(array: np.ndarray) -> Column:
    """The column of an array of one dimension; masked cells of a masked array are missing."""
    kind = array.dtype.kind
    if kind in "bfiu":
        values = np.ma.filled(array.astype(np.float64), np.nan)
        if kind == "b":
            return Column("boolean", values)
        if kind == "f" or not (np.abs(values) >= EXACT).any():
            return Column("number", values, floating=kind == "f")
    if kind in "OUTiu":
        return of_cells(array.tolist())
    return unusable(len(array), str(array.dtype))


def of_cells(cells: Sequence[Any], words: bool = False) -> Column:
    """The column of these cells; with `words`, numbers in it stand for categories.

    An empty text is a missing cell, as in a file.
    """
    cells = [_plain(cell) for cell in cells]
    kinds = {type(cell) for cell in cells} - {type(None)}
    if not kinds and not words:
        return Column("number", np.full(len(cells), np.nan))
    if kinds == {bool} and not words:
        return Column("boolean", np.array([np.nan if c is None else c for c in cells], np.float64))
    others = [kind for kind in kinds if not issubclass(kind, str | Real | Decimal)]
    if others:
        return unusable(len(cells), " and ".join(sorted(kind.__name__ for kind in others)))
    found = Words()
    if str not in kinds and not words:
        values = np.array([np.nan if c is None else float(c) for c in cells])
        if not (np.abs(values) >= EXACT).any():
            return Column("number", values, floating=float in kinds)
        found.add([_word(cell) for cell in cells])
        column = inexact(found.column())
        return column if column.doubt else Column("number", values)
    found.add([_word(cell) for cell in cells])
    return found.column() if words else doubted(found.column())


def unusable(rows: int, kind: str) -> Column:
    """A column of neither numbers nor words."""
    return Column("other", np.full(rows, np.nan), doubt=f"has cells of type {kind}")


def _plain(cell: Any) -> Any:
    """A cell as an object of Python; `None` if it is missing."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if cell is None or type(cell).__name__ in ABSENT or (type(cell) is float and cell != cell):
        return None
    return cell


def _word(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell) if isinstance(cell, int) else number_word(float(cell))
