"""The kernel of a fused step: by elements, by rows, or by what is summed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gpugrad.engines.cuda.columns import ColumnKernelWriter
from gpugrad.engines.cuda.elements import ElementKernelWriter
from gpugrad.engines.cuda.inner_sums import InnerSumKernelWriter
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.kernel_writer import KernelWriter
from gpugrad.engines.cuda.reduced import Reduced, reads_once
from gpugrad.engines.cuda.rows import RowKernelWriter
from gpugrad.plan.layouts import Layout
from gpugrad.plan.nest import nest_of
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import SUMMED, Region


def write_kernel(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    numbers: Mapping[int, object],
    words: Mapping[int, int] = MappingProxyType({}),
    views: Mapping[int, Layout] = MappingProxyType({}),
) -> Kernel:
    """The kernel of a fused step.

    `numbers` are the values of constants that have no axes, and `words` says for slots whose
    address is only known when a plan runs where it lies in the table. Operands in `views` are read
    where they lie scattered.
    """
    return _writer(name, step, slots, numbers, words, views).kernel()


def blocks_of(step: Step, slots: tuple[Slot, ...]) -> int:
    """How many blocks the kernel of a fused step has."""
    return _writer("", step, slots, {}, {}, {}).grid


def _writer(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    numbers: Mapping[int, object],
    words: Mapping[int, int],
    views: Mapping[int, Layout],
) -> KernelWriter:
    use = nest_of(step, slots, numbers.keys())
    reduced = Reduced(use.nest)
    writer: type[KernelWriter] = ElementKernelWriter
    if reduced.by_columns:
        writer = ColumnKernelWriter
    elif reduced.by_places:
        writer = InnerSumKernelWriter
    elif reduced.by_rows:
        writer = RowKernelWriter
    return writer(name, step, slots, use, reduced, numbers, words, views)


def can_read_views(step: Step, slots: tuple[Slot, ...]) -> bool:
    """Whether the kernel of a fused step may read scattered views: it reads each element once."""
    return reads_once(nest_of(step, slots, ()).nest)


def can_write(region: Region) -> bool:
    """Whether threads have a way through a region.

    They have where sums over any axes, all over the same ones, are all that it reduces.
    """
    summed = {s.setting("axes") for s in region.steps if region.kinds[s.outputs[0]] == SUMMED}
    made = sum(kind == SUMMED for kind in region.kinds.values())
    reduces = sum(step.op in REDUCTIONS or step.op == "nll" for step in region.steps)
    return not summed or (len(summed) == 1 and reduces == made)
