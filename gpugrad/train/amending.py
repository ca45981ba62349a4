"""Whether settings can be changed where a run stands, and what that means for its rate."""

from __future__ import annotations

from gpugrad.errors import InvalidArgument
from gpugrad.train.changes import CHANGEABLE, Change
from gpugrad.train.config import Settled
from gpugrad.train.learning_rate import learning_rate
from gpugrad.train.run_state import State
from gpugrad.train.watching import is_over, stopped_early

BY_LENGTH = ("cosine", "linear", "one_cycle")
"""Schedules whose rate depends on how many epochs there are in all."""


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
            f"epochs is {new.epochs}, but epoch {over} of the run has begun; wanted are at least "
            f"{over}"
        )
    if new.epochs > config.epochs and stopped_early(new, state.records):
        raise InvalidArgument(
            f"the run has stopped early after epoch {state.epoch}, and early_stopping "
            f"{new.early_stopping} would stop it there again; give another early_stopping, too, "
            "such as 0 for none"
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
