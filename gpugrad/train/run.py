"""One run from beginning to end: begun in a new folder, or continued from its last checkpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from gpugrad import data
from gpugrad.atomic import sweep
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.hints import command
from gpugrad.parallel import world
from gpugrad.train.amending import amended, change_of, said
from gpugrad.train.beginning import begin, settle_rest, use_backend_of_rank
from gpugrad.train.changes import write_changes
from gpugrad.train.config import OWN, Config, in_force
from gpugrad.train.description import Description
from gpugrad.train.folder import MODEL, RunFolder
from gpugrad.train.in_folder import Begun, Way, train_in_folder
from gpugrad.train.loading import fingerprint, load
from gpugrad.train.lock import locked
from gpugrad.train.loop import Observer, steps_per_epoch
from gpugrad.train.objective import Objective
from gpugrad.train.outcome import Outcome
from gpugrad.train.recover import restore_state, restored_state
from gpugrad.train.row_numbers import write_rows
from gpugrad.train.run_data import make_run_data
from gpugrad.train.run_state import Length
from gpugrad.train.settle import settle

CHECKPOINT_SECONDS = 2.0
RUNS = Path("runs")


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
        return train_in_folder(begun, folder, observer, way)
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
        return train_in_folder(begun, folder, observer, way)


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
        return train_in_folder(begun, folder, observer, Way(checkpoint_seconds, pictures))


def _check_model(config: Config) -> None:
    if config.model == OWN:
        raise InvalidArgument(
            f"model is '{OWN}', but only gpugrad.train.fit takes a model of your own, as "
            "fit(x, y, model=model); choose mlp or convnet"
        )
