"""Effects while a function is traced, or runs on a batch.

It says where there can be none, and what stands for their results where they do not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from gpugrad.backends import Namespace
from gpugrad.context import holding
from gpugrad.errors import UnsupportedOperand
from gpugrad.tracing.tracer import Traced, user_line
from gpugrad.types import Array

if TYPE_CHECKING:
    from gpugrad.plan.plan import Slot

_selecting: ContextVar[bool] = ContextVar("gpugrad_selecting", default=False)


@contextmanager
def without_effects() -> Iterator[None]:
    """Inside, an effect is refused: what runs may be for nobody."""
    with holding(_selecting, True):
        yield


def check_effect(name: str) -> None:
    """Raises `UnsupportedOperand` where an effect may not run."""
    if _selecting.get():
        raise UnsupportedOperand(
            f"{user_line()}: the effect {name!r} is in a branch of gg.cond under gg.vmap whose "
            "condition differs from part to part: both branches are computed for all parts, and it "
            "would run for those that take the other one. Move it out of the branch."
        )


def stand_ins(
    slots: Sequence[Slot], operands: Sequence[Traced], base: Namespace
) -> tuple[Array, ...]:
    """Arrays of the shapes and dtypes of what an effect will give when the plan runs.

    They are operands where these are such, since what follows may want more of values than that.
    """
    known = {x.tracer.slots[x.slot]: x.value for x in operands}
    return tuple(
        base.copy(known[slot]) if slot in known else base.zeros(slot.shape, dtype=slot.dtype)
        for slot in slots
    )
