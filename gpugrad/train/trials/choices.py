"""Which settings the trials of a sweep have: all combinations, or some drawn at random."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, get_type_hints

from gpugrad.errors import InvalidArgument
from gpugrad.settings import settled
from gpugrad.train.config import Config, check_names

Settings: TypeAlias = dict[str, Any]

RANGES = ("log", "uniform")
DIGITS = 4  # of a number that is drawn: its folder is named after all of it
SAME = "all trials have the same, so that they can be compared"
NOT_SWEPT = {
    "dataset": "a sweep has one data set",
    "seed": "use `seeds` for several of them",
    **dict.fromkeys(("target", "task", "split", "validation", "test", "sample_weight"), SAME),
}


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, drawn evenly: they, or with `log` their logarithms."""

    kind: str
    low: float
    high: float
    whole: bool

    @classmethod
    def read(cls, name: str, text: str) -> Range:
        """The range in a text such as `log:1e-4:1e-1`."""
        kind, *bounds = text.split(":")
        try:
            low, high = map(float, bounds)
            fits = kind in RANGES and -math.inf < low < high < math.inf
        except ValueError:
            fits = False
        if not fits or (kind == "log" and low <= 0):
            raise InvalidArgument(
                f"random {name} is {text!r}; expected log:LOW:HIGH, with LOW above 0, or "
                "uniform:LOW:HIGH, or a list of values"
            )
        return cls(kind, low, high, _is_whole(name))

    def draw(self, rng: random.Random) -> float | int:
        """One of them, with few digits."""
        if self.kind == "log":
            found = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        else:
            found = rng.uniform(self.low, self.high)
        found = float(f"{min(max(found, self.low), self.high):.{DIGITS}g}")
        return round(found) if self.whole else found


def _is_whole(name: str) -> bool:
    """Whether a setting is a whole number; `InvalidArgument` if it is no number at all."""
    kinds = set(re.findall(r"\w+", str(get_type_hints(Config)[name])))
    if not kinds & {"int", "float"} or "tuple" in kinds:
        raise InvalidArgument(f"{name} is no number; random values of it are drawn from a list")
    return "float" not in kinds


def values_of(name: str, given: object) -> list[Any]:
    """The values of a setting that were given as a list, all different."""
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise InvalidArgument(f"the values of {name} are {given!r}; expected a list of some")
    values: list[Any] = []
    for value in map(settled, given):
        value = tuple(value) if isinstance(value, list) else value
        if value in values:
            raise InvalidArgument(f"the values of {name} have {value!r} twice")
        values.append(value)
    return values


def combinations(grid: Mapping[str, object]) -> list[Settings]:
    """All of them; the last setting changes first."""
    lists = [values_of(name, given) for name, given in grid.items()]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*lists)]


def draws(choices: Mapping[str, object], trials: int, seed: int) -> list[Settings]:
    """Settings drawn at random, of which no two are equal: the first ones of any more `trials`."""
    ways: dict[str, Any] = {
        name: Range.read(name, given) if isinstance(given, str) else values_of(name, given)
        for name, given in choices.items()
    }
    found: list[Settings] = []
    for number in range(trials):
        rng = random.Random(f"{seed} {number}")
        drawn = {
            name: way.draw(rng) if isinstance(way, Range) else rng.choice(way)
            for name, way in ways.items()
        }
        if drawn not in found:
            found.append(drawn)
    return found


def check_swept(names: Sequence[str], fixed: Mapping[str, object]) -> None:
    """Raises `InvalidArgument` for settings that cannot be swept, or that are given twice."""
    check_names([*names, *fixed])
    for name in names:
        if name in NOT_SWEPT:
            raise InvalidArgument(f"{name} cannot be swept: {NOT_SWEPT[name]}")
        if name in fixed or names.count(name) > 1:
            raise InvalidArgument(f"{name} is given twice, for all trials and for each of them")
