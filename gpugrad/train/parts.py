"""The rows of a part of the data: on the device, or read from their file batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.data import FileRows, Standardiser
from gpugrad.parallel import World, rows_of
from gpugrad.types import Array

Batch: TypeAlias = tuple[Any, Array, Array | None]
"""What a step is given: rows, their labels and which of them are the batch; `None` is all."""


@dataclass(frozen=True)
class Part:
    """Rows on the device: features (n, features), standardised, and labels (n,)."""

    x: Any
    y: Any

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def between(self, start: int, stop: int) -> tuple[Array, Array]:
        """These rows, one after the other, and their labels."""
        return self.x[start:stop], self.y[start:stop]

    def batch(self, order: Any, start: int, stop: int, world: World) -> Batch:
        """What a step is given for the rows that come from `start` to `stop` in that order."""
        return self.x, self.y, order[start:stop]


@dataclass(frozen=True)
class FilePart:
    """Rows in a file, some of `source`: read, standardised and moved to the device when needed.

    They then have the bits that they have where all of them are in memory.
    """

    source: FileRows
    numbers: NDArray[np.int64]
    labels: NDArray[np.int64]
    standardiser: Standardiser
    dtype: str
    backend: Namespace

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def shape(self) -> tuple[int, int]:
        """That of the features."""
        return len(self.numbers), self.source.shape[1]

    def __getitem__(self, key: slice | NDArray[np.int64]) -> Array:
        x = self.standardiser.apply(self.source[self.numbers[key]], self.dtype)
        return self.backend.asarray(x)

    def between(self, start: int, stop: int) -> tuple[Array, Array]:
        """These rows, one after the other, and their labels."""
        return self[start:stop], self.backend.asarray(self.labels[start:stop])

    def batch(self, order: Any, start: int, stop: int, world: World) -> Batch:
        """What a step is given for the rows that come from `start` to `stop` in that order.

        That are this rank's, with an index as long as the batch in which they have their places. In
        the deterministic mode it is the batch as a part, of which a rank reads what it computes.
        """
        index = order[start:stop]
        if is_deterministic():
            numbers, labels = self.numbers[index], self.labels[index]
            rest = (self.standardiser, self.dtype, self.backend)
            return FilePart(self.source, numbers, labels, *rest), self._placed(labels), None
        mine = rows_of(len(index), world)
        own = index[mine]
        places = np.arange(len(index)) - mine.start
        return self[own], self._placed(self.labels[own]), self._placed(places)

    def _placed(self, numbers: NDArray[np.int64]) -> Array:
        return self.backend.asarray(numbers)
