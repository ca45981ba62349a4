"""One door to every data set: a name, or the path of an `.npz` file or of a folder."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import partial
from os import PathLike
from pathlib import Path

from gpugrad.data.dataset import Dataset
from gpugrad.data.named import REAL, moons, real, spirals
from gpugrad.data.npz import read_files
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
    """Whether `load` takes it for the path of a file or a folder, and not for a name."""
    return source not in NAMED and (Path(source).suffix == ".npz" or Path(source).is_dir())


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
    if not is_path(source):
        if Path(source).is_file():
            raise DataError(
                f"{source} is no .npz file. Read its numbers into x, of shape (rows, features), "
                "as with np.genfromtxt, and its labels or numbers to predict into y. Save both: "
                "np.savez('data.npz', x=x, y=y)"
            )
        near = difflib.get_close_matches(source, NAMED, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise DataError(
            f"there is no data set '{source}'.{hint} Wanted is one of {', '.join(NAMED)}, "
            "or the path of an .npz file or of a folder with x.npy and y.npy"
        )
    return read_files(source, from_file, check)
