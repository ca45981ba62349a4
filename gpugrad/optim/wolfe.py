"""The search between two ends of a line for a step that meets the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gpugrad.core.registry import namespace as ops
from gpugrad.optim.rates import double
from gpugrad.types import Array

GROWTH = 2.0
"""By how much a step grows while the loss still falls at its end."""

FROM_ENDS = 0.1
"""The share of a bracket that each of its ends keeps from the next step to try."""


class End(NamedTuple):
    """A point on the line: the step, and the loss and its slope there."""

    step: Array
    value: Array
    slope: Array


class Search(NamedTuple):
    """Where a search stands.

    `low` is the end with the lowest loss so far, with its gradient `grads`; the step sought lies
    between it and `high`, whose step is infinite as long as none was too long. `step` is to be
    tried next, and `left` is not 0 until one was found that will do.
    """

    low: End
    high: End
    grads: list[Array]
    step: Array
    left: Array
    evaluations: int


def after_trying(
    search: Search,
    start: End,
    line: Callable[[Array], tuple[End, list[Array]]],
    decrease: float,
    flat: float,
    rtol: float,
) -> Search:
    """The search after one more step was tried."""
    low, high = search.low, search.high
    tried, grads = line(search.step)
    finite = ops.logical_and(ops.isfinite(tried.value), ops.isfinite(tried.slope))
    falls = ops.logical_or(
        tried.value <= start.value + decrease * tried.step * start.slope,
        ops.logical_and(
            tried.value <= start.value + rtol * ops.abs(start.value),
            tried.slope <= (2.0 * decrease - 1.0) * start.slope,
        ),
    )
    will_do = ops.logical_and(
        ops.logical_and(finite, falls), ops.abs(tried.slope) <= -flat * start.slope
    )
    lower = ops.logical_and(ops.logical_and(finite, falls), tried.value < low.value)
    better = ops.logical_or(will_do, lower)
    # Beyond what it tried, the loss rises: the minimum lies between there and the lowest end.
    turns = ops.where(high.step > low.step, tried.slope >= 0, tried.slope <= 0)
    far = _chosen(better, _chosen(turns, low, high), _chosen(finite, tried, _worthless(tried)))
    near = _chosen(better, tried, low)
    return Search(
        low=near,
        high=far,
        grads=[ops.where(better, a, b) for a, b in zip(grads, search.grads, strict=True)],
        step=_between(near, far),
        left=double(ops.where(will_do, 0.0, 1.0)),
        evaluations=search.evaluations + 1,
    )


def _between(low: End, high: End) -> Array:
    """The step to try next: the minimum of the cubic through both ends, away from these.

    It is the middle where the cubic has none, and beyond the lowest end without another one.
    """
    bounded = ops.isfinite(high.step)
    known = ops.logical_and(bounded, ops.isfinite(high.value))
    width = ops.where(bounded, high.step, low.step + 1.0) - low.step
    rise = ops.where(known, high.value, low.value) - low.value
    slope = low.slope + high.slope - 3.0 * rise / _not_0(width)
    unit = ops.maximum(ops.maximum(ops.abs(slope), ops.abs(low.slope)), ops.abs(high.slope))
    a, b, c = (x / _not_0(unit) for x in (slope, low.slope, high.slope))     # none overflows now
    root = ops.sqrt(ops.maximum(a * a - b * c, 0.0)) * ops.sign(width)
    bend = c - b + 2.0 * root
    share = ops.clip(1.0 - (c + root - a) / _not_0(bend), FROM_ENDS, 1.0 - FROM_ENDS)
    share = ops.where(ops.logical_and(known, bend != 0), share, 0.5)
    return ops.where(bounded, low.step + share * width, GROWTH * low.step)


def _not_0(x: Array) -> Array:
    made: Array = ops.where(x == 0, 1.0, x)
    return made


def _worthless(end: End) -> End:
    """A point whose loss or slope is not finite: nothing is computed from these."""
    infinite = ops.ones_like(end.value) * float("inf")
    return End(end.step, infinite, ops.zeros_like(end.slope))


def _chosen(condition: Array, one: End, other: End) -> End:
    return End(*(ops.where(condition, a, b) for a, b in zip(one, other, strict=True)))
