"""Scoring a model on rows that it does not learn from, in batches of bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds
from gpugrad.ops.logic import argmax
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.train.metrics import Score
from gpugrad.train.tasks import Losses, Model
from gpugrad.types import Array

EVALUATION_BATCH = 4096  # rows: bounds the memory of a forward pass, large enough for any device


@dataclass(frozen=True)
class Part:
    """Rows on the device: features (n, features), standardised, and labels (n,)."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return int(self.x.shape[0])


def sums(model: Model, x: Array, y: Array, losses_of: Losses) -> tuple[Array, Array]:
    """The sum of the losses and the number of rows found right, as float64 on the device."""
    logits = model(x)
    return sums_of(logits, losses_of(logits, y), y)


def sums_of(logits: Array, losses: Array, y: Array) -> tuple[Array, Array]:
    """The same from logits (n, classes) and losses (n,) that are known already."""
    hits = argmax(logits, axis=1) == y
    return sum(astype(losses, "float64")), sum(astype(hits, "float64"))


def score(model: Model, part: Part, backend: Namespace, losses_of: Losses) -> Score:
    """The score on all rows of `part`; the device is read once."""
    loss_sum: Array | float = 0.0
    hits: Array | float = 0.0
    for start, stop in batch_bounds(len(part), EVALUATION_BATCH):
        rows = (slice(start, stop),)
        x, y = backend.getitem(part.x, rows), backend.getitem(part.y, rows)
        batch_loss, batch_hits = sums(model, x, y, losses_of)
        loss_sum, hits = loss_sum + batch_loss, hits + batch_hits
    total, right = backend.to_numpy(backend.stack([loss_sum, hits]))
    return Score(float(total) / len(part), float(right) / len(part), len(part))


def probabilities(model: Model, x: Array, backend: Namespace) -> NDArray[np.float64]:
    """The probability of each class for each row of `x`, (n, classes), on the host."""
    logits = np.concatenate(
        [
            backend.to_numpy(model(backend.getitem(x, (slice(start, stop),)))).astype(np.float64)
            for start, stop in batch_bounds(x.shape[0], EVALUATION_BATCH)
        ]
    )
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
    return shares
