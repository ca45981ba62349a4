"""Timing contenders in turns, so that a disturbance of the machine meets them all."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

TURN = 0.01
"""Seconds of a turn: quiet moments of a shared machine are short."""

LONGEST_TURN, MOST = 200, 20_000
"""Runs in a turn, and in all: training goes on, and must not end where numbers are denormal."""


@dataclass(frozen=True)
class Times:
    """Microseconds for one run, in each of the rounds."""

    each: list[float]

    @property
    def smallest(self) -> float:
        """The minimum, which a busy machine disturbs least."""
        return min(self.each)

    @property
    def median(self) -> float:
        """The median."""
        return median(self.each)

    def summary(self) -> dict[str, float]:
        """For a report."""
        return {"min": self.smallest, "median": self.median, "rounds": len(self.each)}


def alternate(
    runs: dict[str, Callable[[], Any]], seconds: float, wait: Callable[[Any], Any]
) -> dict[str, Times]:
    """Times of each contender, which takes about `seconds` in all.

    `wait` gets what the last run of a turn returned, and waits for a library that runs ahead.
    """
    counts, rounds = _plan(runs, seconds, wait)
    # What the imports left behind is not the contenders' garbage to search.
    was_frozen = gc.get_freeze_count() > 0
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            count = counts[name]
            wait(run())                             # brings its code and data back into the caches
            start = perf_counter()
            for _ in range(count):
                result = run()
            wait(result)
            times[name].append((perf_counter() - start) / count * 1e6)
    if not was_frozen:
        gc.unfreeze()
    return {name: Times(each) for name, each in times.items()}


def _plan(
    runs: dict[str, Callable[[], Any]], seconds: float, wait: Callable[[Any], Any]
) -> tuple[dict[str, int], int]:
    """Runs in a turn of each, and the number of rounds."""
    spent = {name: min(_seconds(run, wait) for _ in range(3)) for name, run in runs.items()}
    counts = {name: max(1, min(LONGEST_TURN, int(TURN / each))) for name, each in spent.items()}
    turn = sum((counts[name] + 1) * each for name, each in spent.items()) / len(runs)
    return counts, max(5, min(MOST // max(counts.values()), int(seconds / turn)))


def _seconds(run: Callable[[], Any], wait: Callable[[Any], Any]) -> float:
    start = perf_counter()
    wait(run())
    return perf_counter() - start


def print_table(times: dict[str, Times], bases: dict[str, tuple[str, ...]]) -> None:
    """A line for each contender; `bases` names what the ratios are to: the fastest of these."""
    beside = {
        label: min(times[name].smallest for name in names if name in times)
        for label, names in bases.items()
        if any(name in times for name in names)
    }
    print(f"  {'':34}{'min':>10}{'median':>11}   " + "".join(f"{label:>12}" for label in beside))
    for name, each in times.items():
        ratios = "".join(f"{each.smallest / base:>12.2f}" for base in beside.values())
        print(f"  {name:<34}{each.smallest:>10.1f}{each.median:>11.1f} us{ratios}")
