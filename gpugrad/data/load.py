"""One door to every data set: a name, or the path of an `.npz` file."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from gpugrad.data.dataset import Dataset
from gpugrad.data.named import digits, moons, spirals
from gpugrad.data.npz import class_count, read_npz
from gpugrad.errors import DataError

NAMED: dict[str, Callable[[int], Dataset]] = {
    "digits": lambda seed: digits(),
    "moons": lambda seed: moons(seed=seed),
    "spirals": lambda seed: spirals(seed=seed),
}
"""Each data set by its name, as a function of the seed."""

ROWS_OF_A_CLASS = 3  # one each for training, validation and test


def dataset_names() -> tuple[str, ...]:
    """The names that `load` knows."""
    return tuple(NAMED)


def load(source: str | PathLike[str], seed: int = 0) -> Dataset:
    """The data set of that name, or in that `.npz` file, checked and ready to train on.

    `seed` draws the points of those that are drawn, such as `moons`, and changes no other.
    `DataError` says what is wrong with a name or a file.
    """
    source = source if isinstance(source, str) else str(Path(source))
    if source in NAMED:
        return NAMED[source](seed)
    if Path(source).suffix != ".npz":
        near = difflib.get_close_matches(source, NAMED, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise DataError(
            f"there is no data set '{source}'.{hint} Wanted is one of {', '.join(NAMED)}, "
            "or the path of an .npz file"
        )
    x, y = read_npz(source)
    if y is None:
        raise DataError(f"{source}: there is no array 'y' in it, so there is nothing to learn from")
    classes = class_count(source, y, at_least=ROWS_OF_A_CLASS)
    return Dataset(Path(source).stem, x, y, tuple(str(label) for label in range(classes)))
