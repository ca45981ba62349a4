"""What settings become that were left open, once the data are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gpugrad.data import Dataset
from gpugrad.errors import DataError, InvalidArgument
from gpugrad.train.config import Config
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
            f"{dataset.name}: there is no array 'y' in it, so there is nothing to learn from"
        )
    name = config.task
    if name == "auto":
        name, hint = chosen(dataset)
        if hint:
            tell(hint)
    task = TASKS[name]
    loss = next(iter(task.losses)) if config.loss == "auto" else config.loss
    if loss not in task.losses:
        raise InvalidArgument(
            f"loss is '{loss}', but the task is {name}; wanted is one of {', '.join(task.losses)}"
        )
    if config.label_smoothing and task.scaled:
        raise InvalidArgument(
            f"label_smoothing is {config.label_smoothing:g}, but the task {name} has no labels; "
            "leave it out"
        )
    split = config.split
    if split == "auto":
        split = "random" if dataset.parts is None else "given"
    if split == "given" and dataset.parts is None:
        raise InvalidArgument(
            "split is 'given', but the data have no array 'part' with train, validation or test "
            "for each row; add it, or choose another split"
        )
    return replace(config, task=name, loss=loss, split=split)
