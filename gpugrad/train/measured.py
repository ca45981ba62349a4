"""What an epoch measured, by the rows that it was measured on, and how it is written."""

from __future__ import annotations

from dataclasses import asdict

from gpugrad.train.metrics import Record, Score

PARTS = ("train", "validation")


def by_part(record: Record) -> dict[str, dict[str, float]]:
    """Such as `{"train": {"loss": 0.2, "accuracy": 0.9}, "validation": ...}`."""
    found: dict[str, dict[str, float]] = {part: {} for part in PARTS}
    for field, value in asdict(record).items():
        part, _, name = field.partition("_")
        if part in found and value is not None:
            found[part][name] = value
    return found


def figures(score: Score) -> dict[str, float]:
    """What a score consists of, but for the number of its rows."""
    return {name: value for name, value in asdict(score).items() if name != "rows"}


def written(name: str, value: float) -> str:
    """A figure for people: shares of rows as percent."""
    return f"{value:.1%}" if name == "accuracy" else f"{value:#.4g}".rstrip(".")


def duration(seconds: float) -> str:
    """A time for people: seconds, or hours, minutes and seconds."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
