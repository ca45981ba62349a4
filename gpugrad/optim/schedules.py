"""Learning rates that change with the step: functions from the number of updates to the rate."""

from __future__ import annotations

from math import pi
from typing import Any

from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Schedule, checked
from gpugrad.optim.numbers import functions_of


def constant(rate: float) -> Schedule:
    """`rate` at every step."""
    checked("rate", rate, 0.0)
    return lambda step: rate


def linear(start: float, end: float, steps: int) -> Schedule:
    """From `start` straight to `end`, which is reached at step `steps` and kept."""
    checked("start", start, 0.0)
    checked("end", end, 0.0)
    _check_steps(steps)

    def rate(step: int) -> Any:
        return start + (end - start) * functions_of(step).minimum(step, steps) / steps

    return rate


def cosine(peak: float, steps: int, warmup: int = 0, end: float = 0.0) -> Schedule:
    """Straight up to `peak` over the first `warmup` steps, then down half a cosine to `end`.

    The rate of the first step is `peak / (warmup + 1)`, not 0; `end` is reached at step `steps`.
    """
    checked("peak", peak, 0.0)
    checked("end", end, 0.0)
    _check_steps(steps)
    if not 0 <= warmup < steps:
        raise InvalidArgument(f"warmup is {warmup}; wanted is at least 0 and below steps, {steps}")

    half, after = (peak - end) * 0.5, steps - warmup

    def rate(step: int) -> Any:
        of = functions_of(step)
        falling = end + half * (1.0 + of.cos(pi * (of.minimum(step - warmup, after) / after)))
        if not warmup:
            return falling
        return of.where(step < warmup, peak * (step + 1) / (warmup + 1), falling)

    return rate


def exponential(start: float, factor: float, steps: int) -> Schedule:
    """`start · factor**(step / steps)`: smoothly multiplied by `factor` every `steps` steps."""
    start, factor = checked("start", start, 0.0), checked("factor", factor, 0.0)
    _check_steps(steps)
    return lambda step: start * factor ** (step / steps)


def piecewise(start: float, factor: float, at: tuple[int, ...]) -> Schedule:
    """`start`, multiplied by `factor` at each of the steps `at`, which ascend."""
    start, factor = checked("start", start, 0.0), checked("factor", factor, 0.0)
    if list(at) != sorted(at):
        raise InvalidArgument(f"the steps to change the rate at are {at}; they must ascend")
    return lambda step: start * factor ** sum(step >= change for change in at)


def _check_steps(steps: int) -> None:
    if steps < 1:
        raise InvalidArgument(f"steps is {steps}; wanted is at least 1")
