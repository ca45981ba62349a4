"""Settings of a run about its data: where they are, and what of a table or of images is used."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gpugrad.data.images.image_file import LETTERS
from gpugrad.data.tables.coding import MISSING, UNKNOWN
from gpugrad.settings import settled
from gpugrad.train.augmenting import AUGMENTATIONS
from gpugrad.train.setting_checks import check_choice, wrong

OF_DATA = {"missing": MISSING, "unknown": UNKNOWN}
"""Settings with one of a few values."""

OPTIONAL = ("sample_weight", "size", "channels")
"""Settings that may be `None` in a run: then there is none, or it is as the data have it."""

NAMES = ("target", "drop", "categorical", "ordinal", "augment")
"""Settings that are names, any number of them."""

LARGEST_SIDE = 16_384  # of an image: a bound on typing errors


@dataclass(frozen=True)
class DataSettings:
    """The settings of a `Config` that come before anything is learned."""

    dataset: str
    target: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    ordinal: tuple[str, ...] = ()
    missing: str = "refuse"
    unknown: str = "refuse"
    sample_weight: str | None = None
    size: tuple[int, int] | None = None
    channels: int | None = None
    augment: tuple[str, ...] = ()
    standardise: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.dataset, os.PathLike):
            object.__setattr__(self, "dataset", os.fspath(self.dataset))
        if not isinstance(self.dataset, str) or "\0" in self.dataset:
            expected = "the name of a data set, of a file or of a folder"
            raise wrong("dataset", self.dataset, expected)
        for name in NAMES:
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        for name, choices in OF_DATA.items():
            check_choice(name, getattr(self, name), choices)
        for each in self.augment:
            check_choice("augment", each, tuple(AUGMENTATIONS))
        if self.sample_weight is not None and not isinstance(self.sample_weight, str):
            raise wrong("sample_weight", self.sample_weight, "the name of a column")
        if self.size is not None:
            object.__setattr__(self, "size", _size(self.size))
        if self.channels is not None and (
            type(self.channels) is not int or self.channels not in LETTERS
        ):
            raise wrong("channels", self.channels, "1 for grey, or 3 for colours")
        if not isinstance(self.standardise, bool):
            raise wrong("standardise", self.standardise, "True or False")

    @property
    def of_tables(self) -> dict[str, object]:
        """The settings that only tables have and that are not as they are by default."""
        names = ("drop", "categorical", "ordinal", "missing", "unknown", "sample_weight")
        return self._other(names)

    @property
    def of_images(self) -> dict[str, object]:
        """The settings that only images in folders have and that are not as by default."""
        return self._other(("size", "channels"))

    def _other(self, names: tuple[str, ...]) -> dict[str, object]:
        return {n: x for n in names if (x := getattr(self, n)) != getattr(DataSettings, n)}


def _names(name: str, value: object) -> tuple[str, ...]:
    """Names as a tuple, of which no two are equal; one alone may be a text."""
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, tuple | list) or not all(isinstance(x, str) for x in found):
        raise wrong(name, value, "a name, or a list of names")
    if len(set(found)) < len(found):
        raise wrong(name, value, "a list in which no name is there twice")
    return tuple(found)


def _size(value: object) -> tuple[int, int]:
    """(height, width) of images."""
    found = tuple(map(settled, value)) if isinstance(value, tuple | list) else ()
    whole = len(found) == 2 and all(type(x) is int and 0 < x <= LARGEST_SIDE for x in found)
    if not whole:
        raise wrong("size", value, f"(height, width), each from 1 to {LARGEST_SIDE:,} pixels")
    return found
