"""The native engine: a plan as a short program of calls to kernels of machine code.

It is the NumPy engine with runs of steps replaced by blocks for the driver: fused steps as kernels,
which are compiled once for each structure, products, copies and checks. What has no kernel is
called between them as the NumPy engine does it, in the same arena.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from gpugrad.backends.collectives import Carrier
from gpugrad.engines.blas_threads import largest
from gpugrad.engines.native.frame import Run
from gpugrad.engines.native.fusion import fused
from gpugrad.engines.native.writer import MUSTER, NativeWriter, obstacle
from gpugrad.engines.numpy.engine import Instance, travelling
from gpugrad.engines.program import KernelsOf, Make, NoteKernels, Program
from gpugrad.forks import kept, unforked
from gpugrad.plan.listing import place
from gpugrad.plan.observers import shown
from gpugrad.plan.passes.overlap import overlapped_on_host
from gpugrad.plan.passes.parallel import by_work, split
from gpugrad.plan.plan import Plan, Slot


@dataclass(eq=False)
class NativeProgram(Program):
    """A plan as blocks for the driver, and what runs between them.

    `runs` are the programs of the driver by name, `scope` what the source names beside them, and
    `worlds` those whose sums travel.
    """

    engine = "native"

    runs: dict[str, Run]
    scope: dict[str, object]
    worlds: Collection[Carrier]
    _made: Make | None = None

    @kept
    def kernel_source(self) -> str:
        """Its kernels, as text for LLVM and as instructions of the processor."""
        # Imported now, because it loads LLVM.
        from gpugrad.engines.native.reports import source_of

        return source_of(self.runs, lambda step: place(step.line))

    def within(self) -> dict[str, tuple[KernelsOf, ...]]:
        """The steps of each run, with their kernels."""
        from gpugrad.engines.native.reports import kernels_of

        return {name: kernels_of(run) for name, run in self.runs.items()}

    def timed(self, note: NoteKernels) -> dict[str, object]:
        """Runs that tell how long each of their steps takes."""
        from gpugrad.engines.native.clock import CAN_TIME
        from gpugrad.engines.native.reports import timed

        return {name: timed(name, run, note) for name, run in self.runs.items() if CAN_TIME}

    def _make(self) -> Make:
        """What makes the memory of an instance and its function.

        Threads that come first make one each, of kernels that there are once.
        """
        if self._made is None:
            with unforked:
                # Imported now, because it loads LLVM.
                from gpugrad.engines.native.driver import program
                from gpugrad.engines.native.machine_code import (
                    addresses_of,
                    driver_address,
                    help_address,
                )
                from gpugrad.engines.native.team import muster

            addresses = addresses_of(key for run in self.runs.values() for key in run.keys)
            scope = {**self.scope, MUSTER: partial(muster, help_address)}
            for name, run in self.runs.items():
                scope[name] = program(driver_address(), run.linked(addresses))
            self._made = self.code.make(scope)
        return self._made

    def likeness(self, slots: Sequence[Slot]) -> Callable[..., int]:
        """Machine code that says 1 where its arguments are arrays like `slots`, and else 0."""
        with unforked:
            # Imported now, because it loads LLVM.
            from gpugrad.engines.native.likeness import likeness
            from gpugrad.engines.native.machine_code import likeness_address

        return likeness(likeness_address(), slots)

    def instance(self) -> Instance:
        """The program with an arena of its own; the first one waits for the compiler."""
        by_blas = [step for step in self.plan.steps
                   if step.op == "matmul" and obstacle(self.plan, step)]  # fmt: skip
        product = largest(self.plan, by_blas)
        return Instance(self._make(), self.placement.size, product, self.worlds)


def compile_plan(plan: Plan) -> NativeProgram:
    """`plan` for the driver; kernels are compiled when the first instance is made."""
    plan = shown(overlapped_on_host(plan), "overlap")
    plan = shown(fused(plan), "fuse")
    parted = shown(split(plan, by_work), "parallel")
    if parted is not plan:
        plan = shown(fused(parted), "fuse")
    writer = NativeWriter(plan, compile_plan)
    code = writer.code()
    return NativeProgram(
        plan, writer.placement, code, writer.spans, writer.pools, writer.runs, writer.scope,
        travelling(plan),
    )
