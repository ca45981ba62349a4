"""Training steps that several tests take."""

from __future__ import annotations

from typing import Any

import numpy as np

import gpugrad as gg


def digits() -> tuple[Any, tuple[Any, ...]]:
    """The training step of the digits MLP with Adam, and its arguments on the host."""
    return step_of(64, (64, 128, 64, 10), gg.optim.adam(1e-3))


def step_of(
    batch: int, widths: tuple[int, ...], optimizer: gg.optim.Optimizer
) -> tuple[Any, tuple[Any, ...]]:
    """The training step of an MLP, and its arguments on the host."""

    def step(model: Any, state: Any, x: Any, labels: Any) -> Any:
        def loss(m: Any) -> Any:
            return gg.mean(gg.softmax_cross_entropy(m(x), labels))

        value, grads = gg.value_and_grad(loss)(model)
        updates, state = optimizer.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, value

    rng = np.random.default_rng(0)
    with gg.use_backend("numpy"):
        model = gg.nn.MLP(widths, rng=0, dtype="float32")
        state = optimizer.init(model)
    x = rng.normal(size=(batch, widths[0])).astype("float32")
    return step, (model, state, x, rng.integers(0, widths[-1], batch))


def with_dropout(w: Any, key: Any, x: Any) -> Any:
    """A training step with a new choice of what is dropped each time."""
    key, own = gg.random.split(key)

    def loss(w: Any) -> Any:
        return gg.mean(gg.nn.dropout(gg.tanh(x @ w), own, 0.25) ** 2)

    value, g = gg.value_and_grad(loss)(w)
    return w - 0.1 * g, key, value
