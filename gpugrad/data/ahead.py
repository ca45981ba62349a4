"""Items that a thread makes before they are asked for.

The thread belongs to one iteration. It ends with it, however that ends and whatever interrupts
that, and hands on what is raised in it. A forked child, in which there is no such thread, starts
one of its own.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator
from contextvars import copy_context
from threading import Condition, Thread, current_thread
from typing import Generic, TypeVar
from weakref import finalize

T = TypeVar("T")

LOOK = 1.0  # seconds after which a thread that waits looks whether it is to end, though nobody said


def ahead(make: Callable[[int], T], start: int, stop: int, most: int) -> Generator[T, None, None]:
    """`make(i)` for `i` from `start` to before `stop`, of which up to `most` wait ready.

    With `most=0`, each is made in the thread that asks for it, when it does.
    """
    if most == 0:
        for i in range(start, stop):
            yield make(i)
        return
    while start < stop:
        process, items = os.getpid(), _Items(make, start, stop, most)
        try:
            items.begin()
            while start < stop and os.getpid() == process:
                start += 1                          # first: what was asked for is not made again
                yield items.next()
        finally:
            items.end()


class _Items(Generic[T]):
    """What an iteration knows of its thread; without it, the thread ends."""

    def __init__(self, make: Callable[[int], T], start: int, stop: int, most: int) -> None:
        self._work = _Work(make, start, stop, most)
        run = copy_context().run                    # with the settings of who asks
        self._thread = Thread(target=run, args=(self._work.do,), name="gpugrad data", daemon=True)
        # At the end of the program, too: Python cannot end a thread that is busy in C++.
        self._process = os.getpid()
        finalize(self, _end, self._work, self._thread, self._process)

    def begin(self) -> None:
        self._thread.start()

    def next(self) -> T:
        return self._work.next()

    def end(self) -> None:
        _end(self._work, self._thread, self._process)   # if Ctrl-C comes here, `finalize` ends it


def _end(work: _Work[T], thread: Thread, process: int) -> None:
    """End that thread, if it was begun and is one of this process."""
    if os.getpid() != process:                      # nor could its lock be had
        return
    work.stop()
    if thread.ident is not None and thread is not current_thread():     # which collects garbage
        thread.join()


class _Work(Generic[T]):
    """What the two threads of an iteration share."""

    def __init__(self, make: Callable[[int], T], start: int, stop: int, most: int) -> None:
        self._make, self._numbers, self._most = make, range(start, stop), most
        self._ready: deque[T] = deque()
        self._error: BaseException | None = None
        self._stopped = False
        self._changed = Condition()

    def do(self) -> None:
        """Make the items, in a thread of its own."""
        try:
            for i in self._numbers:
                item = self._make(i)
                with self._changed:
                    self._ready.append(item)
                    del item                        # or it would live until the next one is made
                    self._changed.notify()
                    while len(self._ready) >= self._most and not self._stopped:
                        self._changed.wait(LOOK)
                    if self._stopped:
                        return
        except BaseException as error:              # whoever asks for the next item gets it
            with self._changed:
                self._error = error
                self._changed.notify()

    def next(self) -> T:
        """The next item, when it is there; or what was raised instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._error is not None)
            if not self._ready:
                assert self._error is not None
                raise self._error
            self._changed.notify()
            return self._ready.popleft()

    def stop(self) -> None:
        """Let no further item be made."""
        self._stopped = True
        with self._changed:
            self._changed.notify()
