"""A fused step as the source of one CUDA kernel.

A region of rows and columns is given to teams of threads: a warp, or for long rows a whole block.
A team takes row after row; its threads take the columns in turns. What is reduced along the row is
then known to all of them, and what follows for the row goes on from there, with elements computed
once more rather than kept. One long row, of which no element waits for what is reduced, is shared
by all teams.

What is reduced over all rows is added up by each team for itself. The block that finishes last
joins these parts, in order: which row belongs to which team depends on the sizes alone, so equal
inputs give equal bits.
"""

from __future__ import annotations

from gpugrad.engines.cuda.kernel import (
    BLOCK,
    LARGEST_GRID,
    MOST,
    PACK,
    Lines,
    last_of,
)
from gpugrad.engines.cuda.kernel_writer import KernelWriter
from gpugrad.engines.cuda.table import Parameter
from gpugrad.plan.plan import Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import ELEMENT

MOST_JOINED = 64
"""Teams at most where each has a part of every column."""

MANY = MOST * BLOCK
"""Elements from which on there is enough work for all threads with packs."""


class RowKernelWriter(KernelWriter):
    """Writes the kernel of a region row by row."""

    def _pays_packed(self) -> bool:
        region = self.region
        if self.columns or region.rows * region.columns < MANY:
            return False
        return self.flat or (region.columns % PACK == 0 and region.columns >= PACK * self.team)

    def _grid(self) -> int:
        region = self.region
        each = BLOCK * PACK if self.packed else BLOCK
        teams = -(-region.columns // each) if self.flat else region.rows
        if self.columns:
            teams = min(teams, MOST_JOINED)
        most = MOST if self.totals else LARGEST_GRID
        return max(1, min(-(-teams // self.per_block), most))     # also for no rows

    def _scratch(self) -> dict[Parameter, int]:
        teams = self.grid * self.per_block
        found = {
            Parameter(f"{self._kind(s)} *", f"p{s.outputs[0]}"): teams * 8 for s in self.totals
        }
        for step in self.columns:
            slot = step.outputs[0]
            size = self.region.columns * self.slots[slot].dtype.itemsize
            found[Parameter(f"{self._type(slot)} *", f"p{slot}")] = teams * size
        return found

    def _indices(self) -> Lines:
        index = self._index
        if self.flat:
            values = {
                "first": f"block * ({index}){BLOCK} + threadIdx.x",
                "stride": f"{{blocks}} * ({index}){BLOCK}",
                "lane": "threadIdx.x",
                "team": "block",
                "teams": "{blocks}",
            }
        else:
            values = {
                "lane": f"threadIdx.x % {self.team}",
                "team": f"block * {self.per_block} + threadIdx.x / {self.team}",
                "teams": f"{{blocks}} * {self.per_block}",
            }
        return [
            f"const {index if name in ('first', 'stride') else 'int'} {name} = "
            f"{value.format(blocks=self._blocks) if '{' in value else value};"
            for name, value in values.items()
            if name in self._used
        ]

    def _parts(self) -> Lines:
        lines = [f"{self._kind(s)} t{s.outputs[0]} = {self._start(s)};" for s in self.totals]
        for step in self.columns:
            slot, columns, lane = step.outputs[0], self._columns, self._own("lane")
            lines += [
                f"p{slot} += ({self._index}){self._own('team')} * {columns};",
                f"for (int c = {lane}; c < {columns}; c += {self.team}) p{slot}[c] = 0;",
            ]
        return lines

    def _rows(self) -> Lines:
        if self.flat:
            return self._row()
        team, teams = self._own("team"), self._own("teams")
        head = [f"const {self._index} at = r * {self._columns};"]
        body = [*head, *self._row()]
        return [
            f"for ({self._index} r = {team}; r < {self._row_count}; r += {teams}) {{",
            *(f"  {line}" for line in body),
            "}",
        ]

    def _row(self) -> Lines:
        lines = self._between(-1)
        for phase in range(1 + max(self.phases.values())):
            lines += self._loop(phase)
            lines += self._between(phase)
        return lines

    def _loop(self, phase: int) -> Lines:
        """One walk over the columns of a row."""
        region = self.region
        stored = [
            step for step in region.steps
            if self.phases[step.outputs[0]] == phase
            and region.kinds[step.outputs[0]] == ELEMENT and step.outputs[0] in self.outputs
        ]  # fmt: skip
        reduced = [
            step for step in region.steps
            if step.op in REDUCTIONS and self.phases[step.outputs[0]] == phase
            and region.operand_kind(step.inputs[0], step) == ELEMENT
        ]  # fmt: skip
        if not stored and not reduced:
            return []
        sums = [s for s in reduced if s not in self.totals and s not in self.columns]
        lines = [f"{self._type(s.outputs[0])} a{s.outputs[0]} = {self._start(s)};" for s in sums]
        if self.flat:
            first, stride = self._own("first"), self._own("stride")
        else:
            first, stride = self._own("lane"), str(self.team)
        if self.packed:
            lines += self._walk_in_packs(stored, reduced, first, stride)
            first = f"{self._whole} + {first}"
        if not self.packed or self.flat:
            # Stored last: a result may lie in the place of an operand.
            stores = [f"s{step.outputs[0]}[{self._at}] = v{step.outputs[0]};" for step in stored]
            begin, inside = f"{self._index} c = {first}", f"c < {self._columns}"
            once = not self.flat and region.columns <= self.team
            lines += [
                f"if (const {begin}; {inside}) {{" if once
                else f"for ({begin}; {inside}; c += {stride}) {{",
                *(f"  {line}" for line in [*self._column(stored, reduced), *stores]),
                "}",
            ]
        for step in sums:
            slot = step.outputs[0]
            lines.append(self._declared(slot, self._team_joined(step, self.team, f"a{slot}")))
        return lines

    def _walk_in_packs(
        self, stored: list[Step], reduced: list[Step], first: str, stride: str
    ) -> Lines:
        """The walk in packs of neighbours, which begin at column `b`."""
        results = [step.outputs[0] for step in stored]
        self.packs = {}
        body = self._column(stored, reduced)
        body += [f"y{slot}.at[k] = v{slot};" for slot in results]
        packs, self.packs = self.packs, None
        element, whole = "b" if self.flat else "at + b", self._whole
        return [
            f"for ({self._index} b = {first} * {PACK}; b < {whole}; b += {stride} * {PACK}) {{",
            *(f"  const auto e{slot} = gpugrad::load(s{slot} + {place});"
              for slot, place in packs.items()),
            *(f"  gpugrad::Pack<{self._type(slot)}> y{slot};" for slot in results),
            "  #pragma unroll",
            f"  for (int k = 0; k < {PACK}; ++k) {{",
            *(f"    {line}" for line in body),
            "  }",
            *(f"  gpugrad::store(s{slot} + {element}, y{slot});" for slot in results),
            "}",
        ]  # fmt: skip

    @property
    def _whole(self) -> str:
        """The columns in packs."""
        return self.given(self._index, "whole", self.region.columns // PACK * PACK)

    def _part(self, step: Step) -> str:
        slot = step.outputs[0]
        if step in self.columns:
            return f"p{slot}[c]"
        return f"t{slot}" if step in self.totals else f"a{slot}"

    def _team_joined(self, step: Step, threads: int, part: str) -> str:
        """The parts of so many threads joined."""
        return f"gpugrad::join_team<{self._joiner(step, self._kind(step))}, {threads}>({part})"

    def _join(self) -> Lines:
        if not self.totals and not self.columns:
            return []
        lines = []
        for step in self.totals:
            slot = step.outputs[0]
            lines += [
                f"t{slot} = {self._team_joined(step, self.team, f't{slot}')};",
                f"if ({self._own('lane')} == 0) p{slot}[{self._own('team')}] = t{slot};",
            ]
        lines += last_of(self._blocks, "done")
        for step in self.totals:
            slot = step.outputs[0]
            taken = self._joined(step, self._kind(step), f"t{slot}", f"p{slot}[i]")
            teams = self._own("teams")
            lines += [
                f"t{slot} = {self._start(step)};",
                f"for (int i = threadIdx.x; i < {teams}; i += {BLOCK}) t{slot} = {taken};",
                self._declared(slot, self._team_joined(step, BLOCK, f"t{slot}")),
                *self._store(slot, "0", "threadIdx.x"),
            ]
        for step in self.region.steps:
            slot = step.outputs[0]
            if slot in self.late and step not in self.totals and step not in self.columns:
                alone = step.op in REDUCTIONS
                value = self._operand(step.inputs[0], step) if alone else self._value(step)
                lines += [self._declared(slot, value),
                          *self._store(slot, "0", "threadIdx.x")]  # fmt: skip
        for step in self.columns:
            slot, columns = step.outputs[0], self._columns
            place = f"i * ({self._index}){columns} + c"
            lines += [
                f"p{slot} -= ({self._index}){self._own('team')} * {columns};",
                f"for (int c = threadIdx.x; c < {columns}; c += {BLOCK}) {{",
                f"  {self._type(slot)} sum = 0;",
                f"  for (int i = 0; i < {self._own('teams')}; ++i) sum += p{slot}[{place}];",
                f"  s{slot}[c] = sum;",
                "}",
            ]
        return lines
