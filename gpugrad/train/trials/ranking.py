"""The trials of a sweep, the best first: by validation rows, never by test rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from gpugrad.printable import printable
from gpugrad.tabular import columns
from gpugrad.train.measured import TITLES
from gpugrad.train.measured import written as figure
from gpugrad.train.trials.trial import Result, written

TABLE = "sweep.csv"


@dataclass(frozen=True)
class Ranked:
    """One choice of settings, with a result for each seed.

    Args:
        choice: The settings that set it apart.
        results: Those of its trials.
        metric: The name of the metric of the task.
    """

    choice: Mapping[str, Any]
    results: tuple[Result, ...]
    metric: str

    @property
    def is_complete(self) -> bool:
        """Whether all of its trials are finished."""
        return all(result.state == "finished" for result in self.results)

    def validation(self, name: str) -> float | None:
        """The mean of a score on validation rows over seeds, if one has it."""
        return _mean(name, [result.validation for result in self.results])

    def test(self, name: str) -> float | None:
        """The same on test rows."""
        return _mean(name, [result.test for result in self.results])

    def spread(self) -> float | None:
        """The standard deviation of the metric over seeds, if there are several."""
        found = [x.validation[self.metric] for x in self.results if self.metric in x.validation]
        return stdev(found) if len(found) > 1 else None

    def order(self) -> tuple[bool, float, float]:
        """What comes first is least: complete, with a large metric, then with a small loss."""
        metric, loss = self.validation(self.metric), self.validation("loss")
        infinite = float("inf")
        return (
            not self.is_complete,
            infinite if metric is None else -metric,
            infinite if loss is None else loss,
        )

    def said(self) -> str:
        """The choice in words, with the scores on test rows, if there are some."""
        choice = ", ".join(f"{name} {written(value)}" for name, value in self.choice.items())
        text = f"Best: {choice}"
        found = self.test(self.metric)
        if found is not None:
            mean = "mean " if len(self.results) > 1 else ""
            text += f"; on test rows, {mean}{TITLES[self.metric]} {figure(self.metric, found)}"
        return text

    def to_json(self) -> dict[str, object]:
        """As `sweep.json` has the best one."""
        names = ("loss", self.metric)
        return {
            "choice": dict(self.choice),
            "folders": [result.folder.name for result in self.results],
            "validation": {name: self.validation(name) for name in names},
            "test": {name: self.test(name) for name in names},
        }


def _mean(name: str, parts: Sequence[Mapping[str, float]]) -> float | None:
    found = [part[name] for part in parts if name in part]
    return fmean(found) if found else None


def ranked(results: Sequence[Result], metric: str) -> tuple[Ranked, ...]:
    """All choices in the order of their means; those that are not complete come last."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(repr(sorted(result.trial.choice.items())), []).append(result)
    found = [Ranked(each[0].trial.choice, tuple(each), metric) for each in groups.values()]
    return tuple(sorted(found, key=Ranked.order))


def table_of(ranking: Sequence[Ranked], metric: str) -> list[list[str]]:
    """The head, and a row for each choice that has a score."""
    several = any(len(each.results) > 1 for each in ranking)
    names = list(ranking[0].choice)
    seeds = ["±", "seeds"] if several else []
    head = [*names, f"validation {TITLES[metric]}", *seeds, "loss", "epochs"]
    rows = []
    for each in ranking:
        done = [result for result in each.results if result.state == "finished"]
        if not done:
            continue
        of_seeds = [figure(metric, each.spread()), f"{len(done)}/{len(each.results)}"]
        rows.append(
            [
                *(written(each.choice[name]) for name in names),
                figure(metric, each.validation(metric)),
                *(of_seeds if several else []),
                figure("loss", each.validation("loss")),
                f"{fmean(result.epochs for result in done):g}",
            ]
        )
    return [head, *rows]


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
