"""Scoring a model on rows that it does not learn from, in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds
from gpugrad.ops.logic import argmax
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.parallel import World, all_gather
from gpugrad.train.metrics import Score
from gpugrad.train.parts import FilePart, Part
from gpugrad.train.tasks import Losses, Model
from gpugrad.types import Array

EVALUATION_BATCH = 4096  # rows: bounds the memory of a forward pass, large enough for any device


def sums(model: Model, x: Array, y: Array, losses_of: Losses) -> tuple[Array, Array]:
    """The sum of the losses and the number of rows found right, as float64 on the device."""
    logits = model(x)
    return sums_of(logits, losses_of(logits, y), y)


def sums_of(logits: Array, losses: Array, y: Array) -> tuple[Array, Array]:
    """The same from logits (n, classes) and losses (n,) that are known already."""
    hits = argmax(logits, axis=1) == y
    return sum(astype(losses, "float64")), sum(astype(hits, "float64"))


def score(
    model: Model, part: Part | FilePart, backend: Namespace, losses_of: Losses, world: World
) -> Score:
    """The score on all rows of `part`; the device is read once.

    The ranks of `world` take batches in turn, and add up what all have found in one order.
    """
    bounds = list(batch_bounds(len(part), EVALUATION_BATCH))
    found = [
        backend.stack(list(sums(model, *part.between(start, stop), losses_of)))
        for start, stop in bounds[world.rank :: world.size]
    ]
    most = -(-len(bounds) // world.size)
    mine = np.zeros((most, 1, 2))
    if found:
        mine[: len(found), 0] = backend.to_numpy(backend.stack(found))
    total, right = 0.0, 0.0
    for loss, hits in all_gather(mine, world, axis=1).reshape(-1, 2)[: len(bounds)].tolist():
        total, right = total + loss, right + hits
    return Score(total / len(part), right / len(part), len(part))


def in_batches(x: Any) -> Iterator[Array]:
    """The rows of `x` in batches for `probabilities`."""
    for start, stop in batch_bounds(x.shape[0], EVALUATION_BATCH):
        yield x[start:stop]


def probabilities(
    model: Model, batches: Iterable[Array], backend: Namespace
) -> NDArray[np.float64]:
    """The probability of each class for each row of all batches, (n, classes), on the host."""
    logits = np.concatenate([backend.to_numpy(model(x)).astype(np.float64) for x in batches])
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
    return shares
