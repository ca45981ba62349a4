"""How a run ended."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass

from gpugrad.printable import printable
from gpugrad.tabular import columns, fragment, html_table, paragraph
from gpugrad.train.folder import RunFolder
from gpugrad.train.measured import TITLES, figures, written
from gpugrad.train.metrics import Scores


@dataclass(frozen=True, repr=False)
class Outcome:
    """How a run ended: finished, with the scores of the weights kept on each part; or stopped.

    There is no folder where training was in memory. `signal` is the number of the signal that
    stopped it. A session prints all of it as a table, and a notebook shows that.
    """

    folder: RunFolder | None
    finished: bool
    epochs: int
    kept_epoch: int = 0
    scores: Mapping[str, Scores] | None = None
    signal: int | None = None

    def __repr__(self) -> str:
        table = self._table()
        below = columns(table, _alignment(table)) if table else []
        return "\n".join([self._sentence(), *(f"  {line}" for line in below)])

    def _repr_html_(self) -> str:
        parts = [paragraph(self._sentence())]
        if table := self._table():
            parts.append(html_table(table[0], table[1:], _alignment(table)))
        return fragment(*parts)

    def _sentence(self) -> str:
        place = f"in {printable(str(self.folder.path))}" if self.folder else "in memory"
        if self.finished:
            return f"Run {place}: finished; the weights of epoch {self.kept_epoch} are kept"
        by = "" if self.signal is None else f" by {signal.Signals(self.signal).name}"
        return f"Run {place}: stopped{by} after {self.epochs} whole epochs"

    def _table(self) -> list[tuple[str, ...]]:
        """The head, and a row for each metric, with a column for each part."""
        if not self.scores:
            return []
        found = list(map(figures, self.scores.values()))
        names = dict.fromkeys(name for values in found for name in values)
        return [
            ("", *self.scores),
            ("rows", *(f"{score.rows:,}" for score in self.scores.values())),
            *(
                (TITLES[name], *(written(name, values.get(name)) for values in found))
                for name in names
            ),
        ]


def _alignment(table: list[tuple[str, ...]]) -> str:
    return "<" + ">" * (len(table[0]) - 1)
