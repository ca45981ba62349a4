"""A fused step that reduces rows, as the source of one CUDA kernel.

Rows are given to teams of threads: a warp, or for long rows a whole block. A team takes row after
row; its threads take the columns in turns. What is reduced along the row is then known to all of
them, and what follows for the row goes on from there, with elements computed once more rather than
kept.

What is reduced over all rows is added up by each team for itself. The block that finishes last
joins these parts, in order: which row belongs to which team depends on the sizes alone, so equal
inputs give equal bits.
"""

from __future__ import annotations

from gpugrad.engines.cuda.kernel import BLOCK, LONG, PACK, WARP, Lines
from gpugrad.engines.cuda.kernel_writer import MANY, KernelWriter, blocks_for
from gpugrad.engines.cuda.table import Parameter

MOST_JOINED = 64
"""Teams at most where each has a part of every column."""


class RowKernelWriter(KernelWriter):
    """Writes the kernel of a nest row by row."""

    @property
    def team(self) -> int:
        return BLOCK if self.columns > LONG else WARP

    @property
    def packed(self) -> bool:
        """Whether a thread is to take packs of neighbours."""
        many = self.rows * self.columns >= MANY and self.columns >= PACK * self.team
        return many and not self.reduced.summed and self.columns % PACK == 0

    @property
    def slack(self) -> int:
        return BLOCK * PACK + self.grid * (BLOCK // self.team)

    def _grid(self) -> int:
        teams = min(self.rows, MOST_JOINED) if self.reduced.summed else self.rows
        return blocks_for(teams, BLOCK // self.team, bool(self.reduced.totals))

    def _scratch(self) -> dict[Parameter, int]:
        teams = self.grid * (BLOCK // self.team)
        found = super()._scratch()
        for i in self.reduced.summed:
            size = self.slots[self.use.slots[self.values[i].access]].nbytes
            found[Parameter(f"{self.type_of(i)} *", f"p{i}")] = teams * size
        return found

    def _indices(self) -> Lines:
        per_block = BLOCK // self.team
        values = {
            "lane": f"threadIdx.x % {self.team}",
            "team": f"block * {per_block} + threadIdx.x / {self.team}",
            "teams": f"{self.blocks} * {per_block}",
        }
        return [f"const int {name} = {value};" for name, value in values.items()
                if name in self._used]  # fmt: skip

    def _parts(self) -> Lines:
        lines = super()._parts()
        for i in self.reduced.summed:
            lane, size = self._own("lane"), self.places_of(i)
            lines += [
                f"p{i} += ({self.index}){self._own('team')} * {size};",
                f"for ({self.index} q = {lane}; q < {size}; q += {self.team}) p{i}[q] = 0;",
            ]
        return lines

    def _walk(self) -> Lines:
        lines = self._between(-1)
        for phase in range(1 + max(self.reduced.phases.values())):
            lines += self._loop(phase)
            lines += self._between(phase)
        lines = [*self.indices(lines), *lines]
        at = ("at", f"r * {self.column_count}")
        body = [*self.asked_for([at], lines), *lines]
        team, teams = self._own("team"), self._own("teams")
        return [
            f"for ({self.index} r = {team}; r < {self.row_count}; r += {teams}) {{",
            *(f"  {line}" for line in body),
            "}",
        ]

    def _loop(self, phase: int) -> Lines:
        """One walk over the columns of a row."""
        reduced = self.reduced
        stored = self._stored([i for i, found in reduced.phases.items() if found == phase])
        parts = {i: f"a{i}" for i in reduced.of_rows if reduced.phases[i] == phase}
        joined = dict(parts)
        for i in reduced.totals:
            if reduced.is_of_elements(i) and reduced.joined_in(i) == phase:
                joined[i] = f"t{i}"
        for i in reduced.summed:
            if reduced.phases[i] == phase:
                joined[i] = f"p{i}[{self.place(self.values[i].access)}]"
        if not stored and not joined:
            return []
        lines = [f"{self.type_of(i)} a{i} = {self._start(i)};" for i in parts]
        lane, columns, elements = self._own("lane"), self.column_count, self.nest.axes
        if self.packed:
            head = (f"for ({self.index} c0 = {lane} * {PACK}; c0 < {columns}; "
                    f"c0 += {self.team * PACK}) {{")  # fmt: skip
            body = self._pack(stored, joined, ())
        else:
            begin, inside = f"{self.index} c = {lane}", f"c < {columns}"
            once = self.columns <= self.team
            head = (f"if (const {begin}; {inside}) {{" if once
                    else f"for ({begin}; {inside}; c += {self.team}) {{")  # fmt: skip
            body = self._one(stored, self._body(stored, joined, elements))
        lines += [head, *(f"  {line}" for line in body), "}"]
        for i in parts:
            value = self._team_joined(i, self.type_of(i), self.team, f"a{i}")
            lines.append(self.declared(i, value))
        return lines

    def _between(self, phase: int) -> Lines:
        """What has one value for the row and is known after that walk."""
        reduced = self.reduced
        here = [i for i in reduced.row if reduced.phase(i) == phase]
        lines = self.lines(here)
        made = [*here, *(i for i in reduced.of_rows if reduced.phase(i) == phase)]
        lines += self._stores(made, "lane")
        for i in reduced.totals:
            if not reduced.is_of_elements(i) and reduced.phase(reduced.source(i)) == phase:
                lines.append(f"if ({self._own('lane')} == 0) {self._taken(i, f't{i}')}")
        return lines

    def _join(self) -> Lines:
        lines = super()._join()
        if self.reduced.summed and not lines:
            lines = self._last()
        for i in self.reduced.summed:
            size, kind = self.places_of(i), self.type_of(i)
            slot = self.use.slots[self.values[i].access]
            lines += [
                f"p{i} -= ({self.index}){self._own('team')} * {size};",
                f"for ({self.index} q = threadIdx.x; q < {size}; q += {BLOCK}) {{",
                f"  {kind} sum = 0;",
                f"  for (int i = 0; i < {self._own('teams')}; ++i) "
                f"sum += p{i}[i * ({self.index}){size} + q];",
                f"  s{slot}[q] = sum;",
                "}",
            ]
        return lines
