"""One door to every table: a file, or what another library holds in memory."""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike
from pathlib import Path
from typing import Any

from gpugrad.data.tables.csv_file import read_csv
from gpugrad.data.tables.named_columns import Table
from gpugrad.data.tables.of_others import READERS, from_frame, read_frame
from gpugrad.errors import DataError, InvalidArgument

TEXT_FILES = (".csv", ".tsv")


def is_table(path: str | PathLike[str]) -> bool:
    """Whether `read_table` takes the file for a table, by the end of its name.

    Example:
        >>> from gpugrad import data
        >>> data.is_table("houses.parquet"), data.is_table("houses.npz")
        (True, False)
    """
    return Path(path).suffix.lower() in (*TEXT_FILES, *READERS)


def read_table(path: str | PathLike[str], *, text: Collection[str] = ()) -> Table:
    r"""The table in a file: CSV, Parquet, Feather or Arrow, by the end of its name.

    A CSV file has a line of names, is in UTF-8 and separated by commas, semicolons or tabs; nothing
    needs to be installed to read it. A column holds numbers if all cells are numbers, truth values
    if all are `true` or `false`, and words otherwise. An empty cell is missing, and so are `NA`,
    `NaN`, `null` and `none` in any letters among numbers and truth values; among words, these are
    words. Parquet, Feather and Arrow files are read by pyarrow or polars, and need narwhals, too.

    Args:
        path: The file.
        text: Columns of a CSV file that hold words, whatever they look like, such as postcodes.

    Raises:
        DataError: For a file that cannot be used; the message names the line and the column.
        InvalidArgument: For a `text` that is no list.
        BackendUnavailable: Where a library is missing; the message says how to install it.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from gpugrad import data
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "birds.csv"
        ...     _ = path.write_text("wing,kind\n7.2,robin\n5.1,wren\n")
        ...     table = data.read_table(path)
        >>> table.names, table.columns["kind"].words
        (('wing', 'kind'), ('robin', 'wren'))
    """
    if isinstance(text, str):
        raise InvalidArgument(f"text is {text!r}; expected a list of names: text=[{text!r}]")
    path = Path(path)
    if not is_table(path):
        raise DataError(
            f"{path}: a table is read from a file whose name ends in "
            f"{', '.join((*TEXT_FILES, *READERS))}; rename or convert it"
        )
    return read_csv(path, text) if path.suffix.lower() in TEXT_FILES else read_frame(path)


def as_table(table: Any, name: str = "the table") -> Table:
    """A table of pandas, polars or pyarrow, or a dictionary of arrays, as a `Table`.

    Tables of other libraries need narwhals (the extra `table`); dictionaries need nothing. NaN and
    null are missing cells, and so is an empty text.

    Args:
        table: Columns with names, all in memory.
        name: What it is called in messages.

    Raises:
        DataError: For a table that cannot be used, and for anything else.
        BackendUnavailable: Where narwhals is missing; the message says how to install it.

    Example:
        >>> from gpugrad import data
        >>> table = data.as_table({"age": np.array([31, 40]), "town": ["Bonn", "Ulm"]})
        >>> {name: column.kind for name, column in table.columns.items()}
        {'age': 'number', 'town': 'text'}
    """
    return table if isinstance(table, Table) else from_frame(table, name)
