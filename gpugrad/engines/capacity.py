"""How many bytes plans may take: those of one function under `gg.jit`, and those of all sweeps."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpugrad.plan.plan import Plan

CAPACITY = 2**27
"""Bytes that plans and their memory may take; of more, the least recently used go."""

REMEMBERED = 2**13
"""Signatures without a plan of which something is known, such as how often they were met."""

_PLAN, _STEP = 2**14, 2**10
"""Bytes that a compiled plan takes, and more for each of its steps: objects, source and code."""


WORTH = 2**24
"""Bytes that were let go, from which on the system gets them back."""


class Released:
    """Counts bytes that plans let go, and returns them to the system.

    The C library keeps for itself what is freed between blocks that are in use. Where arrays grow
    from call to call, nothing fits there again, and a process would take more than any limit.
    """

    def __init__(self) -> None:
        self._nbytes = 0

    def add(self, nbytes: int) -> None:
        """Note that so many bytes were let go."""
        self._nbytes += nbytes
        if self._nbytes >= WORTH:
            self._nbytes = 0
            _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    """The function `malloc_trim` of glibc; nothing where there is none, as in other C libraries."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda pad: None


def bytes_of(*compiled: Plan) -> int:
    """What compiled plans take without the memory in which they run.

    These are constants, which they may share, and about what their steps do, in all engines.
    """
    plans = [*compiled]
    for plan in compiled:
        plans += _inside(plan)
    constants = {id(data): len(data) for p in plans for _, c in p.constants for data in (c.data,)}
    steps = sum(max(1, len(step.body)) for p in plans for step in p.steps)
    return _PLAN * len(plans) + _STEP * steps + sum(constants.values())


def _inside(plan: Plan) -> Iterator[Plan]:
    """The plans in the settings of steps, at every depth."""
    for step in plan.steps:
        for held in step.plans:
            yield held
            yield from _inside(held)
