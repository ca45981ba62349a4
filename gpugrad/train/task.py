"""The data of a run, split, and standardised and moved to the device once, or when needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from gpugrad.backends import Namespace
from gpugrad.data import Dataset, FileRows, Split, Standardiser, split
from gpugrad.train.config import Config
from gpugrad.train.loading import of_the_first
from gpugrad.train.parts import FilePart, Part


@dataclass(frozen=True)
class Task:
    """The three parts, and what they were made of on the host."""

    dataset: Dataset
    rows: Split
    standardiser: Standardiser
    dtype: str  # of standardised features
    train: Part | FilePart
    validation: Part | FilePart
    test: Part | FilePart

    def sizes(self, hidden: tuple[int, ...]) -> list[int]:
        """The widths of all layers of a network with these hidden ones."""
        return [self.dataset.features, *hidden, len(self.dataset.classes)]


def make_task(config: Config, dataset: Dataset, backend: Namespace) -> Task:
    """Splits by seed, and standardises with the statistics of the training rows alone."""
    rows = split(dataset.y, config.seed)
    x, y, dtype = dataset.x, dataset.y, config.dtype
    part: Callable[[np.ndarray], Part | FilePart]
    if isinstance(x, FileRows):
        source, standardiser = x, of_the_first(partial(_fitted, x, rows.train, dtype))

        def part(numbers: np.ndarray) -> FilePart:
            return FilePart(source, numbers, y[numbers], standardiser, dtype, backend)
    else:
        standardiser = Standardiser.fit(x, rows.train)
        z = standardiser.apply(x, dtype)

        def part(numbers: np.ndarray) -> Part:
            return Part(backend.asarray(z[numbers]), backend.asarray(y[numbers]))

    return Task(
        dataset,
        rows,
        standardiser,
        dtype,
        train=part(rows.train),
        validation=part(rows.validation),
        test=part(rows.test),
    )


def _fitted(x: FileRows, rows: np.ndarray, dtype: str) -> Standardiser:
    """The statistics of these rows; `DataError` where `dtype` cannot hold all rows by them."""
    standardiser = Standardiser.fit(x, rows)
    standardiser.apply(x.extremes, dtype)
    return standardiser
