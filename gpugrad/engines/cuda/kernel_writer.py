"""What writes the kernel of a region has in common, whichever way its threads take the elements."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from gpugrad.engines.cuda.kernel import BLOCK, LONG, PACK, WARP, Kernel, Lines, index_type
from gpugrad.engines.cuda.region_values import RegionValues
from gpugrad.engines.cuda.table import Parameter, Pointer, passed
from gpugrad.plan.layouts import Layout
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import COLUMN, ONE, ROW


class KernelWriter(RegionValues):
    """Writes one kernel, where `t7` is the part of a total that a thread has of slot 7."""

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
        super().__init__(step, slots, numbers, views)
        region = self.region
        self.name = name
        self.words = words
        read = [slot for slot in step.inputs if slot not in numbers]
        self.inputs = tuple(dict.fromkeys(views[x].root if x in views else x for x in read))
        reduced = [inner for inner in region.steps if inner.op in REDUCTIONS]
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
        self._used: set[str] = set()                # names of `_indices`, as they are written
        self.grid = self._grid()

    def _is_total(self, step: Step) -> bool:
        kind = self.region.kinds[step.outputs[0]]
        return kind == ONE or (kind == ROW and self.flat)

    def kernel(self) -> Kernel:
        """The kernel."""
        body = [*self._early(), *self._parts(), *self._rows(), *self._join()]
        pointers = [
            *(Pointer(slot, f"const {self._type(slot)} *") for slot in self.inputs),
            *(Pointer(slot, f"{self._type(slot)} *") for slot in self.outputs),
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

    @abstractmethod
    def _pays_packed(self) -> bool:
        """Whether a thread is to take packs of neighbours."""

    @abstractmethod
    def _grid(self) -> int:
        """How many blocks there are."""

    @abstractmethod
    def _scratch(self) -> dict[Parameter, int]:
        """The parameters for the parts of what is reduced over all rows, and their bytes."""

    @abstractmethod
    def _indices(self) -> Lines:
        """Which thread this is: what the lines written so far use of it."""

    @abstractmethod
    def _parts(self) -> Lines:
        """Where what is reduced over all rows starts."""

    @abstractmethod
    def _rows(self) -> Lines:
        """The walk over the rows."""

    @abstractmethod
    def _part(self, step: Step) -> str:
        """What a thread adds an element to: its part of a total, of a column, or of a row."""

    @abstractmethod
    def _join(self) -> Lines:
        """The parts of all teams brought together by the block that finishes last."""

    @property
    def _blocks(self) -> str:
        return self.given("int", "blocks", self.grid)

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

    def _early(self) -> Lines:
        """Values of which there is one, and which no reduction makes."""
        lines = []
        for step in self.region.steps:
            slot = step.outputs[0]
            if self.region.kinds[slot] == ONE and slot not in self.late:
                lines += [self._declared(slot, self._value(step)),
                          *self._store(slot, "0", "team", "lane")]  # fmt: skip
        return lines

    def _column(self, stored: list[Step], reduced: list[Step]) -> Lines:
        """Lines that compute column `c` of what is stored, and add it to what is reduced."""
        body = self._elements([*(s.outputs[0] for s in stored), *(s.inputs[0] for s in reduced)])
        for step in reduced:
            part, value = self._part(step), self._operand(step.inputs[0], step)
            body.append(f"{part} = {self._joined(step, self._kind(step), part, value)};")
        return body

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
                lines += self._store(slot, "0" if self.flat else "r", *self._leads)
            elif step in self.totals and self._operand_kind(step) == ROW:
                value = self._operand(step.inputs[0], step)
                total = self._joined(step, self._kind(step), f"t{slot}", value)
                lines.append(f"if ({self._own('lane')} == 0) t{slot} = {total};")
        return lines

    def _picked(self, step: Step) -> Lines:
        """The negative element at the label of a row; NaN for one out of range."""
        x, labels = step.inputs
        slot, kind = step.outputs[0], self._type(step.outputs[0])
        body = self._elements([x])
        lines = [
            f"{kind} v{slot} = gpugrad::nan<{kind}>();",
            f"const long long label{slot} = {self._operand(labels, step)};",
            f"if (label{slot} >= 0 && label{slot} < {self._columns}) {{",
            f"  const {self._index} c = label{slot};",
            *(f"  {line}" for line in body),
            f"  v{slot} = -{self._operand(x, step)};",
            "}",
        ]
        return lines

    @property
    def _leads(self) -> tuple[str, ...]:
        """What is 0 for the thread that writes what there is one of for a row."""
        return ("team", "lane") if self.flat else ("lane",)

    def _own(self, name: str) -> str:
        """A name that tells threads apart, which is declared if it is one of `_indices`."""
        self._used.add(name)
        return name

    def _kind(self, step: Step) -> str:
        """The type in which a reduction is added up."""
        slot = step.outputs[0]
        return self._wide(slot) if step in self.totals else self._type(slot)

    def _operand_kind(self, step: Step) -> str | None:
        return self.region.operand_kind(step.inputs[0], step)

    def _store(self, slot: int, place: str, *zero: str) -> Lines:
        """What stores a result of which there is one, by the thread for which these are 0."""
        if slot not in self.outputs:
            return []
        who = " && ".join(f"{self._own(name)} == 0" for name in zero)
        return [f"if ({who}) s{slot}[{place}] = v{slot};"]
