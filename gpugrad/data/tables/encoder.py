"""Tables as matrices: what is learned from the training rows about columns, and how it is used."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.tables.coding import (
    MISSING,
    UNKNOWN,
    CategoryCoding,
    Coding,
    Members,
    NumberCoding,
    Take,
    read_coding,
)  # fmt: skip
from gpugrad.data.tables.named_columns import MOST_NAMED, Table, shown
from gpugrad.errors import CheckpointError, DataError, InvalidArgument

_INDEX = re.compile(r"|Unnamed: \d+|__index_level_\d+__")  # of pandas, in CSV and in Parquet

BLOCK = 4096  # rows that are written together: a column of a whole matrix is far apart


@dataclass(frozen=True, eq=False)
class Encoder:
    """Makes a matrix of features of the columns of a table, as `fit` found them.

    Numbers and truth values become one feature each, words one for each category. The order of the
    features is that of the columns in the table that was fitted.

    Args:
        codings: How each column becomes features.
        left_out: The columns that were given and not used, such as targets.
        missing: What becomes of missing cells.
        unknown: What becomes of unknown categories.

    Example:
        >>> from gpugrad import data
        >>> table = data.as_table({"age": [31, 40, 58], "town": ["Ulm", "Bonn", "Ulm"]})
        >>> encoder = data.Encoder.fit(table)
        >>> encoder.names
        ('age', 'town=Bonn', 'town=Ulm')
        >>> encoder.encode(table)
        array([[31.,  0.,  1.],
               [40.,  1.,  0.],
               [58.,  0.,  1.]])
    """

    codings: dict[str, Coding]
    left_out: tuple[str, ...]
    missing: str
    unknown: str

    @classmethod
    def fit(
        cls,
        table: Table,
        rows: NDArray[np.int64] | None = None,
        *,
        target: Collection[str] = (),
        weights: str | None = None,
        drop: Collection[str] = (),
        categorical: Collection[str] = (),
        ordinal: Collection[str] = (),
        missing: str = "refuse",
        unknown: str = "refuse",
    ) -> Encoder:
        """What those rows of the table say about its columns: give it the training rows only.

        Args:
            table: What `read_table` or `as_table` gave.
            rows: The numbers of the rows to learn from; all by default.
            target: Columns that are to be predicted, and so are no features.
            weights: The column of weights, which is none either.
            drop: Columns to leave out.
            categorical: Columns of numbers, or of anything in doubt, to take as categories. Columns
                of words are categories anyway; numbers are not, however few there are.
            ordinal: Columns of categories that become one feature, the number of the category in
                the order of letters, as embeddings take them.
            missing: `"refuse"` raises an error that names the first missing cell. `"mean"`,
                `"median"` and `"most_frequent"` put that of the column in its place; in columns of
                words and truth values, all three put the most frequent one. `"indicator"` does as
                `"mean"`, and adds a feature that is 1 where a cell of this column is missing, if
                one is in the rows to learn from; words are then all 0 beside it.
            unknown: What becomes of a category that the rows to learn from do not have. `"refuse"`
                raises an error that names the cell; with `"ignore"`, all features of the column are
                0, or one after the last number for `ordinal` columns.

        Raises:
            DataError: For a column that cannot be used; the message says what to do.
            InvalidArgument: For settings that do not exist.

        Example:
            >>> from gpugrad import data
            >>> table = data.as_table({"age": [30.0, None, 50.0], "price": [1.0, 2.0, 3.0]})
            >>> encoder = data.Encoder.fit(table, target=["price"], missing="indicator")
            >>> encoder.names, encoder.encode(table).tolist()
            (('age', 'age is missing'), [[30.0, 0.0], [40.0, 1.0], [50.0, 0.0]])
        """
        _check_setting("missing", missing, MISSING)
        _check_setting("unknown", unknown, UNKNOWN)
        out = _names("target", target) + _names("drop", drop)
        out += [] if weights is None else [weights]
        chosen = _names("categorical", categorical) + _names("ordinal", ordinal)
        table.check_names([*out, *chosen])
        if twice := [name for name in chosen if name in out]:
            raise InvalidArgument(
                f"the column '{shown(twice[0])}' is to be categories and is no feature; name it "
                "in one place only"
            )
        take: Take = slice(0, len(table)) if rows is None else np.asarray(rows)
        codings: dict[str, Coding] = {}
        for name in table.names:
            if name in out:
                continue
            _check_usable(table, name, named=name in chosen)
            coding: Coding
            if table.columns[name].kind == "text" or name in chosen:
                coding = CategoryCoding.fit(
                    table, name, take, missing, unknown == "ignore", name in ordinal
                )
            else:
                coding = NumberCoding.fit(table, name, take, missing)
            coding.check(table, name, take)
            if not np.isfinite(coding.fill or 0.0):
                raise DataError(
                    f"{table.place(name)} has numbers so large that their mean overflows float64; "
                    "divide them by a constant first, or name it in `drop` to leave it out"
                )
            codings[name] = coding
        if not codings:
            raise DataError(
                f"{table.source}: there is no column left to learn from; expected at least one "
                "beside the target and what is dropped"
            )
        left = tuple(name for name in table.names if name in out)
        return cls(codings, left, missing, unknown)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in order.

        Example:
            >>> from gpugrad import data
            >>> data.Encoder.fit(data.as_table({"flag": [True, False]})).names
            ('flag',)
        """
        return tuple(x for name, coding in self.codings.items() for x in coding.names(name))

    @property
    def words(self) -> tuple[str, ...]:
        """The columns whose categories were fitted, which `read_table` is to read as `text` again.

        Otherwise it would take a file in which they happen to be numbers for one of numbers.
        """
        return tuple(n for n, coding in self.codings.items() if isinstance(coding, CategoryCoding))

    def encode(self, table: Table, rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """The features of all rows or of those, (rows, features).

        Columns may be in any order, and others are not looked at.

        Raises:
            DataError: For a column that is missing, and for a cell that is not of the kind that was
                learned from, is missing or unknown, unless it was said what to do then.

        Example:
            >>> from gpugrad import data
            >>> encoder = data.Encoder.fit(data.as_table({"a": [1, 2], "b": ["x", "y"]}))
            >>> encoder.encode(data.as_table({"b": ["y"], "id": [7], "a": [5]}))
            array([[5., 0., 1.]])
        """
        if absent := [name for name in self.codings if name not in table.columns]:
            named = ", ".join(f"'{shown(name)}'" for name in absent[:MOST_NAMED])
            others = [name for name in table.names if name not in self.codings]
            near = get_close_matches(absent[0], others, n=1)
            hint = f", or rename '{shown(near[0])}' if that is it" if near else ""
            raise DataError(
                f"{table.source}: there is no column {named}, of which the model was made; add it"
                f"{hint}"
            )
        take: Take = slice(0, len(table)) if rows is None else np.asarray(rows)
        parts = [(c, c.check(table, name, take)) for name, c in self.codings.items()]
        n = len(table) if isinstance(take, slice) else len(take)
        x = np.empty((n, len(self.names)))
        widths = [len(coding.names("")) for coding in self.codings.values()]
        for start in range(0, n, BLOCK):
            stop, at = min(start + BLOCK, n), 0
            block = slice(start, stop) if isinstance(take, slice) else take[start:stop]
            for (coding, column), width in zip(parts, widths, strict=True):
                coding.write(column, block, x[start:stop, at : at + width])
                at += width
        return x

    def with_unknown(self, unknown: str) -> Encoder:
        """The same, but for what becomes of categories that the rows learned from do not have.

        Args:
            unknown: `"refuse"` or `"ignore"`, as in `fit`.

        Example:
            >>> from gpugrad import data
            >>> encoder = data.Encoder.fit(data.as_table({"town": ["Bonn", "Ulm"]}))
            >>> new = data.as_table({"town": ["Ulm", "Kiel"]})
            >>> encoder.with_unknown("ignore").encode(new).tolist()
            [[0.0, 1.0], [0.0, 0.0]]
        """
        _check_setting("unknown", unknown, UNKNOWN)
        ignore = unknown == "ignore"
        codings = {
            name: replace(coding, ignore=ignore) if isinstance(coding, CategoryCoding) else coding
            for name, coding in self.codings.items()
        }
        return replace(self, codings=codings, unknown=unknown)

    def notes(self, table: Table) -> list[str]:
        """A line on what is in the table and not used, if there is such.

        Example:
            >>> from gpugrad import data
            >>> encoder = data.Encoder.fit(data.as_table({"a": [1, 2]}))
            >>> encoder.notes(data.as_table({"a": [1], "b": [2]}, "new rows"))
            ['new rows: the column b is not used: the model was made without it']
        """
        extra = [n for n in table.names if n not in self.codings and n not in self.left_out]
        if not extra:
            return []
        named = ", ".join(map(shown, extra[:MOST_NAMED])) + ", ..." * (len(extra) > MOST_NAMED)
        are, them = ("columns {} are", "them") if len(extra) > 1 else ("column {} is", "it")
        text = f"the {are.format(named)} not used: the model was made without {them}"
        return [f"{table.source}: {text}"]

    def to_json(self) -> dict[str, object]:
        """All of it, as JSON has it: `read` reads it again.

        Example:
            >>> from gpugrad import data
            >>> data.Encoder.fit(data.as_table({"a": [1, 2]})).to_json()["codings"]
            {'a': {'kind': 'number', 'flag': 0}}
        """
        return {
            "missing": self.missing,
            "unknown": self.unknown,
            "columns": list(self.codings),
            "codings": {name: coding.to_json() for name, coding in self.codings.items()},
            "left out": list(self.left_out),
        }

    @classmethod
    def read(cls, found: Members) -> Encoder:
        """The encoder of which `to_json` gave an object that was stored in a file.

        Args:
            found: The members of the object, none of which is believed.

        Raises:
            CheckpointError: If it is not as `to_json` gives it.
        """
        missing = _known(found, "missing", MISSING)
        unknown = _known(found, "unknown", UNKNOWN)
        names = found.texts("columns")
        if not names:
            raise CheckpointError(f"{found.path}: columns is empty; expected their names")
        each = found.part("codings")
        codings = {n: read_coding(each.part(n), missing, unknown == "ignore") for n in names}
        left = found.texts("left out")
        each.end()
        found.end()
        return cls(codings, left, missing, unknown)


def _names(role: str, names: Collection[str]) -> list[str]:
    """The names in a setting; a text alone would be taken for its letters."""
    if isinstance(names, str):
        raise InvalidArgument(
            f"{role} is '{shown(names)}'; expected a list of names: {role}=['{shown(names)}']"
        )
    return list(names)


def _check_setting(role: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidArgument(f"{role} is {value!r}; expected one of {', '.join(known)}")


def _known(found: Members, name: str, known: tuple[str, ...]) -> str:
    if (value := found.text(name)) not in known:
        raise CheckpointError(
            f"{found.path}: {name} is '{shown(value)}'; expected one of {', '.join(known)}"
        )
    return value


def _check_usable(table: Table, name: str, named: bool) -> None:
    """`DataError` for a column that is no feature as it is."""
    column = table.columns[name]
    if _INDEX.fullmatch(name) and not named:
        raise DataError(
            f"{table.place(name)} has no name of its own, as the row numbers that pandas writes "
            f"into files. Name it in `drop`, as '{name}', to leave it out, or rename it"
        )
    if column.kind == "other":
        raise DataError(
            f"{table.place(name)} {column.doubt}, which are no numbers, words or truth values; "
            "make numbers of them, or name it in `drop` to leave it out"
        )
    if column.doubt and not named:
        raise DataError(
            f"{table.place(name, column.row)} {column.doubt}. Correct it, or name the column in "
            "`categorical` to take its cells as categories, or in `drop` to leave it out"
        )
