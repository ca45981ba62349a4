"""What became of the sweeps of this process: those that are planned, and why others were not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpugrad.plan.listing import size


@dataclass(frozen=True)
class PlannedSweep:
    """A plan for the sweeps over one kind of graph: how often it ran, its steps and bytes."""

    graph: str
    runs: int
    steps: int
    nbytes: int


@dataclass(frozen=True)
class DirectSweep:
    """Sweeps without a plan: how often, and why. `graph` is empty where they are of many kinds."""

    graph: str
    runs: int
    reason: str


@dataclass(frozen=True)
class SweepReport:
    """What `gg.planned_sweeps()` returns. `print` it for a table.

    `on` says whether sweeps are planned at all, and `dropped` how many plans went for the limit on
    their bytes.
    """

    on: bool
    planned: tuple[PlannedSweep, ...]
    direct: tuple[DirectSweep, ...]
    dropped: int

    def __str__(self) -> str:
        switch = "on" if self.on else "off"
        held = size(sum(sweep.nbytes for sweep in self.planned))
        lines = [f"planned sweeps are {switch}; {len(self.planned)} plans kept in {held}"]
        if self.dropped:
            lines[0] += f", {self.dropped:,} dropped for the limit"
        planned = [
            (f"{sweep.runs:,}", f"{sweep.steps:,}", size(sweep.nbytes), sweep.graph)
            for sweep in self.planned
        ]
        direct = [
            (f"{sweep.runs:,}", f"{sweep.graph}: {sweep.reason}" if sweep.graph else sweep.reason)
            for sweep in self.direct
        ]
        if planned:
            lines += ["", *_table(("runs", "steps", "held", "planned"), planned)]
        if direct:
            lines += ["", *_table(("runs", "not planned"), direct)]
        return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "   ".join([f"{cell:>{n}}" for cell, n in zip(row[:-1], widths, strict=False)] + [row[-1]])
        for row in (head, *rows)
    ]
