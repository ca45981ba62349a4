"""How far training is, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gpugrad.train.metrics import Record


@dataclass
class Status:
    """How far training is.

    `doing` says what happens before the first step. `rate` is in rows per second and `left` in
    seconds, both `None` before the first step.
    `record` is that of the last epoch that is over in
    this process.
    """

    epochs: int
    rows_done: int
    rows_total: int
    doing: str = ""
    rate: float | None = None
    left: float | None = None
    record: Record | None = None

    @property
    def epoch(self) -> int:
        """How many epochs are over."""
        return self.epochs * self.rows_done // self.rows_total

    @property
    def within(self) -> float:
        """The share of the epoch in progress that is done: 0 where the last one just ended."""
        return self.epochs * self.rows_done % self.rows_total / self.rows_total


class Display(Protocol):
    """A place where progress is shown: every `interval` seconds, and where an epoch ends."""

    interval: float

    def say(self, text: str) -> None:
        """A line that stays."""
        ...

    def show(self, status: Status, epoch_over: bool) -> None:
        """How far training is now."""
        ...

    def close(self) -> None:
        """Training is over."""
        ...
