"""Gradient descent, plain, with momentum, or with Nesterov's look ahead."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.backends.one_place import in_one_place
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import (
    Optimizer,
    Schedule,
    check_count,
    checked,
    scaled,
    schedule_of,
    update_of,
    whole,
    zeros,
)
from gpugrad.optim.leaves import params_of
from gpugrad.types import Array


class SgdState(NamedTuple):
    """The state of `sgd`: updates made so far, and for each leaf the velocity.

    Without momentum, there is no velocity.

    Example:
        >>> gg.optim.sgd(0.1, momentum=0.9).init(np.array([1.0, 2.0])).velocity
        (array([0., 0.]),)
    """

    steps: int
    velocity: tuple[Array, ...]


def sgd(lr: float | Schedule, momentum: float = 0.0, nesterov: bool = False) -> Optimizer:
    """Gradient descent, optionally with momentum.

    `v ← momentum·v + g`, then `p ← p − lr·v`; with `nesterov`, `p ← p − lr·(g + momentum·v)`.

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        momentum: The share of the velocity that each step keeps, in [0, 1); at 0 there is no
            velocity and the state holds no arrays.
        nesterov: Whether to look ahead along the velocity.

    Example:
        >>> opt = gg.optim.sgd(0.1, momentum=0.9)
        >>> w = np.array([1.0])
        >>> updates, state = opt.update(np.array([2.0]), opt.init(w))
        >>> gg.optim.apply_updates(w, updates)
        array([0.8])
    """
    rate = schedule_of(lr)
    momentum = checked("momentum", momentum, 0.0, 1.0)
    if nesterov and not momentum:
        raise InvalidArgument("nesterov looks along the momentum, which is 0; try momentum=0.9")

    @in_one_place("opt.init")
    def init(params: object) -> SgdState:
        leaves = params_of(params)
        return SgdState(0, zeros(leaves) if momentum else ())

    @update_of(SgdState)
    def update(
        leaves: list[Array], state: SgdState, _: list[Array] | None
    ) -> tuple[list[Array], SgdState]:
        factor = -rate(state.steps, leaves)
        velocity: list[Array] = []
        steps = leaves
        if momentum:
            check_count(leaves, state.velocity, "state")
            held = state.velocity
            velocity = [whole(v * momentum + g) for v, g in zip(held, leaves, strict=True)]
            steps = velocity
            if nesterov:
                steps = [v * momentum + g for v, g in zip(velocity, leaves, strict=True)]
        return scaled(steps, factor), SgdState(state.steps + 1, tuple(velocity))

    return Optimizer(init, update)
