"""Collectives in plans for GPUs: launches in a graph where NCCL carries them, else calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gpugrad.backends.collectives import Collective
from gpugrad.engines.cuda.capture import is_trial
from gpugrad.plan.effects import collective
from gpugrad.plan.plan import Step

if TYPE_CHECKING:
    import cupy


def is_carried(step: Step) -> bool:
    """Whether a step is a collective that is launched.

    The first time that a world is asked, all of its ranks choose together what carries arrays.
    """
    call = collective(step)
    return call is not None and call.world.on_gpus() is not None


def launched(call: Collective, x: cupy.ndarray, y: cupy.ndarray) -> Callable[[], None]:
    """What launches a collective from `x` to `y`.

    Where kernels are loaded before a capture, the other ranks do not take part: one may need memory
    for a second caller, and they not.
    """
    carrier = call.world.on_gpus()
    assert carrier is not None                      # as `is_carried` found
    found = carrier.launches(call, x, y)

    def launch() -> None:
        if is_trial():
            found.alone()
        else:
            found()

    return launch
