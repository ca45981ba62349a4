"""The garbage collector at rest: while much is made and nothing becomes garbage, or while nothing
may go away.

Each collection goes through all objects there are: for a recording of 40,000 steps that was a third
of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_inside: set[object] = set()                        # who wants it to rest, of all threads
_enabled = [False]                                  # whether it was at work before the first


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Inside, cycles are not searched for, in any thread; when the last one leaves, as before."""
    token = object()
    try:
        try:                                        # twice, as in `context.py`
            _rest(token)
            yield
        finally:
            _go_on(token)
    finally:
        _go_on(token)


def _rest(token: object) -> None:
    with _lock:
        if not _inside:
            _enabled[0] = gc.isenabled()
        _inside.add(token)
        gc.disable()


def _go_on(token: object) -> None:
    with _lock:
        if _inside == {token} and _enabled[0]:
            gc.enable()
        _inside.discard(token)                      # last: what is interrupted is done again
