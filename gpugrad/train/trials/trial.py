"""One run of a sweep: what it is to be, what it came to, and the folder that is named after it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gpugrad.train.fields import Fields
from gpugrad.train.folder import RunFolder

LONGEST = 120  # characters of a name, so that the paths below it fit, too
PLAIN = " +,.=()[]"  # what may stand in the name of a folder as it is


@dataclass(frozen=True)
class Trial:
    """A run that is to be.

    Args:
        choice: What sets it apart, by name; seeds are no part of it.
        settings: All settings that are given, with the seed.
        name: That of its folder.
    """

    choice: Mapping[str, Any]
    settings: Mapping[str, Any]
    name: str

    @classmethod
    def of(cls, choice: Mapping[str, Any], fixed: Mapping[str, Any], seed: int | None) -> Trial:
        """The trial with that choice; `seed` is one of several, or `None`."""
        shown = {**choice} if seed is None else {**choice, "seed": seed}
        settings = {**fixed, **shown}
        return cls(dict(choice), settings, _named(shown))


@dataclass(frozen=True)
class Result:
    """What a trial has come to.

    Args:
        state: `"finished"`, `"failed"`, `"stopped"` or `"waiting"`.
        error: The line that says why it failed.
        validation: Loss and metric on the validation rows.
        test: The same on the test rows, if there are some.
        epochs: How many were trained.
        kept_epoch: Whose weights are kept.
    """

    trial: Trial
    folder: Path
    state: str = "waiting"
    error: str = ""
    validation: Mapping[str, float] = field(default_factory=dict)
    test: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 0
    kept_epoch: int = 0

    def to_json(self) -> dict[str, object]:
        """As `sweep.json` has it: without the scores on test rows, by which nothing is chosen."""
        return {
            "folder": self.folder.name,
            "choice": dict(self.trial.choice),
            "seed": self.trial.settings.get("seed"),
            "state": self.state,
            "error": self.error,
            "epochs": self.epochs,
            "kept_epoch": self.kept_epoch,
            "validation": dict(self.validation),
        }


def result_of(trial: Trial, folder: RunFolder, metric: str) -> Result | None:
    """What a run in that folder came to, if it is complete."""
    summary = folder.read_summary()
    if summary is None:
        return None
    parts = summary.part("scores")
    return Result(
        trial,
        folder.path,
        "finished",
        validation=_scores(parts.part("validation"), metric),
        test=_scores(parts.part("test"), metric) if "test" in parts.left else {},
        epochs=summary.whole("epochs"),
        kept_epoch=summary.whole("kept_epoch"),
    )


def _scores(found: Fields, metric: str) -> dict[str, float]:
    """The loss, and the metric where there is one."""
    value = found.number_if_any(metric, float("-inf"))
    return {"loss": found.number("loss"), **({} if value is None else {metric: value})}


def written(value: Any) -> str:
    """A value in the name of a folder and in a table."""
    if isinstance(value, tuple | list):
        return "x".join(map(written, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _named(shown: Mapping[str, Any]) -> str:
    """Such as `lr=0.001,hidden=128x64`; what no file may be called is written as in URLs."""
    text = ",".join(f"{name}={written(value)}" for name, value in shown.items()) or "only"
    name = quote(text, safe=PLAIN)
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{name[:LONGEST]}-{digest}"
