"""A fused step that sums columns, as the source of one CUDA kernel.

A warp takes 32 neighbouring columns, and each thread adds up one of them over some of the rows. The
warps of a block share its columns and join their sums; of the blocks with the same columns, the one
that finishes last joins theirs. All in an order that the sizes alone determine.
"""

from __future__ import annotations

from collections.abc import Collection

from gpugrad.engines.cuda.kernel import BLOCK, MOST, WARP, Lines, last_of
from gpugrad.engines.cuda.kernel_writer import KernelWriter
from gpugrad.engines.cuda.table import Parameter
from gpugrad.plan.plan import Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import COLUMN, ELEMENT, Region

WARPS = BLOCK // WARP

ROWS = 4
"""Rows that a thread adds up at least, if there are as many."""


def is_by_columns(region: Region, outputs: Collection[int]) -> bool:
    """Whether columns are all that a region reduces, and no row is needed as a whole."""
    reduced = [step.outputs[0] for step in region.steps if step.op in REDUCTIONS]
    return (
        region.rows > 1
        and len(reduced) > 0
        and all(region.kinds[slot] == COLUMN for slot in reduced)
        and all(region.kinds[slot] in (ELEMENT, COLUMN) for slot in outputs)
        and all(step.op != "nll" for step in region.steps)
    )


class ColumnKernelWriter(KernelWriter):
    """Writes a kernel for a region for which `is_by_columns` holds."""

    def _grid(self) -> int:
        self.counters = -(-self.region.columns // WARP)
        rows = -(-self.region.rows // (WARPS * ROWS))
        self.parts = min(rows, max(1, MOST // self.counters))
        return self.counters * self.parts

    def _pays_packed(self) -> bool:
        return False

    def _scratch(self) -> dict[Parameter, int]:
        if self.parts == 1:
            return {}
        slots = [step.outputs[0] for step in self.columns]
        return {
            Parameter(f"{self._type(x)} *", f"p{x}"): self.parts * self.slots[x].nbytes
            for x in slots
        }

    def _indices(self) -> Lines:
        groups = self.given("int", "groups", self.counters)
        return [
            "const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;",
            f"const int group = block % {groups}, part = block / {groups};",
            f"const int c = group * {WARP} + lane;",
        ]

    def _parts(self) -> Lines:
        return [f"{self._type(s.outputs[0])} a{s.outputs[0]} = 0;" for s in self.columns]

    def _rows(self) -> Lines:
        region, index = self.region, self._index
        stored = [
            step
            for step in region.steps
            if step.outputs[0] in self.outputs and region.kinds[step.outputs[0]] == ELEMENT
        ]
        body = [
            f"const {index} at = r * {self._columns};",
            *self._between(-1),
            *self._column(stored, self.columns),
            *(f"s{step.outputs[0]}[at + c] = v{step.outputs[0]};" for step in stored),
        ]
        first, step = f"part * {WARPS} + warp", f"{self._part_count} * {WARPS}"
        return [
            f"if (c < {self._columns}) {{",
            f"  for ({index} r = {first}; r < {self._row_count}; r += {step}) {{",
            *(f"    {line}" for line in body),
            "  }",
            "}",
        ]

    @property
    def _part_count(self) -> str:
        return self.given("int", "parts", self.parts)

    def _part(self, step: Step) -> str:
        return f"a{step.outputs[0]}"

    def _join(self) -> Lines:
        slots, columns = [step.outputs[0] for step in self.columns], self._columns
        lines = [f"a{slot} = gpugrad::join_warps<{WARPS}>(a{slot});" for slot in slots]
        mine = f"warp == 0 && c < {columns}"
        if self.parts > 1:
            place = f"part * ({self._index}){columns} + c"
            lines += [f"if ({mine}) p{slot}[{place}] = a{slot};" for slot in slots]
            lines += last_of(self._part_count, "done + group")
            for slot in slots:
                lines += [
                    f"a{slot} = 0;",
                    f"for (int i = warp; i < {self._part_count} && c < {columns}; i += {WARPS}) {{",
                    f"  a{slot} += p{slot}[i * ({self._index}){columns} + c];",
                    "}",
                    f"a{slot} = gpugrad::join_warps<{WARPS}>(a{slot});",
                ]
        return [*lines, *(f"if ({mine}) s{slot}[c] = a{slot};" for slot in slots)]
