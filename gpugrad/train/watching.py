"""What follows from validation losses: whether training goes on, and with which rate.

All of it is a function of the losses so far, which every checkpoint has, so that a run which is
resumed decides as one that was never stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from gpugrad.train.config import Settled
from gpugrad.train.metrics import Record


def is_over(config: Settled, records: Sequence[Record]) -> bool:
    """Whether the last epoch is over, or no better one has come for too long."""
    return len(records) >= config.epochs or stopped_early(config, records)


def stopped_early(config: Settled, records: Sequence[Record]) -> bool:
    """Whether there was no better epoch for as long as the settings wait for one."""
    if not config.early_stopping:
        return False
    return waited(validation_losses(records), config.min_delta) >= config.early_stopping


def plateau_factor(config: Settled, records: Sequence[Record]) -> float:
    """By what the rate of the epoch after these is multiplied."""
    if config.schedule != "plateau":
        return 1.0
    assert config.lr_factor is not None             # the settings are settled
    losses = validation_losses(records)
    return config.lr_factor ** falls(losses, config.lr_patience, config.min_delta)


def validation_losses(records: Iterable[Record]) -> list[float]:
    """One for each epoch; none where there are no validation rows."""
    found = (record.validation_loss for record in records)
    return [loss for loss in found if loss is not None]


def waited(losses: Sequence[float], min_delta: float) -> int:
    """How many epochs there have been since one whose loss was better by more than `min_delta`."""
    best, since = inf, 0
    for loss in losses:
        best, since = (loss, 0) if loss < best - min_delta else (best, since + 1)
    return since


def falls(losses: Sequence[float], patience: int, min_delta: float) -> int:
    """How often there were `patience` epochs in a row without a loss that was so much better."""
    best, since, count = inf, 0, 0
    for loss in losses:
        best, since = (loss, 0) if loss < best - min_delta else (best, since + 1)
        if since == patience:
            since, count = 0, count + 1
    return count
