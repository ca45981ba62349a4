"""Adam, which divides each gradient by its usual size; AdamW, which also shrinks the weights."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from gpugrad import tree
from gpugrad.backends import namespace_of
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import (
    Array,
    Optimizer,
    Schedule,
    Tree,
    check_count,
    checked,
    schedule_of,
    whole,
    zeros,
)


class AdamState(NamedTuple):
    """Updates made so far, and for each leaf the running means of `g` and of `g²`."""

    steps: int
    mean: tuple[Array, ...]
    square: tuple[Array, ...]


def adam(
    lr: float | Schedule, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> Optimizer:
    """`p ← p − lr·m̂ / (√ŝ + eps)`, with m̂ and ŝ the means of `g` and `g²` freed of their bias.

    `b1` and `b2`, in [0, 1), are the shares of the old means that each step keeps.
    """
    return _adam(lr, b1, b2, eps, weight_decay=0.0)


def adamw(
    lr: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> Optimizer:
    """Adam, and each step also shrinks every parameter by its share `lr·weight_decay`.

    `update` needs `params`, and raises `InvalidArgument` without.
    """
    return _adam(lr, b1, b2, eps, checked("weight_decay", weight_decay, 0.0))


def _adam(
    lr: float | Schedule, b1: float, b2: float, eps: float, weight_decay: float
) -> Optimizer:
    rate = schedule_of(lr)
    checked("b1", b1, 0.0, 1.0)
    checked("b2", b2, 0.0, 1.0)
    checked("eps", eps, 0.0)

    def init(params: Tree) -> AdamState:
        return AdamState(0, zeros(params), zeros(params))

    def update(
        grads: Tree, state: AdamState, params: Tree | None = None
    ) -> tuple[Tree, AdamState]:
        leaves, structure = tree.flatten(grads)
        check_count(leaves, state.mean, "state")
        count = state.steps + 1
        step_size = rate(state.steps)
        # lr·m̂ / (√ŝ + eps), with the bias of both means taken out of the arrays into two numbers
        root = sqrt(1.0 - b2**count)
        factor = -step_size * root / (1.0 - b1**count)
        means: list[Array] = []
        squares: list[Array] = []
        updates: list[Array] = []
        for g, m, s in zip(leaves, state.mean, state.square, strict=True):
            xp = namespace_of(g)
            # Each first product is a new array; what follows may write into it.
            m = m * b1
            m += g * (1.0 - b1)
            square = g * (1.0 - b2)
            square *= g
            s = s * b2
            s += square
            size = xp.sqrt(s)
            size += eps * root
            step = m / size
            step *= factor
            means.append(whole(m))
            squares.append(whole(s))
            updates.append(step)
        if weight_decay:
            weights = _weights(params)
            check_count(leaves, weights, "params")
            shrink = step_size * weight_decay
            updates = [u - p * shrink for u, p in zip(updates, weights, strict=True)]
        state = AdamState(count, tuple(means), tuple(squares))
        return tree.unflatten(structure, [whole(u) for u in updates]), state

    return Optimizer(init, update)


def _weights(params: Tree | None) -> list[Array]:
    if params is None:
        raise InvalidArgument("adamw shrinks the params, so call update(grads, state, params)")
    return tree.leaves(params)
