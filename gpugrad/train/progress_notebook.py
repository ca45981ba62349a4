"""Progress in a notebook: what stands below the cell changes in place."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from html import escape
from time import monotonic
from typing import Any

from gpugrad.tabular import fragment, html_table, paragraph
from gpugrad.train.measured import TITLES, by_part, written
from gpugrad.train.metrics import Record
from gpugrad.train.progress_lines import line
from gpugrad.train.status import Status

SHOWN = 10  # epochs, the last ones


def is_notebook() -> bool:
    """Whether this runs in the kernel of a notebook. IPython is there then; it is not imported."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


class Notebook:
    """One output of the cell: what was said, a bar, and a table of the last epochs."""

    interval = 0.5

    def __init__(self) -> None:
        self.said: list[str] = []
        self.records: list[Record] = []
        self.status: Status | None = None
        self.handle: Any = None
        self.displayed = 0.0

    def say(self, text: str) -> None:
        """A line above the bar."""
        self.said.append(text)
        self._display()

    def show(self, status: Status, epoch_over: bool) -> None:
        """Changes the output, unless it has changed just now."""
        self.status = status
        if epoch_over and status.record is not None:
            self.records = [*self.records, status.record][-SHOWN:]
        if monotonic() - self.displayed >= self.interval:
            self._display()

    def close(self) -> None:
        """Shows how it ended."""
        self._display()

    def _display(self) -> None:
        self.displayed = monotonic()
        if self.handle is None:
            self.handle = sys.modules["IPython"].display.display(self, display_id=True)
        else:
            self.handle.update(self)

    def __repr__(self) -> str:
        return "\n".join([*self.said, *map(line, filter(None, [self.status]))])

    def _repr_html_(self) -> str:
        parts = list(map(paragraph, self.said))
        if self.status is not None:
            parts.append(_bar(self.status))
        if self.records:
            parts.append(record_table(self.records))
        return fragment(*parts)


def _bar(status: Status) -> str:
    share = status.rows_done / status.rows_total
    return f'<p><progress max="1" value="{share:.4f}"></progress> {escape(line(status))}</p>'


def record_table(records: Sequence[Record]) -> str:
    """A row for each epoch."""
    figures = [by_part(record) for record in records]
    columns = [(part, name) for part, found in figures[0].items() for name in found]
    head = ["epoch", *(f"{part} {TITLES[name]}" for part, name in columns)]
    rows = [
        [str(record.epoch), *(written(name, found[part][name]) for part, name in columns)]
        for record, found in zip(records, figures, strict=True)
    ]
    return html_table(head, rows, ">" * len(head))
