"""The rows of a part of the data: on the device, or read from their file batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.data import FileRows, ImageRows, Standardiser
from gpugrad.parallel import World, rows_of
from gpugrad.train.inputs import Inputs
from gpugrad.train.tasks.task import Totals
from gpugrad.types import Array


class Batch(NamedTuple):
    """What a step is given: rows with what belongs to them, and which of them are the batch.

    Args:
        x: Rows.
        y: Their targets.
        w: Their weights, if they have some.
        numbers: Of those in the batch; `None` is all.
        keys: Keys of random numbers, (rows, 2), if a step draws some.
    """

    x: Any
    y: Array
    w: Array | None
    numbers: Array | None
    keys: Array | None = None


Piece: TypeAlias = tuple[Array, Array, Array | None]
"""Rows, their targets, and their weights if they have some."""


@dataclass(frozen=True)
class Part:
    """Rows on the device: features (n, features), targets, both scaled, and weights (n, 2)."""

    x: Any
    y: Any
    w: Any
    totals: Totals

    def __len__(self) -> int:
        return int(self.x.shape[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the features."""
        return tuple(self.x.shape)

    def between(self, start: int, stop: int) -> Piece:
        """These rows, one after the other, with what belongs to them."""
        w = None if self.w is None else self.w[start:stop]
        return self.x[start:stop], self.y[start:stop], w

    def batch(self, order: Any, start: int, stop: int, world: World, keys: Any = None) -> Batch:
        """What a step is given for the rows that come from `start` to `stop` in that order."""
        return Batch(self.x, self.y, self.w, order[start:stop], keys)


@dataclass(frozen=True)
class FilePart:
    """Rows in a file, some of `source`: read, standardised and moved to the device when needed.

    They then have the bits that they have where all of them are in memory. Targets and weights are
    in the memory of the host, scaled.
    """

    source: FileRows | ImageRows
    numbers: NDArray[np.int64]
    y: np.ndarray
    w: np.ndarray | None
    totals: Totals
    inputs: Inputs
    standardiser: Standardiser | None
    dtype: str
    backend: Namespace

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the features."""
        return len(self.numbers), *self.source.shape[1:]

    def __getitem__(self, key: slice | NDArray[np.int64]) -> Array:
        rows = self.source[self.numbers[key]]
        return self.backend.asarray(self.inputs.ready(rows, self.standardiser, self.dtype))

    def between(self, start: int, stop: int) -> Piece:
        """These rows, one after the other, with what belongs to them."""
        rows = slice(start, stop)
        return self[rows], *self._beside(rows)

    def batch(self, order: Any, start: int, stop: int, world: World, keys: Any = None) -> Batch:
        """What a step is given for the rows that come from `start` to `stop` in that order.

        That are this rank's, with an index as long as the batch in which they have their places. In
        the deterministic mode it is the batch as a part, of which a rank reads what it computes.
        """
        index = order[start:stop]
        if is_deterministic():
            w = None if self.w is None else self.w[index]
            part = replace(self, numbers=self.numbers[index], y=self.y[index], w=w)
            return Batch(part, *part._beside(slice(None)), None, self._some(keys, index))
        mine = rows_of(len(index), world)
        if mine.stop == mine.start:                 # a step takes at least one
            mine = slice(0, 1)
        own = index[mine]
        places = self.backend.asarray(np.arange(len(index)) - mine.start)
        return Batch(self[own], *self._beside(own), places, self._some(keys, own))

    def _some(self, keys: Any, rows: NDArray[np.int64]) -> Any:
        return None if keys is None else self.backend.asarray(keys[rows])

    def _beside(self, key: slice | NDArray[np.int64]) -> tuple[Array, Array | None]:
        """The targets and weights of these rows on the device."""
        w = None if self.w is None else self.backend.asarray(self.w[key])
        return self.backend.asarray(self.y[key]), w
