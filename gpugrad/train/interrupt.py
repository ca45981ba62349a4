"""Ctrl-C as a request that the loop looks at between two steps, so that it can save first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest:
    """Whether the user pressed Ctrl-C."""

    def __init__(self) -> None:
        self.made = False


@contextmanager
def stop_on_interrupt() -> Iterator[StopRequest]:
    """Inside, a first Ctrl-C is noted in the request; a second one interrupts at once.

    Python delivers signals to the main thread only: in another one, nothing is changed.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        request.made = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield request
    finally:
        signal.signal(signal.SIGINT, before)
