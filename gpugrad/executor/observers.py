"""What looks at plans on their way to an engine: nothing, but in tests and under `gg.debug`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from gpugrad.executor.passes.memory import Placement
    from gpugrad.executor.plan import Plan

Observer: TypeAlias = "Callable[[Plan, str, Placement | None], None]"

observers: list[Observer] = []
"""Each is called with a plan, the name of the pass that made it, and where its slots lie once that
is decided."""


def show(plan: Plan, made_by: str, placement: Placement | None = None) -> None:
    """Let all observers look at a plan; the first that raises ends it."""
    for observer in observers:
        observer(plan, made_by, placement)


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Inside, in all threads, `observer` sees each plan that is made."""
    here = observers
    here.append(observer)
    try:
        yield
    finally:
        here.remove(observer)
