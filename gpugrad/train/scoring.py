"""Scoring a model on rows that it does not learn from, in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds
from gpugrad.parallel import World, all_gather
from gpugrad.train.metrics import Score
from gpugrad.train.objective import Objective
from gpugrad.train.parts import FilePart, Part
from gpugrad.train.tasks.task import Model
from gpugrad.types import Array

EVALUATION_BATCH = 4096  # rows: bounds the memory of a forward pass, large enough for any device
NUMBERS = 2**18  # of rows with several axes, of which layers make many times as many


def rows_at_once(shape: tuple[int, ...]) -> int:
    """How many rows of such an array are looked at together."""
    if len(shape) == 2:
        return EVALUATION_BATCH
    return max(min(NUMBERS // prod(shape[1:]), EVALUATION_BATCH), 1)


def score(
    model: Model, part: Part | FilePart, backend: Namespace, objective: Objective, world: World
) -> Score:
    """The score on all rows of `part`; the device is read once.

    The ranks of `world` take batches in turn, and add up what all have found in one order.
    """
    bounds = list(batch_bounds(len(part), rows_at_once(part.shape)))
    found = [
        objective.line(objective.of(model, *part.between(start, stop)), backend)
        for start, stop in bounds[world.rank :: world.size]
    ]
    width = objective.width
    mine = np.zeros((-(-len(bounds) // world.size), 1, width))
    if found:
        mine[: len(found), 0] = backend.to_numpy(backend.stack(found))
    total = np.zeros(width)
    for line in all_gather(mine, world, axis=1).reshape(-1, width)[: len(bounds)]:
        total += line
    return objective.score(total, part.totals)


def in_batches(x: Any) -> Iterator[Array]:
    """The rows of `x` in batches for `outputs_of`."""
    for start, stop in batch_bounds(x.shape[0], rows_at_once(x.shape)):
        yield x[start:stop]


def outputs_of(model: Model, batches: Iterable[Array], backend: Namespace) -> NDArray[np.float64]:
    """The outputs for all rows of all batches, (n, outputs), on the host."""
    return np.concatenate([backend.to_numpy(model(x)).astype(np.float64) for x in batches])
