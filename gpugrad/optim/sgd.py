"""Gradient descent, plain, with momentum, or with Nesterov's look ahead."""

from __future__ import annotations

from typing import NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Optimizer, by_leaves, check_count
from gpugrad.optim.rates import Schedule, checked, scaled, schedule_of, whole
from gpugrad.optim.running_means import narrow, wide, zero_like
from gpugrad.short_repr import shortly
from gpugrad.signatures import telling
from gpugrad.types import Array


@shortly
class SgdState(NamedTuple):
    """The state of `sgd`: updates made so far, and for each leaf the velocity.

    Without momentum, there is no velocity. Of numbers of 16 bits it is float32.

    Example:
        >>> gg.optim.sgd(0.1, momentum=0.9).init(np.array([1.0, 2.0])).velocity
        (array([0., 0.]),)
    """

    steps: int
    velocity: tuple[Array, ...]


@telling("gg.optim.sgd")
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

    def start(params: list[Array]) -> SgdState:
        return SgdState(0, tuple(map(zero_like, params)) if momentum else ())

    def step(
        leaves: list[Array], state: SgdState, _: list[Array] | None
    ) -> tuple[list[Array], SgdState]:
        factor = -rate(state.steps, leaves)
        velocity: tuple[Array, ...] = ()
        steps = leaves
        if momentum:
            check_count(leaves, state.velocity, "state")
            velocity, steps = moved(state.velocity, leaves, momentum, nesterov)
        return scaled(steps, factor), SgdState(state.steps + 1, velocity)

    return by_leaves(SgdState, start, step)


@shortly
class TraceState(NamedTuple):
    """The state of `trace`: the velocity of each leaf, of numbers of 16 bits in float32.

    Example:
        >>> gg.optim.trace(0.9).init(np.zeros(2)).velocity
        (array([0., 0.]),)
    """

    velocity: tuple[Array, ...]


def trace(decay: float, nesterov: bool = False) -> Optimizer:
    """Momentum, for `gg.optim.chain`: updates become `v ← decay·v + u`.

    Args:
        decay: The share of the velocity that each step keeps, in [0, 1).
        nesterov: Whether to look ahead: then updates become `u + decay·v`.

    Example:
        >>> opt = gg.optim.chain(gg.optim.trace(0.5), gg.optim.scale_by_learning_rate(0.1))
        >>> state = opt.init(np.zeros(1))
        >>> for _ in range(2):
        ...     updates, state = opt.update(np.array([2.0]), state)
        >>> updates
        array([-0.3])
    """
    decay = checked("decay", decay, 0.0, 1.0)

    def step(
        leaves: list[Array], state: TraceState, _: list[Array] | None
    ) -> tuple[list[Array], TraceState]:
        check_count(leaves, state.velocity, "state")
        velocity, updates = moved(state.velocity, leaves, decay, nesterov)
        # A copy, where else the updates would be the state itself.
        copies = [whole(u) if nesterov else namespace_of(u).copy(u) for u in updates]
        return copies, TraceState(velocity)

    return by_leaves(TraceState, lambda params: TraceState(tuple(map(zero_like, params))), step)


def moved(
    held: tuple[Array, ...], leaves: list[Array], decay: float, nesterov: bool
) -> tuple[tuple[Array, ...], list[Array]]:
    """The next velocity of each leaf, and what to go along."""
    grads = list(map(wide, leaves))
    velocity = [whole(v * decay + g) for v, g in zip(held, grads, strict=True)]
    steps = velocity
    if nesterov:
        steps = [v * decay + g for v, g in zip(velocity, grads, strict=True)]
    return tuple(velocity), [narrow(s, g) for s, g in zip(steps, leaves, strict=True)]
