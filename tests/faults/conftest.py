"""A laboratory for files: it needs Linux and a C compiler."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from missing import missing

from faults.laboratory import Laboratory
from faults.library import build, find_compiler

if TYPE_CHECKING:
    from faults.trials import Bench

TALLY: pytest.StashKey[Bench] = pytest.StashKey()


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A process in which file-system operations can fail."""
    if not sys.platform.startswith("linux"):
        pytest.skip("operations are counted by LD_PRELOAD, as Linux has it")
    compiler = find_compiler()
    if compiler is None:
        missing(
            "no host C compiler",
            "install gcc or clang, or name one in CC",
            "GPUGRAD_REQUIRE_COMPILERS",
        )
    library = build(compiler, tmp_path_factory.mktemp("library"))
    roots = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, roots))
    laboratory = Laboratory(library, {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"})
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="session")
def bench(
    laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Bench:
    """Training runs to disturb, and how an undisturbed one ends."""
    # Here, because files of tests that import them are skipped where the extra train is missing.
    from faults import actions
    from faults.trials import Bench, contents

    folder = tmp_path_factory.mktemp("faults").resolve()
    dataset = Path(actions.make_data(str(folder / "data.npz")))
    place = folder / "watched"
    place.mkdir()
    run = place / "runs" / "run"
    outcome = laboratory.run("begin", place, str(run), str(dataset))
    assert outcome.error is None, outcome.error
    bench = Bench(laboratory, place, dataset, outcome, contents(run))
    request.config.stash[TALLY] = bench
    return bench


@pytest.fixture(scope="session")
def trained(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a finished run."""
    run = str(tmp_path_factory.mktemp("trained") / "run")
    outcome = bench.laboratory.run("begin", bench.place, run, str(bench.dataset))
    assert outcome.error is None, outcome.error
    return run


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """How much was tried."""
    bench = config.stash.get(TALLY, None)
    if bench is not None:
        tried = ", ".join(f"{number} {what}" for what, number in bench.tally.items())
        terminalreporter.write_line(
            f"files: {len(bench.undisturbed.operations)} operations in a run; tried: {tried}"
        )
