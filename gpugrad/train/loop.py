"""The training loop: batches, epochs, checkpoints, and the three ways in which it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, isfinite
from time import monotonic, perf_counter
from typing import Any

from gpugrad import nn, optim
from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds, epoch_order
from gpugrad.errors import Divergence
from gpugrad.ops.reduction import mean
from gpugrad.train.config import Config
from gpugrad.train.evaluate import score, sums_of
from gpugrad.train.folder import RunFolder
from gpugrad.train.interrupt import StopRequest
from gpugrad.train.metrics import Record
from gpugrad.train.model import save_model
from gpugrad.train.pace import Pace
from gpugrad.train.state import Best, State, is_finite, save_state
from gpugrad.train.task import Task
from gpugrad.transforms import value_and_grad

StepFunction = Callable[[Any, Any, Any, Any], tuple[Any, Any, Any, Any]]


class Observer:
    """Is told how training goes; this one ignores it. Nothing that it does changes the result."""

    def begin(self, config: Config, folder: RunFolder, rows_done: int, rows_total: int) -> None:
        """Training begins, or goes on where that many rows of all epochs' were learned from."""

    def advance(self, rows: int) -> None:
        """A step on that many rows was handed to the device."""

    def end_epoch(self, record: Record) -> None:
        """An epoch is over and on record."""


def make_step(optimizer: optim.Optimizer) -> StepFunction:
    """One update: params, optimiser state and a batch in; both anew, loss sum and hits out."""

    def loss_of(params: Any, x: Any, y: Any) -> tuple[Any, tuple[Any, Any]]:
        logits = params(x)
        losses = nn.softmax_cross_entropy(logits, y)
        return mean(losses), (logits, losses)

    loss_and_gradient = value_and_grad(loss_of, has_aux=True)

    def step(params: Any, state: Any, x: Any, y: Any) -> tuple[Any, Any, Any, Any]:
        (_, (logits, losses)), grads = loss_and_gradient(params, x, y)
        loss_sum, hits = sums_of(logits, losses, y)
        updates, state = optimizer.update(grads, state, params)
        return optim.apply_updates(params, updates), state, loss_sum, hits

    return step


class Trainer:
    """Takes a state forward, epoch by epoch, and keeps the run folder up to date."""

    def __init__(
        self,
        config: Config,
        task: Task,
        optimizer: optim.Optimizer,
        backend: Namespace,
        folder: RunFolder,
        observer: Observer,
        pace: Pace,
    ) -> None:
        self.config = config
        self.task = task
        self.backend = backend
        self.folder = folder
        self.observer = observer
        self.pace = pace
        self.step = make_step(optimizer)
        self.steps_per_epoch = steps_per_epoch(config, len(task.train))
        self.rate = config.rate(self.steps_per_epoch * config.epochs)
        self.saved: Any = None  # the parameters in the model file

    def run(self, state: State, stop: StopRequest) -> tuple[State, bool]:
        """The state after the last epoch and `True`, or where a stop was asked for and `False`.

        Either is saved. `Divergence` when the loss or the parameters are no longer finite; then the
        last checkpoint from before stays.
        """
        self.save(state)
        while state.epoch < self.config.epochs:
            state = self.run_epoch(state, stop)
            if stop.made:
                self.save(state)
                return state, state.epoch == self.config.epochs
        self.save(state)
        return state, True

    def run_epoch(self, state: State, stop: StopRequest) -> State:
        """The state at the end of the epoch in progress, or within it if a stop was asked for."""
        began, first = perf_counter(), state.step
        part, seed, size = self.task.train, self.config.seed, self.config.batch_size
        order = self.backend.asarray(epoch_order(len(part), seed, state.epoch))
        for start, end in list(batch_bounds(len(part), size))[first:]:
            index = order[start:end]
            params, memory, loss_sum, hits = self.step(
                state.params, state.optimizer, part.x[index], part.y[index]
            )
            state = replace(
                state,
                params=params,
                optimizer=memory,
                step=state.step + 1,
                loss_sum=state.loss_sum + loss_sum,
                hits=state.hits + hits,
            )
            self.observer.advance(end - start)
            if stop.made:
                return state
            if self.pace.due():
                self.save(state)
        state = self.end_epoch(state)
        rows = len(part) - min(first * size, len(part))
        self.folder.append_timing(state.epoch, perf_counter() - began, rows)
        return state

    def end_epoch(self, state: State) -> State:
        """Measures and records the epoch that is over; keeps the parameters if they are best."""
        number = state.epoch + 1
        rows = len(self.task.train)
        validation = score(state.params, self.task.validation, self.backend)
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
            best = Best(state.params, number, validation)
        self.folder.append(record)
        self.observer.end_epoch(record)
        return State(state.params, state.optimizer, epoch=number, best=best)

    def save(self, state: State) -> None:
        """Writes model and checkpoint, unless the state is no longer finite: then `Divergence`."""
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
