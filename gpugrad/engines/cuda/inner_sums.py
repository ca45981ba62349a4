"""A fused step that sums along the last axis and others, as the source of one CUDA kernel.

Each place of the sums is of a team of threads, which add up neighbouring elements in turns: a warp,
or where there are many a block, or several blocks, of which the one that finishes last joins what
they have. All in an order that the sizes alone determine.
"""

from __future__ import annotations

from math import prod

from gpugrad.engines.cuda.given import DIVISOR
from gpugrad.engines.cuda.kernel import BLOCK, LONG, MOST, WARP, Lines, last_of
from gpugrad.engines.cuda.kernel_writer import KernelWriter
from gpugrad.engines.cuda.table import Parameter

TERMS = 8
"""Elements that a thread adds up at least, if several blocks share a sum."""


class InnerSumKernelWriter(KernelWriter):
    """Writes a kernel for a nest that reduces `by_places`.

    Element `k` of those that are summed at place `q` is in column `c`.
    """

    @property
    def kept(self) -> tuple[int, ...]:
        """The axes along which sums are apart."""
        return self.nest.accesses[self.values[self.reduced.summed[0]].access].axes

    @property
    def places(self) -> int:
        """How many sums there are."""
        return prod(self.use.sizes[axis] for axis in self.kept)

    @property
    def terms(self) -> int:
        """How many elements each is of."""
        return self.rows * self.columns // self.places

    @property
    def team(self) -> int:
        return BLOCK if self.terms > LONG else WARP

    @property
    def in_rows(self) -> bool:
        return False

    @property
    def slack(self) -> int:
        return BLOCK * TERMS * self.grid

    def _grid(self) -> int:
        self.parts, self.counters = 1, self.places
        if self.team == WARP:
            return -(-self.places // (BLOCK // WARP))
        self.parts = min(-(-self.terms // (BLOCK * TERMS)), max(1, MOST // self.places))
        return self.places * self.parts

    def _scratch(self) -> dict[Parameter, int]:
        if self.parts == 1:
            return {}
        return {
            Parameter(f"{self._wide(i)} *", f"p{i}"): self.parts * self.places * 8
            for i in self.reduced.summed
        }

    def _indices(self) -> Lines:
        if self.team == WARP:
            per_block = BLOCK // WARP
            return [
                f"const int lane = threadIdx.x % {WARP};",
                f"const {self.index} q = block * ({self.index}){per_block} + threadIdx.x / {WARP};",
            ]
        lines = ["const int lane = threadIdx.x;"]
        if self.parts == 1:
            return [*lines, f"const {self.index} q = block;"]
        groups = self.given("int", "groups", self.places)
        return [*lines, f"const {self.index} q = block % {groups}, part = block / {groups};"]

    def _parts(self) -> Lines:
        return [f"{self._wide(i)} a{i} = 0;" for i in self.reduced.summed]

    def _walk(self) -> Lines:
        stored = self._stored(range(len(self.values)))
        summed = {i: f"a{i}" for i in self.reduced.summed}
        body = self._one(stored, self._body(stored, summed, 1))
        outer = [axis for axis in range(self.last) if axis not in self.kept]
        body = [*(self.indices(body, "r", outer) if outer else ()), *body]
        by = self.given(f"{DIVISOR}<{self.index}>", "by_columns", self.columns)
        body = [*self.asked_for([("r", f"k / {by}"), ("c", f"k % {by}")], body), *body]
        begin, step = "lane", str(self.team)
        if self.parts > 1:
            count = f"({self.index}){self._part_count}"
            begin, step = f"part * {BLOCK} + lane", f"{count} * {BLOCK}"
        terms = self.given(self.index, "terms", self.terms)
        return [
            f"if (q < {self._places}) {{",
            *(f"  {line}" for line in self.indices(body, "q", self.kept)),
            f"  for ({self.index} k = {begin}; k < {terms}; k += {step}) {{",
            *(f"    {line}" for line in body),
            "  }",
            "}",
        ]

    @property
    def _part_count(self) -> str:
        return self.given("int", "parts", self.parts)

    @property
    def _places(self) -> str:
        return self.given(self.index, "places", self.places)

    def _join(self) -> Lines:
        summed, places = self.reduced.summed, self._places
        lines = [self._joined_by_team(i) for i in summed]
        if self.parts > 1:
            lines += [f"if (lane == 0) p{i}[part * {places} + q] = a{i};" for i in summed]
            lines += last_of(self._part_count, "done + q")
            for i in summed:
                taken = self._joined(i, self._wide(i), f"a{i}", f"p{i}[i * {places} + q]")
                lines += [
                    f"a{i} = 0;",
                    f"for (int i = lane; i < {self._part_count}; i += {BLOCK}) a{i} = {taken};",
                    self._joined_by_team(i),
                ]
        stored = (f"s{self.use.slots[self.values[i].access]}[q] = a{i};" for i in summed)
        return [*lines, *(f"if (lane == 0 && q < {places}) {line}" for line in stored)]

    def _joined_by_team(self, i: int) -> str:
        return f"a{i} = {self._team_joined(i, self._wide(i), self.team, f'a{i}')};"
