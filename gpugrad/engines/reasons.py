"""Why functions are traced and sweeps have no plan, for whoever listens, as a profile does.

Apart from `profiling.py`, because this is imported with the package.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from gpugrad.context import listed

listeners: list[Callable[[str, str], None]] = []


def note_reason(name: str, reason: str) -> None:
    """Report why a function was traced, or why something could not be planned."""
    for listener in list(listeners):
        listener(name, reason)


def listening(listener: Callable[[str, str], None]) -> AbstractContextManager[None]:
    """Inside, in all threads, `listener` gets each name and reason."""
    return listed(listeners, listener)
