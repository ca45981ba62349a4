"""Learning rates that change with the step: functions from the number of updates to the rate.

Settings are checked where a schedule is made. The step is a number, in a trace a Tensor in its
place, or an array of steps, of which each has its rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, pi
from typing import Any

from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import floating, is_weak
from gpugrad.optim.rates import Schedule, checked
from gpugrad.optim.step_functions import functions_of
from gpugrad.settings import settled


def _of_steps(rate: Callable[[Any], object]) -> Schedule:
    """`rate` for steps of any kind.

    Numbers of NumPy become those of Python, and arrays of integers, of which differences could wrap
    around, floating.
    """

    def schedule(step: Any) -> Any:
        if not getattr(step, "shape", ()):
            step = settled(step)
            return rate(floating(step) if hasattr(step, "dtype") and not is_weak(step) else step)
        step = floating(step)
        found = rate(step)
        return found if hasattr(found, "shape") else step * 0.0 + found

    return schedule


def constant(rate: float) -> Schedule:
    """A schedule of the learning rate that is `rate` at every step.

    Example:
        >>> gg.optim.constant(0.1)(1000)
        0.1
    """
    rate = checked("rate", rate, 0.0)
    return _of_steps(lambda step: rate)


def linear(start: float, end: float, steps: int) -> Schedule:
    """A linear change from `start` to `end`, which is reached at step `steps` and kept.

    Example:
        >>> rate = gg.optim.linear(1.0, 0.0, steps=10)
        >>> rate(0), rate(5), rate(20)
        (1.0, 0.5, 0.0)
    """
    start, end = checked("start", start, 0.0), checked("end", end, 0.0)
    steps = _steps(steps)

    def rate(step: object) -> object:
        return start + (end - start) * functions_of(step).minimum(step, steps) / steps

    return _of_steps(rate)


def cosine(peak: float, steps: int, warmup: int = 0, end: float = 0.0) -> Schedule:
    """A linear rise to `peak` over the first `warmup` steps, then half a cosine down to `end`.

    Args:
        peak: The largest rate.
        steps: The step at which `end` is reached.
        warmup: The number of steps of the rise; the rate of the first step is `peak / (warmup +
            1)`, not 0.
        end: The final rate, which is kept afterwards.

    Example:
        >>> rate = gg.optim.cosine(1.0, steps=100, warmup=10)
        >>> round(rate(0), 4), rate(10), round(rate(55), 4), rate(100)
        (0.0909, 1.0, 0.5, 0.0)
        >>> opt = gg.optim.adam(rate)
    """
    peak, end = checked("peak", peak, 0.0), checked("end", end, 0.0)
    steps, warmup = _steps(steps), settled(warmup)
    if not isinstance(warmup, int | float) or not 0 <= warmup < steps:
        raise InvalidArgument(f"warmup is {warmup}; wanted is at least 0 and below steps, {steps}")

    half, after = (peak - end) * 0.5, steps - warmup

    def rate(step: Any) -> object:
        of = functions_of(step)
        gone = 1.0 * of.minimum(step - warmup, after)   # the same quotient, and none of integers
        falling = end + half * (1.0 + of.cos(pi * (gone / after)))
        if not warmup:
            return falling
        return of.where(step < warmup, peak * (step + 1) / (warmup + 1), falling)

    return _of_steps(rate)


def exponential(start: float, factor: float, steps: int) -> Schedule:
    """`start · factor**(step / steps)`: smoothly multiplied by `factor` every `steps` steps.

    Example:
        >>> rate = gg.optim.exponential(1.0, 0.25, steps=100)
        >>> rate(0), rate(50), rate(100)
        (1.0, 0.5, 0.25)
    """
    start, factor = checked("start", start, 0.0), checked("factor", factor, 0.0)
    steps = _steps(steps)
    return _of_steps(lambda step: start * factor ** (step / steps))


def piecewise(start: float, factor: float, at: Sequence[int]) -> Schedule:
    """`start`, multiplied by `factor` at each of the ascending steps `at`.

    Example:
        >>> rate = gg.optim.piecewise(1.0, 0.5, at=[100, 200])
        >>> rate(99), rate(100), rate(200)
        (1.0, 0.5, 0.25)
    """
    start, factor = checked("start", start, 0.0), checked("factor", factor, 0.0)
    places = settled(at)
    if not isinstance(places, tuple | list) or not all(map(_is_finite, places)):
        raise InvalidArgument(
            f"the steps to change the rate at are {at}; wanted is a sequence of numbers"
        )
    if list(places) != sorted(places):
        raise InvalidArgument(f"the steps to change the rate at are {at}; they must ascend")
    changes = tuple(places)

    return _of_steps(lambda step: start * factor ** sum((step >= at) * 1 for at in changes))


def _is_finite(x: object) -> bool:
    return isinstance(x, int | float) and isfinite(x)


def _steps(steps: Any) -> Any:
    steps = settled(steps)
    if not _is_finite(steps) or steps < 1:
        raise InvalidArgument(f"steps is {steps}; wanted is a number of at least 1")
    return steps
