"""Updates times a number: a fixed one, the learning rate, or another function of the step."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from gpugrad.backends import namespace_of
from gpugrad.optim.base import Optimizer, by_leaves, stateless
from gpugrad.optim.rates import Schedule, checked, scaled, schedule_of
from gpugrad.short_repr import shortly
from gpugrad.types import Array


@shortly
class ScheduleState(NamedTuple):
    """The state of `scale_by_schedule`: updates made so far.

    Example:
        >>> gg.optim.scale_by_schedule(gg.optim.linear(1.0, 0.0, 10)).init(np.zeros(1))
        ScheduleState(steps=0)
    """

    steps: int


def scale(factor: float) -> Optimizer:
    """Updates times `factor`, for `gg.optim.chain`.

    Args:
        factor: Any finite number.

    Example:
        >>> opt = gg.optim.scale(-0.5)
        >>> opt.update(np.array([1.0]), opt.init(np.zeros(1)))[0]
        array([-0.5])
    """
    factor = checked("factor", factor, -inf)
    return stateless(lambda leaves, weights: scaled(leaves, factor))


def scale_by_learning_rate(lr: float | Schedule, flip_sign: bool = True) -> Optimizer:
    """Updates times `−lr`: the last part of a chain whose updates point up the gradient.

    Args:
        lr: The learning rate, or a function of the number of updates before the step.
        flip_sign: Whether to change the sign.

    Example:
        >>> opt = gg.optim.scale_by_learning_rate(0.1)
        >>> opt.update(np.array([2.0]), opt.init(np.zeros(1)))[0]
        array([-0.2])
    """
    rate, sign = schedule_of(lr), -1.0 if flip_sign else 1.0
    if not callable(lr):
        return scale(sign * checked("lr", lr, 0.0))

    def step(
        leaves: list[Array], state: ScheduleState, _: list[Array] | None
    ) -> tuple[list[Array], ScheduleState]:
        factor = sign * rate(state.steps, leaves)
        return scaled(leaves, factor), ScheduleState(state.steps + 1)

    return by_leaves(ScheduleState, lambda params: ScheduleState(0), step)


def scale_by_schedule(schedule: Schedule) -> Optimizer:
    """Updates times a function of the step, which may be negative: the sign is not changed.

    Args:
        schedule: The factor as a function of the number of updates before the step.

    Example:
        >>> opt = gg.optim.scale_by_schedule(lambda step: 1 / (1 + step))
        >>> state = opt.init(np.zeros(1))
        >>> for _ in range(4):
        ...     updates, state = opt.update(np.array([2.0]), state)
        >>> updates
        array([0.5])
    """
    factor = schedule_of(schedule, "the factor", -inf)

    def step(
        leaves: list[Array], state: ScheduleState, _: list[Array] | None
    ) -> tuple[list[Array], ScheduleState]:
        return scaled(leaves, factor(state.steps, leaves)), ScheduleState(state.steps + 1)

    return by_leaves(ScheduleState, lambda params: ScheduleState(0), step)


def set_to_zero() -> Optimizer:
    """Updates of zero, for what is not to change; `gg.optim.freeze` does so for a part.

    Example:
        >>> opt = gg.optim.set_to_zero()
        >>> opt.update(np.array([2.0]), opt.init(np.zeros(1)))[0]
        array([0.])
    """
    return stateless(lambda leaves, weights: [namespace_of(g).zeros_like(g) for g in leaves])
