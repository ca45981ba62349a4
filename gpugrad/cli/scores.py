"""Scores as a table: a line for each metric, and a column for each part of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.markup import escape
from rich.table import Table

from gpugrad.data.header import short
from gpugrad.printable import printable
from gpugrad.train import Scores
from gpugrad.train.measured import TITLES

PERCENT = ("accuracy", "exact_match")
IN_UNITS = ("mae", "rmse")
"""Those in the units of the targets, whose size may be anything."""


MOST_TARGETS = 8
"""Of which each has a line of its own."""


def scores_table(scores: Mapping[str, Scores]) -> Table:
    """What came out on each part, by its name; "-" where a metric is not defined."""
    table = Table()
    table.add_column("")
    for part in scores:
        table.add_column(part, justify="right", style="bold" if part == "test" else None)
    table.add_row("rows", *(f"{each.rows:,}" for each in scores.values()))
    names = dict.fromkeys(name for each in scores.values() for name in each.values)
    for name in names:
        cells = (number(name, each.values.get(name)) for each in scores.values())
        table.add_row(TITLES[name], *cells)
    targets = dict.fromkeys(name for each in scores.values() for name in each.targets)
    for target in list(targets)[:MOST_TARGETS]:
        found = [each.targets.get(target, {}) for each in scores.values()]
        metric = next(name for values in found for name in values)
        cells = (number(metric, values.get(metric)) for values in found)
        table.add_row(escape(f"{TITLES[metric]} of {printable(short(target))}"), *cells)
    return table


def undefined(scores: Mapping[str, Scores]) -> Iterator[str]:
    """A line for each metric that is not defined, with the reason."""
    for part, each in scores.items():
        for name, reason in each.reasons.items():
            yield f"{TITLES[name]} of {part}: {reason}"


def number(name: str, value: float | None) -> str:
    """A metric in as many digits as are of use."""
    if value is None:
        return "-"
    if name in PERCENT:
        return f"{value:.2%}"
    return f"{value:.4g}" if name in IN_UNITS else f"{value:.4f}"
