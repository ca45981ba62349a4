"""Tables: columns with names, as they come from a file or from another library."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.header import short
from gpugrad.data.tables.column import Column
from gpugrad.errors import DataError
from gpugrad.printable import printable

MOST_NAMED = 12  # columns in a message


def shown(name: object) -> str:
    """A name from outside as it may stand in a message of one line."""
    return printable(short(name))


def row_number(row: int) -> str:
    """How a row of a table in memory is called."""
    return f"row {row} (counted from 0)"


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equally many cells, with names: what `read_table` and `as_table` give.

    Args:
        source: What the table is called in messages, such as the path of its file.
        columns: The columns by their names, in their order.
        where: How to call a row in messages, such as `"line 17"`.

    Example:
        >>> from gpugrad import data
        >>> table = data.as_table({"age": [31, 40, None], "town": ["Bonn", "Ulm", "Bonn"]})
        >>> len(table), table.names
        (3, ('age', 'town'))
    """

    source: str
    columns: dict[str, Column]
    where: Callable[[int], str] = row_number

    def __post_init__(self) -> None:
        for name, column in self.columns.items():
            _check_words(f"{self.source}: column '{shown(name)}'", column.words)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def column(self, name: str) -> Column:
        """The column of that name; `DataError` says which there are if there is none."""
        self.check_names([name])
        return self.columns[name]

    def check_names(self, names: Iterable[str], role: str = "") -> None:
        """`DataError` unless the table has columns of these names."""
        for name in names:
            if name not in self.columns:
                near = get_close_matches(str(name), self.names, n=1)
                hint = f" Did you mean '{shown(near[0])}'?" if near else ""
                there = ", ".join(shown(x) for x in self.names[:MOST_NAMED])
                more = ", ..." if len(self.names) > MOST_NAMED else ""
                raise DataError(
                    f"{self.source}: there is no column '{shown(name)}'{role}.{hint} There are "
                    f"{there}{more}"
                )

    def place(self, name: str, row: int | None = None) -> str:
        """How a cell, or a column, is called in messages."""
        line = "" if row is None else f", {self.where(row)}"
        return f"{self.source}{line}: column '{shown(name)}'"

    def fingerprint(self) -> str:
        """SHA-256 of names and cells, in hexadecimal: equal for equal tables, wherever they are.

        Example:
            >>> from gpugrad import data
            >>> a, b = (data.as_table({"x": np.array([1, 2], t)}) for t in ("int8", "float32"))
            >>> a.fingerprint() == b.fingerprint()
            True
        """
        digest = hashlib.sha256()
        for name, column in self.columns.items():
            digest.update(repr((name, column.kind, len(column), column.words)).encode())
            values = column.values + 0              # one zero
            if column.kind != "text":
                values[np.isnan(values)] = np.nan   # and one NaN
            digest.update(values.data)
        return digest.hexdigest()


def checked_names(source: str, names: Collection[object]) -> tuple[str, ...]:
    """Names of columns as texts; `DataError` unless they differ and could be printed."""
    found: dict[str, None] = {}
    for number, name in enumerate(map(str, names), 1):
        if name in found:
            raise DataError(
                f"{source}: there are two columns '{shown(name)}', the second is column {number}; "
                "give each a name of its own"
            )
        found[name] = None
    if not found:
        raise DataError(f"{source}: there are no columns in it")
    _check_words(f"{source}: the names of the columns", found)
    return tuple(found)


def _check_words(what: str, words: Iterable[str]) -> None:
    """`DataError` for words that no file of a run could hold."""
    text = "".join(words)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        sign = repr(text[error.start])
    else:
        if "\0" not in text:
            return
        sign = repr("\0")
    raise DataError(f"{what}: there is the sign {sign}, which belongs to no text; remove it")


def checked_rows(rows: NDArray[np.int64] | None, n: int) -> NDArray[np.int64] | slice:
    """What takes these rows of `n`, which are all by default."""
    return slice(0, n) if rows is None else np.asarray(rows)
