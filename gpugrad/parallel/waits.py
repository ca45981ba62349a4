"""Watching over collectives: who waits too long for others says for whom, and ends all ranks."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread, get_ident
from time import monotonic, sleep
from types import FrameType
from typing import Any

from gpugrad.errors import InvalidArgument
from gpugrad.parallel.notes import Notes, read, written
from gpugrad.tracing.frames import is_of_program

VARIABLE = "GPUGRAD_PARALLEL_TIMEOUT"
"""For how many seconds a rank waits in a collective; without it, for ever."""


def limit() -> float | None:
    """What the variable says, in seconds."""
    said = os.environ.get(VARIABLE, "")
    try:
        seconds = float(said) if said else None
    except ValueError:
        seconds = -1.0
    if seconds is not None and not 0 < seconds < float("inf"):
        raise InvalidArgument(f"{VARIABLE} is {said!r}; expected a positive number of seconds.")
    return seconds


class Watch:
    """What each rank of a communicator is at, where all others can read it.

    A thread of each rank notes its line, and looks for how long it has been in one collective. The
    first of those that wait ends the program with a message of who has not come.
    """

    def __init__(self, comm: Any, notes: Notes, seconds: float) -> None:
        from mpi4py import MPI

        self._comm, self._notes, self._seconds = comm, notes, seconds
        # Messages name ranks of the whole program, also those of a part of it.
        self._names: list[int] = comm.allgather(MPI.COMM_WORLD.rank)
        self._note, self._main = notes.mine, get_ident()
        self._since: float | None = None
        self._lock, self._ended = Lock(), False
        atexit.register(self._close)
        Thread(target=self._look, name="gpugrad watch", daemon=True).start()

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Inside, this rank is in a collective."""
        line = _line_of(sys._getframe(1))
        self._note["what"], self._note["line"] = written(what), written(line)
        self._note["waits"], self._since = True, monotonic()
        try:
            yield
        finally:
            self._note["waits"], self._since = False, None

    def _close(self) -> None:
        """Look no more: the window is about to go."""
        with self._lock:
            self._ended = True

    def _look(self) -> None:
        while True:
            sleep(min(self._seconds / 10, 0.5))
            with self._lock:
                if self._ended:
                    return
                self._look_once()

    def _look_once(self) -> None:
        since = self._since
        if since is None:
            frame = sys._current_frames().get(self._main)
            self._note["line"] = written(_line_of(frame))
        elif monotonic() - since > self._seconds:
            self._end()

    def _end(self) -> None:
        notes = self._notes.all()
        mine = notes[self._comm.rank]
        late = [r for r, note in enumerate(notes) if note["come"] < mine["come"]]
        waits = [r for r, note in enumerate(notes) if note["waits"] and r not in late]
        if waits and waits[0] != self._comm.rank:
            sleep(2.0)                              # for that one to say it
        name = self._names
        who = "; ".join(f"rank {name[r]} is at {read(notes[r], 'line')}" for r in late)
        others = "; ".join(
            f"rank {name[r]} calls {read(notes[r], 'what')} at {read(notes[r], 'line')}"
            for r in waits if notes[r]["what"] != mine["what"]
        )
        sys.stderr.write(
            f"gpugrad: rank {name[self._comm.rank]} has waited for {self._seconds:g} s in "
            f"{read(mine, 'what')} at {read(mine, 'line')}. "
            f"{who or others or 'All ranks have come: the network or MPI does not go on'}. "
            f"All ranks are ended, as {VARIABLE} says.\n"
        )
        sys.stderr.flush()
        end_all(1)


def end_all(code: int) -> None:
    """End all processes that were started together, also those of other parts of a split world."""
    from mpi4py import MPI

    MPI.COMM_WORLD.Abort(code)


def _line_of(frame: FrameType | None) -> str:
    """The line of the program that a frame belongs to."""
    while frame is not None:
        if is_of_program(frame):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "its end"
