"""How many bytes plans may take: those of one function under `gg.jit`, and those of all sweeps."""

from __future__ import annotations

from collections.abc import Iterator

from gpugrad.executor.plan import Plan

CAPACITY = 2**27
"""Bytes that plans and their memory may take; of more, the least recently used go."""

REMEMBERED = 2**13
"""Signatures without a plan of which something is known, such as how often they were met."""

_PLAN, _STEP = 2**14, 2**10
"""Bytes that a compiled plan takes, and more for each of its steps: objects, source and code."""


def bytes_of(plan: Plan) -> int:
    """What a compiled plan takes without the memory in which it runs: constants, and about what its
    steps do, in all engines.
    """
    plans = [plan, *_inside(plan)]
    constants = {id(data): len(data) for p in plans for _, c in p.constants for data in (c.data,)}
    steps = sum(max(1, len(step.body)) for p in plans for step in p.steps)
    return _PLAN * len(plans) + _STEP * steps + sum(constants.values())


def _inside(plan: Plan) -> Iterator[Plan]:
    """The plans in the settings of steps, at every depth."""
    for step in plan.steps:
        for _, value in step.settings:
            if isinstance(value, Plan):
                yield value
                yield from _inside(value)
