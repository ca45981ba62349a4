"""The optimiser of a run, with all that is done to gradients before and to weights after."""

from __future__ import annotations

from typing import Any, TypeVar

import gpugrad.optim as optim
import gpugrad.tree as tree
from gpugrad.ops.creation import zeros_like
from gpugrad.optim import OPTIMIZERS
from gpugrad.optim.rates import like, whole
from gpugrad.train.config import Settled
from gpugrad.train.learning_rate import learning_rate

T = TypeVar("T")


def make_optimizer(config: Settled, steps_per_epoch: int) -> optim.Optimizer:
    """Clips, then steps along the schedule, then averages, as far as the settings ask for it.

    With the schedule `plateau`, its update takes the number by which the rate is multiplied, as
    `factor=`.
    """
    rate, named = learning_rate(config, steps_per_epoch), OPTIMIZERS[config.optimizer]
    if named.weight_decay is None:
        optimizer = named.make(rate)
    else:
        optimizer = _keeping_biases(named.make(rate, weight_decay=config.weight_decay))
    if config.clip_norm:
        optimizer = optim.chain(optim.clip_by_global_norm(config.clip_norm), optimizer)
    if config.schedule == "plateau":
        optimizer = optim.chain(optimizer, _by_factor())
    if config.ema:
        optimizer = optim.average_params(optimizer, config.ema)
    return optimizer


def averaged(params: T, state: object) -> T:
    """The weights to measure and to keep: their average, if the optimiser makes one."""
    found: T = state.average if isinstance(state, optim.AverageState) else params
    return found


def _keeping_biases(optimizer: optim.Optimizer) -> optim.Optimizer:
    """`optimizer` without decay of vectors: a bias has to reach, say, how rare a class is."""
    def update(grads: Any, state: Any, params: Any = None) -> Any:
        shrinking = tree.map(lambda p: p if len(p.shape) > 1 else zeros_like(p), params)
        return optimizer.update(grads, state, shrinking)

    return optim.Optimizer(optimizer.init, update)


def _by_factor() -> optim.Optimizer:
    """Updates times a number that each step is given, which changes without another plan."""
    def update(grads: Any, state: Any, params: Any = None, *, factor: Any) -> Any:
        return tree.map(lambda u: whole(u * like(factor, u)), grads), state

    return optim.Optimizer(lambda params: optim.EmptyState(), update)
