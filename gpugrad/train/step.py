"""One training step, and the engine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpugrad import nn, optim
from gpugrad.backends import Namespace
from gpugrad.errors import InvalidArgument
from gpugrad.ops.reduction import mean
from gpugrad.train.scoring import sums_of
from gpugrad.train.tasks import Losses, Model
from gpugrad.transforms import jit, value_and_grad
from gpugrad.types import Array

Step = Callable[[Model, object, Array, Array, Array], tuple[Model, object, Array, Array]]
"""Params, optimiser state, all rows, their labels and which of them are the batch in; params and
state anew, loss sum and hits out.
"""


def make_step(
    optimizer: optim.Optimizer, engine: str, losses_of: Losses = nn.softmax_cross_entropy
) -> Step:
    """One update; compiled it writes over the params and the state that it is given.

    `engine` is one that `choose_engine` gives.
    """

    def loss_of(params: Model, x: Array, y: Array) -> tuple[Array, tuple[Array, Array]]:
        logits = params(x)
        losses = losses_of(logits, y)
        return mean(losses), (logits, losses)

    loss_and_gradient = value_and_grad(loss_of, has_aux=True)

    def step(
        params: Model, state: object, rows: Any, labels: Any, index: Array
    ) -> tuple[Model, object, Array, Array]:
        x, y = rows[index], labels[index]
        (_, (logits, losses)), grads = loss_and_gradient(params, x, y)
        loss_sum, hits = sums_of(logits, losses, y)
        updates, state = optimizer.update(grads, state, params)
        return optim.apply_updates(params, updates), state, loss_sum, hits

    if engine == "eager":
        return step
    # That of CuPy arrays needs no name: for them, it is what `auto` means.
    return jit(step, engine="auto" if engine == "cupy" else engine, donate_argnums=(0, 1))


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
