"""What a network is given for a row, and how that comes of rows in a table or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from gpugrad.data import (
    Dataset,
    Encoder,
    FileRows,
    ImageRows,
    Images,
    Standardiser,
    Table,
    as_table,
)
from gpugrad.data.checks import as_array, checked_features
from gpugrad.data.dataset import Rows
from gpugrad.data.tables.coding import NumberCoding
from gpugrad.errors import CheckpointError, DataError, InvalidArgument
from gpugrad.train.fields import LARGEST, Fields
from gpugrad.train.pixels import Pixels

Given: TypeAlias = Any
"""Rows as a program has them: an array, what reads rows from files, or a table of any library."""

KINDS = ("rows", "table", "images", "array")


@dataclass(frozen=True)
class Inputs:
    """The form of the rows that a model takes.

    Args:
        kind: `"rows"` of numbers; a `"table"`, which becomes such rows; `"images"`; or an `"array"`
            of any other shape, as a model of a program takes it.
        shape: That of one row, as the network is given it.
        whole: Whether they are whole numbers, such as places in an embedding, and stay so.
        scaled: Whether they are standardised.
        encoder: How a table becomes rows.
        pixels: What the numbers of images are like.
    """

    kind: str
    shape: tuple[int, ...]
    whole: bool = False
    scaled: bool = True
    encoder: Encoder | None = None
    pixels: Pixels | None = None

    @property
    def scales(self) -> tuple[int, ...]:
        """The shape of the mean and the scale that rows are standardised by."""
        return (self.shape[0], 1, 1) if self.kind == "images" else self.shape

    @property
    def numbers(self) -> int:
        """How many a row has."""
        return prod(self.shape)

    @property
    def plane(self) -> bool:
        """Whether a row is a point of which a picture can be drawn, with two numbers."""
        coded = () if self.encoder is None else self.encoder.codings.values()
        return self.shape == (2,) and all(isinstance(each, NumberCoding) for each in coded)

    def encoded(self, x: Given, name: str, unknown: str | None = None) -> Rows:
        """Rows of data as arrays of this shape; `DataError` where they are none.

        `name` is what the data are called in errors. `unknown` is what becomes of categories of a
        table that were not learned; `None` is as in training.
        """
        x = rows_of(x)
        if self.encoder is not None:
            encoder = self.encoder if unknown is None else self.encoder.with_unknown(unknown)
            return encoder.encode(as_rows_of_table(x, name))
        if unknown is not None:
            raise InvalidArgument(
                f"unknown is {unknown!r}, which is for tables, but the model was trained on none; "
                "leave it out"
            )
        if isinstance(x, Table | Mapping):
            raise DataError(
                f"{name}: it is a table, but the model was trained on arrays; expected an array "
                f"of shape {self._said}"
            )
        if not isinstance(x, FileRows | ImageRows):
            x = as_array(name, "x", x)
        if len(x.shape) != 1 + len(self.shape) or x.shape[1:] != self.shape:
            raise DataError(
                f"{name}: it has shape {tuple(x.shape)}; expected {self._said}, as the rows that "
                f"the model was trained on have{self._way(tuple(x.shape))}"
            )
        if isinstance(x, np.ndarray):
            x = checked_whole(name, x) if self.whole else checked_floats(name, x)
        if self.pixels is not None and not isinstance(x, FileRows):
            self.pixels.check(name, x)
        return x  # type: ignore[no-any-return]

    def ready(self, x: np.ndarray, scaling: Standardiser | None, dtype: str) -> np.ndarray:
        """Encoded rows as the network is given them; `DataError` where `dtype` cannot hold one."""
        if scaling is not None:
            return scaling.apply(x, dtype)
        if self.whole:
            return x
        with np.errstate(over="ignore"):
            found = x.astype(dtype)
        if not np.isfinite(found).all():
            raise DataError(
                f"some features are so large that {dtype} cannot hold them; check their units, or "
                "train with standardise=True"
            )
        return found

    def notes(self, x: Given) -> list[str]:
        """A line on what is in a table and not used."""
        return self.encoder.notes(x) if self.encoder is not None and isinstance(x, Table) else []

    def to_json(self) -> dict[str, object]:
        """What `read` reads."""
        found: dict[str, object] = {
            "kind": self.kind,
            "shape": list(self.shape),
            "whole": int(self.whole),
            "scaled": int(self.scaled),
        }
        if self.encoder is not None:
            found["encoder"] = self.encoder.to_json()
        if self.pixels is not None:
            found["pixels"] = self.pixels.to_json()
        return found

    @classmethod
    def read(cls, found: Fields) -> Inputs:
        """What `to_json` gave; `CheckpointError` if it is not as that gives it."""
        kind, shape = found.text("kind"), found.items("shape")
        whole, scaled = (bool(found.whole(name, high=1)) for name in ("whole", "scaled"))
        encoder = Encoder.read(found.part("encoder")) if kind == "table" else None
        pixels = Pixels.read(found.part("pixels")) if kind == "images" else None
        found.end()
        lengths = all(type(n) is int and 0 < n <= LARGEST for n in shape)
        axes = {"rows": len(shape) == 1, "images": len(shape) == 3, "array": len(shape) > 0}
        fits = encoder is not None and shape == [len(encoder.names)]
        fits = kind in KINDS and lengths and axes.get(kind, fits)
        if not fits or (whole and (scaled or kind != "array")):
            raise CheckpointError(
                f"{found.path}: {found.name} says that rows are of the kind {kind!r} and the shape "
                f"{shape}, which do not go together"
            )
        return cls(kind, tuple(shape), whole, scaled, encoder, pixels)  # type: ignore[arg-type]

    def _way(self, shape: tuple[int, ...]) -> str:
        """How to make such rows of an array of that shape, at the end of a message."""
        if shape == self.shape:
            return ". One row is x[None]"
        if len(self.shape) == 3 and shape[1:] == (*self.shape[1:], self.shape[0]):
            return ". Channels come first with np.moveaxis(x, -1, 1)"
        if len(self.shape) == 3 and self.shape[0] == 1 and shape[1:] == self.shape[1:]:
            return ". Grey images get their channel with x[:, None]"
        return ""

    @property
    def _said(self) -> str:
        return f"(rows, {', '.join(map(str, self.shape))})"


def rows_of(x: Given) -> Given:
    """The rows alone of what `gpugrad.data.read_images` and `load` give."""
    return x.x if isinstance(x, Images | Dataset) else x


def as_rows_of_table(x: Given, name: str) -> Table:
    """A table of any library; `DataError` says so where it is an array instead."""
    if isinstance(x, np.ndarray | FileRows | ImageRows):
        raise DataError(
            f"{name}: it is an array without names of columns, but the model was trained on a "
            "table; expected a table with these columns"
        )
    return as_table(x, name)


def checked_floats(name: str, x: np.ndarray) -> np.ndarray:
    """`x` (rows, ...) as floats, all finite; images of bytes as float32."""
    if x.ndim < 3:
        return checked_features(name, x)
    if x.dtype.kind not in "fiu" or 0 in x.shape:
        raise DataError(
            f"{name}: x has dtype {x.dtype} and shape {x.shape}; expected real numbers, and no "
            "axis of length 0"
        )
    small = x.dtype.kind in "iu" and x.dtype.itemsize <= 2
    flat = checked_features(name, x.reshape(len(x), -1).astype("float32" if small else x.dtype))
    return flat.reshape(x.shape)


def checked_whole(name: str, x: np.ndarray) -> np.ndarray:
    """`x` (rows, ...) as int64."""
    if x.dtype.kind not in "iu" or x.ndim < 2 or 0 in x.shape:
        raise DataError(
            f"{name}: x has dtype {x.dtype} and shape {x.shape}; expected whole numbers of "
            "shape (rows, ...)"
        )
    if x.dtype.kind == "u" and x.max() > LARGEST:
        raise DataError(f"{name}: x holds {x.max()}, which is too large for int64")
    return np.ascontiguousarray(x, np.int64)
