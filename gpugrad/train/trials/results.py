"""What the trials of a sweep have come to so far, and the two files that tell of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from gpugrad.atomic import read_file, write_atomically
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.train.amending import differences
from gpugrad.train.description import Description
from gpugrad.train.fields import read_json
from gpugrad.train.folder import RunFolder
from gpugrad.train.trials.ranking import TABLE, Sweep, ranked
from gpugrad.train.trials.trial import Result, Trial, result_of, written
from gpugrad.train.trials.workers import Answer

FILE = "sweep.json"


class Results:
    """The results so far, and the files that tell of them."""

    def __init__(
        self, folder: Path, planned: list[Trial], fixed: Mapping[str, Any], metric: str
    ) -> None:
        self.folder, self.fixed, self.metric = folder, _plain(fixed), metric
        self.results = {each.name: Result(each, folder / each.name) for each in planned}

    def check(self) -> None:
        """Raises `InvalidArgument` where the folder has trials with other settings."""
        path = self.folder / FILE
        if path.exists():
            found = read_json(path, read_file(path))
            before = found.get("settings") if isinstance(found, dict) else None
            if before != self.fixed:
                raise InvalidArgument(
                    f"{path}: it is of a sweep whose trials all have {_listed(before)}, and now it "
                    f"is {_listed(self.fixed)}; choose another folder, or give the same"
                )
        for result in self.results.values():
            different: dict[str, str] = {}
            with suppress(CheckpointError):         # the trial itself will say what is damaged
                config = Description.read(RunFolder.open(result.folder)).config
                different = differences(config, result.trial.settings)
            if different:
                raise InvalidArgument(
                    f"{result.folder}: there is a run with other settings in it; "
                    f"{'; '.join(different.values())}. Choose another folder for the sweep"
                )

    def note_finished(self, trial: Trial) -> bool:
        """Whether the trial is finished, which its folder says."""
        found = result_of(trial, RunFolder(self.folder / trial.name), self.metric)
        if found is not None:
            self.results[trial.name] = found
        return found is not None

    def note(self, trial: Trial, answer: Answer, stopping: bool) -> Result:
        """Notes how a trial has ended, and writes that down."""
        if not ("finished" in answer and self.note_finished(trial)):
            waits = replace(self.results[trial.name], state="stopped")
            if not ("stopped" in answer or stopping):
                error = str(answer.get("error", "its summary is gone"))
                waits = replace(waits, state="failed", error=error)
            self.results[trial.name] = waits
        self.write()
        return self.results[trial.name]

    def sweep(self, signal: int | None) -> Sweep:
        """What has come out so far."""
        ranking = ranked(list(self.results.values()), self.metric)
        return Sweep(self.folder, self.metric, ranking, signal)

    def write(self) -> None:
        """Writes both files."""
        found = self.sweep(None)
        best = found.best
        content = {
            "settings": self.fixed,
            "metric": self.metric,
            "best": best and best.to_json(),
            "trials": [result.to_json() for result in found.results],
        }
        text = json.dumps(content, indent=2) + "\n"
        write_atomically(self.folder / FILE, text.encode())
        write_atomically(self.folder / TABLE, _csv(found).encode())


def _listed(settings: Any) -> str:
    """Settings of all trials in a message."""
    if not isinstance(settings, dict) or not settings:
        return "no settings"
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def _csv(found: Sweep) -> str:
    """A line for each trial."""
    names = list(found.ranking[0].choice)
    scores = ["loss", found.metric]
    head = ["folder", *names, "seed", "state", *(f"validation_{name}" for name in scores)]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*head, "epochs", "kept_epoch", "error"])
    for result in found.results:
        choice = [written(result.trial.choice[name]) for name in names]
        values = [result.validation.get(name, "") for name in scores]
        rest = [result.epochs, result.kept_epoch, result.error]
        seed = result.trial.settings["seed"]
        table.writerow([result.folder.name, *choice, seed, result.state, *values, *rest])
    return text.getvalue()


def _plain(settings: Mapping[str, Any]) -> Any:
    """Settings as they are read from JSON again."""
    return json.loads(json.dumps(settings, default=str))
