"""Tables in text files: one line of names, then one line a row, with commas, semicolons or tabs.

What a column holds follows from its cells alone, whatever is installed: numbers if all of them are,
truth values if all are `true` or `false`, and words otherwise. Blocks of numbers alone are read by
NumPy, all else by Python's `csv`; both read the same.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.npz import _reading as reading
from gpugrad.data.tables.column import (
    EXACT, NO_VALUE, Column, Words, inexact, is_number, read_as,
)  # fmt: skip
from gpugrad.data.tables.table import Table, checked_names
from gpugrad.errors import DataError

if TYPE_CHECKING:
    from _csv import _reader as _Reader

Block: TypeAlias = Iterable[NDArray[np.float64] | tuple[str, ...]]

LETTERS = 2**20  # that are read together, about
ROWS = 4096
SEPARATORS = (",", ";", "\t")
WANTED = (
    "Wanted is a first line with a name for each column, then one line a row, in UTF-8, separated "
    "by commas, semicolons or tabs"
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_csv(path: str | PathLike[str], text: Collection[str] = ()) -> Table:
    """The table in a file; the columns `text` are words, whatever they look like."""
    path = Path(path)
    with reading(path, "it is no readable table", WANTED):
        try:
            return _read(path, frozenset(text))
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}: it is not UTF-8 (it has the byte {error.object[error.start]:#04x}). "
                f"Convert it, for example with: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv"
            ) from error


def _read(path: Path, text: frozenset[str]) -> Table:
    """One pass over the file, or two if a column turns out to hold words below its numbers."""
    words = set(text)
    while True:
        with path.open(encoding="utf-8-sig", newline="") as file:
            source = _Source(path, file)
            columns = [_Cells(name in words) for name in source.names]
            for block in source.blocks(numbers=not words):
                for column, cells in zip(columns, block, strict=True):
                    column.add(cells)
        late = {name for name, c in zip(source.names, columns, strict=True) if c.came_late}
        if not late:
            break
        words |= late
    if not source.rows:
        raise DataError(f"{path}: there are no rows below its line of names")
    finished = {}
    for name in source.names:                       # each is let go of as the next one is made
        finished[name] = columns.pop(0).column(plain=name in text)
    return Table(str(path), finished, source.line)


class _Source:
    """The rows of an open file, in blocks of columns."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path, self._file = path, file
        self.rows = 0                               # that were read
        self._longer: list[int] = []                # a row for each of its lines after the first
        first = file.readline()
        if not first.strip():
            raise DataError(f"{path}: its first line is empty. {WANTED}")
        # Commas, unless there are none: names may well have one of the others in them.
        self._separator = next((s for s in SEPARATORS if s in first), ",")
        (names,) = self._next(self._reader(chain([first], file)), 1)
        self._before = sum(map(_lines, [names]))
        self.names = checked_names(str(path), [name.strip() for name in names])
        _refuse_numbers(path, self.names)

    def line(self, row: int) -> str:
        """Where a row begins."""
        return f"line {self._before + 1 + row + bisect_left(self._longer, row)}"

    def blocks(self, numbers: bool) -> Iterator[Block]:
        """The columns of some rows at a time, as numbers or as they stand.

        With `numbers`, they are such up to the first block that has anything else.
        """
        lines: list[str] = []
        while numbers and (lines := self._file.readlines(LETTERS)):
            block = self._numbers(lines)
            if block is None:
                break
            yield block.T
            self.rows += len(block)
        reader, seen = self._reader(chain(lines, self._file)), 0
        while rows := self._next(reader, ROWS):
            tall = reader.line_num - seen > len(rows)
            rows = self._whole(rows, reader)
            if tall:
                for i, row in enumerate(rows, self.rows):
                    self._longer += [i] * (_lines(row) - 1)
            yield zip(*rows, strict=True)
            self.rows += len(rows)
            seen = reader.line_num

    def _numbers(self, lines: list[str]) -> NDArray[np.float64] | None:
        """These lines, if there is nothing but numbers in them that float64 holds."""
        text = "".join(lines)
        # NumPy reads other digits and `1_000` too, as Python does.
        if not text.isascii() or '"' in text or "_" in text or text.isspace():
            return None
        try:
            found = np.loadtxt(lines, delimiter=self._separator, comments=None, ndmin=2)
        except ValueError:
            return None
        if found.shape != (len(lines), len(self.names)) or (np.abs(found) >= EXACT).any():
            return None
        return found

    def _reader(self, lines: Iterable[str]) -> _Reader:
        return csv.reader(lines, delimiter=self._separator, skipinitialspace=True, strict=True)

    def _next(self, reader: _Reader, most: int) -> list[list[str]]:
        rows: list[list[str]] = []
        try:
            rows.extend(islice(reader, most))
        except csv.Error as error:                  # those before it are in `rows`
            place = self._place(rows)
            raise DataError(f"{self._path}, {place}: {error}. {WANTED}") from error
        return rows

    def _whole(self, rows: list[list[str]], reader: _Reader) -> list[list[str]]:
        """The same rows, with a cell for each name; empty lines at the end are no rows."""
        width = len(self.names)
        for i, row in enumerate(rows):
            if len(row) == width:
                continue
            place = f"{self._path}, {self._place(rows[:i])}"
            if row:
                raise DataError(
                    f"{place}: there are {len(row)} cells; wanted are {width}, one for each name "
                    "in the first line. A cell with a separator in it stands in quotation marks"
                )
            if any(chain(rows[i:], reader)):
                absent = self._separator * (width - 1) or '""'
                raise DataError(
                    f"{place}: it is empty, and rows follow; remove it, or write its missing "
                    f"cells as {absent}"
                )
            return rows[:i]
        return rows

    def _place(self, rows: list[list[str]]) -> str:
        """The line after these rows, which follow those that were read."""
        if not hasattr(self, "names"):
            return "line 1"
        lines = sum(map(_lines, rows)) + len(self._longer)
        return f"line {self._before + 1 + self.rows + lines}"


class _Cells:
    """The cells of a column, block by block."""

    def __init__(self, text: bool) -> None:
        self._words = Words() if text else None
        self._numbers: list[NDArray[np.float64]] = []
        self.came_late = False                      # words did, below numbers
        """Then it has to be read again: what the numbers looked like is not known any more."""

    def add(self, cells: NDArray[np.float64] | tuple[str, ...]) -> None:
        """These come next."""
        if isinstance(cells, np.ndarray):
            self._numbers.append(cells.copy())
        elif self._words is not None:
            self._words.add(cells)
        elif not self.came_late:
            numbers = _floats(cells)
            if numbers is not None and not (np.abs(numbers) >= EXACT).any():
                self._numbers.append(numbers)
            elif self._numbers:
                self.came_late = True
                self._numbers.clear()
            else:
                self._words = Words()
                self._words.add(cells)

    def column(self, plain: bool) -> Column:
        """All of them; `plain` words are nothing else."""
        if self._words is None:
            return Column("number", np.concatenate(self._numbers))
        column = self._words.column()
        if plain:
            return column
        values = _floats(column.words)
        if values is None:
            return read_as(column)
        column = inexact(column)
        return column if column.doubt else Column("number", np.append(values, np.nan)[column.values])


def _floats(cells: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Cells as numbers, of which NaN are missing; `None` if one of them is no number."""
    try:
        text = "".join(cells)
        if "_" in text or not text.isascii():
            return None
        try:
            return np.array(cells, np.float64)
        except ValueError:
            return np.array([_float(cell) for cell in cells])
    except ValueError:
        return None


def _float(cell: str) -> float:
    return float("nan") if not cell or cell.strip().lower() in NO_VALUE else float(cell)


def _lines(row: list[str]) -> int:
    """How many lines a row takes."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row)


def _refuse_numbers(path: Path, names: tuple[str, ...]) -> None:
    """`DataError` where the first line is one of data: years may be names, and 0, 1, 2, ..."""
    numbers = [name for name in names if is_number(name)]
    given = len(numbers) == len(names) and numbers != [str(i) for i in range(len(names))]
    if given or any(not name.isdigit() for name in numbers):
        raise DataError(
            f"{path}: its first line has the number {numbers[0]}, where the names of the columns "
            "belong; write a line of names above it"
        )
