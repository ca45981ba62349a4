"""Where a run stands: everything that its future depends on, and how that is saved and restored."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gpugrad import optim, tree
from gpugrad.atomic import naming, sync_folder
from gpugrad.backends import Namespace
from gpugrad.errors import CheckpointError
from gpugrad.train.fields import Fields
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.metrics import MEASURED, Record, Score, from_array, to_array
from gpugrad.train.tensors import (
    Tensors,
    check_empty,
    from_tensors,
    read_tensors,
    take,
    to_tensors,
    write_tensors,
)

Tree = Any


@dataclass(frozen=True)
class Best:
    """The parameters with the lowest validation loss so far, and the epoch that ended with them."""

    params: Tree
    epoch: int
    score: Score


@dataclass(frozen=True)
class State:
    """Where a run stands between two steps.

    The random state is the seed in the settings together with `epoch`: the order of an epoch's rows
    is a function of both. `loss_sum` and `hits` are sums over the rows of the epoch in progress, as
    float64 on the device.
    """

    params: Tree
    optimizer: Any
    epoch: int = 0  # epochs that are over
    step: int = 0  # steps done in the epoch in progress
    loss_sum: Any = 0.0
    hits: Any = 0.0
    best: Best | None = None
    records: tuple[Record, ...] = ()  # of the epochs that are over

    def kept(self, keep: str) -> tuple[Tree, int]:
        """The parameters that are the result so far, and their epoch; 0: untrained."""
        if keep == "best" and self.best is not None:
            return self.best.params, self.best.epoch
        return self.params, self.epoch


@dataclass(frozen=True)
class Length:
    """How long a run is: its epochs, and the steps of each."""

    epochs: int
    steps: int


def is_finite(state: State, backend: Namespace) -> bool:
    """Whether the parameters and the sums are numbers that training can go on from."""
    arrays = [backend.to_numpy(leaf) for leaf in tree.leaves(state.params)]
    return all(np.isfinite(array).all() for array in [*arrays, np.asarray(float(state.loss_sum))])


def save_state(folder: RunFolder, state: State, backend: Namespace) -> None:
    """Writes the checkpoint, after putting metrics and times on the disk; keeps the one before."""
    tensors = to_tensors("params", state.params, backend)
    tensors |= to_tensors("optimizer", state.optimizer, backend)
    best = state.best
    if best is not None:
        tensors |= to_tensors("best", best.params, backend)
    tensors["records"] = to_array(state.records)
    folder.metrics.sync()
    folder.timing.sync()
    notes = {
        "format": FORMAT,
        "run": folder.run,
        "epoch": state.epoch,
        "step": state.step,
        "loss_sum": float(state.loss_sum),
        "hits": float(state.hits),
        "best": best and {"epoch": best.epoch, **asdict(best.score)},
    }
    write_tensors(folder.checkpoint, tensors, notes, folder.previous)


def restore_state(
    folder: RunFolder, fresh: State, length: Length, backend: Namespace, previous: bool = False
) -> State:
    """The state at the last checkpoint, with the metrics cut back to that moment.

    `fresh` is the state that the run began with: it is returned where there is no checkpoint yet,
    and says which arrays there must be. With `previous`, the checkpoint before the last one takes
    its place; otherwise a last one that cannot be used is an error that says whether that would
    help.
    """
    last, earlier = folder.checkpoint, folder.previous
    if not (previous or _is_there(last) or _is_there(earlier)):
        state = fresh
    # Whoever is killed between the renames of a new checkpoint leaves the one before alone.
    elif previous or not _is_there(last):
        state = _read(folder, earlier, fresh, length, backend)
    else:
        try:
            state = _read(folder, last, fresh, length, backend)
        except CheckpointError as error:
            raise CheckpointError(f"{error}. {_offer(folder, fresh, length, backend)}") from error
    metrics = folder.metrics
    if state.records and not metrics.path.exists():
        metrics.write(map(asdict, state.records))
    if folder.records(state.epoch) != list(state.records):
        raise CheckpointError(
            f"{metrics.path}: its lines up to epoch {state.epoch} are not those of this run; put "
            f"back a copy of the file, or remove it: {metrics.unless}"
        )
    folder.timing.lines(state.epoch)
    if previous:
        with naming(last):
            os.replace(earlier, last)
            sync_folder(folder.path)
    metrics.cut(state.epoch)
    folder.timing.cut(state.epoch)
    return state


def _is_there(path: Path) -> bool:
    """Whether there is a file, or a link to nowhere; one that cannot be looked at is an error."""
    with naming(path):
        try:
            os.lstat(path)
        except FileNotFoundError:
            return False
    return True


def _offer(folder: RunFolder, fresh: State, length: Length, backend: Namespace) -> str:
    """What can be done where the last checkpoint cannot be used."""
    try:
        state = _read(folder, folder.previous, fresh, length, backend)
    except CheckpointError:
        return f"The checkpoint before it, {folder.previous}, is no help either: start a new run"
    return (
        f"The last good checkpoint is {folder.previous}, {state.step} steps after epoch "
        f"{state.epoch}; go on from there with: gpugrad train --resume {folder.path} --previous"
    )


def _read(
    folder: RunFolder, path: Path, fresh: State, length: Length, backend: Namespace
) -> State:
    """The state in the checkpoint at `path`; `CheckpointError` if the run cannot go on from it."""
    tensors, notes = read_tensors(path)
    if notes.text("run") != folder.run:
        raise CheckpointError(f"{path}: it is of another run than {folder.config} describes")
    best, found = None, notes.value("best")
    if found is not None:
        best = _read_best(Fields(path, found, "notes.best"), fresh, length, tensors, backend)
    epoch = notes.whole("epoch", high=length.epochs)
    measured = take(tensors, "records", (epoch, len(MEASURED)), "float64", path)
    if not np.isfinite(measured).all():
        raise CheckpointError(f"{path}: the array records holds numbers that are not finite")
    state = State(
        params=from_tensors("params", fresh.params, tensors, backend, path),
        optimizer=from_tensors("optimizer", fresh.optimizer, tensors, backend, path),
        epoch=epoch,
        step=notes.whole("step", high=length.steps),
        loss_sum=notes.number("loss_sum"),
        hits=notes.number("hits"),
        best=best,
        records=from_array(measured, length.steps),
    )
    check_empty(tensors, path)
    notes.end()
    return state


def _read_best(
    found: Fields, fresh: State, length: Length, tensors: Tensors, backend: Namespace
) -> Best:
    params = from_tensors("best", fresh.params, tensors, backend, found.path)
    best = Best(
        params,
        epoch=found.whole("epoch", low=1, high=length.epochs),
        score=Score(
            found.number("loss"), found.number("accuracy", high=1.0), found.whole("rows", low=1)
        ),
    )
    found.end()
    return best


def fresh_state(params: Tree, optimizer: optim.Optimizer) -> State:
    """The state before the first step."""
    return State(params, optimizer.init(params))
