"""Standard output and standard error that outlive their readers.

A reader such as `head` goes when it has seen enough, and a terminal may be closed under a training
run: neither may end the work. What can no longer be written is dropped. Any other failure, such as
a full disk, is remembered, and told when the work is done.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import TextIOBase, TextIOWrapper
from typing import TextIO

from gpugrad.printable import printable

LONGEST = 1000  # characters of a line on standard error
DIGITS = 4  # of the width of a terminal


class Output(TextIOBase):
    """A stream as which `sys.stdout` or `sys.stderr` serves; `None` is one that was closed."""

    def __init__(self, stream: TextIO | TextIOBase | None) -> None:
        self.stream = stream
        self.problem: OSError | None = None
        self.terminal = stream is not None and stream.isatty()
        if isinstance(stream, TextIOWrapper):       # an encoding without ∂ must not end a table
            stream.reconfigure(errors="backslashreplace")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream, by which others choose their signs."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Writes as long as somebody reads."""
        if self.stream is not None and self.problem is None:
            try:
                self.stream.write(text)
            except OSError as problem:
                self.problem = problem
        return len(text)

    def flush(self) -> None:
        """Hands on what is buffered, as long as somebody reads."""
        # Python flushes once more when nobody refers to this, and the stream may be closed by then.
        if self.stream is not None and not self.stream.closed and self.problem is None:
            try:
                self.stream.flush()
            except OSError as problem:
                self.problem = problem

    def isatty(self) -> bool:
        """Whether it was a terminal in the beginning."""
        return self.terminal

    def writable(self) -> bool:
        """It takes text, whatever becomes of it."""
        return True

    def fileno(self) -> int:
        """The descriptor, for those who ask for the size of a terminal."""
        if self.stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self.stream.fileno()

    def finish(self) -> str:
        """Flushes, and says what went wrong; nothing if no more than a reader left."""
        self.flush()
        if self.problem is None:
            return ""
        with suppress(OSError, ValueError):         # else Python would try again when it exits
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        gone = (errno.EPIPE, errno.EIO) if self.terminal else (errno.EPIPE,)
        return "" if self.problem.errno in gone else str(self.problem.strerror or self.problem)


@contextmanager
def lasting_outputs() -> Iterator[Output]:
    """Inside, `sys.stdout`, which is given, and `sys.stderr` outlive their readers."""
    output, errors = Output(sys.stdout), Output(sys.stderr)
    with redirect_stdout(output), redirect_stderr(errors):
        yield output
    errors.finish()


def complain(message: str, code: int) -> int:
    """Writes one line on standard error, and returns the exit code that goes with it."""
    text = printable(" ".join(message.split()))
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    errors = Output(sys.stderr)
    errors.write(f"gpugrad: {text}\n")
    errors.finish()
    return code


def fill_closed() -> None:
    """Puts the null device where a standard descriptor is closed.

    Else the next file that is opened would get its number, and what libraries print.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)          # gets the lowest number that is free


def forget_odd_sizes() -> None:
    """Takes sizes of the terminal that are none out of the environment, which others trust."""
    for name in ("COLUMNS", "LINES", "TERMINAL_WIDTH"):
        value = os.environ.get(name, "")
        if not (value.isascii() and value.isdigit() and len(value) <= DIGITS):
            os.environ.pop(name, None)
