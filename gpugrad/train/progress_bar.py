"""Progress as a bar in a terminal."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gpugrad.train.measured import by_part, written
from gpugrad.train.status import Status


class Bar:
    """A line at the bottom of the terminal that changes in place."""

    interval = 0.1  # a redraw costs as much as several steps of a small network

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(file=stream, highlight=False)
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}", markup=False),
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            TimeRemainingColumn(compact=True),
            console=self.console,
        )
        self.task: TaskID | None = None

    def say(self, text: str) -> None:
        """A line above the bar."""
        self.console.print(text, markup=False, soft_wrap=True)

    def show(self, status: Status, epoch_over: bool) -> None:
        """Moves the bar."""
        epoch, text = f"{status.epoch}/{status.epochs}", words(status)
        if self.task is None:
            self.task = self.progress.add_task(
                text, total=status.rows_total, completed=status.rows_done, epoch=epoch
            )
            self.progress.start()
        else:
            self.progress.update(
                self.task, completed=status.rows_done, description=text, epoch=epoch
            )

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self.task is not None:                   # a bar that was never shown prints a blank line
            self.progress.stop()


def words(status: Status) -> str:
    """What stands beside the bar."""
    if status.doing:
        return status.doing
    found = []
    if status.record is not None:
        figures = by_part(status.record)
        found.append(f"loss {written('loss', figures['train']['loss'])}")
        for name, value in list(figures["validation"].items())[-1:]:    # such as accuracy
            found.append(f"validation {written(name, value)}")
    if status.rate is not None:
        found.append(f"{status.rate:,.0f} samples/s")
    return "  ".join(found)
