"""The live progress bar of a training run."""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gpugrad.cli.names import shown
from gpugrad.cli.scores import TITLES, number
from gpugrad.train import Observer, Record
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder

REDRAW_SECONDS = 0.1  # a redraw costs as much as several steps of a small network


class ProgressBar(Observer):
    """Shows epoch, training loss, validation metric and samples per second as training goes."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TextColumn("{task.fields[metric]}"),
            TextColumn("{task.fields[rate]} samples/s"),
            TimeRemainingColumn(compact=True),
            console=console,
        )
        self.task: TaskID | None = None
        self.folder: RunFolder | None = None
        self.began = self.drawn = monotonic()
        self.rows = self.waiting = 0

    def begin(
        self, config: Settled, folder: RunFolder | None, rows_done: int, rows_total: int
    ) -> None:
        """Shows the bar, at the place from which training goes on."""
        assert folder is not None                   # only `fit` has none
        self.folder = folder
        self.began = self.drawn = monotonic()
        if rows_done == rows_total:                 # of a run that was complete already
            return
        self.console.print(
            f"Training on {shown(config.dataset)}, into {shown(folder.path)}", highlight=False
        )
        done = config.epochs * rows_done // rows_total
        self.task = self.progress.add_task(
            "training", total=rows_total, completed=rows_done,
            epoch=done, epochs=config.epochs, loss="-", metric="", rate="-",
        )  # fmt: skip
        self.progress.start()

    def tell(self, text: str) -> None:
        """Prints the line."""
        self.console.print(shown(text), soft_wrap=True)

    def advance(self, rows: int) -> None:
        """Counts the rows, and moves the bar if it did not just move."""
        self.rows += rows
        self.waiting += rows
        if monotonic() - self.drawn >= REDRAW_SECONDS:
            self._draw()

    def end_epoch(self, record: Record) -> None:
        """Shows the figures of the epoch."""
        self._draw(
            epoch=record.epoch,
            loss=f"{record.train_loss:.4f}",
            metric=self._metric(record),
        )

    def _metric(self, record: Record) -> str:
        """The metric of the task, on validation rows where there are some."""
        part, value = "validation", record.validation_metric
        if value is None:
            part, value = "training", record.train_metric
        return f"{part} {TITLES[record.metric]} {number(record.metric, value)}"

    def _draw(self, **fields: Any) -> None:
        if self.task is None:
            return
        self.drawn = monotonic()
        self.progress.update(self.task, advance=self.waiting, rate=self.rate(), **fields)
        self.waiting = 0

    def rate(self) -> str:
        """Rows per second since the beginning, validation included, as a readable number."""
        return f"{self.rows / max(self.seconds(), 1e-9):,.0f}"

    def seconds(self) -> float:
        """How long training has taken until the last redraw, which every epoch ends with."""
        return self.drawn - self.began

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.task is not None:                   # a bar that was never shown prints a blank line
            self.progress.stop()
