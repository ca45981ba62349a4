"""Signals that ask a process to end: who takes them, and what they become.

SIGINT is Ctrl-C, SIGTERM comes from schedulers and service managers, SIGHUP from a terminal that is
closed. Before they end a job, batch systems warn it with SIGUSR1 or SIGUSR2, as they are told, and
the kernel sends SIGXCPU when the CPU time is used up; the command line takes these too, but a
program of somebody else's may use them for what Python does not know of, such as `faulthandler`. A
signal that is ignored, as under `nohup`, stays ignored, and one for which somebody else has a
handler stays theirs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


def _those(*names: str) -> tuple[int, ...]:
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


ASKING = _those("SIGINT", "SIGTERM", "SIGHUP")  # these mean one thing to all programs
SIGNALS = ASKING + _those("SIGUSR1", "SIGUSR2", "SIGXCPU")
SOON = 0.01  # seconds
Handler = Callable[[int, FrameType | None], None]
Previous = Callable[[int, FrameType | None], object] | int | None


def reason(number: int) -> str:
    """What to say of a process that the signal `number` ended."""
    return "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"


def leave(number: int, frame: FrameType | None) -> None:
    """A handler that ends the process at once, in one line.

    For the time of imports: there an exception would come out as any other one, or as none.
    """
    with suppress(OSError):                         # not by way of a stream that may be in use
        os.write(2, f"gpugrad: {reason(number)}\n".encode())
    os._exit(128 + number)


class Ended(KeyboardInterrupt):
    """A signal has asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(reason(number))
        self.number = number


class Ending:
    """A handler that raises `Ended`, once.

    Schedulers send a signal twice now and then, which changes nothing; a second Ctrl-C comes from
    somebody who will not wait, and ends the process at once.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler."""
        if self.number is None:
            self.number = number
            raise Ended(number)
        if number == signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


@contextmanager
def taken_by(handler: Handler, numbers: Collection[int] = SIGNALS) -> Iterator[None]:
    """Inside, `handler` gets signals that would end the process; afterwards all is as before.

    They are `numbers`, and those that handlers of the command line have. Python runs handlers in
    the main thread only: in another one, nothing is changed.
    """
    before = _take(handler, numbers)
    try:
        yield
    finally:
        for number, found in before.items():
            signal.signal(number, found)


def _take(handler: Handler, numbers: Collection[int] = SIGNALS) -> dict[int, Previous]:
    """Sets `handler`, and returns what there was before, by signal."""
    before: dict[int, Previous] = {}
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            found = signal.getsignal(number)
            usual = number in numbers and found in (signal.SIG_DFL, signal.default_int_handler)
            if usual or found is leave or isinstance(found, Ending):
                before[number] = found
                signal.signal(number, handler)
    return before


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Inside, a signal that would end the process raises `Ended`: for the whole of a program.

    In a finaliser or the callback of a weak reference nobody could catch that: it is raised again
    soon after.
    """
    ending, hook = Ending(), sys.unraisablehook

    def lost(found: sys.UnraisableHookArgs) -> None:
        if not isinstance(found.exc_value, Ended):
            hook(found)
            return
        ending.number = None
        again = threading.Timer(SOON, os.kill, (os.getpid(), found.exc_value.number))
        again.daemon = True
        again.start()

    sys.unraisablehook = lost
    try:
        with taken_by(ending):
            yield ending
    finally:
        sys.unraisablehook = hook


def leave_while_imported() -> None:
    """Takes the signals for the command line while the package, its parent, is imported.

    In any other process, which imports the package for itself, nothing is changed.
    """
    arguments = getattr(sys, "argv", [])
    if arguments[:1] == ["-m"]:                     # so it is as long as Python looks for a module
        ours = "gpugrad.cli" in sys.orig_argv
    else:
        ours = bool(arguments) and os.path.basename(arguments[0]) == "gpugrad"
    if ours:
        _take(leave)
