"""What an epoch measured, by the rows that it was measured on, and how it is written."""

from __future__ import annotations

from gpugrad.train.metrics import Record, Scores

PARTS = ("train", "validation")
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

SHARES = ("accuracy", "exact_match")  # of rows


def by_part(record: Record) -> dict[str, dict[str, float]]:
    """Such as `{"train": {"loss": 0.2, "accuracy": 0.9}, "validation": ...}`."""
    found: dict[str, dict[str, float]] = {part: {} for part in PARTS}
    for field, value in record.to_json().items():
        part, _, name = field.partition("_")
        if part in found and isinstance(value, float):
            found[part][name] = value
    return found


def figures(scores: Scores) -> dict[str, float]:
    """The metrics that are defined."""
    return {name: value for name, value in scores.values.items() if value is not None}


def written(name: str, value: float | None) -> str:
    """A figure for people: shares of rows as percent, and "-" where it is not defined."""
    if value is None:
        return "-"
    return f"{value:.1%}" if name in SHARES else f"{value:#.4g}".rstrip(".")


def duration(seconds: float) -> str:
    """A time for people: seconds, or hours, minutes and seconds."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
