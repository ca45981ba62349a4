"""Where a run stands: everything that its future depends on, and how that is saved and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import gpugrad.optim as optim
import gpugrad.tree as tree
from gpugrad.backends import Namespace, namespace_of
from gpugrad.errors import CheckpointError
from gpugrad.train.fields import Fields
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.loss_scaling import Scaling
from gpugrad.train.metrics import MEASURED, Record, Score, from_array, to_array
from gpugrad.train.network import Network
from gpugrad.train.run_optimizer import averaged
from gpugrad.train.step import Carried
from gpugrad.train.tasks.task import Model, Sums
from gpugrad.train.tensors import (
    Tensors,
    check_empty,
    from_tensors,
    read_tensors,
    take,
    to_tensors,
    write_tensors,
)


class ChangesMissing(CheckpointError):
    """The settings are not those with which a checkpoint was written; that itself may be good."""


@dataclass(frozen=True)
class Best:
    """The parameters with the lowest validation loss so far, and the epoch that ended with them."""

    params: Model
    epoch: int
    score: Score
    model_state: Any = None


@dataclass(frozen=True)
class State:
    """Where a run stands between two steps.

    The random state is the seed in the settings together with `epoch`: the order of an epoch's rows
    and the key of each are functions of both. `sums` are those of an `Objective`, over the epoch in
    progress. `model_state` is what layers keep beside their weights, such as running averages. What
    follows from the losses so far, such as whether to stop early, follows from `records`.
    """

    params: Model
    optimizer: object
    sums: Sums
    epoch: int = 0  # epochs that are over
    step: int = 0  # steps done in the epoch in progress
    best: Best | None = None
    records: tuple[Record, ...] = ()  # of the epochs that are over
    scaling: Scaling | None = None
    model_state: Any = None

    @property
    def carried(self) -> Carried:
        """What a step is given of it."""
        return Carried(self.params, self.optimizer, self.sums, self.scaling, self.model_state)

    def after(self, carried: Carried, step: int) -> State:
        """The state when so many steps of the epoch are done, and a step has given that."""
        return replace(self, **carried._asdict(), step=step)

    @property
    def weights(self) -> Any:
        """The parameters to measure and to keep, which are averages where these are made."""
        return averaged(self.params, self.optimizer)

    @property
    def network(self) -> Network:
        """What predicts with these."""
        return Network(self.weights, self.model_state)

    def place(self) -> str:
        """Where the run stands, in words."""
        if self.step:
            return f"after step {self.step} of epoch {self.epoch + 1}"
        return f"at the end of epoch {self.epoch}" if self.epoch else "before the first step"

    def kept(self, keep: str) -> tuple[Network, int]:
        """The network that is the result so far, and its epoch; 0: untrained."""
        if keep == "best" and self.best is not None:
            return Network(self.best.params, self.best.model_state), self.best.epoch
        return self.network, self.epoch


@dataclass(frozen=True)
class Length:
    """How long a run is: its epochs, the steps of each, and the metric after each."""

    epochs: int
    steps: int
    metric: str


def is_finite(state: State, backend: Namespace) -> bool:
    """Whether parameters, sums and the model's state are numbers that training can go on from."""
    kept = (state.params, state.weights, state.sums, state.model_state)
    arrays = (backend.to_numpy(leaf) for leaf in tree.leaves(kept))
    return all(np.isfinite(array).all() for array in arrays)


def save_state(folder: RunFolder, state: State, backend: Namespace) -> None:
    """Writes the checkpoint, after putting metrics and times on the disk; keeps the one before."""
    tensors = to_tensors("params", state.params, backend)
    tensors |= to_tensors("optimizer", state.optimizer, backend)
    tensors |= to_tensors("sums", state.sums, backend)
    tensors |= to_tensors("scaling", state.scaling, backend)
    tensors |= to_tensors("model_state", state.model_state, backend)
    best = state.best
    if best is not None:
        tensors |= to_tensors("best", best.params, backend)
        tensors |= to_tensors("best_state", best.model_state, backend)
    tensors["records"] = to_array(state.records)
    folder.metrics.sync()
    folder.timing.sync()
    notes = {
        "format": FORMAT,
        "run": folder.run,
        "changes": folder.changed,
        "epoch": state.epoch,
        "step": state.step,
        "best": best and {"epoch": best.epoch, **asdict(best.score)},
    }
    write_tensors(folder.checkpoint, tensors, notes, folder.previous)


def read_state(
    folder: RunFolder, path: Path, fresh: State, length: Length, backend: Namespace
) -> State:
    """The state in the checkpoint at `path`; `CheckpointError` if the run cannot go on from it."""
    tensors, notes = read_tensors(path)
    folder.check_run(notes)
    if notes.whole("changes") > folder.changed:
        raise ChangesMissing(
            f"{folder.changes}: it does not list all changes of the settings that were made before "
            f"{path} was written; put back a copy of the file, or start a new run"
        )
    best, found = None, notes.value("best")
    if found is not None:
        best = _read_best(Fields(path, found, "notes.best"), fresh, length, tensors, backend)
    epoch = notes.whole("epoch", high=length.epochs)
    measured = take(tensors, "records", (epoch, len(MEASURED)), "float64", path)
    finite = np.isfinite(measured)
    # The last two columns are NaN where there are no validation rows.
    if not (finite.all() or (finite[:, :3].all() and np.isnan(measured[:, 3:]).all())):
        raise CheckpointError(f"{path}: the array records holds numbers that are not finite")
    sums = from_tensors("sums", fresh.sums, tensors, backend, path)
    if not all(np.isfinite(backend.to_numpy(each)).all() for each in sums):
        raise CheckpointError(f"{path}: the sums hold numbers that are not finite")
    state = State(
        params=from_tensors("params", fresh.params, tensors, backend, path),
        optimizer=from_tensors("optimizer", fresh.optimizer, tensors, backend, path),
        sums=sums,
        epoch=epoch,
        step=notes.whole("step", high=length.steps),
        best=best,
        records=from_array(measured, length.steps, length.metric),
        scaling=from_tensors("scaling", fresh.scaling, tensors, backend, path),
        model_state=from_tensors("model_state", fresh.model_state, tensors, backend, path),
    )
    if state.scaling is not None:
        state.scaling.check(backend, path)
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
            found.number("loss"),
            found.number("metric", float("-inf"), high=1.0),
            found.whole("rows", low=1),
        ),
        model_state=from_tensors("best_state", fresh.model_state, tensors, backend, found.path),
    )
    found.end()
    return best


def fresh_state(
    params: Model,
    optimizer: optim.Optimizer,
    sums: Sums,
    scaling: Scaling | None = None,
    model_state: Any = None,
) -> State:
    """The state before the first step."""
    memory = optimizer.init(params)
    if scaling is not None:
        # A count that a step may not take on is an array after it, and so it is one before: else
        # the second step would have another plan than the first one.
        memory = tree.map(_as_array(sums[0]), memory)
    return State(params, memory, sums, scaling=scaling, model_state=model_state)


def _as_array(like: Any) -> Callable[[Any], Any]:
    """From a number of Python to an array without axes where `like` is; arrays stay."""
    xp = namespace_of(like)
    return lambda x: xp.asarray(np.asarray(x, np.int64)) if isinstance(x, int) else x
