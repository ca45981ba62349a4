"""Programs whose pages are tested: those of the seed text, a loss of many nodes, a jitted step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import gpugrad as gg

_RNG = np.random.default_rng(3)
ROWS = _RNG.normal(size=(5, 4))
LABELS = np.array([0, 1, 2, 1, 0])


def network(dtype: str = "float64") -> gg.nn.MLP:
    """Eight small layers."""
    return gg.nn.MLP([4, 8, 8, 8, 8, 8, 8, 8, 3], activation="tanh", rng=0, dtype=dtype)


def penalty(m: gg.nn.MLP) -> Any:
    total = 0.0
    for layer in m.layers:
        total = total + 1e-3 * gg.sum(layer.weight**2)
    return total


def loss(m: gg.nn.MLP) -> Any:
    """A loss with more than 60 nodes."""
    return gg.mean(gg.nn.softmax_cross_entropy(m(ROWS), LABELS)) + penalty(m)


def layer(w: Any, x: Any, b: Any) -> Any:
    """The layer of the fourth exercise."""
    return gg.nn.ACTIVATIONS["relu"](gg.sum(w * x) + b)


def shared(x: Any) -> Any:
    square = x**2
    return square + gg.sin(square)


def parts(x: Any) -> Any:
    first, second = gg.unstack(x)
    return gg.sum(first * gg.exp(second)) + gg.max(x)


def masked(x: Any) -> Any:
    return gg.sum(gg.where(x > 0, gg.sqrt(gg.abs(x)), 0.0) * gg.cumulative_sum(x)[::-1])


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "seed": (lambda x, y: (x + y) * x, (3.0, 2.0)),
    "sin of a square": (lambda x: gg.sin(x**2), (float(np.sqrt(np.pi / 2)),)),
    "difference of squares": (lambda x: (x - 1) * (x + 1), (2.0,)),
    "square": (lambda x: x * x, (3.0,)),
    "three": (lambda x, y, z: (x + y) * z, (1.0, 2.0, 3.0)),
    "layer": (layer, (np.array([0.5, -1.0]), np.array([2.0, 0.25]), 0.3)),
    "shared": (shared, (1.1,)),
    "parts": (parts, (np.array([[1.0, 2.0, -1.0], [0.5, 0.1, 0.2]]),)),
    "masked": (masked, (np.array([0.5, -1.0, 2.0, 0.0]),)),
    "float32": (lambda x: gg.mean(gg.tanh(x) / 3), (np.float32([0.1, 0.2, 0.3]),)),
    "not finite": (
        lambda x: gg.sum(x * np.array([np.inf, 1.0, np.nan])), (np.array([2.0, -1e-300, 3.0]),)
    ),
    "loss": (loss, (network(),)),
}


def digits_step(engine: str) -> tuple[gg.transforms.jit.jit.Jit[..., Any], tuple[Any, ...], Any]:
    """A training step on handwritten digits under `gg.jit`, arguments for it, and a profile."""
    from sklearn.datasets import load_digits

    rows, labels = load_digits(return_X_y=True)
    x, y = (rows[:64] / 16).astype("float32"), labels[:64]
    model = gg.nn.MLP([64, 16, 10], rng=0)
    opt = gg.optim.adam(1e-3)
    state = opt.init(model)

    def loss_of(m: gg.nn.MLP, x: Any, y: Any) -> Any:
        return gg.mean(gg.nn.softmax_cross_entropy(m(x), y))

    def step(model: Any, state: Any, x: Any, y: Any) -> Any:
        loss, grads = gg.value_and_grad(loss_of)(model, x, y)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, loss

    jitted = gg.jit(step, engine=engine, donate_argnums=(0, 1))
    for _ in range(3):
        model, state, _ = jitted(model, state, x, y)
    with gg.profile() as profile:
        for _ in range(5):
            model, state, _ = jitted(model, state, x, y)
    return jitted, (model, state, x, y), profile
