"""Learning rates that change with the step: functions from the number of updates to the rate."""

from __future__ import annotations

from bisect import bisect_right
from math import cos, pi

from gpugrad.errors import InvalidArgument
from gpugrad.optim.base import Schedule, checked


def constant(rate: float) -> Schedule:
    """`rate` at every step."""
    checked("rate", rate, 0.0)
    return lambda step: rate


def linear(start: float, end: float, steps: int) -> Schedule:
    """From `start` straight to `end`, which is reached at step `steps` and kept."""
    checked("start", start, 0.0)
    checked("end", end, 0.0)
    _check_steps(steps)
    return lambda step: start + (end - start) * min(step, steps) / steps


def cosine(peak: float, steps: int, warmup: int = 0, end: float = 0.0) -> Schedule:
    """Straight up to `peak` over the first `warmup` steps, then down half a cosine to `end`.

    The rate of the first step is `peak / (warmup + 1)`, not 0; `end` is reached at step `steps`.
    """
    checked("peak", peak, 0.0)
    checked("end", end, 0.0)
    _check_steps(steps)
    if not 0 <= warmup < steps:
        raise InvalidArgument(f"warmup is {warmup}; wanted is at least 0 and below steps, {steps}")

    def rate(step: int) -> float:
        if step < warmup:
            return peak * (step + 1) / (warmup + 1)
        done = min(step - warmup, steps - warmup) / (steps - warmup)
        return end + (peak - end) * 0.5 * (1.0 + cos(pi * done))

    return rate


def exponential(start: float, factor: float, steps: int) -> Schedule:
    """`start · factor**(step / steps)`: smoothly multiplied by `factor` every `steps` steps."""
    checked("start", start, 0.0)
    checked("factor", factor, 0.0)
    _check_steps(steps)
    return lambda step: float(start * factor ** (step / steps))


def piecewise(start: float, factor: float, at: tuple[int, ...]) -> Schedule:
    """`start`, multiplied by `factor` at each of the steps `at`, which ascend."""
    checked("start", start, 0.0)
    checked("factor", factor, 0.0)
    if list(at) != sorted(at):
        raise InvalidArgument(f"the steps to change the rate at are {at}; they must ascend")
    return lambda step: float(start * factor ** bisect_right(at, step))


def _check_steps(steps: int) -> None:
    if steps < 1:
        raise InvalidArgument(f"steps is {steps}; wanted is at least 1")
