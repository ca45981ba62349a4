"""Several observers in the place of one."""

from __future__ import annotations

from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.loop import Observer
from gpugrad.train.metrics import Record
from gpugrad.train.outcome import Outcome


class Observers(Observer):
    """Tells each of `observers` what it is told, in their order."""

    def __init__(self, *observers: Observer) -> None:
        self.observers = observers

    def begin(
        self, config: Settled, folder: RunFolder | None, rows_done: int, rows_total: int
    ) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.begin(config, folder, rows_done, rows_total)

    def compiling(self) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.compiling()

    def compiled(self, seconds: float) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.compiled(seconds)

    def tell(self, text: str) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.tell(text)

    def advance(self, rows: int) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.advance(rows)

    def end_epoch(self, record: Record) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.end_epoch(record)

    def end(self, outcome: Outcome | None) -> None:
        """Tells all."""
        for observer in self.observers:
            observer.end(outcome)
