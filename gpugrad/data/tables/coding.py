"""How one column becomes features: as a number, or by its categories.

A coding is fitted on training rows, and then applied to any rows of a column of that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.tables.column import Column
from gpugrad.data.tables.named_columns import Table
from gpugrad.errors import CheckpointError, DataError
from gpugrad.printable import there_are

Take = NDArray[np.int64] | slice

MISSING = ("refuse", "mean", "median", "most_frequent", "indicator")
UNKNOWN = ("refuse", "ignore")

MOST_CATEGORIES = 256
"""Of a column that gets a feature for each: more are no categories but texts, or names."""

IDS = 10
"""Rows from which on a column of which no two cells are equal names its rows."""


class Members(Protocol):
    """What a coding is read from: an object of a JSON file, of which nothing is believed."""

    path: Path

    def text(self, name: str) -> str: ...
    def texts(self, name: str) -> tuple[str, ...]: ...
    def whole(self, name: str, low: int = 0, high: int = ...) -> int: ...
    def number(self, name: str, low: float = ..., high: float = ...) -> float: ...
    def part(self, name: str) -> Members: ...
    def end(self) -> None: ...


@dataclass(frozen=True)
class NumberCoding:
    """Numbers, or truth values as 0 and 1, with `fill` where one is missing.

    With `flag`, a second feature is 1 there and 0 elsewhere.
    """

    kind: str
    fill: float | None
    flag: bool

    def names(self, name: str) -> list[str]:
        """What the features of a column of that name are called."""
        return [name, f"{name} is missing"] if self.flag else [name]

    @classmethod
    def fit(cls, table: Table, name: str, take: Take, missing: str) -> Self:
        """The coding of a column, by those rows."""
        column = table.columns[name]
        values = column.values[take]
        _refuse_infinite(table, name, take)
        present = values[~np.isnan(values)]
        if not len(present):
            raise DataError(
                f"{table.place(name)} has no value in the rows to learn from; name it in `drop` to "
                "leave it out"
            )
        kind = column.kind
        if missing == "refuse":
            return cls(kind, None, flag=False)
        flag = missing == "indicator" and len(present) < len(values)
        return cls(kind, _typical(present, "most_frequent" if kind == "boolean" else missing), flag)

    def check(self, table: Table, name: str, take: Take) -> Column:
        """The column of that name; `DataError` if these rows have anything that is not meant."""
        column = table.columns[name]
        if column.kind != self.kind and not column.missing.all():
            meant = "numbers" if self.kind == "number" else "only true and false"
            found = column.doubt or f"holds {_PLURAL[column.kind]}"
            raise DataError(
                f"{table.place(name, column.row)} {found}; expected {meant}, as in the rows that "
                "were learned from"
            )
        _refuse_infinite(table, name, take)
        if self.fill is None:
            _refuse_missing(table, name, take)
        return column

    def write(self, column: Column, take: Take, out: NDArray[np.float64]) -> None:
        """The features of these rows, into a matrix."""
        values = column.values[take]
        if self.fill is None:
            out[:, 0] = values
            return
        missing = np.isnan(values)
        out[:, 0] = np.where(missing, self.fill, values)
        if self.flag:
            out[:, 1] = missing

    def to_json(self) -> dict[str, object]:
        """What `read` reads."""
        fill = {} if self.fill is None else {"fill": float(self.fill)}
        return {"kind": self.kind, **fill, "flag": int(self.flag)}


@dataclass(frozen=True)
class CategoryCoding:
    """Categories: a feature for each, which is 1 where it is there, or one feature, their number.

    Args:
        kind: `"categories"` for a feature each, `"order"` for one.
        words: The categories, in order.
        fill: The place of the category that stands where none is, if one does.
        flag: Whether a feature at the end is 1 where none is.
        ignore: Whether a category that is not one of these gets no feature, or the number after the
            last; otherwise it is refused.
    """

    kind: str
    words: tuple[str, ...]
    fill: int | None
    flag: bool
    ignore: bool

    def names(self, name: str) -> list[str]:
        """What the features of a column of that name are called."""
        own = [name] if self.kind == "order" else [f"{name}={word}" for word in self.words]
        return [*own, f"{name} is missing"] if self.flag else own

    @classmethod
    def fit(
        cls, table: Table, name: str, take: Take, missing: str, ignore: bool, order: bool
    ) -> Self:
        """The coding of a column of words, by those rows."""
        column = table.columns[name].as_words()
        places = column.values[take]
        present = places[places >= 0]
        counts = np.bincount(present, minlength=len(column.words))
        used = np.flatnonzero(counts)
        _check_number(table, name, len(used), len(present), order)
        words = tuple(column.words[i] for i in used)
        flag = missing == "indicator" and len(present) < len(places)
        # One that is flagged and has a feature for each category needs none in its place.
        filled = missing != "refuse" and (order or not flag)
        fill = int(counts[used].argmax()) if filled else None
        return cls("order" if order else "categories", words, fill, flag, ignore)

    def check(self, table: Table, name: str, take: Take) -> Column:
        """The column of that name, in which the places are those of `words`.

        Unknown words have the next place, and missing cells the one after that where nothing else
        stands for them. `DataError` if there is anything in these rows that is not meant.
        """
        column = table.columns[name]
        if column.kind == "other":
            raise DataError(f"{table.place(name)} {column.doubt}; expected words")
        column = column.as_words()
        known = {word: place for place, word in enumerate(self.words)}
        unknown = len(known)
        new = [known.get(word, unknown) for word in column.words]
        new.append(unknown + 1 if self.fill is None else self.fill)
        places = np.array(new)[column.values]
        if self.fill is None and not self.flag:
            _refuse_missing(table, name, take)
        if not self.ignore and (strange := places[take] == unknown).any():
            row = _row(take, strange)
            raise DataError(
                f"{table.place(name, row)} has {column.words[column.values[row]]!r}, a category "
                "that the rows to learn from do not have; correct the cell, or set `unknown` to "
                "'ignore', so that it counts as none of them"
            )
        return Column("text", places)

    def write(self, column: Column, take: Take, out: NDArray[np.float64]) -> None:
        """The features of these rows, into a matrix."""
        places = column.values[take]
        if self.kind == "order":
            out[:, 0] = places
        else:
            out[:] = 0.0
            rows = np.flatnonzero(places < len(self.words))
            out[rows, places[rows]] = 1.0
        if self.flag:
            out[:, -1] = places > len(self.words)

    def to_json(self) -> dict[str, object]:
        """What `read` reads."""
        fill = {} if self.fill is None else {"fill": self.fill}
        return {"kind": self.kind, "words": list(self.words), **fill, "flag": int(self.flag)}


Coding = NumberCoding | CategoryCoding

_PLURAL = {"number": "numbers", "boolean": "true and false", "text": "words", "other": "others"}


def read_coding(found: Members, missing: str, ignore: bool) -> Coding:
    """What `to_json` gave; `CheckpointError` if it is not as that gives it."""
    kind, flag = found.text("kind"), bool(found.whole("flag", high=1))
    if flag and missing != "indicator":
        raise CheckpointError(f"{found.path}: a column is flagged; expected none of them")
    coding: Coding
    if kind == "number" or kind == "boolean":
        fill = None if missing == "refuse" else found.number("fill", float("-inf"))
        coding = NumberCoding(kind, fill, flag)
    elif kind == "categories" or kind == "order":
        words = found.texts("words")
        if not words or "" in words:
            raise CheckpointError(f"{found.path}: a column has no categories, or one without name")
        filled = missing != "refuse" and (kind == "order" or not flag)
        place = found.whole("fill", high=len(words) - 1) if filled else None
        coding = CategoryCoding(kind, words, place, flag, ignore)
    else:
        raise CheckpointError(f"{found.path}: there is no kind of columns {kind!r}")
    found.end()
    return coding


def _refuse_infinite(table: Table, name: str, take: Take) -> None:
    """`DataError` if a number in these rows is infinite."""
    infinite = np.isinf(table.columns[name].values[take])
    if infinite.any():
        row = _row(take, infinite)
        raise DataError(
            f"{table.place(name, row)} is {table.columns[name].values[row]}; expected a finite "
            "number. Correct the cell, or leave it empty"
        )


def _refuse_missing(table: Table, name: str, take: Take) -> None:
    """`DataError` if a cell of these rows is missing."""
    missing = table.columns[name].missing[take]
    if missing.any():
        raise DataError(
            f"{table.place(name, _row(take, missing))} is missing; "
            f"{there_are(missing.sum(), 'such cell')} in this column. Fill them in, or train with "
            f"`missing` set to one of {', '.join(map(repr, MISSING[1:]))}"
        )


def _row(take: Take, which: NDArray[np.bool_]) -> int:
    """The first row, of those that were taken, of which something is true."""
    first = int(np.flatnonzero(which)[0])
    return first if isinstance(take, slice) else int(take[first])


def _typical(values: NDArray[np.float64], how: str) -> float:
    """What stands for a missing one of these."""
    if how == "most_frequent":
        different, counts = np.unique(values, return_counts=True)
        return float(different[counts.argmax()])
    with np.errstate(over="ignore"):
        return float(np.median(values) if how == "median" else np.mean(values))


def _check_number(table: Table, name: str, used: int, present: int, order: bool) -> None:
    """`DataError` for no categories, one for each row, or too many."""
    place = table.place(name)
    if not used:
        raise DataError(
            f"{place} has no value in the rows to learn from; name it in `drop` to leave it out"
        )
    if order:
        return
    if used == present and present >= IDS:
        raise DataError(
            f"{place} has another word in each row, as names and numbers of rows do, of which "
            "nothing can be learned; name it in `drop` to leave it out"
        )
    if used > MOST_CATEGORIES:
        raise DataError(
            f"{place} has {used:,} categories; at most {MOST_CATEGORIES} get a feature each. Name "
            "it in `drop` to leave it out, or in `ordinal` to have one feature with the number of "
            "the category, as for an embedding"
        )
