"""One training step, and the engine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gpugrad.nn as nn
import gpugrad.optim as optim
from gpugrad.backends import Namespace
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.errors import InvalidArgument
from gpugrad.ops.reduction import mean, sum
from gpugrad.parallel import World, psum, rows_of
from gpugrad.parallel import value_and_grad as in_shares
from gpugrad.train.scoring import sums_of
from gpugrad.train.tasks import Losses, Model
from gpugrad.transforms import jit, value_and_grad
from gpugrad.types import Array

Step = Callable[[Model, object, Any, Array, Array | None], tuple[Model, object, Array, Array]]
"""Params, optimiser state, and what `Part.batch` gives in; params and state anew, loss sum and hits
out.
"""


def make_step(
    optimizer: optim.Optimizer,
    engine: str,
    losses_of: Losses = nn.softmax_cross_entropy,
    world: World | None = None,
) -> Step:
    """One update; compiled it writes over the params and the state that it is given.

    `engine` is one that `choose_engine` gives. The ranks of `world` compute it together, each with
    a part of the batch, and all come to the same params; under `gg.use_deterministic()` also to the
    same bits for any number of ranks.
    """
    # That of CuPy arrays needs no name: for them, it is what `auto` means.
    engine = "auto" if engine == "cupy" else engine
    if is_deterministic() and world is not None:
        return _in_fixed_shares(optimizer, engine, losses_of, world)
    alone = world is None or world.size == 1
    gradient = _of_all_rows(losses_of) if alone else _of_each_rank(losses_of, world)

    def step(
        params: Model, state: object, rows: Any, labels: Any, index: Array | None
    ) -> tuple[Model, object, Array, Array]:
        grads, loss_sum, hits = gradient(params, rows, labels, index)
        updates, state = optimizer.update(grads, state, params)
        return optim.apply_updates(params, updates), state, loss_sum, hits

    return step if engine == "eager" else jit(step, engine=engine, donate_argnums=(0, 1))


Gradient = Callable[[Model, Any, Any, Any], tuple[Any, Array, Array]]
"""Of the mean loss of some rows, with the loss sum and the hits."""


def _of_all_rows(losses_of: Losses) -> Gradient:
    def loss_of(params: Model, x: Array, y: Array) -> tuple[Array, tuple[Array, Array]]:
        logits = params(x)
        losses = losses_of(logits, y)
        return mean(losses), (logits, losses)

    loss_and_gradient = value_and_grad(loss_of, has_aux=True)

    def gradient(params: Model, rows: Any, labels: Any, index: Any) -> tuple[Any, Array, Array]:
        x, y = rows[index], labels[index]
        (_, (logits, losses)), grads = loss_and_gradient(params, x, y)
        return grads, *sums_of(logits, losses, y)

    return gradient


def _of_each_rank(losses_of: Losses, world: World | None) -> Gradient:
    """Each rank computes with a part of the batch, which may be none.

    What they add up travels at once.
    """
    def gradient(params: Model, rows: Any, labels: Any, index: Any) -> tuple[Any, Array, Array]:
        n = index.shape[0]
        mine = index[rows_of(n, world)]
        x, y = rows[mine], labels[mine]

        def loss_of(params: Model) -> tuple[Array, tuple[Array, Array]]:
            logits = params(x)
            losses = losses_of(logits, y)
            return sum(losses) / n, sums_of(logits, losses, y)

        (_, sums), grads = value_and_grad(loss_of, has_aux=True)(params)
        grads, (loss_sum, hits) = psum((grads, sums), world)
        return grads, loss_sum, hits

    return gradient


def _in_fixed_shares(
    optimizer: optim.Optimizer, engine: str, losses_of: Losses, world: World
) -> Step:
    """The step in parts: shares of the batch that are compiled one by one, and the update."""
    def loss_of(params: Model, x: Array, y: Array) -> tuple[Array, tuple[Array, Array]]:
        logits = params(x)
        losses = losses_of(logits, y)
        return mean(losses), sums_of(logits, losses, y)

    gradient = in_shares(loss_of, world, has_aux=True, engine=engine)

    def update(params: Model, state: object, grads: Any) -> tuple[Model, object]:
        updates, state = optimizer.update(grads, state, params)
        return optim.apply_updates(params, updates), state

    if engine != "eager":
        update = jit(update, engine=engine, donate_argnums=(0, 1))

    def step(
        params: Model, state: object, rows: Any, labels: Any, index: Array | None
    ) -> tuple[Model, object, Array, Array]:
        if index is not None:
            rows, labels = rows[index], labels[index]
        (_, (loss_sum, hits)), grads = gradient(params, rows, labels)
        params, state = update(params, state, grads)
        return params, state, loss_sum, hits

    return step


def choose_engine(engine: str, backend: Namespace) -> str:
    """The engine that `auto` stands for: the one that has the name of the backend.

    It does not depend on what is installed or how fast it is, so that a run can go on elsewhere.
    Raises `InvalidArgument` for an engine that is for the arrays of another backend.
    """
    if engine == "auto":
        return backend.name
    if engine != "eager" and (engine == "cupy") != (backend.name == "cupy"):
        raise InvalidArgument(
            f"engine is '{engine}', which is not for arrays of the backend {backend.name}; use the "
            f"engine {backend.name} or eager, or another backend"
        )
    return engine
