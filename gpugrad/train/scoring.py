"""Scoring a model on rows that it does not learn from, in batches of bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds
from gpugrad.ops.logic import argmax
from gpugrad.ops.reduction import sum
from gpugrad.ops.shape import astype
from gpugrad.train.metrics import Score
from gpugrad.train.tasks import Losses

EVALUATION_BATCH = 4096  # rows: bounds the memory of a forward pass, large enough for any device


@dataclass(frozen=True)
class Part:
    """Rows on the device: features (n, features), standardised, and labels (n,)."""

    x: Any
    y: Any

    def __len__(self) -> int:
        return int(self.x.shape[0])


def sums(model: Any, x: Any, y: Any, losses_of: Losses) -> tuple[Any, Any]:
    """The sum of the losses and the number of rows found right, as float64 on the device."""
    logits = model(x)
    return sums_of(logits, losses_of(logits, y), y)


def sums_of(logits: Any, losses: Any, y: Any) -> tuple[Any, Any]:
    """The same from logits (n, classes) and losses (n,) that are known already."""
    hits = argmax(logits, axis=1) == y
    return sum(astype(losses, "float64")), sum(astype(hits, "float64"))


def score(model: Any, part: Part, backend: Namespace, losses_of: Losses) -> Score:
    """The score on all rows of `part`; the device is read once."""
    loss_sum = hits = 0.0
    for start, stop in batch_bounds(len(part), EVALUATION_BATCH):
        batch_loss, batch_hits = sums(model, part.x[start:stop], part.y[start:stop], losses_of)
        loss_sum, hits = loss_sum + batch_loss, hits + batch_hits
    total, right = backend.to_numpy(backend.stack([loss_sum, hits]))
    return Score(float(total) / len(part), float(right) / len(part), len(part))


def probabilities(model: Any, x: Any, backend: Namespace) -> NDArray[np.float64]:
    """The probability of each class for each row of `x`, (n, classes), on the host."""
    logits = np.concatenate(
        [
            backend.to_numpy(model(x[start:stop])).astype(np.float64)
            for start, stop in batch_bounds(x.shape[0], EVALUATION_BATCH)
        ]
    )
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
    return shares
