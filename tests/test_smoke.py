"""What each commit is tried with: gradients by every way that leads to one, in a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpugrad as gg

X = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
W = np.linspace(0.5, 1.5, 12).reshape(3, 4)


def loss(w: Any) -> Any:
    return gg.mean(gg.tanh(X @ w) ** 2)


def by_differences() -> Any:
    step, found = 1e-6, np.empty_like(W)
    for i in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[i] += step
        down[i] -= step
        found[i] = (loss(up) - loss(down)) / (2 * step)
    return found


def by_backward() -> Any:
    w = gg.tensor(W, requires_grad=True)
    loss(w).backward()
    return w.grad


def by_a_planned_sweep() -> Any:
    return [by_backward() for _ in range(4)][-1]


def by_jit() -> Any:
    step = gg.jit(gg.grad(loss))
    return [step(W) for _ in range(3)][-1]


def part_by_part() -> Any:
    """The gradient of each example's loss, of which the loss is the mean."""
    each = gg.vmap(gg.grad(lambda w, row: gg.mean(gg.tanh(row @ w) ** 2)), in_axes=(None, 0))
    return np.mean(each(W, X), axis=0)


def forward() -> Any:
    parts = [gg.jvp(loss, (W,), (d.reshape(W.shape),))[1] for d in np.eye(W.size)]
    return np.reshape(parts, W.shape)


@pytest.mark.parametrize(
    "gradient",
    [by_backward, by_a_planned_sweep, lambda: gg.grad(loss)(W), by_jit, part_by_part, forward],
    ids=["backward", "planned sweep", "grad", "jit", "vmap", "jvp"],
)
def test_the_gradient_is_right(gradient: Callable[[], Any]) -> None:
    np.testing.assert_allclose(gradient(), by_differences(), rtol=1e-6, atol=1e-9)


def test_the_hessian_is_right() -> None:
    found = gg.hessian(lambda x: gg.sum(x**3))(X[0])
    np.testing.assert_allclose(found, np.diag(6 * X[0]), rtol=1e-12, atol=1e-12)
