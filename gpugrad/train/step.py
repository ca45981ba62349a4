"""One training step, and the engine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gpugrad.optim as optim
import gpugrad.tree as tree
from gpugrad.backends import Namespace
from gpugrad.backends.process_settings import is_deterministic
from gpugrad.errors import InvalidArgument
from gpugrad.ops.reduction import mean, sum
from gpugrad.parallel import World, psum, rows_of
from gpugrad.parallel import value_and_grad as in_shares
from gpugrad.train.objective import Objective
from gpugrad.train.tasks.task import Model, Sums
from gpugrad.transforms import jit, value_and_grad
from gpugrad.types import Array

Step = Callable[
    [Model, object, Sums, Any, Array, Array | None, Array | None], tuple[Model, object, Sums]
]
"""Params, optimiser state, sums of the epoch so far and what `Part.batch` gives in; the first three
anew out.
"""


def make_step(
    optimizer: optim.Optimizer, engine: str, objective: Objective, world: World | None = None
) -> Step:
    """One update; compiled it writes over the params, the state and the sums that it is given.

    `engine` is one that `choose_engine` gives. The ranks of `world` compute it together, each with
    a part of the batch, and all come to the same params; under `gg.use_deterministic()` also to the
    same bits for any number of ranks.
    """
    # That of CuPy arrays needs no name: for them, it is what `auto` means.
    engine = "auto" if engine == "cupy" else engine
    if is_deterministic() and world is not None:
        return _in_fixed_shares(optimizer, engine, objective, world)
    alone = world is None or world.size == 1
    gradient = _of_all_rows(objective) if alone else _of_each_rank(objective, world)

    def step(
        params: Model, state: object, sums: Sums, rows: Any, targets: Any, weights: Any, index: Any
    ) -> tuple[Model, object, Sums]:
        grads, more = gradient(params, rows, targets, weights, index)
        updates, state = optimizer.update(grads, state, params)
        return optim.apply_updates(params, updates), state, _added(sums, more)

    return step if engine == "eager" else jit(step, engine=engine, donate_argnums=(0, 1, 2))


Gradient = Callable[[Model, Any, Any, Any, Any], tuple[Any, Sums]]
"""Of the mean loss of some rows, with their sums."""


def _added(sums: Sums, more: Sums) -> Sums:
    added: Sums = tree.map(lambda a, b: a + b, sums, more)
    return added


def _rows_at(index: Any, rows: Any, targets: Any, weights: Any) -> tuple[Any, Any, Any]:
    return rows[index], targets[index], None if weights is None else weights[index]


def _of_all_rows(objective: Objective) -> Gradient:
    def loss_of(params: Model, x: Array, y: Array, w: Array | None) -> tuple[Array, Any]:
        outputs = params(x)
        losses = objective.weighted(outputs, y, w)
        return mean(losses), (outputs, losses)

    loss_and_gradient = value_and_grad(loss_of, has_aux=True)

    def gradient(
        params: Model, rows: Any, targets: Any, weights: Any, index: Any
    ) -> tuple[Any, Sums]:
        x, y, w = _rows_at(index, rows, targets, weights)
        (_, (outputs, losses)), grads = loss_and_gradient(params, x, y, w)
        return grads, objective.sums(outputs, losses, y, w)

    return gradient


def _of_each_rank(objective: Objective, world: World | None) -> Gradient:
    """Each rank computes with a part of the batch, which may be none.

    What they add up travels at once.
    """
    def gradient(
        params: Model, rows: Any, targets: Any, weights: Any, index: Any
    ) -> tuple[Any, Sums]:
        n = index.shape[0]
        x, y, w = _rows_at(index[rows_of(n, world)], rows, targets, weights)

        def loss_of(params: Model) -> tuple[Array, Sums]:
            outputs = params(x)
            losses = objective.weighted(outputs, y, w)
            return sum(losses) / n, objective.sums(outputs, losses, y, w)

        (_, sums), grads = value_and_grad(loss_of, has_aux=True)(params)
        found: tuple[Any, Sums] = psum((grads, sums), world)
        return found

    return gradient


def _in_fixed_shares(
    optimizer: optim.Optimizer, engine: str, objective: Objective, world: World
) -> Step:
    """The step in parts: shares of the batch that are compiled one by one, and the update."""
    def loss_of(params: Model, x: Array, y: Array, *w: Array) -> tuple[Array, Sums]:
        weights = w[0] if w else None
        outputs = params(x)
        losses = objective.weighted(outputs, y, weights)
        return mean(losses), objective.sums(outputs, losses, y, weights)

    gradient = in_shares(loss_of, world, has_aux=True, engine=engine)

    def update(
        params: Model, state: object, sums: Sums, grads: Any, more: Sums
    ) -> tuple[Model, object, Sums]:
        updates, state = optimizer.update(grads, state, params)
        return optim.apply_updates(params, updates), state, _added(sums, more)

    if engine != "eager":
        update = jit(update, engine=engine, donate_argnums=(0, 1, 2))

    def step(
        params: Model, state: object, sums: Sums, rows: Any, targets: Any, weights: Any, index: Any
    ) -> tuple[Model, object, Sums]:
        if index is not None:
            rows, targets, weights = _rows_at(index, rows, targets, weights)
        batch = (rows, targets) if weights is None else (rows, targets, weights)
        (_, more), grads = gradient(params, *batch)
        return update(params, state, sums, grads, more)

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
