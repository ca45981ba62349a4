"""The columns of a table that are no features: what is to be predicted, and weights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.tables.column import Column
from gpugrad.data.tables.named_columns import Table, shown
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.printable import there_are


@dataclass(frozen=True, eq=False)
class Target:
    """What is to be predicted.

    Args:
        names: The names of the columns.
        values: (rows,) for one column, (rows, columns) for several. float64 for numbers, int64 for
            whole numbers, and for truth values as 0 and 1; words are of NumPy's type of texts.
        kind: What they are. Whole numbers may be counts, or names of classes.

    Example:
        >>> from gpugrad import data
        >>> table = data.as_table({"wing": [7.2, 5.1], "kind": ["robin", "wren"]})
        >>> data.target_of(table, ["kind"]).values.tolist()
        ['robin', 'wren']
    """

    names: tuple[str, ...]
    values: NDArray[np.float64] | NDArray[np.int64] | NDArray[np.str_]
    kind: Literal["number", "whole", "boolean", "text"]


def target_of(table: Table, names: Collection[str], categorical: Collection[str] = ()) -> Target:
    """Those columns, to be predicted; each has a value in each row.

    Columns that are in `categorical`, too, are words, whatever they look like.

    Raises:
        DataError: For columns that are not there, hold a missing or infinite value or anything in
            doubt, and for several columns of different kinds.
        InvalidArgument: For no columns.

    Example:
        >>> from gpugrad import data
        >>> table = data.as_table({"x": [1.5, 2.5], "rain": [True, False], "wind": [False, True]})
        >>> data.target_of(table, ["rain", "wind"]).values.tolist()
        [[1, 0], [0, 1]]
    """
    if isinstance(names, str) or not names:
        raise InvalidArgument(f"the target is {names!r}; expected a list of names of columns")
    table.check_names(names, " to be predicted")
    way = ", or name the column in `categorical`, too, to take its cells as classes"
    found = [_checked(table, name, name in categorical, way) for name in names]
    kinds = {_kind(column) for column in found}
    kinds = {"number"} if kinds == {"number", "whole"} else kinds
    if len(kinds) > 1 or (kinds == {"text"} and len(found) > 1):
        pairs = zip(names, found, strict=True)
        each = ", ".join(f"'{shown(name)}' {_SAID[_kind(column)]}" for name, column in pairs)
        raise DataError(
            f"{table.source}: of the columns to be predicted, {each}; expected several of "
            "numbers or of truth values, or one of words"
        )
    (kind,) = kinds
    if kind == "text":
        values = np.array(found[0].words)[found[0].values]
    else:
        dtype = np.float64 if kind == "number" else np.int64
        each_column = [column.values.astype(dtype) for column in found]
        values = each_column[0] if len(names) == 1 else np.stack(each_column, axis=1)
    return Target(tuple(names), values, kind)  # type: ignore[arg-type]


def weights_of(table: Table, name: str) -> NDArray[np.float64]:
    """The column of weights, (rows,): what each row counts, none of it below 0 and not all 0.

    Raises:
        DataError: For any other column.

    Example:
        >>> from gpugrad import data
        >>> data.weights_of(data.as_table({"x": [1, 2], "times": [3, 1]}), "times")
        array([3., 1.])
    """
    table.check_names([name], " of weights")
    column = _checked(table, name, as_words=False, way="")
    wanted = "expected weights from 0 on, of which one is not 0; correct it, or name another"
    if column.kind == "text" or not column.values.any():
        found = "holds words" if column.kind == "text" else "holds nothing but 0"
        raise DataError(f"{table.place(name)} {found}; {wanted}")
    if (below := column.values < 0).any():
        row = int(np.flatnonzero(below)[0])
        raise DataError(f"{table.place(name, row)} is {column.values[row]}; {wanted}")
    return column.values.astype(np.float64)


_SAID = {
    "number": "holds numbers", "whole": "holds whole numbers", "boolean": "holds truth values",
    "text": "holds words",
}  # fmt: skip


def _kind(column: Column) -> str:
    if column.kind != "number" or column.floating:
        return column.kind
    return "whole" if (column.values == np.rint(column.values)).all() else "number"


def _checked(table: Table, name: str, as_words: bool, way: str) -> Column:
    """A column with a value in each row; in doubt, `way` is one out beside correcting it."""
    column = table.columns[name]
    if column.kind == "other" or (column.doubt and not as_words):
        way = "" if column.kind == "other" else way
        raise DataError(f"{table.place(name, column.row)} {column.doubt}. Correct it{way}")
    if column.missing.any():
        row = int(np.flatnonzero(column.missing)[0])
        raise DataError(
            f"{table.place(name, row)} is missing; "
            f"{there_are(column.missing.sum(), 'such cell')} in this column. Nothing can be "
            "learned from these rows: fill it in, or remove them"
        )
    if column.kind != "text" and np.isinf(column.values).any():
        row = int(np.flatnonzero(np.isinf(column.values))[0])
        raise DataError(
            f"{table.place(name, row)} is {column.values[row]}; expected a finite number. Correct "
            "the cell, or remove the row"
        )
    return column.as_words() if as_words else column
