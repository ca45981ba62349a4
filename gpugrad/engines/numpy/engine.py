"""The NumPy engine: a plan as a generated Python function of NumPy calls into planned buffers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gpugrad.backends.collectives import BEGINS, Carrier
from gpugrad.engines.blas_threads import fitting, largest
from gpugrad.engines.numpy.tiles import tiled
from gpugrad.engines.numpy.writer import Given, NumpyWriter
from gpugrad.engines.program import Make, Program, Run
from gpugrad.plan.effects import COMMUNICATE, collective
from gpugrad.plan.observers import shown
from gpugrad.plan.passes.memory import ALIGNMENT
from gpugrad.plan.passes.overlap import overlapped_on_host
from gpugrad.plan.plan import Plan


class Instance:
    """A compiled plan with an arena of its own (see `pool.py`)."""

    __slots__ = (
        "__weakref__", "_context", "_function", "_product", "donated", "held", "kept", "memory",
        "run",
    )  # fmt: skip

    def __init__(
        self, make: Make, size: int, product: int, worlds: Collection[Carrier] = ()
    ) -> None:
        """Make an engine for a BLAS and worlds.

        `product` is the size of the largest product of a BLAS (see `blas_threads.py`), and `worlds`
        are those whose sums travel while others are computed.
        """
        raw = np.empty(size + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        self._function, self.donated = make(raw[start : start + size])
        self.kept: tuple[object, ...] = ()
        self.held = 0
        self.memory = raw
        # Warnings about special values are the business of eager code. Entering a context in which
        # they are off costs less than turning them off and on.
        self._context = copy_context()
        self._context.run(np.seterr, all="ignore")
        self._product = product
        if worlds:
            self._function = _finishing(self._function, worlds)
        self.run_as(lambda run: run)

    def run_as(self, variant: Callable[[Run], Run]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""
        run = fitting(self._product, variant(self._function))
        self.run = partial(self._context.run, run)

    def settle(self) -> None:
        """Nothing: a call has done its work when it returns."""


def travelling(plan: Plan) -> set[Carrier]:
    """The worlds over which sums travel in a plan."""
    calls = [collective(step) for step in plan.steps if step.op == COMMUNICATE]
    return {call.world for call in calls if call is not None and call.part == BEGINS}


def _finishing(run: Run, worlds: Collection[Carrier]) -> Run:
    """The same, which leaves nothing under way where it raises."""
    def finishing(*args: Any) -> Any:
        try:
            return run(*args)
        except BaseException:
            for world in worlds:
                world.finish()
            raise

    return finishing


@dataclass(eq=False)
class NumpyProgram(Program):
    """A plan compiled for NumPy: `instance` gives it memory, in which `make` binds its arrays."""

    engine = "numpy"

    make: Make
    worlds: Collection[Carrier]

    def instance(self) -> Instance:
        """The program with an arena of its own."""
        product = largest(self.plan, self.plan.steps)
        return Instance(self.make, self.placement.size, product, self.worlds)


def compile_plan(plan: Plan, given: Given = None) -> NumpyProgram:
    """`plan` compiled for NumPy.

    With `given`, a run takes one list that holds the inputs, and empties it. It then needs no more
    memory than its operations in turn: what is large does not lie in the arena.
    """
    plan = shown(overlapped_on_host(plan), "overlap")
    plan = shown(tiled(plan), "tiles")
    writer = NumpyWriter(plan, compile_plan, given)
    code = writer.code()
    make = code.make(writer.scope)
    worlds = travelling(plan)
    return NumpyProgram(
        plan, writer.placement, code, writer.spans, writer.pools, make, worlds
    )
