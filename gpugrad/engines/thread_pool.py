"""The thread pool that engines share: runs parts of one step side by side.

Parts are handed out one by one, so that a thread that is held up does not hold up the others; what
belongs to which part does not depend on the number of threads, and so neither do the results.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from queue import SimpleQueue
from threading import RLock, Semaphore, Thread
from time import sleep

VARIABLE = "GPUGRAD_NUM_THREADS"

Part = Callable[[int], object]


def threads() -> int:
    """How many threads a step may use: what GPUGRAD_NUM_THREADS says, else one for each core."""
    named = os.environ.get(VARIABLE, "")
    if named.isdigit() and int(named):
        return int(named)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Job:
    """One step: its parts, and how far they are."""

    def __init__(self, part: Part, parts: int) -> None:
        self._part = part
        self._parts = parts
        self._next = count().__next__
        self._done = count(1).__next__
        self._finished = Semaphore(0)
        self._helpers: list[None] = []              # one for each that is at work
        self._stopped = False
        self._error: BaseException | None = None

    def help(self) -> None:
        """Do parts in another thread than that of the caller."""
        self._helpers.append(None)
        try:
            self.work()
        finally:
            self._helpers.pop()

    def work(self) -> None:
        """Do parts until none is left."""
        while not self._stopped and (i := self._next()) < self._parts:
            try:
                self._part(i)
            except BaseException as error:
                self._error = error
            if self._done() == self._parts:
                self._finished.release()

    def wait(self) -> None:
        """Wait for the parts that others do, and raise what a part raised.

        A helper that comes too late to do any is not waited for.
        """
        self._finished.acquire()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Let no part begin any more, and wait for those that others are at."""
        self._stopped = True
        while self._helpers:
            sleep(1e-4)


_jobs: SimpleQueue[_Job] = SimpleQueue()
_started: list[Thread] = []
_lock = RLock()


def spread(part: Part, parts: int) -> None:
    """Call `part(i)` for each `i` in `range(parts)`, in this thread and others.

    Raises what a part raises, when all threads have stopped.
    """
    helpers = min(threads(), parts) - 1
    if helpers <= 0:
        for i in range(parts):
            part(i)
        return
    if len(_started) < helpers:
        _start(helpers)
    job = _Job(part, parts)
    for _ in range(helpers):
        _jobs.put(job)
    try:
        try:                                        # twice, as in `context.py`
            job.work()
            job.wait()
        except BaseException:                       # such as Ctrl-C
            job.stop()                              # before anything else gets the memory
            raise
    except BaseException:
        job.stop()
        raise


def _start(wanted: int) -> None:
    with _lock:
        while len(_started) < wanted:
            thread = Thread(target=_serve, name="gpugrad", daemon=True)
            thread.start()
            _started.append(thread)


def _serve() -> None:
    while True:
        _jobs.get().help()


def _forget() -> None:
    """In a forked process there are no threads but the one that forked."""
    global _jobs, _lock
    _jobs, _lock = SimpleQueue(), RLock()
    _started.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
