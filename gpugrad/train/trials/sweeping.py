"""A sweep: the same data with many settings, each a run of its own, compared on validation rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from gpugrad.errors import InvalidArgument
from gpugrad.parallel import world
from gpugrad.train.config import Config
from gpugrad.train.folder import RunFolder
from gpugrad.train.loading import load
from gpugrad.train.lock import locked
from gpugrad.train.measured import written as figure
from gpugrad.train.setting_checks import check_whole
from gpugrad.train.settle import settle
from gpugrad.train.trials.choices import check_swept, combinations, draws
from gpugrad.train.trials.ranking import Sweep
from gpugrad.train.trials.results import Results
from gpugrad.train.trials.trial import Trial
from gpugrad.train.trials.workers import Answer, Crew

MOST_JOBS = 1024
TRIALS = 20  # that are drawn, if nothing else is asked for


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

    They are compared on validation rows alone, and plots are drawn of the best choice alone. Called
    again, it trains what is not finished, in the same folder. In the main thread, SIGINT, SIGTERM
    and SIGHUP stop it with everything saved.

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
    """
    if world().size > 1:
        raise InvalidArgument(
            f"a sweep trains in processes of its own, but this is one of {world().size} that "
            "mpiexec started; leave mpiexec out, and use `jobs`"
        )
    say = tell or (lambda line: None)
    check_whole("seeds", seeds, low=1)
    check_whole("jobs", jobs, low=1, high=MOST_JOBS)
    fixed = {"dataset": os.fspath(dataset), **settings}
    planned = planned_trials(fixed, grid or {}, random or {}, trials, seeds)
    config = _checked(planned, say)
    path = RunFolder.make(out).path
    record = Results(path, planned, fixed, config.kind.metric)
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
            "there is nothing to compare; say what trials differ in, with `grid` or `random`"
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
    found = [
        Trial.of(choice, {"seed": first, **rest}, first + k if seeds > 1 else None)
        for choice in choices
        for k in range(seeds)
    ]
    if len({trial.name for trial in found}) < len(found):
        raise InvalidArgument("two choices would have the same folder; leave one of them out")
    return found


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
            "`validation=0.1`"
        )
    return found


def _trained(
    record: Results, planned: list[Trial], jobs: int, say: Callable[[str], None]
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
    if crew.signal is None:
        _draw_best(record, crew, say)
    return record.sweep(crew.signal)


def _draw_best(record: Results, crew: Crew, say: Callable[[str], None]) -> None:
    """Has the pictures of the best choice drawn; those of all may take longer than training."""
    best = record.sweep(None).best
    results = () if best is None else best.results
    bare = [result for result in results if not RunFolder(result.folder).curves.exists()]

    def drawn(trial: Trial, answer: Answer) -> None:
        if "error" in answer:
            say(f"{trial.name}: its pictures cannot be drawn: {answer['error']}")

    if bare:
        crew.train([(each.trial, str(each.folder)) for each in bare], drawn, pictures=True)
