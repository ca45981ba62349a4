"""Training in a run folder, from where it stands to its end: with checkpoints, scores and plots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gpugrad.backends import Namespace
from gpugrad.errors import BackendUnavailable
from gpugrad.hints import command
from gpugrad.parallel import world
from gpugrad.sweep.planned import use_planned_sweeps
from gpugrad.train.changes import read_changes
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.interrupt import stop_on_signal
from gpugrad.train.judging import judge
from gpugrad.train.keeper import FolderKeeper, Keeper
from gpugrad.train.loop import Observer, Trainer
from gpugrad.train.objective import Objective
from gpugrad.train.outcome import Outcome
from gpugrad.train.pace import Pace
from gpugrad.train.run_data import RunData
from gpugrad.train.run_state import State
from gpugrad.train.scoring import score
from gpugrad.train.step import Step
from gpugrad.train.threads import product_threads


@dataclass(frozen=True)
class Begun:
    """Training that can go on: its settings, its data, where it stands, and what makes a step."""

    config: Settled
    run_data: RunData
    objective: Objective
    state: State
    step: Step
    backend: Namespace


@dataclass(frozen=True)
class Way:
    """What changes nothing in the result: the time between checkpoints, and whether to draw."""

    checkpoint_seconds: float
    pictures: bool


def train_in_folder(begun: Begun, folder: RunFolder, observer: Observer, way: Way) -> Outcome:
    """Trains until the end or a signal; the observer is told how it ended, whatever happens."""
    outcome = None
    try:
        outcome = _train(begun, folder, observer, way)
    finally:
        observer.end(outcome)
    return outcome


def _train(begun: Begun, folder: RunFolder, observer: Observer, way: Way) -> Outcome:
    config, run_data, state, backend = begun.config, begun.run_data, begun.state, begun.backend
    rows = len(run_data.train)
    done = min(state.step * config.rows_per_step, rows)
    observer.begin(config, folder, state.epoch * rows + done, config.epochs * rows)
    keeper = Keeper()
    if world().rank == 0:                           # the first one writes for all
        pace = Pace(way.checkpoint_seconds)
        keeper = FolderKeeper(folder, config, run_data.fitted, backend, pace)
    trainer = Trainer(
        config, run_data, begun.objective, begun.step, backend, observer, keeper, world()
    )
    # Overflow on the way to a divergence is reported by name, not by NumPy's warnings.
    with backend.quiet():
        trainer.compile_step(state)
    # Now, because an engine may bring a BLAS of its own.
    with product_threads(config.threads):
        with stop_on_signal() as stop, backend.quiet(), use_planned_sweeps(False):
            state, finished = trainer.run(state, stop)
        if not finished:
            return Outcome(folder, finished=False, epochs=state.epoch, signal=stop.signal)
        return _finish(trainer, state, folder, way.pictures)


def _finish(trainer: Trainer, state: State, folder: RunFolder, pictures: bool) -> Outcome:
    """Scores the weights kept on each part, and writes the summary, and the pictures if asked."""
    config, run_data, backend = trainer.config, trainer.data, trainer.backend
    network, epoch = state.kept(config.keep)
    parts = run_data.parts()
    losses = {
        name: score(network, part, backend, trainer.objective, world()).loss
        for name, part in parts.items()
    }
    if world().rank:
        return Outcome(folder, True, state.epoch, epoch)
    names = run_data.target.names
    judged = {name: judge(network, run_data, name, config.kind, backend) for name in parts}
    scores = {name: each.scores(config.kind, names, losses[name]) for name, each in judged.items()}
    shown = judged.get("test") or judged.get("validation") or judged["train"]
    summary: dict[str, object] = {
        "epochs": state.epoch,
        "stopped_early": state.epoch < config.epochs,
        "kept_epoch": epoch,
        "best_epoch": state.best and state.best.epoch,
        "scores": {name: each.to_json() for name, each in scores.items()},
    }
    changes = read_changes(folder)
    if changes:
        summary["changes"] = [change.to_json() for change in changes]
    if state.scaling is not None:
        summary["skipped_steps"] = trainer.skipped(state)
    table = shown.confusion(config.kind, len(run_data.target.names))
    if table is not None:
        summary[f"{shown.part}_confusion"] = table.tolist()
    folder.write_summary(summary)
    if pictures:
        write_report = _report_writer(folder)
        write_report(folder, config, run_data, network, epoch, shown, scores[shown.part], backend)
    return Outcome(folder, True, state.epoch, epoch, scores)


def _report_writer(folder: RunFolder) -> Callable[..., None]:
    """What draws the pictures: it is imported when there are some, which takes a second."""
    try:
        from gpugrad.train.report import write_report
    except Exception as error:                      # of matplotlib, or of what is set up for it
        raise BackendUnavailable(
            f"{folder.path}: the run is complete, but its plots cannot be drawn, for matplotlib "
            f"cannot be loaded ({type(error).__name__}: {error}); when it can, draw them with: "
            f"{command('train', '--resume', folder.path)}"
        ) from error
    return write_report
