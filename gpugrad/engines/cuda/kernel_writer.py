"""What writes the kernel of a nest has in common, whichever way its threads take the elements."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np

from gpugrad.engines.cuda.expressions import joined, number, type_of
from gpugrad.engines.cuda.kernel import (
    BLOCK,
    LARGEST_GRID,
    MOST,
    PACK,
    Kernel,
    Lines,
    last_of,
)
from gpugrad.engines.cuda.nest_values import NestValues
from gpugrad.engines.cuda.reduced import Reduced
from gpugrad.engines.cuda.table import Parameter, Pointer, passed
from gpugrad.plan.layouts import Layout
from gpugrad.plan.nest import Use
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import REDUCTIONS

MANY = MOST * BLOCK
"""Elements from which on there is enough work for all threads with packs."""


class KernelWriter(NestValues):
    """Writes one kernel, where `t7` is the part of a total that a thread has of value 7."""

    counters = 1

    def __init__(
        self,
        name: str,
        step: Step,
        slots: tuple[Slot, ...],
        use: Use,
        reduced: Reduced,
        numbers: Mapping[int, object],
        words: Mapping[int, int],
        views: Mapping[int, Layout],
    ) -> None:
        super().__init__(use, slots, numbers, views)
        self.name = name
        self.words = words
        self.outputs = step.outputs
        read = [slot for slot in step.inputs if slot not in numbers]
        self.inputs = tuple(dict.fromkeys(views[x].root if x in views else x for x in read))
        self.reduced = reduced
        self._used: set[str] = set()                # names of `_indices`, as they are written
        self._joins: dict[str, str] = {}            # definitions, by the names they bind
        self.grid = self._grid()

    def kernel(self) -> Kernel:
        """The kernel."""
        body = [*self._early(), *self._parts(), *self._walk(), *self._join()]
        pointers = [
            *(Pointer(slot, f"const {self._slot_type(slot)} *") for slot in self.inputs),
            *(Pointer(slot, f"{self._slot_type(slot)} *") for slot in self.outputs),
        ]
        taken, found, arguments = passed(pointers, self.words, self.given)
        body = [*self._joins.values(), *self._indices(), *found, *body]
        scratch = self._scratch()
        parameters = [*taken, *scratch, *([Parameter("unsigned *", "done")] if scratch else [])]
        return Kernel(
            self.name,
            tuple(parameters),
            tuple(body),
            arguments,
            tuple(scratch.values()),
            self.counters if scratch else 0,
            self.grid,
            BLOCK,
            bool(found),
            given=self.given.given,
        )

    @property
    def team(self) -> int:
        """Threads that take elements together."""
        return BLOCK

    @abstractmethod
    def _grid(self) -> int:
        """How many blocks there are."""

    @abstractmethod
    def _indices(self) -> Lines:
        """Which thread this is: what the lines written so far use of it."""

    @abstractmethod
    def _walk(self) -> Lines:
        """The way of a thread over elements."""

    def _scratch(self) -> dict[Parameter, int]:
        """The parameters for the parts of what is reduced over all rows, and their bytes."""
        teams = self.grid * (BLOCK // self.team)
        return {Parameter(f"{self._wide(i)} *", f"p{i}"): teams * 8 for i in self.reduced.totals}

    def _parts(self) -> Lines:
        """Where what is reduced over all rows starts."""
        return [f"{self._wide(i)} t{i} = {self._start(i)};" for i in self.reduced.totals]

    def _early(self) -> Lines:
        """Values of which there is one, and which no reduction makes."""
        early = self.reduced.early
        return [*self.lines(early), *self._stores(early, "team", "lane")]

    def _join(self) -> Lines:
        """The totals of all teams, brought together by the block that finishes last.

        What follows from them comes after.
        """
        totals = self.reduced.totals
        if not totals:
            return []
        lines = []
        for i in totals:
            lines += [
                f"t{i} = {self._team_joined(i, self._wide(i), self.team, f't{i}')};",
                f"if ({self._own('lane')} == 0) p{i}[{self._own('team')}] = t{i};",
            ]
        lines += self._last()
        for i in totals:
            kind, teams = self._wide(i), self._own("teams")
            lines += [
                f"t{i} = {self._start(i)};",
                f"for (int i = threadIdx.x; i < {teams}; i += {BLOCK}) "
                f"t{i} = {self._joined(i, kind, f't{i}', f'p{i}[i]')};",
                self.declared(i, self._team_joined(i, kind, BLOCK, f"t{i}")),
                *self._stores([i], "threadIdx.x"),
            ]
        late = [i for i in self.reduced.late if i not in totals]
        return [*lines, *self.lines(late), *self._stores(late, "threadIdx.x")]

    def _last(self) -> Lines:
        return last_of(self.blocks, "done")

    @property
    def blocks(self) -> str:
        """How many there are."""
        return self.given("int", "blocks", self.grid)

    # Stores

    def _stores(self, values: Sequence[int], *zero: str) -> Lines:
        """What stores those of these of which there is one, or one for a row.

        The thread does it for which these are 0.
        """
        lines = []
        for i, access in self.nest.stores:
            if i in values:
                who = " && ".join(f"{self._own(name)} == 0" for name in zero)
                lines.append(f"if ({who}) {self.element(access)} = v{i};")
        return lines

    # Reductions

    def places_of(self, i: int) -> str:
        """How many places there are that a value is summed in."""
        slot = self.use.slots[self.values[i].access]
        return self.given(self.index, f"places{i}", self.slots[slot].size)

    def _joined(self, i: int, kind: str, total: str, value: str) -> str:
        """The value joined with that of `total`, both of that type, as the reduction does."""
        return f"{self._joiner(i, kind)}::join({total}, {value})"

    def _team_joined(self, i: int, kind: str, threads: int, part: str) -> str:
        """The parts of so many threads joined."""
        return f"gpugrad::join_team<{self._joiner(i, kind)}, {threads}>({part})"

    def _joiner(self, i: int, kind: str) -> str:
        """The name of what joins two values of that type in a reduction, which is defined first."""
        op = self.reduced.op(i)
        name = f"{op}_of_{kind.replace(' ', '_')}"
        value = joined(REDUCTIONS[op], kind)
        function = f"static __device__ {kind} join({kind} a, {kind} b) {{ return {value}; }}"
        self._joins[name] = f"struct {name} {{ {function} }};"
        return name

    def _start(self, i: int) -> str:
        dtype = np.dtype(self.values[self.reduced.source(i)].dtype)
        return number(REDUCTIONS[self.reduced.op(i)].first(dtype), dtype)

    def _wide(self, i: int) -> str:
        """The type in which a total is added up."""
        dtype = np.dtype(self.values[i].dtype)
        return "double" if dtype.kind == "f" else type_of(dtype)

    # Elements

    def _stored(self, values: Sequence[int]) -> list[tuple[int, int]]:
        """What is stored of elements among these."""
        return [(i, access) for i, access in self.nest.stores
                if i in values and self.values[i].depth == self.nest.axes]  # fmt: skip

    def _body(
        self,
        stored: Sequence[tuple[int, int]],
        joined: Mapping[int, str],
        depth: int,
        also: Sequence[int] = (),
    ) -> Lines:
        """Lines that compute an element of what is stored, and take it into what is reduced.

        By the reduction, that is the part; `also` these values are stored. What is inside of fewer
        loops than `depth` is known.
        """
        wanted = [*(i for i, _ in stored), *map(self.reduced.source, joined), *also]
        lines = self.lines(self.needed(wanted, depth))
        return [*lines, *(self._taken(i, part) for i, part in joined.items())]

    def _taken(self, i: int, part: str) -> str:
        """The line that takes the operand of a reduction into a part of it."""
        kind = self._wide(i) if i in self.reduced.wide else self.type_of(i)
        value = self.text(self.reduced.source(i))
        return f"{part} = {self._joined(i, kind, part, value)};"

    def _one(self, stored: Sequence[tuple[int, int]], body: Lines) -> Lines:
        """The lines for one element, which store last: a result may lie in an operand's place."""
        return [*body, *(f"{self.element(access)} = v{i};" for i, access in stored)]

    def _pack(
        self, stored: Sequence[tuple[int, int]], joined: Mapping[int, str], known: Sequence[int]
    ) -> Lines:
        """The lines for a pack of neighbours, the first of which is in column `c0`.

        `known` is what there is one of for all of them.
        """
        self.packs = []
        body = self._body(stored, joined, self.nest.axes)
        body += [f"y{access}.at[k] = v{i};" for i, access in stored]
        loaded, self.packs = self.packs, None
        lines = self.lines(known)
        for i in loaded:
            access = self.values[i].access
            place = self.place(access, pack=True)
            lines.append(f"const auto x{i} = gpugrad::load(s{self.use.slots[access]} + {place});")
        inside = [("c", "c0 + k"), ("e", "e0 + k")]
        return [
            *lines,
            *(f"gpugrad::Pack<{self.type_of(i)}> y{access};" for i, access in stored),
            "#pragma unroll",
            f"for (int k = 0; k < {PACK}; ++k) {{",
            *(f"  {line}" for line in [*self.asked_for(inside, body), *body]),
            "}",
            *(f"gpugrad::store(s{self.use.slots[access]} + {self.place(access, pack=True)}, "
              f"y{access});" for _, access in stored),
        ]  # fmt: skip

    def _own(self, name: str) -> str:
        """A name that tells threads apart, which is declared if it is one of `_indices`."""
        self._used.add(name)
        return name

    def _slot_type(self, slot: int) -> str:
        return type_of(self.slots[slot].dtype)


def blocks_for(teams: int, per_block: int, joined: bool) -> int:
    """How many blocks there are of so many teams, if these are `joined` by one of them or not."""
    most = MOST if joined else LARGEST_GRID
    return max(1, min(-(-teams // per_block), most))    # also for no rows
