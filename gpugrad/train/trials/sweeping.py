"""A sweep: the same data with many settings, each a run of its own, compared on validation rows."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gpugrad.atomic import read_file, write_atomically
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.parallel import world
from gpugrad.printable import printable
from gpugrad.tabular import columns
from gpugrad.train.amending import differences
from gpugrad.train.config import Config
from gpugrad.train.description import Description
from gpugrad.train.fields import read_json
from gpugrad.train.folder import RunFolder
from gpugrad.train.loading import load
from gpugrad.train.lock import locked
from gpugrad.train.measured import written as figure
from gpugrad.train.setting_checks import check_whole
from gpugrad.train.settle import settle
from gpugrad.train.trials.choices import check_swept, combinations, draws
from gpugrad.train.trials.ranking import Ranked, ranked, table_of
from gpugrad.train.trials.trial import Result, Trial, result_of, written
from gpugrad.train.trials.workers import Answer, Crew

FILE, TABLE = "sweep.json", "sweep.csv"
MOST_JOBS = 1024
TRIALS = 20  # that are drawn, if nothing else is asked for


@dataclass(frozen=True, repr=False)
class Sweep:
    """What came out of a sweep. A session prints it as a table, the best trials first.

    Args:
        folder: Where `sweep.json` and the folders of the trials are.
        metric: The name of the metric by which trials are compared.
        ranking: All choices of settings, the best first, by their means over seeds.
        signal: The number of the signal that stopped it, if one did.
    """

    folder: Path
    metric: str
    ranking: tuple[Ranked, ...]
    signal: int | None = None

    @property
    def best(self) -> Ranked | None:
        """The best choice, once no trial is left to train."""
        states = {result.state for result in self.results}
        first = self.ranking[0]
        return first if first.is_complete and states <= {"finished", "failed"} else None

    @property
    def results(self) -> list[Result]:
        """Those of all trials, the best choice first."""
        return [result for each in self.ranking for result in each.results]

    @property
    def failed(self) -> list[Result]:
        """The results of trials that failed, with their errors."""
        return [result for result in self.results if result.state == "failed"]

    def __repr__(self) -> str:
        states = [result.state for result in self.results]
        lines = [
            f"Sweep in {printable(str(self.folder))}: "
            f"{states.count('finished')} of {len(states)} trials are finished"
        ]
        table = table_of(self.ranking, self.metric)
        if table[1:]:
            sides = "<" * len(self.ranking[0].choice)
            lines += columns(table, sides + ">" * (len(table[0]) - len(sides)))
        lines += [f"Failed: {result.trial.name}" for result in self.failed]
        if self.failed:
            lines.append(f"The errors are in {TABLE}")
        if self.best is not None:
            lines.append(self.best.said())
        return "\n".join(lines)


def sweep(
    dataset: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    grid: Mapping[str, Any] | None = None,
    random: Mapping[str, Any] | None = None,
    trials: int | None = None,
    seeds: int = 1,
    jobs: int = 1,
    tell: Callable[[str], None] | None = None,
    **settings: Any,
) -> Sweep:
    """Train with several settings, each in a folder of its own below `out`, and compare them.

    They are compared on validation rows alone. Called again, it trains what is not finished, in the
    same folder. In the main thread, SIGINT, SIGTERM and SIGHUP stop it with everything saved.

    Args:
        dataset: As in `Config`: each trial reads it anew, so that it is a name or a path.
        out: The folder. `sweep.json` and `sweep.csv` in it list the trials.
        grid: Lists of values by the names of settings; there is a trial for each combination.
        random: Settings that are drawn: from a list, or from a range of numbers such as
            `"log:1e-4:1e-1"` or `"uniform:0:0.5"`.
        trials: How many draws there are, 20 by default, each with all of the grid.
        seeds: With how many seeds each choice is trained, from the setting `seed` on.
        jobs: How many trials are trained at the same time.
        tell: Gets a line when a trial ends.
        **settings: Those of `Config` that all trials have.

    Returns:
        The choices, the best first.

    Raises:
        InvalidArgument: For settings of any trial that cannot be used, before the first begins, and
            for a folder of a sweep with other settings.
        DataError: For data that cannot be used.
        CheckpointError: For a folder that cannot be used, as where another process has it.

    Example:
        >>> from gpugrad.train import sweep
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:   # doctest: +SKIP
        ...     found = sweep("moons", folder, grid={"lr": [0.001, 0.01]}, epochs=5)
        ...     print(found.best.choice)
        {'lr': 0.01}
    """
    if world().size > 1:
        raise InvalidArgument(
            f"a sweep trains in processes of its own, but this is one of {world().size} that "
            "mpiexec started; leave mpiexec out, and use jobs"
        )
    say = tell or (lambda line: None)
    check_whole("seeds", seeds, low=1)
    check_whole("jobs", jobs, low=1, high=MOST_JOBS)
    fixed = {"dataset": os.fspath(dataset), **settings}
    planned = planned_trials(fixed, grid or {}, random or {}, trials, seeds)
    config = _checked(planned, say)
    path = RunFolder.make(out).path
    record = _Record(path, planned, fixed, config.kind.metric)
    with locked(path):
        record.check()
        return _trained(record, planned, jobs, say)


def planned_trials(
    fixed: Mapping[str, Any],
    grid: Mapping[str, Any],
    random: Mapping[str, Any],
    trials: int | None,
    seeds: int,
) -> list[Trial]:
    """All trials, none twice.

    Raises `InvalidArgument` for what is no list or range, or none at all.
    """
    check_swept([*grid, *random], {name: x for name, x in fixed.items() if name != "dataset"})
    if not (grid or random):
        raise InvalidArgument(
            "there is nothing to compare; give grid, such as {'lr': [0.001, 0.01]}, or random, "
            "such as {'lr': 'log:1e-4:1e-1'}"
        )
    if trials is not None:
        if not random:
            raise InvalidArgument(f"trials is {trials}, but no setting is random; leave it out")
        check_whole("trials", trials, low=1)
    first = fixed.get("seed", 0)
    check_whole("seed", first, low=0)
    drawn = draws(random, TRIALS if trials is None else trials, first) if random else [{}]
    choices = [{**one, **other} for one in combinations(grid) for other in drawn]
    rest = {name: value for name, value in fixed.items() if name != "seed"}
    return [
        Trial.of(choice, {"seed": first, **rest}, first + k if seeds > 1 else None)
        for choice in choices
        for k in range(seeds)
    ]


def _checked(planned: list[Trial], say: Callable[[str], None]) -> Config:
    """The settings of the first trial, as settled by the data, after a look at all."""
    first, *others = [Config(**trial.settings) for trial in planned]
    dataset = load(first, None)
    found = settle(first, dataset, say)
    for config in others:
        settle(config, dataset, lambda line: None)
    parts = dataset.parts if found.split == "given" else None
    if not (found.validation if parts is None else (parts == "validation").any()):
        raise InvalidArgument(
            "there are no validation rows, by which trials are compared; give some, as by "
            "validation=0.1"
        )
    return found


class _Record:
    """The results so far, and the files that tell of them."""

    def __init__(
        self, folder: Path, planned: list[Trial], fixed: Mapping[str, Any], metric: str
    ) -> None:
        self.folder, self.fixed, self.metric = folder, _plain(fixed), metric
        self.results = {each.name: Result(each, folder / each.name) for each in planned}
        if len(self.results) < len(planned):
            raise InvalidArgument("two choices would have the same folder; leave one of them out")

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


def _trained(
    record: _Record, planned: list[Trial], jobs: int, say: Callable[[str], None]
) -> Sweep:
    """Trains what is not finished yet."""
    left = [trial for trial in planned if not record.note_finished(trial)]
    record.write()
    if len(left) < len(planned):
        say(f"{len(planned) - len(left)} of {len(planned)} trials are finished already")
    crew, done = Crew(min(jobs, max(len(left), 1))), len(planned) - len(left)

    def ended(trial: Trial, answer: Answer) -> None:
        nonlocal done
        result = record.note(trial, answer, crew.signal is not None)
        done += result.state in ("finished", "failed")
        if result.state == "finished":
            score = figure(record.metric, result.validation.get(record.metric))
            say(f"{done}/{len(planned)} {trial.name}: validation {record.metric} {score}")
        elif result.state == "failed":
            say(f"{done}/{len(planned)} {trial.name}: failed: {result.error}")

    crew.train([(trial, str(record.folder / trial.name)) for trial in left], ended)
    return record.sweep(crew.signal)
