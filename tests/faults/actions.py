"""What the experiments do: each function here is one thing that a user does to files."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import gpugrad as gg
from gpugrad import atomic, data, engines, train
from gpugrad.cli import app
from gpugrad.cli.predict import predict as cli_predict
from gpugrad.engines import profile_report
from gpugrad.plan.plan import Plan
from gpugrad.train import Config, Observer, keeper, report
from gpugrad.train.journal import Journal

ROWS, TRAINING, EPOCHS, BATCH = 60, 42, 2, 24
ENGINES = [name for name in engines.ENGINES if name != "auto"]  # which stands for one of them
PLANS: list[Any] = []                   # what `prepare` made, to be saved
PROFILES: list[Any] = []


def mark(text: str) -> None:
    """Notes in the log that what `text` says is on the disk; set for each experiment."""


class Sketch:
    """Stands for a figure, and is drawn in no time: the numbers that would be in it, as text."""

    def __init__(self, *shown: Any) -> None:
        self.text = repr(shown)

    def savefig(self, file: Any, format: str, **options: Any) -> None:
        file.write(f"{format} of {self.text}".encode())


class Begun(Observer):
    """Notes how many rows were learned from before this process."""

    rows = -1

    def begin(self, config: Any, folder: Any, rows_done: int, rows_total: int) -> None:
        self.rows = rows_done


def prepare() -> None:
    """Once, before the first experiment: imports all, and replaces the pictures."""
    real = keeper.save_state

    def save_state(folder: Any, state: Any, backend: Any) -> None:
        real(folder, state, backend)
        rows = state.epoch * TRAINING + min(state.step * BATCH, TRAINING)
        mark(f"checkpoint {rows}")

    keeper.save_state = save_state
    report.draw_curves = lambda *shown: Sketch(*shown)
    for name in ("draw_regions", "draw_calibration", "draw_ranking"):
        setattr(report, name, lambda *shown: Sketch())
    report.class_map = lambda *arguments: None
    profile_report.os = SimpleNamespace(getpid=lambda: 1)       # equal traces in all processes
    f, x = gg.jit(lambda x: gg.sum(gg.exp(x)), engine="numpy"), np.ones(3)
    with gg.profile() as profile:
        PLANS.append(f.plan(x))
        f(x)
    PROFILES.append(profile)
    warm("eager")


def warm(engine: str) -> None:
    """A run on that engine: what is imported and compiled once, is."""
    with tempfile.TemporaryDirectory() as folder:
        begin(f"{folder}/run", make_data(f"{folder}/data.npz"), engine)


def make_data(path: str) -> str:
    """A data set of few rows."""
    x, y = np.random.default_rng(0).normal(size=(ROWS, 2)), np.arange(ROWS) % 2
    np.savez(path, x=x + y[:, None], y=y)
    return path


def begin(
    folder: str, dataset: str, engine: str = "eager", every: float = 0.0
) -> tuple[int, bool]:
    """`gpugrad train`: the rows that it began at, and whether it was finished.

    There are at least `every` seconds between two checkpoints.
    """
    seen = Begun()
    config = Config(
        dataset, hidden=(2,), epochs=EPOCHS, batch_size=BATCH, backend="numpy", engine=engine,
        threads=1, keep="best",
    )  # fmt: skip
    outcome = train.start(config, Path(folder), seen, checkpoint_seconds=every)
    mark("finished")
    return seen.rows, outcome.finished


def resume(folder: str, every: float = 0.0) -> tuple[int, bool]:
    """`gpugrad train --resume`."""
    seen = Begun()
    outcome = train.resume(Path(folder), {}, seen, checkpoint_seconds=every)
    mark("finished")
    return seen.rows, outcome.finished


def save_plan(path: str) -> None:
    """`gg.jit(f).plan(...).save`."""
    PLANS[0].save(path)
    mark("saved")


def save_profile(path: str) -> None:
    """The trace of a profile."""
    PROFILES[0].save(path)
    mark("saved")


def predict(run: str, dataset: str, out: str) -> None:
    """`gpugrad predict --out`."""
    cli_predict(Path(run), dataset, Path(out), backend="numpy")
    mark("saved")


def load_plan(path: str) -> str:
    """`Plan.load`, as a listing."""
    return str(Plan.load(path))


def classify(run: str, dataset: str) -> list[float]:
    """The probabilities that the model of a run gives for the rows of a file."""
    x = data.read_files(dataset, from_file=False).x
    model = train.TrainedModel.load(Path(run), "numpy")
    shares: list[float] = model.predict_proba(x).ravel().tolist()
    return shares


def command(*arguments: str) -> tuple[int, str]:
    """A command line: its exit code, and what it wrote to the standard error."""
    with redirect_stderr(StringIO()) as errors:
        code = app.run(list(arguments))
    return code, errors.getvalue()


def write(path: str, content: bytes) -> None:
    """What all writers of whole files rest on."""
    atomic.write_atomically(Path(path), content)
    mark("saved")


# Care that is left out, each to show that a test notices.


def _sync_only(wanted: Callable[[int], bool]) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if wanted(os.fstat(descriptor).st_mode):
            real(descriptor)

    os.fsync = fsync


def _remove_nothing() -> None:
    os.unlink = lambda *arguments, **options: None


def _write_in_place() -> None:
    def write_atomically(path: Path, content: bytes, *others: Any) -> None:
        path.write_bytes(content)

    _everywhere("write_atomically", write_atomically)


def _swallow_errors() -> None:
    real = atomic.write_atomically

    def write_atomically(*arguments: Any) -> None:
        with suppress(OSError):
            real(*arguments)

    _everywhere("write_atomically", write_atomically)


def _everywhere(name: str, function: Any) -> None:
    real = getattr(atomic, name)
    for named, module in list(sys.modules.items()):
        if named.startswith("gpugrad.") and vars(module).get(name) is real:
            setattr(module, name, function)


def _cut_nothing() -> None:
    Journal.cut = lambda journal, epoch: None


CARE: dict[str, Callable[[], None]] = {
    "syncing files": lambda: _sync_only(stat.S_ISDIR),
    "syncing folders": lambda: _sync_only(stat.S_ISREG),
    "removing": _remove_nothing,
    "renaming": _write_in_place,
    "telling": _swallow_errors,
    "cutting": _cut_nothing,
}
