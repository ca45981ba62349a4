"""The training loop: batches, epochs, checkpoints, and the three ways in which it ends."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, isfinite
from time import monotonic, perf_counter

import gpugrad.tree as tree
from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds, epoch_order
from gpugrad.errors import Divergence
from gpugrad.parallel import World
from gpugrad.train.config import Config
from gpugrad.train.folder import RunFolder
from gpugrad.train.interrupt import StopRequest
from gpugrad.train.metrics import Record
from gpugrad.train.model import save_model
from gpugrad.train.outcome import Outcome
from gpugrad.train.pace import Pace
from gpugrad.train.parts import FilePart
from gpugrad.train.run_state import Best, State, is_finite, save_state
from gpugrad.train.scoring import score
from gpugrad.train.step import Step
from gpugrad.train.task import Task
from gpugrad.train.tasks import Model
from gpugrad.transforms.jit.jit import Jit
from gpugrad.types import Array


class Observer:
    """Is told how training goes; this one ignores it. Nothing that it does changes the result.

    `gpugrad.train.Progress` and `TensorBoard` are observers. To write your own, override the
    methods that you need.
    """

    def begin(
        self, config: Config, folder: RunFolder | None, rows_done: int, rows_total: int
    ) -> None:
        """Training begins, or goes on where that many rows of all epochs' were learned from.

        No setting is left open; there is no folder where training is in memory.
        """

    def compiling(self) -> None:
        """The step is being compiled, before the first one is taken."""

    def compiled(self, seconds: float) -> None:
        """The step is compiled, which took that long."""

    def tell(self, text: str) -> None:
        """A line about what was found, before training begins, which the user should know."""

    def advance(self, rows: int) -> None:
        """A step on that many rows was handed to the device."""

    def end_epoch(self, record: Record) -> None:
        """An epoch is over and on record."""

    def end(self, outcome: Outcome | None) -> None:
        """Training is over: finished or stopped, as `outcome` says, or `None` for an error."""


class Trainer:
    """Takes a state forward, epoch by epoch, and keeps the run folder up to date.

    The ranks of `world` do so together, and the first one of them keeps the folder.
    """

    def __init__(
        self,
        config: Config,
        task: Task,
        step: Step,
        backend: Namespace,
        folder: RunFolder,
        observer: Observer,
        pace: Pace,
        world: World | None = None,
    ) -> None:
        self.config = config
        self.task = task
        self.backend = backend
        self.folder = folder
        self.observer = observer
        self.pace = pace
        self.world = World() if world is None else world
        self.step = step
        self.steps_per_epoch = steps_per_epoch(config, len(task.train))
        self.rate = config.rate(self.steps_per_epoch * config.epochs)
        self.saved: Model | None = None  # the parameters in the model file

    def run(self, state: State, stop: StopRequest) -> tuple[State, bool]:
        """The state after the last epoch and `True`, or where a stop was asked for and `False`.

        Either is saved. `Divergence` when the loss or the parameters are no longer finite; then the
        last checkpoint from before stays.
        """
        self.save(state)
        while state.epoch < self.config.epochs:
            state, stopped = self.run_epoch(state, stop)
            if stopped:
                self.save(state)
                return state, state.epoch == self.config.epochs
        self.save(state)
        return state, True

    def compile_step(self, state: State) -> None:
        """Compiles the step for each size of batch, so that no step of a run is done otherwise.

        Equal to rounding would not do: a run that is resumed has to come to the same bits.
        """
        if not isinstance(self.step, Jit):
            return
        self.observer.compiling()
        began = monotonic()
        part = self.task.train
        order = self._order(state)
        for rows in {end - start for start, end in batch_bounds(len(part), self.config.batch_size)}:
            batch = part.batch(order, 0, rows, self.world)
            self.step.compile(state.params, state.optimizer, *batch)
        self.observer.compiled(monotonic() - began)

    def run_epoch(self, state: State, stop: StopRequest) -> tuple[State, bool]:
        """The state at the end of the epoch in progress, or within it where a stop was asked for.

        All ranks find that after the same step.
        """
        began, first = perf_counter(), state.step
        part, size = self.task.train, self.config.batch_size
        order = self._order(state)
        for start, end in list(batch_bounds(len(part), size))[first:]:
            batch = part.batch(order, start, end, self.world)
            params, memory, loss_sum, hits = self.step(state.params, state.optimizer, *batch)
            state = replace(
                state,
                params=params,
                optimizer=memory,
                step=state.step + 1,
                loss_sum=state.loss_sum + loss_sum,
                hits=state.hits + hits,
            )
            self.observer.advance(end - start)
            if self.stops(stop):
                return state, True
            if self.pace.due():
                self.save(state)
        state = self.end_epoch(state)
        rows = len(part) - min(first * size, len(part))
        if self.world.rank == 0:
            self.folder.append_timing(state.epoch, perf_counter() - began, rows)
        return state, False

    def stops(self, stop: StopRequest) -> bool:
        """Whether a stop was asked of any rank, after the same step on all of them."""
        if self.world.size == 1:
            return stop.made
        found = self.world.most(stop.signal or 0)
        if found:                                   # what came meanwhile waits for the next step
            stop.signal = found
        return bool(found)

    def _order(self, state: State) -> Array:
        """The order of the rows in the epoch in progress, beside them."""
        part = self.task.train
        order = epoch_order(len(part), self.config.seed, state.epoch)
        return order if isinstance(part, FilePart) else self.backend.asarray(order)

    def end_epoch(self, state: State) -> State:
        """Measures and records the epoch that is over; keeps the parameters if they are best."""
        number = state.epoch + 1
        rows = len(self.task.train)
        validation = score(
            state.params, self.task.validation, self.backend, self.config.losses, self.world
        )
        loss = float(state.loss_sum) / rows
        if not (isfinite(loss) and isfinite(validation.loss)):
            raise self.divergence(number, loss if not isfinite(loss) else validation.loss)
        steps = number * self.steps_per_epoch
        record = Record(
            epoch=number,
            step=steps,
            learning_rate=self.rate(steps - 1),
            train_loss=loss,
            train_accuracy=float(state.hits) / rows,
            validation_loss=validation.loss,
            validation_accuracy=validation.accuracy,
        )
        best = state.best
        if best is None or validation.loss < best.score.loss:
            # A copy, because the next step may write over its params.
            best = Best(tree.map(self.backend.copy, state.params), number, validation)
        if self.world.rank == 0:
            self.folder.append(record)
        self.observer.end_epoch(record)
        records = (*state.records, record)
        return State(state.params, state.optimizer, epoch=number, best=best, records=records)

    def save(self, state: State) -> None:
        """Writes model and checkpoint, unless the state is no longer finite: then `Divergence`."""
        if self.world.rank:                         # the first one writes for all
            return
        began = monotonic()
        if not is_finite(state, self.backend):
            raise self.divergence(state.epoch + 1, float(state.loss_sum))
        params, epoch = state.kept(self.config.keep)
        if epoch > 0 and params is not self.saved:
            save_model(self.folder, params, self.task.standardiser, self.backend)
            self.saved = params
        save_state(self.folder, state, self.backend)
        self.pace.wrote(began)

    def divergence(self, epoch: int, loss: float) -> Divergence:
        """The error that says when it happened, and where the last good state is."""
        what = "the weights are no longer finite" if isfinite(loss) else f"the loss is {loss}"
        return Divergence(
            f"training diverged in epoch {epoch}: {what}. The last good checkpoint is kept in "
            f"{self.folder.path}; start again with --lr below {self.config.lr:g}"
        )


def steps_per_epoch(config: Config, rows: int) -> int:
    """How many batches `rows` training rows make."""
    return ceil(rows / config.batch_size)
