"""Progress as lines of plain text, for logs, pipes and terminals that cannot move a cursor."""

from __future__ import annotations

from math import ceil
from time import monotonic
from typing import TextIO

from gpugrad.train.measured import TITLES, by_part, duration, written
from gpugrad.train.status import Status

WAIT = 5.0  # seconds from one line to the next, at first
GROUPS = 10  # of epochs, each of which ends with a line
SLOWER = 0.01  # of the time that has passed: what a long run waits from one line to the next


class Lines:
    """Writes a line when a tenth of the epochs is over, and every few seconds in between."""

    interval = 1.0

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.began = self.written = monotonic()

    def say(self, text: str) -> None:
        """Writes the line at once."""
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def show(self, status: Status, epoch_over: bool) -> None:
        """Writes a line if it is time for one."""
        now = monotonic()
        waited = now - self.written >= max(WAIT, SLOWER * (now - self.began))
        if status.doing or waited or (epoch_over and _ends_a_group(status)):
            self.say(line(status))
            self.written = now

    def close(self) -> None:
        """Nothing is left open."""


def line(status: Status) -> str:
    """How far training is, as a line; what the last epoch measured stands where it has ended."""
    if status.doing:
        return f"{status.doing.capitalize()} ..."
    if status.within or status.record is None:
        words = [f"epoch {status.epoch + 1}/{status.epochs}, {status.within:.0%} done"]
    else:
        words = [f"epoch {status.epoch}/{status.epochs}"]
        for part, found in by_part(status.record).items():
            figures = ", ".join(f"{TITLES[name]} {written(name, x)}" for name, x in found.items())
            words += [f"{part} {figures}"] if found else []
    if status.rate is not None:
        words.append(f"{status.rate:,.0f} samples/s")
    if status.left:
        words.append(f"{duration(ceil(status.left))} left")
    return " | ".join(words)


def _ends_a_group(status: Status) -> bool:
    before = (status.epoch - 1) * GROUPS // status.epochs
    return status.epoch * GROUPS // status.epochs > before
