"""Settings that are given anew when a run is continued: whether they fit, and what they change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gpugrad import data
from gpugrad.errors import InvalidArgument
from gpugrad.train.changes import CHANGEABLE, Change
from gpugrad.train.config import OPEN, Settled, check_names
from gpugrad.train.folder import RunFolder
from gpugrad.train.learning_rate import learning_rate
from gpugrad.train.run_state import State
from gpugrad.train.watching import is_over, stopped_early

BY_LENGTH = ("cosine", "linear", "one_cycle")
"""Schedules whose rate depends on how many epochs there are in all."""


def differences(config: Settled, given: Mapping[str, object]) -> dict[str, str]:
    """Which of the settings that are given differ from those of a run, and how, by name.

    Raises `InvalidArgument` for the name of a setting that there is not.
    """
    check_names(given)
    stored, different = config.to_json(), {}
    for name, value in given.items():
        kept, value = stored[name], os.fspath(value) if isinstance(value, os.PathLike) else value
        same = list(value) == kept if isinstance(value, tuple) else value == kept
        if name == "dataset" and data.is_path(str(value)):
            same = os.path.realpath(str(value)) == kept
        if name in OPEN and value == "auto":
            same = True
        if not same:
            different[name] = f"{name} is {kept} there, but {value} was asked for"
    return different


def amended(folder: RunFolder, config: Settled, given: Mapping[str, object]) -> Settled:
    """`config` with those given settings that may be changed; `InvalidArgument` for others."""
    different = differences(config, given)
    fixed = [text for name, text in different.items() if name not in CHANGEABLE]
    if fixed:
        raise InvalidArgument(
            f"{folder.path}: a run is continued with the settings that it began with; "
            f"{'; '.join(fixed)}. Leave these options out, or start a new run"
        )
    new: Any = {name: given[name] for name in different}
    return replace(config, **new)


def change_of(config: Settled, new: Settled, state: State) -> Change | None:
    """What `new` changes where the run stands; `None` if nothing.

    Raises `InvalidArgument` where that leaves nothing to be done, or less than was done.
    """
    names = [name for name in CHANGEABLE if getattr(config, name) != getattr(new, name)]
    if not names:
        return None
    over = state.epoch + (state.step > 0)
    if new.epochs < over:
        raise InvalidArgument(
            f"epochs is {new.epochs}, but epoch {over} of the run has begun; expected at least "
            f"{over}"
        )
    if new.epochs > config.epochs and stopped_early(new, state.records):
        raise InvalidArgument(
            f"the run has stopped early after epoch {state.epoch}, and `early_stopping` "
            f"{new.early_stopping} would stop it there again; give another `early_stopping`, too, "
            "such as 0 for none, and `keep` 'last' if the weights of the last epoch are meant"
        )
    before, after = ({name: getattr(each, name) for name in names} for each in (config, new))
    return Change(state.epoch, state.step, is_over(config, state.records), before, after)


def said(change: Change, config: Settled, steps_per_epoch: int) -> str:
    """The change for people, with what becomes of the rate."""
    parts = [
        f"{name} was {change.before[name]} and is now {value}"
        for name, value in change.settings.items()
    ]
    text = "; ".join(parts)
    if "epochs" in change.settings and config.schedule in BY_LENGTH:
        rate = learning_rate(config, steps_per_epoch)(change.epoch * steps_per_epoch + change.step)
        text += (
            f". The learning rate goes on with {rate:.3g}, which the schedule {config.schedule} of "
            f"{config.epochs} epochs has after {change.epoch}"
        )
    return text
