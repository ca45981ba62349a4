"""Scores as a table: a line for each metric, and a column for each part of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.table import Table

from gpugrad.train import Scores

TITLES = {
    "accuracy": "accuracy",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "ece": "calibration error",
    "exact_match": "exact match",
    "f1": "F1",
    "log_loss": "log loss",
    "loss": "loss",
    "macro_f1": "macro F1",
    "mae": "MAE",
    "micro_f1": "micro F1",
    "r2": "R²",
    "rmse": "RMSE",
}
"""How metrics are called where people read them."""

PERCENT = ("accuracy", "exact_match")
IN_UNITS = ("mae", "rmse")
"""Those in the units of the targets, whose size may be anything."""


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
