"""One run from beginning to end: begun in a new folder, or continued from its last checkpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gpugrad import data
from gpugrad.atomic import sweep
from gpugrad.backends import Namespace, choose
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.hints import command
from gpugrad.parallel import world
from gpugrad.sweep.planned import use_planned_sweeps
from gpugrad.train.amending import amended, change_of, said
from gpugrad.train.changes import read_changes, write_changes
from gpugrad.train.config import OWN, Config, Settled, in_force
from gpugrad.train.description import Description
from gpugrad.train.folder import MODEL, RunFolder
from gpugrad.train.interrupt import stop_on_signal
from gpugrad.train.judging import judge
from gpugrad.train.keeper import FolderKeeper, Keeper
from gpugrad.train.learning import Learning
from gpugrad.train.loading import fingerprint, load
from gpugrad.train.lock import locked
from gpugrad.train.loop import Observer, Trainer, steps_per_epoch
from gpugrad.train.loss_scaling import first_scaling
from gpugrad.train.model import make_model, products_of, start_state
from gpugrad.train.objective import Objective
from gpugrad.train.outcome import Outcome
from gpugrad.train.pace import Pace
from gpugrad.train.recover import restore_state, restored_state
from gpugrad.train.row_numbers import write_rows
from gpugrad.train.run_data import RunData, make_run_data
from gpugrad.train.run_optimizer import make_optimizer
from gpugrad.train.run_state import Length, State, fresh_state
from gpugrad.train.scoring import score
from gpugrad.train.settle import settle, settle_by_rows, settle_model
from gpugrad.train.step import Step, choose_engine, make_step
from gpugrad.train.threads import fitting_threads, product_threads

CHECKPOINT_SECONDS = 2.0
RUNS = Path("runs")


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


def start(
    config: Config,
    out: str | os.PathLike[str] | None,
    observer: Observer,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    from_file: bool | None = None,
    pictures: bool = True,
) -> Outcome:
    """Train in the folder `out`, which is created, or must be empty if it exists.

    In the main thread, SIGINT, SIGTERM and SIGHUP stop it after the step in progress, with a
    checkpoint, unless they are ignored or somebody else has a handler for them.

    Args:
        config: The settings of the run.
        out: The folder. `None` means the next free one below `runs`, named after the data.
        observer: What is told how training goes.
        checkpoint_seconds: The time between checkpoints, at least.
        from_file: Whether features stay in their file, as in `gpugrad.data.load`; the results are
            the same.
        pictures: Whether the plots of the report are drawn at the end.

    Returns:
        How the run ended.

    Raises:
        DataError: For data that cannot be used.
        BackendUnavailable: If the backend cannot be used on this machine.
        CheckpointError: For a folder that cannot be used, as where another process has it.
        Divergence: If the loss is no longer finite.
    """
    backend = use_backend_of_rank(in_force(config.backend))
    if world().rank:                                # the first one tells
        observer = Observer()
    _check_model(config)
    dataset = load(config, from_file)
    config = settle(config, dataset, observer.tell)
    run_data = make_run_data(config, dataset, backend)
    settled = settle_rest(config, run_data, backend)
    if data.is_path(config.dataset):
        # the run can then be continued from another working directory
        settled = replace(settled, dataset=os.path.realpath(config.dataset))
        if config.dataset.endswith(".npy"):
            settled = replace(settled, target=tuple(map(os.path.realpath, config.target)))
    objective = Objective.make(settled, run_data.target)
    # Before the folder: what is too large for the memory, or not there, leaves nothing behind.
    fresh, step = begin(settled, run_data, objective, backend)
    begun = Begun(settled, run_data, objective, fresh, step, backend)
    way = Way(checkpoint_seconds, pictures)
    if world().rank:                                # the first one makes the folder
        folder = RunFolder(world().share(None))
        return _observed(begun, folder, observer, way)
    if out is None:
        folder = RunFolder.make_next(RUNS, Path(settled.dataset).stem)
    else:
        folder = RunFolder.make(out)
    with locked(folder.path):
        sweep(folder.path)
        folder.check_empty()
        described = Description.of(settled, run_data)
        described.write(folder, str(backend.device))
        write_rows(folder, run_data.x, run_data.rows)
        world().share(folder.path)
        return _observed(begun, folder, observer, way)


def resume(
    path: str | os.PathLike[str],
    given: Mapping[str, object],
    observer: Observer,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    previous: bool = False,
    from_file: bool | None = None,
    pictures: bool = True,
) -> Outcome:
    """Continue the run in the folder `path`, to the same result as without interruption.

    Args:
        path: The folder of the run.
        given: Settings that were asked for anew, by their names. `epochs`, `early_stopping` and
            `keep` may differ from the run's, which then goes on with them, even if it was complete;
            its folder keeps this on record. All others have to be the same.
        observer: What is told how training goes.
        checkpoint_seconds: The time between checkpoints, at least.
        previous: Whether to go back to the checkpoint before the last one, for where that is
            damaged; the result is the same.
        from_file: Whether features stay in their file.
        pictures: Whether the plots of the report are drawn at the end, also of a run that was
            complete.

    Returns:
        How the run ended.

    Raises:
        InvalidArgument: If other settings that are given differ from the run's, or there would be
            nothing left to do.
        CheckpointError: For a folder or a checkpoint that cannot be used.
    """
    folder = RunFolder.open(path)
    if world().rank:
        observer = Observer()
    with nullcontext() if world().rank else locked(folder.path):
        described = Description.read(folder)
        if folder.kind == MODEL:
            raise InvalidArgument(
                f"{folder.path}: it holds a model that TrainedModel.save wrote, without a "
                "checkpoint, so no training can be continued there; it can be used, as by "
                f"{command('predict', folder.path, 'DATA')}, or start a new run"
            )
        before = described.config
        config = amended(folder, before, given)
        backend = use_backend_of_rank(config.backend)
        _check_model(config)
        dataset = load(config, from_file)
        if fingerprint(dataset) != described.fingerprint:
            raise CheckpointError(
                f"{folder.path}: the data in {config.dataset} are not those that this run began "
                "with, so it cannot be continued; put them back, or start a new run"
            )
        run_data = make_run_data(config, dataset, backend)
        objective = Objective.make(config, run_data.target)
        fresh, step = begin(config, run_data, objective, backend)
        steps = steps_per_epoch(config, len(run_data.train))
        length = Length(before.epochs, steps, config.kind.metric)
        state = fresh
        if world().rank == 0:
            state = restore_state(folder, fresh, length, backend, observer.tell, previous)
            sweep(folder.path)                      # not before: it shows that one was killed
            if not folder.rows.exists():
                write_rows(folder, run_data.x, run_data.rows)
        world().barrier()                           # the others read what the first one has found
        if world().rank:
            state = restored_state(folder, fresh, length, backend)
        change = change_of(before, config, state)
        world().barrier()                           # before anything is written
        if change is not None:
            described = replace(described, changes=(*described.changes, change))
            observer.tell(said(change, config, steps))
            if world().rank == 0:
                write_changes(folder, described.changes)
        begun = Begun(config, run_data, objective, state, step, backend)
        return _observed(begun, folder, observer, Way(checkpoint_seconds, pictures))


def _check_model(config: Config) -> None:
    if config.model == OWN:
        raise InvalidArgument(
            f"model is '{OWN}', but only gpugrad.train.fit takes a model of your own, as "
            "fit(x, y, model=model); choose mlp or convnet"
        )


def use_backend_of_rank(name: str | None) -> Namespace:
    """The array library of that name, with which each rank computes on a GPU of its own."""
    backend = choose(name)
    if backend.name == "cupy":
        world().use_gpu()
    return backend


def begin(
    config: Settled, run_data: RunData, objective: Objective, backend: Namespace
) -> tuple[State, Step]:
    """The state before the first step, and the step."""
    outputs = config.kind.outputs(run_data.target)
    model = make_model(config, run_data.inputs, outputs, backend)
    return begin_with(model, config, run_data, objective, backend)


def begin_with(
    model: Any, config: Settled, run_data: RunData, objective: Objective, backend: Namespace
) -> tuple[State, Step]:
    """The same with that model, which the step writes over."""
    optimizer = make_optimizer(config, steps_per_epoch(config, len(run_data.train)))
    kept, scaling = start_state(model, backend), first_scaling(config, backend)
    state = fresh_state(model, optimizer, objective.zeros(backend), scaling, kept)
    return state, make_step(optimizer, config.engine, Learning.make(config, objective), world())


def settle_rest(config: Config, run_data: RunData, backend: Namespace) -> Settled:
    """`config` with what suits the number of training rows, and what runs it."""
    config = settle_model(settle_by_rows(config, len(run_data.train)), run_data.inputs)
    engine = choose_engine(config.engine, backend)
    outputs = config.kind.outputs(run_data.target)
    products = products_of(config, run_data.inputs, outputs)
    threads = config.threads or fitting_threads(products, config.batch_size or 1)
    chosen = {"backend": backend.name, "engine": engine, "threads": threads}
    return Settled(**{**vars(config), **chosen})


def _observed(begun: Begun, folder: RunFolder, observer: Observer, way: Way) -> Outcome:
    """What `_train` returns; the observer is told of the end, whatever it is."""
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
        from gpugrad.train.report import write_report  # its import takes a second

        write_report(folder, config, run_data, network, epoch, shown, scores[shown.part], backend)
    return Outcome(folder, True, state.epoch, epoch, scores)
