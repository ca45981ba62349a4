"""Items that a thread makes before they are asked for.

The thread belongs to one iteration: it ends with it, however that ends, and hands on what is raised
in it. A forked child, in which there is no such thread, starts one of its own.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator
from contextvars import copy_context
from threading import Condition, Thread, current_thread
from typing import Generic, TypeVar

T = TypeVar("T")


def ahead(make: Callable[[int], T], start: int, stop: int, most: int) -> Generator[T, None, None]:
    """`make(i)` for `i` from `start` to before `stop`, of which up to `most` wait ready.

    With `most=0`, each is made in the thread that asks for it, when it does.
    """
    if most == 0:
        for i in range(start, stop):
            yield make(i)
        return
    while start < stop:
        process, work = os.getpid(), _Work(make, start, stop, most)
        run = copy_context().run                    # with the settings of who asks
        thread = Thread(target=run, args=(work.do,), name="gpugrad data", daemon=True)
        thread.start()
        try:
            while start < stop and os.getpid() == process:
                start += 1                          # before: a generator may be left at any yield
                yield work.next()
        finally:
            if os.getpid() == process:
                work.stop()
                if thread is not current_thread():  # where garbage is collected in it
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
                    self._changed.notify()
                    self._changed.wait_for(lambda: len(self._ready) < self._most or self._stopped)
                    if self._stopped:
                        return
                del item                            # or it would be kept for the next one's time
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
        with self._changed:
            self._stopped = True
            self._changed.notify()
