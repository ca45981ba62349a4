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

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gpugrad.engines.cuda.expressions import expression, joined, number, type_of
from gpugrad.engines.cuda.table import Pointer, passed
from gpugrad.engines.cuda.view_layout import Layout
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import (
    COLUMN,
    ELEMENT,
    ONE,
    ROW,
    Region,
    phases_of,
)

Lines = list[str]

WARP = 32

BLOCK = 256
"""Threads of a block, and of a team for long rows."""

LONG = 1024
"""Columns up to which a warp takes a row."""

MOST, MOST_JOINED = 1024, 64
"""Blocks at most where each has a part of a total, which one block must join; and teams, where each
has a part of every column."""

LARGEST_GRID = 2**31 - 1

PACK = 4
"""Neighbouring elements that a thread takes at once, so that enough of the memory is under way."""

MANY = MOST * BLOCK
"""Elements from which on there is enough work for all threads with packs."""


@dataclass(frozen=True)
class Kernel:
    """A kernel to be launched as `name<<<grid, block>>>` with pointers to what `arguments` name.

    These are slots, and for `scratch` the number of bytes that each of them takes. `table` says
    that the first argument is the table of addresses (see `table.py`). `counters` says how many
    `unsigned` the last one points to, which are 0 before each launch, and 0 again after it.
    The lines `body` know the number of their block as `block`, and what has the C++ type `shared`,
    if that is not empty, as `tiles`: one for the threads of a block. `copies` says that it does
    nothing else.
    """

    name: str
    parameters: tuple[str, ...]
    body: tuple[str, ...]
    arguments: tuple[int, ...]
    scratch: tuple[int, ...]
    counters: int
    grid: int
    block: int
    table: bool = False
    shared: str = ""
    copies: bool = False

    @property
    def source(self) -> str:
        """The CUDA C++ of the kernel, for blocks of at most `BLOCK` threads."""
        head = [f"__shared__ {self.shared} tiles;"] if self.shared else []
        head += ["const int block = blockIdx.x;"]
        return "\n".join(
            [
                f'extern "C" __global__ void __launch_bounds__({BLOCK})',
                f"{self.name}({', '.join(self.parameters)}) {{",
                *(f"  {line}" for line in (*head, *self.body)),
                "}",
                "",
            ]
        )


def last_of(count: int, counter: str) -> Lines:
    """Lines after which only that of so many blocks goes on which comes there last."""
    return [
        "__shared__ bool last;",
        "__threadfence();",
        "__syncthreads();",
        f"if (threadIdx.x == 0) last = atomicAdd({counter}, 1u) == {count - 1};",
        "__syncthreads();",
        "if (!last) return;",
        "__threadfence();",
        f"if (threadIdx.x == 0) *({counter}) = 0;",
    ]


def index_type(reach: int) -> str:
    """The type of an index: of 64 bits where 32 do not hold `reach`."""
    return "int" if reach < 2**31 else "long long"


class KernelWriter:
    """Writes one kernel. Slot 7 is the array `s7`, its value `v7`, its part of a total `t7`."""

    counters = 1

    def __init__(
        self,
        name: str,
        step: Step,
        slots: tuple[Slot, ...],
        numbers: Mapping[int, object],
        words: Mapping[int, int],
        views: Mapping[int, Layout],
    ) -> None:
        self.name = name
        self.words = words
        self.views = views
        self.slots = slots
        self.numbers = numbers
        self.region = region = Region(slots, step.body, step.setting("shape"))
        read = [slot for slot in step.inputs if slot not in numbers]
        self.inputs = tuple(dict.fromkeys(views[x].root if x in views else x for x in read))
        self.outputs = step.outputs
        self.phases = phases_of(region)
        self.makers = {inner.outputs[0]: inner for inner in region.steps}
        reduced = [inner for inner in region.steps if inner.op in REDUCTIONS]
        self.flat = region.rows == 1 and not self._waits()
        self.columns = [s for s in reduced if region.kinds[s.outputs[0]] == COLUMN]
        self.totals = [s for s in reduced if self._is_total(s)]
        self.late = {s.outputs[0] for s in (*self.totals, *self.columns)}
        for inner in region.steps:
            if not self.late.isdisjoint(inner.inputs):
                self.late.update(inner.outputs)
        # Of what is late there is one value, which needs no parts: it is its own sum and maximum.
        self.totals = [s for s in self.totals if self.late.isdisjoint(s.inputs)]
        self.team = BLOCK if self.flat or region.columns > LONG else WARP
        self.per_block = BLOCK // self.team
        self.packed = self._pays_packed()
        self._joins: dict[str, str] = {}            # definitions, by the names they bind
        self.packs: dict[int, str] | None = None    # what a loop over packs reads, as it is written
        self.grid = self._grid()

    def _waits(self) -> bool:
        """Whether an element, or the place of one, is known only after a reduction of the row."""
        return any(
            step.op == "nll"
            or (self.region.kinds[step.outputs[0]] == ELEMENT and self.phases[step.outputs[0]])
            for step in self.region.steps
        )

    def _is_total(self, step: Step) -> bool:
        kind = self.region.kinds[step.outputs[0]]
        return kind == ONE or (kind == ROW and self.flat)

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

    def kernel(self) -> Kernel:
        """The kernel."""
        body = [*self._early(), *self._parts(), *self._rows(), *self._join()]
        pointers = [
            *(Pointer(slot, f"const {self._type(slot)} *") for slot in self.inputs),
            *(Pointer(slot, f"{self._type(slot)} *") for slot in self.outputs),
        ]
        taken, found, arguments = passed(pointers, self.words)
        body = [*self._joins.values(), *self._indices("\n".join(body)), *found, *body]
        scratch = self._scratch()
        parameters = [*taken, *scratch, *(["unsigned *done"] if scratch else [])]
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
        )

    def _scratch(self) -> dict[str, int]:
        """The parameters for the parts of what is reduced over all rows, and their bytes."""
        teams = self.grid * self.per_block
        found = {f"{self._wide(s.outputs[0])} *p{s.outputs[0]}": teams * 8 for s in self.totals}
        for step in self.columns:
            slot = step.outputs[0]
            size = self.region.columns * self.slots[slot].dtype.itemsize
            found[f"{self._type(slot)} *p{slot}"] = teams * size
        return found

    # The parts of a kernel

    @property
    def _index(self) -> str:
        """The type of an index, with room for a stride."""
        rows, columns = self.region.rows, self.region.columns
        if self.flat:
            size = columns + self.grid * BLOCK * PACK
        else:
            size = max(rows * columns + BLOCK * PACK, rows + self.grid * self.per_block)
        size = max(size, *(layout.reach for layout in self.views.values()), 0)
        return index_type(size)

    def _indices(self, body: str) -> Lines:
        """Which thread this is: what `body` uses of it."""
        index = self._index
        if self.flat:
            values = {
                "first": f"block * ({index}){BLOCK} + threadIdx.x",
                "stride": f"{self.grid} * ({index}){BLOCK}",
                "lane": "threadIdx.x",
                "team": "block",
                "teams": str(self.grid),
            }
        else:
            values = {
                "lane": f"threadIdx.x % {self.team}",
                "team": f"block * {self.per_block} + threadIdx.x / {self.team}",
                "teams": str(self.grid * self.per_block),
            }
        used = set(re.findall(r"[a-z]+\b", body))
        return [
            f"const {index if name in ('first', 'stride') else 'int'} {name} = {value};"
            for name, value in values.items()
            if name in used
        ]

    def _early(self) -> Lines:
        """Values of which there is one, and which no reduction makes."""
        lines = []
        for step in self.region.steps:
            slot = step.outputs[0]
            if self.region.kinds[slot] == ONE and slot not in self.late:
                lines += [self._declared(slot, self._value(step)),
                          *self._store(slot, "0", "team == 0 && lane == 0")]  # fmt: skip
        return lines

    def _parts(self) -> Lines:
        lines = [f"{self._wide(s.outputs[0])} t{s.outputs[0]} = {self._start(s)};"
                 for s in self.totals]  # fmt: skip
        for step in self.columns:
            slot = step.outputs[0]
            lines += [
                f"p{slot} += ({self._index})team * {self.region.columns};",
                f"for (int c = lane; c < {self.region.columns}; c += {self.team}) p{slot}[c] = 0;",
            ]
        return lines

    def _rows(self) -> Lines:
        if self.flat:
            return self._row()
        head = [f"const {self._index} at = r * {self.region.columns};"]
        body = [*head, *self._row()]
        return [
            f"for ({self._index} r = team; r < {self.region.rows}; r += teams) {{",
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
        first, stride = ("first", "stride") if self.flat else ("lane", str(self.team))
        if self.packed:
            lines += self._walk_in_packs(stored, reduced, first, stride)
            first = f"{region.columns // PACK * PACK} + {first}"
        if not self.packed or region.columns % PACK:
            # Stored last: a result may lie in the place of an operand.
            stores = [f"s{step.outputs[0]}[{self._at}] = v{step.outputs[0]};" for step in stored]
            lines += [
                f"for ({self._index} c = {first}; c < {region.columns}; c += {stride}) {{",
                *(f"  {line}" for line in [*self._column(stored, reduced), *stores]),
                "}",
            ]
        for step in sums:
            slot = step.outputs[0]
            join = f"gpugrad::join_team<{self._joiner(step, self._type(slot))}, {self.team}>"
            lines.append(self._declared(slot, f"{join}(a{slot})"))
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
        element = "b" if self.flat else "at + b"
        whole = self.region.columns // PACK * PACK
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

    def _column(self, stored: list[Step], reduced: list[Step]) -> Lines:
        """Lines that compute column `c` of what is stored, and add it to what is reduced."""
        body = self._elements([*(s.outputs[0] for s in stored), *(s.inputs[0] for s in reduced)])
        for step in reduced:
            slot = step.outputs[0]
            name = f"{self._stem(step)}{slot}"
            place = f"{name}[c]" if name[0] == "p" else name
            value = self._operand(step.inputs[0], step)
            body.append(f"{place} = {self._joined(step, place, value)};")
        return body

    def _stem(self, step: Step) -> str:
        """What a thread adds an element to: its part of a total, of a column, or of a row."""
        return "t" if step in self.totals else "p" if step in self.columns else "a"

    def _elements(self, wanted: list[int]) -> Lines:
        """Lines that compute these elements of column `c`."""
        needed: set[int] = set()
        stack = list(wanted)
        while stack:
            slot = stack.pop()
            if slot not in needed and self.region.kinds.get(slot) == ELEMENT:
                needed.add(slot)
                stack += self.makers[slot].inputs
        return [
            self._declared(step.outputs[0], self._value(step))
            for step in self.region.steps
            if step.outputs[0] in needed
        ]

    def _between(self, phase: int) -> Lines:
        """What has one value for the row and is known after that walk."""
        lines: Lines = []
        for step in self.region.steps:
            slot = step.outputs[0]
            if self.phases[slot] != phase:
                continue
            kind = self.region.kinds[slot]
            if kind == ROW and slot not in self.late:
                if step.op == "nll":
                    lines += self._picked(step)
                elif step.op not in REDUCTIONS:
                    lines.append(self._declared(slot, self._value(step)))
                lines += self._store(slot, "0" if self.flat else "r", self._leads)
            elif step in self.totals and self._operand_kind(step) == ROW:
                value = self._operand(step.inputs[0], step)
                joined = self._joined(step, f"t{slot}", value)
                lines.append(f"if (lane == 0) t{slot} = {joined};")
        return lines

    def _picked(self, step: Step) -> Lines:
        """The negative element at the label of a row; NaN for one out of range."""
        x, labels = step.inputs
        slot, kind = step.outputs[0], self._type(step.outputs[0])
        body = self._elements([x])
        lines = [
            f"{kind} v{slot} = gpugrad::nan<{kind}>();",
            f"const long long label{slot} = {self._operand(labels, step)};",
            f"if (label{slot} >= 0 && label{slot} < {self.region.columns}) {{",
            f"  const {self._index} c = label{slot};",
            *(f"  {line}" for line in body),
            f"  v{slot} = -{self._operand(x, step)};",
            "}",
        ]
        return lines

    def _join(self) -> Lines:
        """The parts of all teams brought together by the block that finishes last."""
        if not self.totals and not self.columns:
            return []
        lines = []
        for step in self.totals:
            slot = step.outputs[0]
            join = f"gpugrad::join_team<{self._joiner(step, self._wide(slot))}, {self.team}>"
            lines += [f"t{slot} = {join}(t{slot});", f"if (lane == 0) p{slot}[team] = t{slot};"]
        lines += last_of(self.grid, "done")
        for step in self.totals:
            slot = step.outputs[0]
            join = f"gpugrad::join_team<{self._joiner(step, self._wide(slot))}, {BLOCK}>"
            taken = self._joined(step, f"t{slot}", f"p{slot}[i]")
            lines += [
                f"t{slot} = {self._start(step)};",
                f"for (int i = threadIdx.x; i < teams; i += {BLOCK}) t{slot} = {taken};",
                self._declared(slot, f"{join}(t{slot})"),
                *self._store(slot, "0", "threadIdx.x == 0"),
            ]
        for step in self.region.steps:
            slot = step.outputs[0]
            if slot in self.late and step not in self.totals and step not in self.columns:
                alone = step.op in REDUCTIONS
                value = self._operand(step.inputs[0], step) if alone else self._value(step)
                lines += [self._declared(slot, value),
                          *self._store(slot, "0", "threadIdx.x == 0")]  # fmt: skip
        for step in self.columns:
            slot, columns = step.outputs[0], self.region.columns
            place = f"i * ({self._index}){columns} + c"
            lines += [
                f"p{slot} -= ({self._index})team * {columns};",
                f"for (int c = threadIdx.x; c < {columns}; c += {BLOCK}) {{",
                f"  {self._type(slot)} sum = 0;",
                f"  for (int i = 0; i < teams; ++i) sum += p{slot}[{place}];",
                f"  s{slot}[c] = sum;",
                "}",
            ]
        return lines

    # Values

    @property
    def _at(self) -> str:
        return "c" if self.flat else "at + c"

    @property
    def _leads(self) -> str:
        return "team == 0 && lane == 0" if self.flat else "lane == 0"

    def _operand_kind(self, step: Step) -> str | None:
        return self.region.operand_kind(step.inputs[0], step)

    def _declared(self, slot: int, value: str) -> str:
        return f"const {self._type(slot)} v{slot} = {value};"

    def _store(self, slot: int, place: str, who: str) -> Lines:
        return [f"if ({who}) s{slot}[{place}] = v{slot};"] if slot in self.outputs else []

    def _value(self, step: Step) -> str:
        operands = [self._operand(slot, step) for slot in step.inputs]
        if step.op in ("reshape", "broadcast_to"):
            return operands[0]
        if step.op == "one_hot":
            column = "c" if self.packs is None else "b + k"
            return f"static_cast<{self._type(step.outputs[0])}>({operands[0]} == {column})"
        return expression(step, self.slots, operands)

    def _operand(self, slot: int, step: Step) -> str:
        if slot in self.numbers:
            return number(self.numbers[slot], self.slots[slot].dtype)
        if slot in self.region.kinds:
            return f"v{slot}"
        kind = self.region.operand_kind(slot, step)
        if self.packs is not None and kind in (ELEMENT, COLUMN):
            begin = "b" if self.flat or kind == COLUMN else "at + b"
            if slot not in self.views:
                self.packs[slot] = begin
                return f"e{slot}.at[k]"
            place = f"{begin} + k"
        elif kind == ELEMENT:
            place = self._at
        elif kind == COLUMN:
            place = "c"
        else:
            place = "r" if kind == ROW and not self.flat else "0"
        if slot in self.views:
            return f"s{self.views[slot].root}[{self.views[slot].place(f'({place})')}]"
        return f"s{slot}[{place}]"

    def _joined(self, step: Step, total: str, value: str) -> str:
        kind = self._wide(step.outputs[0]) if total[0] == "t" else self._type(step.outputs[0])
        return f"{self._joiner(step, kind)}::join({total}, {value})"

    def _joiner(self, step: Step, kind: str) -> str:
        """The name of what joins two values of that type in a reduction, which is defined first."""
        name = f"{step.op}_of_{kind.replace(' ', '_')}"
        value = joined(REDUCTIONS[step.op], kind)
        function = f"static __device__ {kind} join({kind} a, {kind} b) {{ return {value}; }}"
        self._joins[name] = f"struct {name} {{ {function} }};"
        return name

    def _start(self, step: Step) -> str:
        dtype = self.slots[step.inputs[0]].dtype
        return number(REDUCTIONS[step.op].first(dtype), dtype)

    def _type(self, slot: int) -> str:
        return type_of(self.slots[slot].dtype)

    def _wide(self, slot: int) -> str:
        """The type in which long sums are added up."""
        return "double" if self.slots[slot].dtype.kind == "f" else self._type(slot)


def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
    """Whether the kernel of a step may write that result over that operand, both given by number.

    Only where each element is read by the thread that writes it, and before it does: not where
    elements are computed again in a later walk over the row, or picked by a label.
    """
    slot, output = step.inputs[operand], step.outputs[result]
    if step.op == "beside":                         # whose members run at the same time
        (reader, *others) = (member for member in step.body if slot in member.inputs)
        return (
            not others
            and output in reader.outputs
            and in_place(plan, reader, reader.inputs.index(slot), reader.outputs.index(output))
        )
    ahead = step.body[:1] if step.op == "product" else ()
    matrices = [x for product in ahead for x in product.inputs]
    if not (ahead or step.op == "fused") or slot in matrices:
        return False
    if plan.slots[slot] != plan.slots[output]:
        return False
    region = Region(plan.slots, step.body[len(ahead) :], step.setting("shape"))
    reading = [inner for inner in region.steps if slot in inner.inputs]
    return (
        region.kinds[output] == ELEMENT
        and all(region.operand_kind(slot, inner) == ELEMENT for inner in reading)
        and max(phases_of(region).values()) <= 0
        and all(inner.op != "nll" for inner in region.steps)
    )
