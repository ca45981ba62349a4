"""One column of a table: numbers, truth values or words, and which cells are missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["number", "boolean", "text", "other"]

NO_VALUE = frozenset(("na", "n/a", "nan", "null", "none"))
"""Words that stand for a missing cell among numbers and truth values, in small letters."""

TRUTH = {"false": 0.0, "true": 1.0}

EXACT = 2.0**53
"""Whole numbers below it are exact in float64."""

_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[./]\d\d?[./]\d{2,4}( .*)?")
_SEPARATED = re.compile(r"[+-]?[$€£]? ?\d[\d.,'’  ]*%?[$€£]?")
_WHOLE = re.compile(r"\s*[+-]?\d+\s*")


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of one column.

    Args:
        kind: `"number"` and `"boolean"` have floats, of which NaN is a missing cell; `"text"` has
            words; `"other"` has nothing that could be used.
        values: float64, (rows,), or for text the places of the cells in `words`, of which -1 is a
            missing cell.
        words: All different words, in order.
        doubt: Why nobody should take this column for words or for numbers unasked, as the end of a
            sentence about it; empty if there is no doubt.
        row: The row that shows it.
        floating: Whether numbers are floats by their dtype, or have a point where they are written:
            as what is to be predicted, whole ones of them are no classes.
    """

    kind: Kind
    values: NDArray[Any]
    words: tuple[str, ...] = ()
    doubt: str = ""
    row: int | None = None
    floating: bool = False

    def __len__(self) -> int:
        return len(self.values)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells are missing."""
        found = self.values < 0 if self.kind == "text" else np.isnan(self.values)
        return np.asarray(found, bool)

    def as_words(self) -> Column:
        """The same with words for the numbers and truth values, as JSON has them."""
        if self.kind == "text":
            return self
        different, places = np.unique(self.values, return_inverse=True)     # NaN is the last
        known = different[~np.isnan(different)]
        spell = _truth if self.kind == "boolean" else number_word
        places[places >= len(known)] = -1
        return in_order([spell(x) for x in known.tolist()], places)


def number_word(x: float) -> str:
    """A number as a word: a whole one without a point."""
    return str(int(x)) if x.is_integer() and abs(x) <= EXACT else repr(x)


def _truth(x: float) -> str:
    return "true" if x else "false"


def in_order(words: Sequence[str], places: NDArray[np.int64]) -> Column:
    """Text whose `words` are in any order: a column holds them in the order of their letters."""
    order = sorted(range(len(words)), key=words.__getitem__)
    new = np.empty(len(words) + 1, np.int64)
    new[order] = np.arange(len(words))
    new[-1] = -1                                    # of what is missing
    return Column("text", new[places], tuple(words[i] for i in order))


class Words:
    """Cells of text that come one after the other, of which each word is kept once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {"": -1}
        self._parts: list[NDArray[np.int64]] = []

    def place(self, cell: str) -> int:
        """The place of a word among those so far; -1 for no word at all."""
        place = self._places.get(cell)
        if place is None:
            place = self._places[cell] = len(self._places) - 1
        return place

    def add(self, cells: Collection[str]) -> None:
        """These cells come next; an empty one is missing."""
        self.add_places(np.fromiter(map(self.place, cells), np.int64, len(cells)))

    def add_places(self, places: NDArray[np.int64]) -> None:
        """Cells with these places come next."""
        self._parts.append(places)

    def column(self) -> Column:
        """All of them."""
        del self._places[""]
        return in_order(list(self._places), np.concatenate([np.empty(0, np.int64), *self._parts]))


def number(cell: str) -> float:
    """The number that a cell of text is, NaN for one that is missing; `ValueError` for all else.

    Python would read other digits and `1_000`, too, which `numpy.loadtxt` does not.
    """
    cell = cell.strip()
    if not cell or cell.lower() in NO_VALUE:
        return float("nan")
    if not cell.isascii() or "_" in cell:
        raise ValueError
    return float(cell)


def is_number(cell: str) -> bool:
    """Whether a cell of text is a number that is there."""
    try:
        return not np.isnan(number(cell))
    except ValueError:
        return False


def read_as(column: Column) -> Column:
    """Text of a file as what it stands for: truth values, or words with the doubts about them."""
    low = [word.lower() for word in column.words]
    if set(low) & TRUTH.keys() and set(low) <= TRUTH.keys() | NO_VALUE:
        of_words = np.array([*(TRUTH.get(word, np.nan) for word in low), np.nan])
        return Column("boolean", of_words[column.values])
    return doubted(column)


def doubted(column: Column) -> Column:
    """Words, with what speaks against taking them as categories, if anything does."""
    numbers = np.array([is_number(word) for word in column.words], bool)
    if numbers.any() and not numbers.all():
        row = _first(column, ~numbers)
        return _doubt(column, row, f"has {_cell(column, row)} and, in other rows, numbers")
    if not column.words or numbers.any():
        return column
    for shape, what in ((_DATE, "dates"), (_SEPARATED, "numbers with commas or other signs")):
        if all(shape.fullmatch(word) for word in column.words):
            row = _first(column, np.ones(len(column.words), bool))
            return _doubt(column, row, f"holds {what}, such as {_cell(column, row)}")
    return column


def inexact(column: Column) -> Column:
    """Words that are whole numbers, of which float64 cannot hold some; the same if it can."""
    for place, word in enumerate(column.words):
        if _WHOLE.fullmatch(word) and abs(float(word)) >= EXACT and int(float(word)) != int(word):
            row = int(np.flatnonzero(column.values == place)[0])
            return _doubt(column, row, f"has the whole number {word}, too large for float64")
    return column


def _doubt(column: Column, row: int, doubt: str) -> Column:
    return Column("text", column.values, column.words, doubt, row)


def _first(column: Column, which: NDArray[np.bool_]) -> int:
    """The first row that has one of these words."""
    return int(np.flatnonzero(np.append(which, False)[column.values])[0])


def _cell(column: Column, row: int) -> str:
    word = column.words[column.values[row]]
    return repr(word if len(word) <= 40 else f"{word[:37]}...")
