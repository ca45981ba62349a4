"""Benchmarks by backend, with a control, and a table that sets each beside its reference.

    pytest benchmarks --backend numpy,cupy
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gpugrad.backends import Namespace, choose
from gpugrad.errors import BackendUnavailable

Measure = Callable[..., None]


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds for one of what was measured."""

    group: str
    name: str
    smallest: float
    median: float
    over_at_most: float | None                      # seconds over the first row of the group
    at_most: float | None                           # seconds


_rows = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend", default="numpy", help="which backends to measure: numpy, cupy, or numpy,cupy"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_rows] = []
    unknown = set(_names(config)) - {"numpy", "cupy"}
    if unknown:
        raise pytest.UsageError(f"--backend names {sorted(unknown)}: expected numpy and cupy")


def _names(config: pytest.Config) -> list[str]:
    return [str(name) for name in config.getoption("--backend").split(",")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "xp" in metafunc.fixturenames:
        metafunc.parametrize("xp", _names(metafunc.config), indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The control runs before all others and again after them."""
    items.sort(key=lambda item: ("before" not in item.name) + ("after" in item.name))


@pytest.fixture(scope="session")
def xp(request: pytest.FixtureRequest) -> Namespace:
    """The namespace of the backend. Without it: a skip, or with GPUGRAD_REQUIRE_CUPY=1 an error."""
    try:
        return choose(request.param)
    except BackendUnavailable as error:
        if os.environ.get("GPUGRAD_REQUIRE_CUPY") == "1":
            pytest.fail(f"GPUGRAD_REQUIRE_CUPY=1, but {error}", pytrace=False)
        pytest.skip(str(error))


@pytest.fixture
def measure(benchmark: Any, request: pytest.FixtureRequest) -> Measure:
    """Time `run`, which does something `count` times, until the device has finished it.

    The first row of a `group` is what the others are set beside. `over_at_most` limits the seconds
    over that one, `at_most` the seconds; both are for one of `count`. `setup` makes the arguments
    of `run` anew for each round, untimed.
    """

    def timed(
        run: Callable[..., Any],
        group: str,
        name: str,
        *,
        xp: Namespace | None = None,
        count: int = 1,
        rounds: int = 100,
        setup: Callable[[], tuple[Any, ...]] = tuple,
        over_at_most: float | None = None,
        at_most: float | None = None,
    ) -> None:
        def finished(*args: Any) -> None:
            run(*args)
            if xp is not None:
                xp.synchronize()

        if xp is not None:
            group = f"{group} [{xp.name}]"
        benchmark.group = group
        benchmark.extra_info["count"] = count
        benchmark.pedantic(
            finished, setup=lambda: (setup(), {}), rounds=rounds, warmup_rounds=max(1, rounds // 10)
        )
        if benchmark.stats is None:                 # --benchmark-disable
            return
        stats = benchmark.stats.stats
        smallest, median = stats.min / count, stats.median / count
        row = Row(group, name, smallest, median, over_at_most, at_most)
        request.config.stash[_rows].append(row)

    return timed


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = config.stash[_rows]
    if not rows:
        return
    out = terminalreporter
    out.section("gpugrad benchmarks")
    out.write_line(f"{'':44}{'min':>11}{'median':>11}{'over 1st':>11}{'ratio':>8}  wanted")
    groups = dict.fromkeys(row.group for row in rows)
    for group in groups:
        out.write_line(group)
        members = [row for row in rows if row.group == group]
        for row in members:
            out.write_line(_line(row, members[0]))


def _line(row: Row, first: Row) -> str:
    over = row.smallest - first.smallest
    beside = f"{'':>11}{'':>8}"
    if row is not first:
        beside = f"{_duration(over):>11}{row.smallest / first.smallest:>8.2f}"
    wanted = ""
    if row.at_most is not None:
        verdict = "met" if row.smallest <= row.at_most else "MISSED"
        wanted = f"  at most {_duration(row.at_most)}: {verdict}"
    if row.over_at_most is not None:
        verdict = "met" if over <= row.over_at_most else "MISSED"
        wanted = f"  at most {_duration(row.over_at_most)} over 1st: {verdict}"
    times = f"{_duration(row.smallest):>11}{_duration(row.median):>11}"
    return f"  {row.name:<42}{times}{beside}{wanted}"


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(seconds) >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e9:.0f} ns"
