"""The data of a run, split, standardised and moved to the device once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpugrad.backends import Namespace
from gpugrad.data import Dataset, Split, Standardiser, split
from gpugrad.train.config import Config
from gpugrad.train.scoring import Part


@dataclass(frozen=True)
class Task:
    """The three parts on the device, and what they were made of on the host."""

    dataset: Dataset
    rows: Split
    standardiser: Standardiser
    train: Part
    validation: Part
    test: Part

    def sizes(self, hidden: tuple[int, ...]) -> list[int]:
        """The widths of all layers of a network with these hidden ones."""
        return [self.dataset.features, *hidden, len(self.dataset.classes)]


def make_task(config: Config, dataset: Dataset, backend: Namespace) -> Task:
    """Splits by seed, and standardises with the statistics of the training rows alone."""
    rows = split(dataset.y, config.seed)
    standardiser = Standardiser.fit(dataset.x[rows.train])
    x = standardiser.apply(dataset.x, config.dtype)

    def part(numbers: np.ndarray) -> Part:
        return Part(backend.asarray(x[numbers]), backend.asarray(dataset.y[numbers]))

    return Task(
        dataset,
        rows,
        standardiser,
        train=part(rows.train),
        validation=part(rows.validation),
        test=part(rows.test),
    )
