"""Tables of other libraries, through narwhals, and the files that they read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.header import short
from gpugrad.data.npz import _reading as reading
from gpugrad.data.tables.cells import of_array, of_cells, unusable
from gpugrad.data.tables.column import EXACT, Column
from gpugrad.data.tables.named_columns import Table, checked_names, shown
from gpugrad.errors import BackendUnavailable, DataError
from gpugrad.hints import install

READERS = {
    ".parquet": (("pyarrow.parquet", "read_table"), ("polars", "read_parquet")),
    ".feather": (("pyarrow.feather", "read_table"), ("polars", "read_ipc")),
    ".arrow": (("pyarrow.feather", "read_table"), ("polars", "read_ipc")),
}
"""For each ending, the functions that read such a file, of which the first one there is called."""

WANTED = "Expected a table with columns of numbers, words or truth values"


def read_frame(path: str | PathLike[str]) -> Table:
    """The table in a Parquet or Arrow file."""
    path = Path(path)
    _narwhals()
    reader = _reader(path)
    with reading(path, "it is no readable table", WANTED), path.open("rb") as file:
        try:
            frame = reader(file)                    # of a path, they would read other things too
        except Exception as error:                  # of a damaged file, what each raises differs
            raise ValueError(short(" ".join(str(error).split()))) from error
        return from_frame(frame, str(path))


def _reader(path: Path) -> Callable[[IO[bytes]], Any]:
    for module, function in READERS[path.suffix.lower()]:
        if _is_there(module.partition(".")[0]):
            return getattr(import_module(module), function)  # type: ignore[no-any-return]
    raise BackendUnavailable(
        f"{path}: reading it needs pyarrow or polars, and neither is installed; install one: "
        "pip install pyarrow"
    )


def _is_there(package: str) -> bool:
    return sys.modules.get(package) is not None or find_spec(package) is not None


def from_frame(frame: Any, source: str) -> Table:
    """A table of pandas, polars, pyarrow or whatever else narwhals knows, or a mapping of arrays.

    `DataError` for anything else.
    """
    if isinstance(frame, Mapping):
        return _from_mapping(frame, source)
    nw = _narwhals()
    try:
        there = nw.from_native(frame, eager_only=True)
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            f"{source}: two columns have the same name ({' '.join(str(error).split())}); give each "
            "a name of its own"
        ) from error
    except TypeError as error:
        if hasattr(frame, "collect"):
            raise DataError(
                f"{source}: its rows are not there yet; pass on table.collect()"
            ) from error
        raise DataError(
            f"{source}: it is of type {type(frame).__name__}; expected a table of pandas, polars "
            "or pyarrow, or a dictionary of arrays"
        ) from error
    names = checked_names(source, there.columns)
    _check_rows(source, len(there))
    series = there.iter_columns()
    return Table(source, {n: _column(nw, s) for n, s in zip(names, series, strict=True)})


def _from_mapping(frame: Mapping[Any, Any], source: str) -> Table:
    names = checked_names(source, list(frame))
    columns = {}
    for name, cells in zip(names, frame.values(), strict=True):
        if isinstance(cells, str | bytes) or not isinstance(cells, Iterable):
            raise DataError(
                f"{source}: column '{shown(name)}' is of type {type(cells).__name__}; expected a "
                "list or an array of its cells, also for one row"
            )
        array = cells if isinstance(cells, np.ndarray) else _objects(cells)
        if array.ndim != 1:
            raise DataError(
                f"{source}: column '{shown(name)}' has shape {array.shape}; expected (rows,)"
            )
        columns[name] = of_array(array)
    if len(lengths := {len(column) for column in columns.values()}) > 1:
        raise DataError(
            f"{source}: its columns have {', '.join(map(str, sorted(lengths)))} rows; expected "
            "equally many"
        )
    _check_rows(source, *lengths)
    return Table(source, columns)


def _objects(cells: Iterable[Any]) -> NDArray[np.object_]:
    """Cells as they are: NumPy would take numbers among words for words."""
    listed = list(cells)
    found = np.empty(len(listed), object)
    found[:] = listed
    return found


def _check_rows(source: str, rows: int) -> None:
    if not rows:
        raise DataError(f"{source}: there are no rows in it")


def _narwhals() -> Any:
    try:
        return import_module("narwhals")
    except ModuleNotFoundError as error:
        raise BackendUnavailable(
            f"tables other than CSV need narwhals ({error}); install it: {install('table')}"
        ) from error


def _column(nw: Any, series: Any) -> Column:
    dtype = series.dtype
    if dtype == nw.Boolean:
        return Column("boolean", _floats(nw, series))
    if dtype.is_integer() and _goes_beyond(series):
        return of_cells(series.to_list())
    if dtype.is_numeric():
        return Column("number", _floats(nw, series), floating=dtype.is_float())
    if dtype in (nw.String, nw.Object):
        return of_cells(series.to_list())
    if dtype in (nw.Categorical, nw.Enum):
        return of_cells(series.to_list(), words=True)
    return unusable(len(series), str(dtype))


def _goes_beyond(series: Any) -> bool:
    """Whether whole numbers are too large for float64."""
    ends = (series.min(), series.max())
    return any(end is not None and abs(int(end)) >= EXACT for end in ends)


def _floats(nw: Any, series: Any) -> NDArray[np.float64]:
    """Numbers or truth values as float64, NaN where one is missing."""
    return np.array(series.cast(nw.Float64).to_numpy(), np.float64)
