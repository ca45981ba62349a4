"""The CuPy engine: a plan as CUDA graphs of generated kernels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from gpugrad.engines.cuda import table
from gpugrad.engines.cuda.carried import is_carried
from gpugrad.engines.cuda.compiled import function, headers
from gpugrad.engines.cuda.fewest_launches import arranged
from gpugrad.engines.cuda.fused import can_write
from gpugrad.engines.cuda.host_numbers import split
from gpugrad.engines.cuda.instance import Instance
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.writer import CupyWriter
from gpugrad.engines.program import Make, Program
from gpugrad.forks import kept
from gpugrad.plan.observers import show, shown
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.overlap import overlapped, without_varying
from gpugrad.plan.plan import Plan


def _clock() -> int:
    """Nanoseconds when the current stream has done what it was given."""
    import cupy

    cupy.cuda.get_current_stream().synchronize()
    return perf_counter_ns()


@dataclass(eq=False)
class CupyProgram(Program):
    """A plan compiled for CuPy: `instance` gives it memory.

    `scope` is what the source names beside its `kernels`, and those that write a table of each of
    the sizes `givers`; what it names in `moved` has to be moved to the device.
    """

    engine = "cupy"
    plain_numbers = True
    clock = staticmethod(_clock)

    kernels: list[Kernel]
    givers: set[int]
    moved: list[str]
    scope: dict[str, Any]
    _made: Make | None = None

    @kept
    def kernel_source(self) -> str:
        """The kernels that it launches, with what they call."""
        names: dict[str, list[str]] = {}            # in this program, of each kernel
        for kernel in self.kernels:
            names.setdefault(kernel.compiled.source, []).append(kernel.name)
        known = (f"// {', '.join(found)}\n{source}" for source, found in names.items())
        return "\n".join([headers(), *map(table.giver, sorted(self.givers)), *known])

    def _make(self) -> Make:
        """What makes the memory of an instance and its functions.

        There is no lock, which an interrupt could leave locked: threads that come first make one
        each, and each of these is whole.
        """
        if self._made is None:
            self._made = self._loaded()
        return self._made

    def _loaded(self) -> Make:
        import cupy

        scope = dict(self.scope)
        for kernel in self.kernels:
            compiled = kernel.compiled
            scope[kernel.name] = function(compiled.name, compiled.source)
        for count in self.givers:
            scope[table.name(count)] = function(table.name(count), table.giver(count))
        # On a stream of their own, which is waited for: nobody who uses them later would be.
        with cupy.cuda.Stream(non_blocking=True) as stream:
            scope |= {name: cupy.asarray(scope[name]) for name in self.moved}
        stream.synchronize()
        return self.code.make(scope)

    def instance(self) -> Instance:
        """The program with an arena of its own; the first one compiles the kernels."""
        return Instance(self._make(), self.placement.size)


def compile_plan(
    plan: Plan, numbers: Collection[int] = (), plain: Collection[int] = ()
) -> CupyProgram:
    """`plan` for CuPy, whose kernels are compiled when the first instance is made.

    `numbers` are the inputs for which a call brings Python numbers and not arrays, and `plain` the
    places of the outputs that it wants as such.
    """
    device, host = split(without_varying(plan), numbers, plain)
    for part in (device, host):
        show(part, "host_numbers")
    device = shown(overlapped(device, is_carried, small=True), "overlap")
    arrangement = arranged(shown(fuse(device, spread=True, fits=can_write), "fuse"))
    writer = CupyWriter(arrangement, numbers, host, plan, plain)
    code = writer.code()
    return CupyProgram(
        plan=arrangement,
        placement=writer.placement,
        code=code,
        spans=writer.spans,
        pools=writer.pools,
        details=writer.details,
        kernels=writer.kernels,
        givers=writer.givers,
        moved=writer.moved,
        scope=writer.scope,
    )
