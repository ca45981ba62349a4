"""One door to every data set: a name, or the path of an `.npz` file or of a folder."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from os import PathLike
from pathlib import Path

from gpugrad.data.dataset import Dataset
from gpugrad.data.named import REAL, moons, real, spirals
from gpugrad.data.npz import read_files
from gpugrad.data.tables.read import is_table
from gpugrad.errors import DataError

NAMED: dict[str, Callable[[int], Dataset]] = {
    **{name: partial(real, name) for name in REAL},
    "moons": lambda seed: moons(seed=seed),
    "spirals": lambda seed: spirals(seed=seed),
}
"""Each data set by its name, as a function of the seed."""


def dataset_names() -> tuple[str, ...]:
    """The names that `load` knows."""
    return tuple(NAMED)


def is_path(source: str) -> bool:
    """Whether it is the path of a file or a folder with data, and no name that `load` knows."""
    if source in NAMED:
        return False
    path = Path(source)
    return path.suffix in (".npz", ".npy") or is_table(path) or path.is_dir()


def load(
    source: str | PathLike[str], seed: int = 0, from_file: bool | None = None, check: bool = True
) -> Dataset:
    """The data set of that name, or in that file or folder, checked.

    Features from half a gigabyte on stay in their file, unless they are compressed or in Fortran
    order, or as `from_file` says; the file is not to be changed while they are in use.

    Args:
        source: A name of `dataset_names()`, the path of an `.npz` file with `x` and, to train,
            `y`, or that of a folder with the files `x.npy` and `y.npy`. There may also be
            `target_names`, `sample_weight` and `part`, as in `Dataset`.
        seed: It draws the points of data sets that are drawn, such as `moons`, and changes no
            other.
        from_file: Whether features stay in their file.
        check: Whether to look at what is in the files. `False` is for where another process does
            that.

    Raises:
        DataError: For a name or a file that cannot be used; the message says what is wrong.

    Example:
        >>> from gpugrad import data
        >>> data.load("spirals", seed=1).x.shape
        (1500, 2)
    """
    source = source if isinstance(source, str) else str(Path(source))
    if source in NAMED:
        return NAMED[source](seed)
    if not (Path(source).suffix == ".npz" or Path(source).is_dir()):
        if Path(source).is_file():
            way = (
                "Tables are read with read_table" if is_table(source) else "Read its numbers into "
                "x, of shape (rows, features), and its labels or numbers to predict into y, and "
                "save both: np.savez('data.npz', x=x, y=y)"
            )
            raise DataError(f"{source} is no .npz file. {way}")
        near = _similar(source)
        hint = f" Did you mean '{near}'?" if near else ""
        raise DataError(
            f"there is no data set '{source}', and no file or folder of that name.{hint} Expected "
            f"is one of {', '.join(NAMED)}, or the path of a table (.csv, .tsv, .parquet, .feather,"
            " .arrow), of an .npz file, of a folder with x.npy and y.npy, or of one with images"
        )
    return read_files(source, from_file, check)


def _similar(source: str) -> str:
    """A name that `load` knows, or a file with data, that is called almost so; "" if none is."""
    path, named = Path(source), {name: name for name in NAMED}
    with suppress(OSError, ValueError):             # of a folder that cannot be looked into
        for each in sorted(path.parent.iterdir()):
            if is_path(str(each)):
                named |= {str(each): str(each), str(each.with_suffix("")): str(each)}
    near = difflib.get_close_matches(str(path), named, n=1)
    return named[near[0]] if near else ""
