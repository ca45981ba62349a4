"""Where a run stands: everything that its future depends on, and how that is saved and restored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gpugrad import optim, tree
from gpugrad.backends import Namespace
from gpugrad.errors import CheckpointError
from gpugrad.train.folder import FORMAT, RunFolder
from gpugrad.train.metrics import Score
from gpugrad.train.tensors import check_empty, from_tensors, read_tensors, to_tensors, write_tensors

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


    def kept(self, keep: str) -> tuple[Tree, int]:
        """The parameters that are the result so far, and their epoch; 0: untrained."""
        if keep == "best" and self.best is not None:
            return self.best.params, self.best.epoch
        return self.params, self.epoch


def is_finite(state: State, backend: Namespace) -> bool:
    """Whether the parameters and the sums are numbers that training can go on from."""
    arrays = [backend.to_numpy(leaf) for leaf in tree.leaves(state.params)]
    return all(np.isfinite(array).all() for array in [*arrays, np.asarray(float(state.loss_sum))])


def save_state(folder: RunFolder, state: State, backend: Namespace) -> None:
    """Writes the checkpoint, after putting on the disk the metrics that it counts on."""
    tensors = to_tensors("params", state.params, backend)
    tensors |= to_tensors("optimizer", state.optimizer, backend)
    best = state.best
    if best is not None:
        tensors |= to_tensors("best", best.params, backend)
    notes = {
        "format": FORMAT,
        "epoch": state.epoch,
        "step": state.step,
        "loss_sum": float(state.loss_sum),
        "hits": float(state.hits),
        "best": best and [best.epoch, best.score.loss, best.score.accuracy, best.score.rows],
        "metrics_bytes": folder.sync_metrics(),
    }
    write_tensors(folder.checkpoint, tensors, notes)


def restore_state(folder: RunFolder, fresh: State, backend: Namespace) -> State:
    """The state at the last checkpoint, with the metrics cut back to that moment.

    `fresh` is the state that the run began with: it is returned where there is no checkpoint yet,
    and says which arrays there must be.
    """
    path = folder.checkpoint
    if not path.is_file():
        folder.cut_metrics(0)
        return fresh
    tensors, notes = read_tensors(path)
    try:
        restored = replace(
            fresh,
            params=from_tensors("params", fresh.params, tensors, backend, path),
            optimizer=from_tensors("optimizer", fresh.optimizer, tensors, backend, path),
            epoch=int(notes["epoch"]),
            step=int(notes["step"]),
            loss_sum=float(notes["loss_sum"]),
            hits=float(notes["hits"]),
        )
        if notes["best"] is not None:
            epoch, loss, accuracy, rows = notes["best"]
            params = from_tensors("best", fresh.params, tensors, backend, path)
            restored = replace(restored, best=Best(params, epoch, Score(loss, accuracy, rows)))
        size = int(notes["metrics_bytes"])
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path}: its notes cannot be used ({error!r})") from error
    check_empty(tensors, path)
    folder.cut_metrics(size)
    return restored


def fresh_state(params: Tree, optimizer: optim.Optimizer) -> State:
    """The state before the first step."""
    return State(params, optimizer.init(params))
