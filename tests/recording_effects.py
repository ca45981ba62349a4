"""Two effects that note their calls: `note` gives its operand back, `tell` gives nothing.

They are rows of the table of primitives as long as a test runs, and functions of the namespaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.backends import Namespace
from gpugrad.core import registry
from gpugrad.plan.effects import has_effect
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitive import EFFECT, Primitive
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.tracing.batching import BatchingNamespace

Notes = list[tuple[str, list[float]]]

ROWS = (
    Primitive("note", EFFECT, makes=lambda operands, settings: operands[:1]),
    Primitive("tell", EFFECT, makes=lambda operands, settings: ()),
)


@contextmanager
def recording(*namespaces: Namespace) -> Iterator[Notes]:
    """What the effects were called with, in order."""
    notes: Notes = []

    def tell(x: Any, mark: str, xp: Namespace) -> None:
        notes.append((mark, np.asarray(xp.to_numpy(xp.as_array(x))).ravel().tolist()))

    def note(x: Any, mark: str, xp: Namespace) -> Any:
        tell(x, mark, xp)
        return x

    with pytest.MonkeyPatch.context() as patch:
        for row in ROWS:
            patch.setitem(PRIMITIVES, row.name, row)
        for xp in namespaces:
            patch.setattr(xp, "tell", lambda x, mark, xp=xp: tell(x, mark, xp), raising=False)
            patch.setattr(xp, "note", lambda x, mark, xp=xp: note(x, mark, xp), raising=False)
        try:
            yield notes
        finally:
            for row in ROWS:                        # which a batch keeps as it ran them
                if row.name in vars(BatchingNamespace):
                    delattr(BatchingNamespace, row.name)


def functions() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The effects as ops, whose gradient is that of the identity. They are not among those that
    other tests try, all that are registered.
    """

    @gg.op(lambda g: g)
    def noted(xp, x, *, mark="x"):
        """`x`, noted."""
        return xp.note(x, mark)

    @gg.op(lambda g: g)
    def told(xp, x, *, mark="x"):
        """`x`, which was told."""
        xp.tell(x, mark)
        return xp.multiply(x, 1)

    for name in ("noted", "told"):
        del registry._ops[name], vars(registry.namespace)[name]
    return noted, told


def marks(plan: Plan) -> list[str]:
    """The marks of the effects of a plan in its order, inside of its steps too."""
    found: list[str] = []

    def walk(steps: tuple[Step, ...]) -> None:
        for step in steps:
            if step.op in ("note", "tell"):
                args = (*step.setting("args"), *dict(step.setting("kwargs")).values())
                found.extend(x for x in args if isinstance(x, str))
            walk(step.body)
            for _, value in step.settings:
                if isinstance(value, Plan):
                    walk(value.steps)
        assert all(has_effect(s) for s in steps if s.op in ("note", "tell"))

    walk(plan.steps)
    return found
