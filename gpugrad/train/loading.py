"""Data for the ranks of a run: the first one looks at what is in a large file, for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from gpugrad import data
from gpugrad.errors import GpugradError
from gpugrad.parallel import world

T = TypeVar("T")


def load(source: str, seed: int, from_file: bool | None) -> data.Dataset:
    """The data set, checked. What stays in its file is looked at by the first rank alone."""
    dataset = data.load(source, seed, from_file, check=False)
    if isinstance(dataset.x, data.FileRows):
        x = dataset.x
        of_the_first(lambda: x.check(source))
    return dataset


def fingerprint(dataset: data.Dataset) -> str:
    """That of the data set. What stays in its file is read by the first rank alone."""
    if isinstance(dataset.x, data.FileRows):
        return of_the_first(dataset.fingerprint)
    return dataset.fingerprint()


def of_the_first(make: Callable[[], T]) -> T:
    """What `make` gives on the first rank, on all of them; or the error that it raises there."""
    found: T | None = None
    error: GpugradError | None = None
    if world().rank == 0:
        try:
            found = make()
        except GpugradError as problem:
            error = problem
    found, error = world().share((found, error))
    if error is not None:
        raise error
    return cast(T, found)
