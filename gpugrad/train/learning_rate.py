"""The learning rate of a run, by the names that the setting `schedule` has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gpugrad.optim as optim
from gpugrad.train.config import Settled

RISE = 0.3
"""The share of the steps in which one cycle rises, if no other is asked for."""


@dataclass(frozen=True)
class _Span:
    """The settings of a schedule, with epochs as numbers of steps: `warmup` comes first."""

    config: Settled
    epoch: int
    warmup: int

    @property
    def steps(self) -> int:
        """How many there are after the warm-up."""
        return self.epoch * self.config.epochs - self.warmup


def _cosine(span: _Span) -> optim.Schedule:
    return optim.cosine(span.config.lr, span.steps)


def _linear(span: _Span) -> optim.Schedule:
    return optim.linear(span.config.lr, 0.0, span.steps)


def _exponential(span: _Span) -> optim.Schedule:
    assert span.config.lr_factor is not None        # the settings are settled
    return optim.exponential(span.config.lr, span.config.lr_factor, span.epoch)


def _piecewise(span: _Span) -> optim.Schedule:
    assert span.config.lr_factor is not None
    places = [epoch * span.epoch - span.warmup for epoch in span.config.lr_milestones or ()]
    return optim.piecewise(span.config.lr, span.config.lr_factor, places)


def _constant(span: _Span) -> optim.Schedule:
    return optim.constant(span.config.lr)


_SCHEDULES: dict[str, Callable[[_Span], optim.Schedule]] = {
    "cosine": _cosine,
    "constant": _constant,
    "linear": _linear,
    "exponential": _exponential,
    "piecewise": _piecewise,
    "plateau": _constant,                           # times what the losses make of it
}


def learning_rate(config: Settled, steps_per_epoch: int) -> optim.Schedule:
    """The rate of each step, which with `plateau` is yet to be multiplied.

    Raises `InvalidArgument` for a cycle of too few steps.
    """
    warmup = round(config.warmup * steps_per_epoch)
    if config.schedule == "one_cycle":
        steps, rise = config.epochs * steps_per_epoch, config.warmup / config.epochs
        return optim.one_cycle(config.lr, steps, rise or RISE)
    schedule = _SCHEDULES[config.schedule](_Span(config, steps_per_epoch, warmup))
    return optim.warmup(schedule, warmup) if warmup else schedule
