"""From which of its checkpoints a run goes on: no epoch that was completed is lost unasked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpugrad.atomic import naming, sync_folder
from gpugrad.backends import Namespace
from gpugrad.errors import CheckpointError
from gpugrad.hints import command
from gpugrad.train.folder import RunFolder
from gpugrad.train.run_state import ChangesMissing, Length, State, read_state


def restore_state(
    folder: RunFolder,
    fresh: State,
    length: Length,
    backend: Namespace,
    tell: Callable[[str], None],
    previous: bool = False,
) -> State:
    """The state at the last checkpoint, with the metrics cut back to that moment.

    `fresh` is the state that the run began with: it is returned where there was no checkpoint yet,
    and says which arrays there must be. With `previous`, the checkpoint before the last one takes
    its place, as where a process was killed before the last one had its name; one that cannot be
    used is otherwise an error that says whether that would help. `tell` gets a line where the run
    goes on from another moment than one might expect.
    """
    checkpoints = _Checkpoints(folder, fresh, length, backend)
    if previous:
        state = checkpoints.read_or_offer(folder.previous, folder.checkpoint)
        tell(f"Going on from {folder.previous}, {state.place()}")
    elif _is_there(folder.checkpoint):
        state = checkpoints.read_or_offer(folder.checkpoint, folder.previous)
    else:
        state = checkpoints.read_without_last(tell)
    metrics = folder.metrics
    if state.records and not metrics.path.exists():
        metrics.write(record.to_json() for record in state.records)
    if folder.records(state.epoch) != list(state.records):
        raise CheckpointError(
            f"{metrics.path}: its lines up to epoch {state.epoch} are not those of this run; "
            f"{metrics.remedy}"
        )
    folder.timing.lines(state.epoch)
    # At once, so that whoever is killed from here on finds it there.
    if previous or (state is not fresh and not _is_there(folder.checkpoint)):
        with naming(folder.checkpoint):
            os.replace(folder.previous, folder.checkpoint)
            sync_folder(folder.path)
    metrics.cut(state.epoch)
    folder.timing.cut(state.epoch)
    return state


def restored_state(folder: RunFolder, fresh: State, length: Length, backend: Namespace) -> State:
    """The state that `restore_state` has found in another process of this run."""
    if not _is_there(folder.checkpoint):
        return fresh
    return read_state(folder, folder.checkpoint, fresh, length, backend)


@dataclass(frozen=True)
class _Checkpoints:
    """The last checkpoint of a run and the one before it, to be read if they can be."""

    folder: RunFolder
    fresh: State
    length: Length
    backend: Namespace

    def read(self, path: Path) -> State:
        return read_state(self.folder, path, self.fresh, self.length, self.backend)

    def read_or_offer(self, path: Path, other: Path) -> State:
        """The state in the checkpoint at `path`; else an error that says if `other` would do."""
        try:
            return self.read(path)
        except ChangesMissing:
            raise                                   # another checkpoint is no remedy
        except CheckpointError as error:
            raise CheckpointError(f"{error}. {self.offer(other)}") from error

    def offer(self, other: Path) -> str:
        """What to do where a checkpoint cannot be used: go on from the `other` one, if good."""
        way, name = ["train", "--resume", str(self.folder.path)], "last checkpoint"
        if other == self.folder.previous:
            way, name = [*way, "--previous"], "checkpoint before it"
        try:
            state = self.read(other)
        except CheckpointError:
            return f"The {name}, {other}, is no help either: start a new run"
        return (
            f"The last good checkpoint is {other}, {state.place()}; "
            f"go on from there with: {command(*way)}"
        )

    def read_without_last(self, tell: Callable[[str], None]) -> State:
        """Where the run stands if its last checkpoint is not there.

        Whoever is killed between the renames of a new one leaves the one before alone; whoever is
        killed before the first one leaves neither. Otherwise somebody removed it.
        """
        folder, last, earlier = self.folder, self.folder.checkpoint, self.folder.previous
        completed = folder.completed(self.length.epochs)
        missing = f"{last}: it is not there, though epoch {completed} was completed"
        if not _is_there(earlier):
            if completed:
                raise CheckpointError(
                    f"{missing}, nor is {earlier}; put back a copy of one, or start a new run"
                )
            tell("There is no checkpoint yet: training begins anew")
            return self.fresh
        state = self.read_or_offer(earlier, last)
        at_once = state.epoch == state.step == 0
        removed = (at_once or folder.summary.exists()) and not folder.was_interrupted()
        if removed and completed > state.epoch:
            raise CheckpointError(f"{missing}; put back a copy. {self.offer(earlier)}")
        tell(f"{last} is not there: going on from {earlier}, {state.place()}")
        return state


def _is_there(path: Path) -> bool:
    """Whether there is a file, or a link to nowhere; one that cannot be looked at is an error."""
    with naming(path):
        try:
            os.lstat(path)
        except FileNotFoundError:
            return False
    return True
