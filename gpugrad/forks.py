"""What a forked child of this process begins with.

It has the memory of all threads and only the one that forked. So nobody holds a lock there which
another thread held here, and nobody goes on with what another thread had begun.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")
V = TypeVar("V")

_locks: WeakSet[Any] = WeakSet()


unforked = RLock()
"""While a thread holds it, nobody forks: around what a child could not begin again by itself, as
the import of a module, whose lock of Python's own nobody gives back there.
"""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=unforked.acquire, after_in_parent=unforked.release, after_in_child=unforked.release
    )


def in_child(forget: Callable[[], None]) -> None:
    """Call `forget` in each child that is forked, before anything else runs there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


def free_in_child(lock: T) -> T:
    """The same lock of `threading`, which in a forked child nobody holds."""
    _locks.add(lock)
    return lock


def _free() -> None:
    for lock in _locks:
        lock._at_fork_reinit()                      # as Python does with locks of its own


in_child(_free)


def kept(compute: Callable[[T], V]) -> cached_property[V]:
    """A property that is computed when it is first read, and stays.

    Until Python 3.12 one lock for all instances is held while it is computed.
    """
    made = cached_property(compute)
    if hasattr(made, "lock"):
        free_in_child(made.lock)
    return made
