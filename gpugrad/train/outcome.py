"""How a run ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpugrad.train.folder import RunFolder
from gpugrad.train.metrics import Score


@dataclass(frozen=True)
class Outcome:
    """How a run ended: finished, with the scores of the weights kept on each part; or stopped.

    `signal` is the number of the signal that stopped it.
    """

    folder: RunFolder
    finished: bool
    epochs: int
    kept_epoch: int = 0
    scores: Mapping[str, Score] | None = None
    signal: int | None = None
