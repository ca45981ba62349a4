"""Progress for people: what all displays have in common, and which one fits the place."""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TextIO

from gpugrad.printable import printable
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.loop import Observer
from gpugrad.train.measured import duration
from gpugrad.train.metrics import Record
from gpugrad.train.outcome import Outcome
from gpugrad.train.progress_lines import Lines
from gpugrad.train.progress_notebook import Notebook, is_notebook
from gpugrad.train.status import Display, Status


class Progress(Observer):
    """Shows how training goes: loss, validation, samples per second and the time that is left.

    In a terminal it is a bar, in a notebook a table that changes in place, and anywhere else, such
    as in a pipe, a log or a terminal that cannot move its cursor, lines of plain text: one for
    each tenth of the epochs, and one every few seconds in between.

    Args:
        stream: Where to write; `None` is standard output, or the cell of a notebook.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream
        self.folder: RunFolder | None = None
        self.rows = 0
        self._display: Display | None = None
        self._status = Status(1, 0, 1)
        self._began = self._shown = monotonic()

    def begin(
        self, config: Settled, folder: RunFolder | None, rows_done: int, rows_total: int
    ) -> None:
        """Shows what is trained, at the place from which training goes on."""
        self.folder, self.rows = folder, 0
        self._began = self._shown = monotonic()
        self._status = Status(config.epochs, rows_done, rows_total)
        if rows_done < rows_total:                  # else the run was complete already
            into = "" if folder is None else f", into {folder.path}"
            self._say(f"Training on {config.dataset}{into}")

    def compiling(self) -> None:
        """Says that the step is being compiled."""
        if self._is_complete():
            return
        self._status.doing = "compiling the step"
        self._show(epoch_over=False)

    def compiled(self, seconds: float) -> None:
        """Says how long that took; the rate counts from here on."""
        if self._is_complete():
            return
        self._status.doing = ""
        self._say(f"Compiled the step in {duration(seconds)}")
        self._began = self._shown = monotonic()

    def tell(self, text: str) -> None:
        """Prints the line."""
        self._say(text)

    def advance(self, rows: int) -> None:
        """Counts the rows, and shows them if nothing was shown just now."""
        self.rows += rows
        self._status.rows_done += rows
        now = monotonic()
        if self._display is None or now - self._shown >= self._display.interval:
            self._show(epoch_over=False)

    def end_epoch(self, record: Record) -> None:
        """Shows the figures of the epoch."""
        self._status.record = record
        self._show(epoch_over=True)

    def end(self, outcome: Outcome | None) -> None:
        """Leaves the terminal as it was."""
        if self._display is not None:
            self._display.close()
            self._display = None

    def seconds(self) -> float:
        """How long training has taken since the step was compiled, until it was shown last."""
        return self._shown - self._began

    def rate(self) -> float:
        """Rows per second in this time, validation included."""
        return self.rows / max(self.seconds(), 1e-9)

    def _is_complete(self) -> bool:
        return self._status.rows_done == self._status.rows_total

    def _show(self, epoch_over: bool) -> None:
        self._shown = monotonic()
        status = self._status
        if self.rows:
            status.rate = self.rate()
            status.left = (status.rows_total - status.rows_done) / status.rate
        self._opened().show(status, epoch_over)

    def _say(self, text: str) -> None:
        self._opened().say(printable(text))

    def _opened(self) -> Display:
        if self._display is None:
            self._display = display_for(self.stream)
        return self._display


def display_for(stream: TextIO | None) -> Display:
    """What fits the place."""
    if stream is None:
        if is_notebook():
            return Notebook()
        stream = sys.stdout
    if can_redraw(stream):
        from gpugrad.train.progress_bar import Bar  # Rich is for terminals alone

        return Bar(stream)
    return Lines(stream)


def can_redraw(stream: TextIO) -> bool:
    """Whether it is a terminal that can move its cursor, in which nobody forbids that."""
    kind = os.environ.get("TERM", "").lower()
    wanted = os.environ.get("TTY_INTERACTIVE", "1") != "0"
    return stream.isatty() and kind not in ("", "dumb", "unknown") and wanted
