"""Signals as a request that the loop looks at between two steps, so that it can save first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gpugrad.signals import ASKING, Ended, taken_by


class StopRequest:
    """Which signal asked training to stop, if one did."""

    def __init__(self) -> None:
        self.signal: int | None = None

    @property
    def made(self) -> bool:
        """Whether training is to stop after the step in progress."""
        return self.signal is not None


@contextmanager
def stop_on_signal() -> Iterator[StopRequest]:
    """Inside, a first signal is noted in the request; a Ctrl-C after that interrupts at once."""
    request = StopRequest()

    def note(number: int, frame: FrameType | None) -> None:
        if request.signal is None:
            request.signal = number
        elif number == signal.SIGINT:
            raise Ended(number)

    with taken_by(note, ASKING):
        yield request
