"""One run from beginning to end: begun in a new folder, or continued from its last checkpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from gpugrad import data
from gpugrad.atomic import sweep
from gpugrad.backends import Namespace, choose
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.parallel import world
from gpugrad.sweep.planned import use_planned_sweeps
from gpugrad.train import description
from gpugrad.train.config import Config, in_force
from gpugrad.train.description import Description
from gpugrad.train.folder import RunFolder
from gpugrad.train.interrupt import stop_on_signal
from gpugrad.train.loading import fingerprint, load
from gpugrad.train.lock import locked
from gpugrad.train.loop import Observer, Trainer, steps_per_epoch
from gpugrad.train.metrics import confusion
from gpugrad.train.model import make_model
from gpugrad.train.outcome import Outcome
from gpugrad.train.pace import Pace
from gpugrad.train.recover import restore_state, restored_state
from gpugrad.train.report import write_report
from gpugrad.train.run_state import Length, State, fresh_state
from gpugrad.train.scoring import EVALUATION_BATCH, probabilities, score
from gpugrad.train.step import Step, choose_engine, make_step
from gpugrad.train.task import Task, make_task
from gpugrad.train.threads import fitting_threads, product_threads

CHECKPOINT_SECONDS = 2.0
RUNS = Path("runs")


def start(
    config: Config,
    out: str | os.PathLike[str] | None,
    observer: Observer,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    from_file: bool | None = None,
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

    Returns:
        How the run ended.

    Raises:
        DataError: For data that cannot be used.
        BackendUnavailable: If the backend cannot be used on this machine.
        CheckpointError: For a folder that cannot be used, as where another process has it.
        Divergence: If the loss is no longer finite.
    """
    backend = _backend(in_force(config.backend))
    dataset = load(config.dataset, config.seed, from_file)
    if data.is_path(config.dataset):
        # the run can then be continued from another working directory
        config = replace(config, dataset=os.path.realpath(config.dataset))
    engine = choose_engine(config.engine, backend)
    task = make_task(config, dataset, backend)
    threads = config.threads or fitting_threads(task.sizes(config.hidden), config.batch_size)
    config = replace(config, backend=backend.name, engine=engine, threads=threads)
    # Before the folder: what is too large for the memory, or not there, leaves nothing behind.
    fresh, step = _begin(config, task, backend)
    if world().rank:                                # the first one makes the folder
        folder = RunFolder(world().share(None))
        return _observed(config, task, fresh, step, backend, folder, Observer(), checkpoint_seconds)
    if out is None:
        folder = RunFolder.make_next(RUNS, Path(config.dataset).stem)
    else:
        folder = RunFolder.make(out)
    with locked(folder.path):
        sweep(folder.path)
        folder.check_empty()
        description.write(folder, config, task, backend)
        world().share(folder.path)
        return _observed(config, task, fresh, step, backend, folder, observer, checkpoint_seconds)


def resume(
    path: str | os.PathLike[str],
    given: Mapping[str, object],
    observer: Observer,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    previous: bool = False,
    from_file: bool | None = None,
) -> Outcome:
    """Continue the run in the folder `path`, to the same result as without interruption.

    Args:
        path: The folder of the run.
        given: Settings that were asked for anew, by their names.
        observer: What is told how training goes.
        checkpoint_seconds: The time between checkpoints, at least.
        previous: Whether to go back to the checkpoint before the last one, for where that is
            damaged; the result is the same.
        from_file: Whether features stay in their file.

    Returns:
        How the run ended.

    Raises:
        InvalidArgument: If settings that are given differ from the run's.
        CheckpointError: For a folder or a checkpoint that cannot be used.
    """
    folder = RunFolder.open(path)
    if world().rank:
        observer = Observer()
    with nullcontext() if world().rank else locked(folder.path):
        described = Description.read(folder)
        config = described.config
        _check_same(folder, config, given)
        backend = _backend(config.backend)
        dataset = load(config.dataset, config.seed, from_file)
        if fingerprint(dataset) != described.fingerprint:
            raise CheckpointError(
                f"{folder.path}: the data in {config.dataset} are not those that this run began "
                "with, so it cannot be continued; put them back, or start a new run"
            )
        task = make_task(config, dataset, backend)
        fresh, step = _begin(config, task, backend)
        length = Length(config.epochs, steps_per_epoch(config, len(task.train)))
        state = fresh
        if world().rank == 0:
            state = restore_state(folder, fresh, length, backend, observer.tell, previous)
            sweep(folder.path)                      # not before: it shows that one was killed
        world().barrier()                           # the others read what the first one has found
        if world().rank:
            state = restored_state(folder, fresh, length, backend)
        world().barrier()                           # before anything is written
        return _observed(config, task, state, step, backend, folder, observer, checkpoint_seconds)


def _check_same(folder: RunFolder, config: Config, given: Mapping[str, object]) -> None:
    stored = config.to_json()
    different = []
    for name, value in given.items():
        if name not in stored:
            raise InvalidArgument(
                f"a run has no setting {name!r}; wanted are some of {', '.join(stored)}"
            )
        kept, value = stored[name], os.fspath(value) if isinstance(value, os.PathLike) else value
        same = list(value) == kept if isinstance(value, tuple) else value == kept
        if name == "dataset" and data.is_path(str(value)):
            same = os.path.realpath(str(value)) == kept
        if name in ("backend", "engine") and value == "auto":
            same = True
        if not same:
            different.append(f"{name} is {kept} there, but {value} was asked for")
    if different:
        raise InvalidArgument(
            f"{folder.path}: a run is continued with the settings that it began with; "
            f"{'; '.join(different)}. Leave these options out, or start a new run"
        )


def _backend(name: str | None) -> Namespace:
    """The array library of that name, with which each rank computes on a GPU of its own."""
    backend = choose(name)
    if backend.name == "cupy":
        world().use_gpu()
    return backend


def _begin(config: Config, task: Task, backend: Namespace) -> tuple[State, Step]:
    """The state before the first step, and the step."""
    model = make_model(config, task.sizes(config.hidden), backend)
    optimizer = config.make_optimizer(steps_per_epoch(config, len(task.train)) * config.epochs)
    return fresh_state(model, optimizer), make_step(
        optimizer, config.engine, config.losses, world()
    )


def _observed(
    config: Config,
    task: Task,
    state: State,
    step: Step,
    backend: Namespace,
    folder: RunFolder,
    observer: Observer,
    checkpoint_seconds: float,
) -> Outcome:
    """What `_train` returns; the observer is told of the end, whatever it is."""
    outcome = None
    try:
        outcome = _train(config, task, state, step, backend, folder, observer, checkpoint_seconds)
    finally:
        observer.end(outcome)
    return outcome


def _train(
    config: Config,
    task: Task,
    state: State,
    step: Step,
    backend: Namespace,
    folder: RunFolder,
    observer: Observer,
    checkpoint_seconds: float,
) -> Outcome:
    rows = len(task.train)
    done = min(state.step * config.batch_size, rows)
    observer.begin(config, folder, state.epoch * rows + done, config.epochs * rows)
    trainer = Trainer(
        config, task, step, backend, folder, observer, Pace(checkpoint_seconds), world()
    )
    # Overflow on the way to a divergence is reported by name, not by NumPy's warnings.
    with backend.quiet():
        trainer.compile_step(state)
    # Now, because an engine may bring a BLAS of its own.
    with product_threads(config.threads or 1):
        with stop_on_signal() as stop, backend.quiet(), use_planned_sweeps(False):
            state, finished = trainer.run(state, stop)
        if not finished:
            return Outcome(folder, finished=False, epochs=state.epoch, signal=stop.signal)
        return _finish(config, task, backend, folder, state)


def _finish(
    config: Config, task: Task, backend: Namespace, folder: RunFolder, state: State
) -> Outcome:
    """Scores the weights kept on each part, and writes the summary and the pictures."""
    params, epoch = state.kept(config.keep)
    parts = {"train": task.train, "validation": task.validation, "test": task.test}
    scores = {
        name: score(params, part, backend, config.losses, world()) for name, part in parts.items()
    }
    if world().rank:
        return Outcome(folder, True, config.epochs, epoch)
    tested = (
        task.test.between(start, stop)[0]
        for start, stop in data.batch_bounds(len(task.test), EVALUATION_BATCH)
    )
    found = probabilities(params, tested, backend).argmax(axis=1)
    y = task.dataset.y[task.rows.test]
    table = confusion(y, found, len(task.dataset.classes))
    summary = {
        "epochs": config.epochs,
        "kept_epoch": epoch,
        "best_epoch": state.best and state.best.epoch,
        "scores": {name: asdict(each) for name, each in scores.items()},
        "test_confusion": table.tolist(),
    }
    folder.write_summary(summary)
    write_report(folder, task, params, epoch, scores["test"], table, backend)
    return Outcome(folder, True, config.epochs, epoch, scores)
