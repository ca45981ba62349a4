"""How often a checkpoint is written: often enough to lose little, rarely enough to cost little."""

from __future__ import annotations

from time import monotonic

LARGEST_SHARE = 0.05  # of the time that training takes


class Pace:
    """Says when the next checkpoint is due.

    One is due `every` seconds, but never so often that writing takes more than a twentieth of the
    time: on a slow disk or with a large model the gap grows to 20 times what the last one took.
    With `every` 0, one is due after each step, whatever it costs.
    """

    def __init__(self, every: float) -> None:
        self.every = every
        self.gap = every
        self.last = monotonic()

    def due(self) -> bool:
        """Whether it is time."""
        return monotonic() - self.last >= self.gap

    def wrote(self, began: float) -> None:
        """Notes that a checkpoint begun at `began`, by `monotonic()`, is written now."""
        self.last = monotonic()
        if self.every:
            self.gap = max(self.every, (self.last - began) / LARGEST_SHARE)
