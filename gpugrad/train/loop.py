"""The training loop: batches, epochs, checkpoints, and the three ways in which it ends."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, isfinite
from time import perf_counter
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import Namespace
from gpugrad.data import batch_bounds, epoch_order
from gpugrad.data.batch import epoch_keys
from gpugrad.errors import Divergence
from gpugrad.parallel import World
from gpugrad.train.config import Settled
from gpugrad.train.folder import RunFolder
from gpugrad.train.interrupt import StopRequest
from gpugrad.train.keeper import Keeper
from gpugrad.train.learning import needs_keys
from gpugrad.train.learning_rate import learning_rate
from gpugrad.train.metrics import Record, Score
from gpugrad.train.objective import Objective
from gpugrad.train.outcome import Outcome
from gpugrad.train.parts import FilePart, Part
from gpugrad.train.run_data import RunData
from gpugrad.train.run_state import Best, State, is_finite
from gpugrad.train.scoring import score
from gpugrad.train.step import Step
from gpugrad.train.watching import is_over, plateau_factor
from gpugrad.transforms.jit.jit import Jit
from gpugrad.types import Array


class Observer:
    """Is told how training goes; this one ignores it. Nothing that it does changes the result.

    `gpugrad.train.Progress` and `TensorBoard` are observers. To write your own, override the
    methods that you need.
    """

    def begin(
        self, config: Settled, folder: RunFolder | None, rows_done: int, rows_total: int
    ) -> None:
        """Training begins, or goes on where that many rows of all epochs' were learned from.

        No setting is left open; there is no folder where training is in memory.
        """

    def compiling(self) -> None:
        """The step is being compiled, before the first one is taken."""

    def compiled(self, seconds: float) -> None:
        """The step is compiled, which took that long."""

    def tell(self, text: str) -> None:
        """A line that the user should know: of what was found, or of an end that comes early."""

    def advance(self, rows: int) -> None:
        """A step on that many rows was handed to the device."""

    def end_epoch(self, record: Record) -> None:
        """An epoch is over and on record."""

    def end(self, outcome: Outcome | None) -> None:
        """Training is over: finished or stopped, as `outcome` says, or `None` for an error."""


class Trainer:
    """Takes a state forward, epoch by epoch, and hands what is worth it to its keeper.

    The ranks of `world` do so together.
    """

    def __init__(
        self,
        config: Settled,
        run_data: RunData,
        objective: Objective,
        step: Step,
        backend: Namespace,
        observer: Observer,
        keeper: Keeper,
        world: World | None = None,
    ) -> None:
        self.config = config
        self.data = run_data
        self.objective = objective
        self.backend = backend
        self.observer = observer
        self.keeper = keeper
        self.world = World() if world is None else world
        self.step = step
        self.steps_per_epoch = steps_per_epoch(config, len(run_data.train))
        self.rate = learning_rate(config, self.steps_per_epoch)

    def run(self, state: State, stop: StopRequest) -> tuple[State, bool]:
        """The state after the last epoch and `True`, or where a stop was asked for and `False`.

        Either is saved. `Divergence` when the loss or the parameters are no longer finite; then the
        last checkpoint from before stays.
        """
        self.save(state)
        while not self.is_over(state):
            state, stopped = self.run_epoch(state, stop)
            if stopped:
                self.save(state)
                return state, self.is_over(state)
        self.save(state)
        self.tell_of_end(state)
        return state, True

    def is_over(self, state: State) -> bool:
        """Whether no epoch is left."""
        return is_over(self.config, state.records)

    def tell_of_end(self, state: State) -> None:
        """Says what the user may not expect."""
        if state.epoch < self.config.epochs:
            self.observer.tell(
                f"Stopped early after epoch {state.epoch}: no better validation loss in "
                f"{self.config.early_stopping} epochs"
            )
        skipped, steps = self.skipped(state), state.epoch * self.steps_per_epoch
        if skipped:
            self.observer.tell(
                f"{skipped:,} of {steps:,} steps were skipped, as gradients overflowed "
                f"{self.config.precision} until the loss scale was less"
            )

    def skipped(self, state: State) -> int:
        """How many steps have changed nothing so far."""
        if state.scaling is None:
            return 0
        return int(self.backend.to_numpy(state.scaling.skipped))

    def compile_step(self, state: State) -> None:
        """Compiles the step for each size of batch, so that no step of a run is done otherwise.

        Equal to rounding would not do: a run that is resumed has to come to the same bits.
        """
        if not isinstance(self.step, Jit):
            return
        self.observer.compiling()
        began = perf_counter()
        part = self.data.train
        order = self._order(state)
        size = self.config.rows_per_step
        for rows in {end - start for start, end in batch_bounds(len(part), size)}:
            batch = part.batch(order, 0, rows, self.world, self._keys(state))
            self.step.compile(state.carried, self.factor(state), batch)
        self.observer.compiled(perf_counter() - began)

    def run_epoch(self, state: State, stop: StopRequest) -> tuple[State, bool]:
        """The state at the end of the epoch in progress, or within it where a stop was asked for.

        All ranks find that after the same step.
        """
        began, first = perf_counter(), state.step
        part, size = self.data.train, self.config.rows_per_step
        order, keys = self._order(state), self._keys(state)
        factor, carried = self.factor(state), state.carried

        def here(step: int) -> State:
            return state.after(carried, step)

        bounds = list(batch_bounds(len(part), size))
        for done, (start, end) in enumerate(bounds[first:], first + 1):
            batch = part.batch(order, start, end, self.world, keys)
            carried = self.step(carried, factor, batch)
            self.observer.advance(end - start)
            if self.stops(stop):
                return here(done), True
            if self.keeper.due():
                self.save(here(done))
        state = self.end_epoch(here(len(bounds)))
        rows = len(part) - min(first * size, len(part))
        self.keeper.note_time(state.epoch, perf_counter() - began, rows)
        return state, False

    def stops(self, stop: StopRequest) -> bool:
        """Whether a stop was asked of any rank, after the same step on all of them."""
        if self.world.size == 1:
            return stop.made
        found = self.world.most(stop.signal or 0)
        if found:                                   # what came meanwhile waits for the next step
            stop.signal = found
        return bool(found)

    def factor(self, state: State) -> Array | None:
        """By what the losses so far multiply the rate, on the device, if they do."""
        if self.config.schedule != "plateau":
            return None
        return self.backend.asarray(np.asarray(plateau_factor(self.config, state.records)))

    def _order(self, state: State) -> Array:
        """The order of the rows in the epoch in progress, beside them."""
        part = self.data.train
        order = epoch_order(len(part), self.config.seed, state.epoch)
        return order if isinstance(part, FilePart) else self.backend.asarray(order)

    def _keys(self, state: State) -> Any:
        """A key for each row in the epoch in progress, beside them, if a step draws numbers."""
        if not needs_keys(state.params, self.config.augment):
            return None
        part = self.data.train
        keys = epoch_keys(len(part), self.config.seed, state.epoch)
        return keys if isinstance(part, FilePart) else self.backend.asarray(keys)

    def end_epoch(self, state: State) -> State:
        """Measures and records the epoch that is over; keeps the parameters if they are best."""
        number = state.epoch + 1
        line = self.backend.to_numpy(self.objective.line(state.sums, self.backend))
        train = self.objective.score(line, self.data.train.totals)
        validation = None
        if len(self.data.validation):
            validation = self.score(state, self.data.validation)
        for found in (train, validation):
            if found is not None and not (isfinite(found.loss) and isfinite(found.metric)):
                raise self.divergence(number, found.loss, found.metric)
        steps, skipped = number * self.steps_per_epoch, self.skipped(state)
        if state.scaling is not None and state.scaling.is_exhausted(self.backend):
            raise self._diverged(number, "gradients overflow with any loss scale")
        record = Record(
            epoch=number,
            step=steps,
            learning_rate=self.rate(max(steps - skipped - 1, 0))
            * plateau_factor(self.config, state.records),
            metric=self.objective.task.metric,
            train_loss=train.loss,
            train_metric=train.metric,
            validation_loss=None if validation is None else validation.loss,
            validation_metric=None if validation is None else validation.metric,
        )
        best = state.best
        if validation is not None and (best is None or validation.loss < best.score.loss):
            # A copy, because the next step may write over its params.
            kept = tree.map(self.backend.copy, (state.weights, state.model_state))
            best = Best(kept[0], number, validation, kept[1])
        self.keeper.note(record)
        self.observer.end_epoch(record)
        records = (*state.records, record)
        sums = self.objective.zeros(self.backend)
        return replace(state, sums=sums, epoch=number, step=0, best=best, records=records)

    def score(self, state: State, part: Part | FilePart) -> Score:
        """The score of the network on the rows of a part."""
        return score(state.network, part, self.backend, self.objective, self.world)

    def save(self, state: State) -> None:
        """Hands the state over to be kept, unless it is no longer finite: then `Divergence`."""
        if not is_finite(state, self.backend):
            raise self.divergence(state.epoch + 1, float(state.sums[0]))
        self.keeper.save(state)

    def divergence(self, epoch: int, loss: float, metric: float = 0.0) -> Divergence:
        """The error that says when it happened, and where the last good state is."""
        what = "the weights are no longer finite"
        if not isfinite(loss):
            what = f"the loss is {loss}"
        elif not isfinite(metric):
            what = f"the {self.objective.task.metric} is {metric}"
        return self._diverged(epoch, what)

    def _diverged(self, epoch: int, what: str) -> Divergence:
        narrow = f", computed in {self.config.precision}" * (self.config.computes_in is not None)
        return Divergence(
            f"training diverged in epoch {epoch}: {what}{narrow}; {self.keeper.remedy}"
        )


def steps_per_epoch(config: Settled, rows: int) -> int:
    """How many steps `rows` training rows make."""
    return ceil(rows / config.rows_per_step)
