"""What looks at plans on their way to an engine: nothing, but in tests and under `gg.debug`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from gpugrad.context import listed

if TYPE_CHECKING:
    from gpugrad.plan.placement import Placement
    from gpugrad.plan.plan import Plan

Observer: TypeAlias = "Callable[[Plan, str, Placement | None], None]"

observers: list[Observer] = []
"""Each is called with a plan, the name of the pass that made it, and where its slots lie once that
is decided."""


def show(plan: Plan, made_by: str, placement: Placement | None = None) -> None:
    """Let all observers look at a plan; the first that raises ends it."""
    for observer in observers:
        observer(plan, made_by, placement)


def shown(plan: Plan, made_by: str) -> Plan:
    """`plan`, after all observers have looked at it."""
    show(plan, made_by)
    return plan


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Inside, in all threads, `observer` sees each plan that is made."""
    looking: Observer = partial(observer)           # of which there may be several
    with listed(observers, looking):
        yield
