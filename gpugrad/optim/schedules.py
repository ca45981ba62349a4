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
from gpugrad.optim.rates import Schedule, checked, counted
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
        raise InvalidArgument(f"warmup is {warmup}; expected at least 0 and below steps, {steps}")

    half, after = (peak - end) * 0.5, steps - warmup

    def rate(step: Any) -> object:
        of = functions_of(step)
        gone = 1.0 * of.minimum(step - warmup, after)   # the same quotient, and none of integers
        falling = end + half * (1.0 + of.cos(pi * (gone / after)))
        if not warmup:
            return falling
        return of.where(step < warmup, peak * (step + 1) / (warmup + 1), falling)

    return _of_steps(rate)


def polynomial(start: float, end: float, power: float, steps: int, begin: int = 0) -> Schedule:
    """`start` up to step `begin`, then a fall to `end`, reached `steps` steps later and kept.

    In between it is `end + (start − end)·(1 − t)**power`, where `t` goes from 0 to 1.

    Args:
        start: The first rate.
        end: The final rate.
        power: How fast it falls at first, above 0; 1 is linear.
        steps: The number of steps of the fall.
        begin: The step at which the fall begins.

    Example:
        >>> rate = gg.optim.polynomial(1.0, 0.0, power=2, steps=10)
        >>> rate(0), rate(5), rate(20)
        (1.0, 0.25, 0.0)
    """
    start, end = checked("start", start, 0.0), checked("end", end, 0.0)
    power, begin = checked("power", power, 0.0), counted("begin", begin, 0)
    steps = _steps(steps)
    if not power:
        raise InvalidArgument("power is 0; expected a number above 0")

    def rate(step: Any) -> object:
        of = functions_of(step)
        gone = 1.0 * of.minimum(of.maximum(step - begin, 0), steps)
        return end + (start - end) * (1.0 - gone / steps) ** power

    return _of_steps(rate)


def one_cycle(
    peak: float,
    steps: int,
    rise: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Schedule:
    """Half a cosine up to `peak`, then half a cosine down to almost nothing: the 1cycle policy.

    It begins at `peak / div_factor` and ends at that divided by `final_div_factor` (Smith and Topin
    2018, arXiv:1708.07120).

    Args:
        peak: The largest rate.
        steps: The step at which it ends; the last rate is kept.
        rise: The share of the steps that the rise takes, in (0, 1).
        div_factor: How many times smaller the first rate is, at least 1.
        final_div_factor: How many times smaller than the first one the last rate is, at least 1.

    Example:
        >>> rate = gg.optim.one_cycle(1.0, steps=100)
        >>> rate(0), rate(30), rate(100)
        (0.04, 1.0, 4e-06)
    """
    peak, steps = checked("peak", peak, 0.0), _steps(steps)
    rise = checked("rise", rise, 0.0, 1.0)
    first = peak / checked("div_factor", div_factor, 1.0)
    last = first / checked("final_div_factor", final_div_factor, 1.0)
    top = int(rise * steps)
    if not 0 < top < steps:
        raise InvalidArgument(
            f"rise is {rise}, which is {top} of {steps} steps; expected at least one step of "
            "rise and one of fall"
        )

    def rate(step: Any) -> object:
        of = functions_of(step)
        up = 0.5 - 0.5 * of.cos(pi * (1.0 * of.minimum(step, top) / top))
        down = 0.5 + 0.5 * of.cos(pi * (1.0 * of.minimum(step - top, steps - top) / (steps - top)))
        return of.where(step < top, first + (peak - first) * up, last + (peak - last) * down)

    return _of_steps(rate)


def warmup(schedule: float | Schedule, steps: int) -> Schedule:
    """A linear rise over the first `steps` steps to the first rate of `schedule`, which follows.

    As in `cosine`, the rate of the first step is the `steps + 1`-th part of it, not 0.

    Args:
        schedule: A rate or a schedule; after the rise it begins with its step 0.
        steps: The number of steps of the rise, at least 1.

    Example:
        >>> rate = gg.optim.warmup(gg.optim.exponential(1.0, 0.5, steps=10), steps=4)
        >>> rate(0), rate(4), rate(14)
        (0.2, 1.0, 0.5)
    """
    count = counted("steps", steps, 1)
    after = schedule if callable(schedule) else constant(schedule)

    def rate(step: Any) -> object:
        of = functions_of(step)
        full = after(of.maximum(step - count, 0))
        return of.where(step < count, full * ((step + 1) / (count + 1)), full)

    return _of_steps(rate)


def join_schedules(schedules: Sequence[float | Schedule], boundaries: Sequence[int]) -> Schedule:
    """One schedule after another, each of which begins with its step 0.

    Args:
        schedules: Rates or schedules, at least one.
        boundaries: The steps at which the second, third, ... begin, ascending.

    Raises:
        InvalidArgument: If there is not one boundary less than schedules, or they do not ascend.

    Example:
        >>> halves = [gg.optim.linear(1.0, 0.0, 10), gg.optim.linear(0.5, 0.0, 10)]
        >>> rate = gg.optim.join_schedules(halves, boundaries=[10])
        >>> rate(0), round(rate(9), 6), rate(10), rate(15)
        (1.0, 0.1, 0.5, 0.25)
    """
    parts = [part if callable(part) else constant(part) for part in schedules]
    places = settled(boundaries)
    if not isinstance(places, tuple | list) or not all(map(_is_finite, places)):
        raise InvalidArgument(
            f"the boundaries are {boundaries}; expected a sequence of numbers"
        )
    if len(places) != len(parts) - 1 or list(places) != sorted(places):
        raise InvalidArgument(
            f"the boundaries are {boundaries}; between {len(parts)} schedules, expected "
            f"{max(len(parts) - 1, 0)} ascending ones"
        )

    def rate(step: Any) -> object:
        of = functions_of(step)
        found = parts[0](step)
        for begin, part in zip(places, parts[1:], strict=True):
            found = of.where(step < begin, found, part(of.maximum(step - begin, 0)))
        return found

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
            f"the steps to change the rate at are {at}; expected a sequence of numbers"
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
        raise InvalidArgument(f"steps is {steps}; expected a number of at least 1")
    return steps
