"""The threads that help with parallel ranges: started when they are first wanted, stopped at exit.

They run machine code alone and never take the lock of the interpreter. A forked child begins with
none of them.
"""

from __future__ import annotations

import atexit
import ctypes
import os
from collections.abc import Callable
from threading import Lock, Thread

from gpugrad.engines.native.parallel_range import (
    ALONE,
    HELPERS,
    MOST_HELPERS,
    WAITING,
    WANTED,
    words,
)
from gpugrad.engines.thread_pool import threads

_started: list[Thread] = []
_lock = Lock()


def muster(help_address: Callable[[], int]) -> None:
    """Have as many helpers as `threads` says, beside the caller; `help_address` is what they run.

    It is called before each run that has parallel ranges, because the number may have changed.
    """
    wanted = min(threads() - 1, MOST_HELPERS)
    if words[WANTED] == wanted:
        return
    with _lock:
        if wanted > len(_started):
            try:
                _start(wanted, help_address())
            except RuntimeError:                    # no more threads, or Python is about to end:
                wanted = len(_started)              # the caller does what there is to do
        words[WANTED] = wanted


def _start(wanted: int, address: int) -> None:
    function = ctypes.CFUNCTYPE(None, ctypes.c_int64)(address)
    words[WANTED + 1] = 0
    if not words[WAITING + 1]:
        words[WAITING + 1] = _new_lock()
    while (number := len(_started)) < wanted:
        place = HELPERS + 8 * number
        words[place] = 0
        words[place + 1] = _new_lock()
        words[place + 2] = -1                       # on no core yet
        helper = Thread(target=function, args=(number,), name="gpugrad helper", daemon=True)
        _started.append(helper)
        try:
            helper.start()
        except RuntimeError:
            _started.remove(helper)
            raise


def _new_lock() -> int:
    """A lock of CPython, taken: whoever takes it again waits until somebody releases it."""
    made: int = _LOCKS.allocate()
    _LOCKS.acquire(made, 1)
    return made


def dismiss() -> None:
    """Let all helpers end, and wait for them: the code that they run must not go before."""
    with _lock:
        words[WANTED] = 0
        words[WANTED + 1] = 1
        for number in range(len(_started)):
            _LOCKS.release(int(words[HELPERS + 8 * number + 1]))
        for helper in _started:
            if helper.ident is not None:
                helper.join()
        _started.clear()
        words[ALONE : ALONE + 8] = 0


def _forget() -> None:
    """In a forked process there are no threads but the one that forked."""
    global _lock
    _lock = Lock()
    _started.clear()
    words[:] = 0


class _Locks:
    """Locks of CPython that need neither a thread of Python nor the lock of the interpreter."""

    def __init__(self) -> None:
        library = ctypes.pythonapi
        self.allocate, self.acquire, self.release = (
            library.PyThread_allocate_lock, library.PyThread_acquire_lock,
            library.PyThread_release_lock,
        )  # fmt: skip
        self.allocate.restype, self.allocate.argtypes = ctypes.c_void_p, ()
        self.acquire.argtypes = (ctypes.c_void_p, ctypes.c_int)
        self.release.restype, self.release.argtypes = None, (ctypes.c_void_p,)


_LOCKS = _Locks()

atexit.register(dismiss)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
