"""A fused step that sums along some axes but the last one, as the source of one CUDA kernel.

A warp takes 32 neighbouring places of the sums, and each thread adds up one of them over some of
the rows. The warps of a block share its places and join their sums; of the blocks with the same
places, the one that finishes last joins theirs. All in an order that the sizes alone determine.
"""

from __future__ import annotations

from math import prod

from gpugrad.engines.cuda.given import DIVISOR
from gpugrad.engines.cuda.kernel import BLOCK, MOST, WARP, Lines, last_of
from gpugrad.engines.cuda.kernel_writer import KernelWriter
from gpugrad.engines.cuda.table import Parameter
from gpugrad.plan.plan import Slot

WARPS = BLOCK // WARP

ROWS = 4
"""Rows that a thread adds up at least, if there are as many."""


class ColumnKernelWriter(KernelWriter):
    """Writes a kernel for a nest that reduces `by_columns`.

    Place `q` of the sums is in column `c`, of plane `plane`: of all places along the axes before
    the last that are kept.
    """

    @property
    def kept(self) -> tuple[int, ...]:
        """The axes before the last along which sums are apart."""
        return self.nest.accesses[self.values[self.reduced.summed[0]].access].axes[:-1]

    @property
    def planes(self) -> int:
        """How many places there are along these."""
        return prod(self.use.sizes[axis] for axis in self.kept)

    @property
    def in_rows(self) -> bool:
        return not self.kept

    @property
    def slack(self) -> int:
        return BLOCK * ROWS * self.grid

    def _grid(self) -> int:
        self.counters = -(-self.planes * self.columns // WARP)
        rows = -(-self.rows // self.planes // (WARPS * ROWS))
        self.parts = min(rows, max(1, MOST // self.counters))
        return self.counters * self.parts

    def _scratch(self) -> dict[Parameter, int]:
        if self.parts == 1:
            return {}
        return {
            Parameter(f"{self.type_of(i)} *", f"p{i}"): self.parts * self._slot(i).nbytes
            for i in self.reduced.summed
        }

    def _slot(self, i: int) -> Slot:
        """Where a sum is stored."""
        return self.slots[self.use.slots[self.values[i].access]]

    def _indices(self) -> Lines:
        groups = self.given("int", "groups", self.counters)
        lines = [
            "const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;",
            f"const int group = block % {groups}, part = block / {groups};",
            f"const {self.index} q = group * ({self.index}){WARP} + lane;",
        ]
        if not self.kept:
            return [*lines, f"const {self.index} c = q;"]
        by = self.given(f"{DIVISOR}<{self.index}>", "by_columns", self.columns)
        return [*lines, f"const {self.index} plane = q / {by}, c = q % {by};"]

    def _parts(self) -> Lines:
        return [f"{self.type_of(i)} a{i} = 0;" for i in self.reduced.summed]

    def _walk(self) -> Lines:
        stored = self._stored(range(len(self.values)))
        summed = {i: f"a{i}" for i in self.reduced.summed}
        body = self._one(stored, self._body(stored, summed, 1))
        body = [*self._rows_of(body), *body]
        first, step = f"part * {WARPS} + warp", f"{self._part_count} * {WARPS}"
        ahead = self.indices(body, "plane", self.kept) if self.kept else []
        rows = self.given(self.index, "rows", self.rows // self.planes)
        return [
            f"if (q < {self._places}) {{",
            *(f"  {line}" for line in ahead),
            f"  for ({self.index} r = {first}; r < {rows}; r += {step}) {{",
            *(f"    {line}" for line in body),
            "  }",
            "}",
        ]

    def _rows_of(self, body: Lines) -> Lines:
        """Lines that say where a row lies, as far as others ask for it."""
        if self.kept:
            reduced = [axis for axis in range(self.last) if axis not in self.kept]
            return self.indices(body, "r", reduced)
        lines = self.indices(body)
        return [*self.asked_for([("at", f"r * {self.column_count}")], body), *lines]

    @property
    def _part_count(self) -> str:
        return self.given("int", "parts", self.parts)

    @property
    def _places(self) -> str:
        """How many there are that sums are made for."""
        return self.given(self.index, "places", self.planes * self.columns)

    def _join(self) -> Lines:
        summed, places = self.reduced.summed, self._places
        lines = [f"a{i} = gpugrad::join_warps<{WARPS}>(a{i});" for i in summed]
        mine = f"warp == 0 && q < {places}"
        if self.parts > 1:
            place = f"part * ({self.index}){places} + q"
            lines += [f"if ({mine}) p{i}[{place}] = a{i};" for i in summed]
            lines += last_of(self._part_count, "done + group")
            for i in summed:
                lines += [
                    f"a{i} = 0;",
                    f"for (int i = warp; i < {self._part_count} && q < {places}; i += {WARPS}) {{",
                    f"  a{i} += p{i}[i * ({self.index}){places} + q];",
                    "}",
                    f"a{i} = gpugrad::join_warps<{WARPS}>(a{i});",
                ]
        stored = (f"s{self.use.slots[self.values[i].access]}[q] = a{i};" for i in summed)
        return [*lines, *(f"if ({mine}) {line}" for line in stored)]
