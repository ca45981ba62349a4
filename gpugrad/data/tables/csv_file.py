"""Tables in text files: one line of names, then one line a row, with commas, semicolons or tabs.

What a column holds follows from its cells alone, whatever is installed: numbers if all of them are,
truth values if all are `true` or `false`, and words otherwise. NumPy reads what is as expected by
what came before, and Python's `csv` all else, with the same result.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.npz import _reading as reading
from gpugrad.data.tables.column import EXACT, Column, Words, inexact, is_number, number, read_as
from gpugrad.data.tables.named_columns import Table, checked_names
from gpugrad.errors import DataError
from gpugrad.printable import there_are

LETTERS = 2**20  # that are read together, about
LOOKED_AT = 50  # rows of them, for how numbers are written
SEPARATORS = (",", ";", "\t")
WANTED = (
    "Expected a first line with a name for each column, then one line a row, in UTF-8, separated "
    "by commas, semicolons or tabs"
)
_POINTED = re.compile(r"\.|\de", re.IGNORECASE)
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
                f"Convert it, for example with: iconv -f {_encoding(error.object)} -t UTF-8 "
                "old.csv > new.csv"
            ) from error


def _read(path: Path, text: frozenset[str]) -> Table:
    """One pass over the file, or two if a column turns out to hold words below its numbers."""
    words = set(text)
    while True:
        with path.open(encoding="utf-8-sig", newline="") as file:
            source = _Source(path, file)
            columns = [_Cells(name in words) for name in source.names]
            source.read(columns)
        late = {name for name, c in zip(source.names, columns, strict=True) if c.came_late}
        if not late:
            break
        words |= late
    if not source.rows:
        raise DataError(f"{path}: there are no rows below its line of names")
    finished = {}
    for name in source.names:                       # each is let go of as the next one is made
        finished[name] = columns.pop(0).column(plain=name in text)
    table = Table(str(path), finished, source.line)
    table.check_names(text, " to be read as text")
    return table


class _Cells:
    """The cells of a column, block by block."""

    def __init__(self, text: bool) -> None:
        self._words = Words() if text else None
        self._numbers: list[NDArray[np.float64]] = []
        self._gaps = False                          # some numbers are missing
        self._floating = False                      # some are written with a point or an exponent
        self.came_late = False                      # words did, below numbers
        """Then it has to be read again: what the numbers looked like is not known any more."""

    def converter(self) -> Callable[[str], float] | None:
        """What makes a number of a cell, where NumPy's own way would not."""
        if self.came_late:
            return lambda cell: 0.0
        if self._words is not None:
            place = self._words.place
            return lambda cell: place(cell.lstrip(" "))     # as `csv` does
        return number if self._gaps else None

    def look_at(self, cells: Iterable[str]) -> None:
        """Some of the cells that come next, as they are written."""
        self._floating = self._floating or any(map(_is_pointed, cells))

    def add_converted(self, cells: NDArray[np.float64]) -> None:
        """These come next, as `converter` made them."""
        if self._words is not None:
            self._words.add_places(cells.astype(np.int64))
        elif not self.came_late:
            self._numbers.append(cells.copy())

    def add(self, cells: tuple[str, ...]) -> None:
        """These come next."""
        if self._words is not None:
            self._words.add(cells)
        elif not self.came_late:
            numbers = _floats(cells)
            if numbers is not None and not (np.abs(numbers) >= EXACT).any():
                self._numbers.append(numbers)
                self._gaps = self._gaps or bool(np.isnan(numbers).any())
            elif self._numbers:
                self.came_late = True
                self._numbers.clear()
            else:
                self._words = Words()
                self._words.add(cells)

    def column(self, plain: bool) -> Column:
        """All of them; `plain` words are nothing else."""
        if self._words is None:
            return Column("number", np.concatenate(self._numbers), floating=self._floating)
        column = self._words.column()
        if plain:
            return column
        values = _floats(column.words)
        if values is None:
            return read_as(column)
        column = inexact(column)
        if column.doubt:
            return column
        of_rows = np.append(values, np.nan)[column.values]
        return Column("number", of_rows, floating=any(map(_is_pointed, column.words)))


class _Source:
    """The rows of an open file."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path, self._file = path, file
        self.rows = 0                               # that were read
        self._longer: list[int] = []                # a row for each of its lines after the first
        self._left: list[str] = []                  # lines that were read and not used
        first = self._lines(1)
        if not "".join(first).strip():
            raise DataError(f"{path}: its first line is empty. {WANTED}")
        # Commas, unless there are none: names may well have one of the others in them.
        self._separator = next((s for s in SEPARATORS if s in first[0]), ",")
        head = self._csv(first, "line 1")[0]
        self._before = _height(head)
        self._left = first[self._before :]
        names = [name.strip() for name in head]
        _refuse_numbers(path, names)
        self.names = checked_names(str(path), names)

    def line(self, row: int) -> str:
        """Where a row begins."""
        return f"line {self._before + 1 + row + bisect_left(self._longer, row)}"

    def read(self, columns: list[_Cells]) -> None:
        """Give the cells of all rows to their columns."""
        while lines := self._lines(LETTERS):
            found = self._numbers(lines, columns)
            if found is not None:
                first = [line.split(self._separator) for line in lines[:LOOKED_AT]]
                for column, cells in zip(columns, zip(*first, strict=True), strict=True):
                    column.look_at(cells)
            if found is None:
                rows = self._whole(self._csv(lines, self.line(self.rows)), lines)
                for column, cells in zip(columns, zip(*rows, strict=True), strict=False):
                    column.look_at(cells[:LOOKED_AT])
                    column.add(cells)
                self.rows += len(rows)
            else:
                for column, numbers in zip(columns, found.T, strict=True):
                    column.add_converted(numbers)
                self.rows += len(found)

    def _lines(self, letters: int) -> list[str]:
        """The next lines, up to one at whose end no quotation mark is open."""
        lines, self._left = self._left or self._file.readlines(letters), []
        odd = sum(line.count('"') for line in lines) % 2
        while odd and (line := self._file.readline()):
            lines.append(line)
            odd = (odd + line.count('"')) % 2
        return lines

    def _numbers(self, lines: list[str], columns: list[_Cells]) -> NDArray[np.float64] | None:
        """The rows in these lines, if each cell is what is known of its column."""
        text = "".join(lines)
        if '"' in text or text.isspace():
            return None
        by_hand: dict[int | str, Callable[[str], Any]] = {
            i: f for i, column in enumerate(columns) if (f := column.converter())
        }
        try:
            found: NDArray[np.float64] = np.loadtxt(
                lines, delimiter=self._separator, comments=None, ndmin=2, converters=by_hand
            )
        except ValueError:
            return None
        if found.shape != (len(lines), len(columns)) or (np.abs(found) >= EXACT).any():
            return None
        return found

    def _csv(self, lines: list[str], place: str) -> list[list[str]]:
        """The cells in these lines, of which the first is at that place."""
        reader = csv.reader(lines, delimiter=self._separator, skipinitialspace=True, strict=True)
        try:
            return list(reader)
        except csv.Error as error:
            at = int(place.removeprefix("line ")) + reader.line_num - 1
            long = "" if "limit" not in str(error) else (
                ". Mostly that is a quotation mark which is never closed; close it"
            )
            raise DataError(f"{self._path}, line {at}: {error}{long}. {WANTED}") from error

    def _whole(self, rows: list[list[str]], lines: list[str]) -> list[list[str]]:
        """The same rows, with a cell for each name; empty lines at the end are no rows."""
        if len(lines) > len(rows):
            for i, row in enumerate(rows, self.rows):
                self._longer += [i] * (_height(row) - 1)
        width = len(self.names)
        for i, row in enumerate(rows):
            if len(row) == width:
                continue
            place = f"{self._path}, {self.line(self.rows + i)}"
            if any(row):
                raise DataError(
                    f"{place}: {there_are(len(row), 'cell')}; expected {width}, one for each name "
                    "in the first line. A cell with a separator in it stands in quotation marks"
                )
            if any(map(any, rows[i:])) or not all(map(str.isspace, self._file)):
                absent = self._separator * (width - 1) or '""'
                raise DataError(
                    f"{place}: it is empty, and rows follow; remove it, or write its missing "
                    f"cells as {absent}"
                )
            return rows[:i]
        return rows


def _is_pointed(cell: str) -> bool:
    """Whether a number in a cell is written as floats are."""
    return _POINTED.search(cell) is not None


def _floats(cells: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Cells as numbers, of which NaN are missing; `None` if one of them is no number."""
    try:
        text = "".join(cells)
        if "_" not in text and text.isascii():
            try:
                return np.array(cells, np.float64)
            except ValueError:
                pass
        return np.array([number(cell) for cell in cells])
    except ValueError:
        return None


def _encoding(content: bytes) -> str:
    """What bytes that are not UTF-8 may be: what spreadsheets write, with or without a mark."""
    return "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"


def _height(row: list[str]) -> int:
    """How many lines a row takes."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row)


def _refuse_numbers(path: Path, names: list[str]) -> None:
    """`DataError` where the first line is one of data: years may be names, and 0, 1, 2, ..."""
    numbers = [name for name in names if is_number(name)]
    given = len(numbers) == len(names) and numbers != [str(i) for i in range(len(names))]
    if given or any(not name.isdigit() for name in numbers):
        raise DataError(
            f"{path}: its first line has the number {numbers[0]}, where the names of the columns "
            "belong; write a line of names above it"
        )
