"""What settings become that were left open, once the data are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, log2, sqrt

import numpy as np

from gpugrad.data import Dataset, Table
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.optim import OPTIMIZERS
from gpugrad.train.config import Config
from gpugrad.train.inputs import Inputs
from gpugrad.train.loop_settings import BY_SCHEDULE
from gpugrad.train.model import default_widths
from gpugrad.train.pixels import check_layout
from gpugrad.train.tabular_data import notes_of_ids
from gpugrad.train.tasks import TASKS, chosen


def settle(config: Config, dataset: Dataset, tell: Callable[[str], None]) -> Config:
    """`config` with a task, a loss and a split that suit `dataset` and each other.

    `tell` gets a line where the targets may be meant in another way than they are taken.

    Raises:
        InvalidArgument: For settings that do not suit the task.
        DataError: Where there is nothing to learn from.
    """
    if dataset.y is None:
        raise DataError(
            f"{config.dataset}: there is no array 'y' in it, so there is nothing to learn from"
        )
    name = config.task
    if name == "auto":
        name, hint = chosen(dataset)
        if hint:
            tell(hint)
    if isinstance(dataset.x, Table):
        for line in notes_of_ids(dataset.x, config):
            tell(line)
    task = TASKS[name]
    loss = next(iter(task.losses)) if config.loss == "auto" else config.loss
    task.loss(loss, config.label_smoothing)         # that there is one
    split = config.split
    if split == "auto":
        split = "random" if dataset.parts is None else "given"
    if split == "given" and dataset.parts is None:
        raise InvalidArgument(
            "split is 'given', but the data have no array 'part' with train, validation or test "
            "for each row; add it, or choose another split"
        )
    model = config.model
    if model == "auto":
        model = "mlp" if isinstance(dataset.x, Table) or len(dataset.x.shape) != 4 else "convnet"
    if model == "convnet" and isinstance(dataset.x, np.ndarray) and dataset.x.ndim == 4:
        check_layout(config.dataset, dataset.x.shape)
    return replace(config, task=name, loss=loss, split=split, model=model)


def settle_model(config: Config, inputs: Inputs) -> Config:
    """`config` with a model that suits such rows.

    Raises:
        InvalidArgument: For a model, or for changes to images, that do not.
    """
    images = inputs.kind == "images"
    if config.model == "convnet" and not images:
        raise InvalidArgument(
            "model is 'convnet', which is for images, and the data are rows of numbers; choose mlp"
        )
    if config.augment and not images:
        raise InvalidArgument(
            f"augment is {config.augment[0]!r}, which is for images, and the data are none; leave "
            "it out"
        )
    if config.model == "mlp" and inputs.kind == "array":
        raise InvalidArgument(
            f"the rows have the shape {inputs.shape}, which no model here takes; give one of your "
            "own, as fit(x, y, model=model), or flatten them: x.reshape(len(x), -1). Grey images "
            "get their channel with x[:, None]"
        )
    hidden = config.hidden
    if hidden is None:
        hidden = default_widths(config, inputs)
    return replace(config, hidden=hidden)


BATCHES = (8, 64)
"""An eighth of the training rows as a power of two, if it is among these."""
STEPS = (200, 1600)
"""In all, 12 for each training row, if that is among these:"""
FEWEST = 30
"""Epochs, of however many rows."""
DECAYS = (0.3, 8.0)
"""20 divided by the square root of the training rows, if it is among these: few rows need more.

These were chosen with the optimiser adamw on the twenty jobs of `benchmarks/jobs.py`, and on drawn
data of up to 40,000 rows.
"""


def settle_by_rows(config: Config, rows: int) -> Config:
    """`config` with batches, epochs and weight decay that suit so many training rows."""
    size = config.batch_size
    if size is None:
        size = 2 ** round(log2(_within(rows / 8, BATCHES)))
    epochs = config.epochs
    if epochs is None:
        epochs = max(FEWEST, round(_within(12 * rows, STEPS) / ceil(rows / size)))
    decay = config.weight_decay
    if decay is None:
        decays = OPTIMIZERS[config.optimizer].weight_decay is not None
        decay = _within(20 / sqrt(rows), DECAYS) if decays else 0.0
    return replace(
        config,
        batch_size=size,
        epochs=epochs,
        weight_decay=decay,
        lr_factor=_factor(config, epochs),
        lr_milestones=_milestones(config, epochs),
        precision=config.dtype if config.precision == "auto" else config.precision,
        keep=_kept(config),
    )


LAST = 0.01
"""What an exponential schedule leaves of the rate, if nothing else is asked for."""


FACTOR = 0.1
"""By what other schedules multiply it."""


def _factor(config: Config, epochs: int) -> float | None:
    """By what the schedule multiplies the rate, if it does."""
    if config.lr_factor is not None or config.schedule not in BY_SCHEDULE["lr_factor"]:
        return config.lr_factor
    return LAST ** (1 / epochs) if config.schedule == "exponential" else FACTOR


def _milestones(config: Config, epochs: int) -> tuple[int, ...] | None:
    """The epochs after which it does, if these are fixed."""
    if config.lr_milestones is not None or config.schedule not in BY_SCHEDULE["lr_milestones"]:
        return config.lr_milestones
    return tuple(sorted({x for x in (epochs // 2, epochs * 3 // 4) if x > config.warmup}))


def _kept(config: Config) -> str:
    """The epoch whose weights are kept."""
    if config.keep != "auto":
        return config.keep
    return "best" if config.early_stopping else "last"


def _within(x: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    return min(max(x, low), high)
