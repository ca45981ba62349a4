"""The values that a kernel computes: of steps by their expression, of operands where they lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from gpugrad.engines.cuda.expressions import expression, joined, number, type_of
from gpugrad.engines.cuda.given import Numbers
from gpugrad.engines.cuda.kernel import Lines
from gpugrad.engines.cuda.scattered import place_of
from gpugrad.plan.layouts import Layout
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import COLUMN, ELEMENT, ROW, Region, phases_of


class RegionValues(ABC):
    """Writes values of the region of a step. Slot 7 is the array `s7`, its value `v7`.

    `numbers` are the values of constants, `given` what is not written into the lines, and `views`
    the operands that are read where they lie scattered. All threads share the row of a region that
    is `flat`.
    """

    def __init__(
        self,
        step: Step,
        slots: tuple[Slot, ...],
        numbers: Mapping[int, object],
        views: Mapping[int, Layout],
    ) -> None:
        self.views = views
        self.slots = slots
        self.numbers = numbers
        self.given = Numbers()
        self.region = Region(slots, step.body, step.setting("shape"))
        self.outputs = step.outputs
        self.phases = phases_of(self.region)
        self.makers = {inner.outputs[0]: inner for inner in self.region.steps}
        self.flat = self.region.rows == 1 and not self._waits()
        self._joins: dict[str, str] = {}            # definitions, by the names they bind
        self.packs: dict[int, str] | None = None    # what a loop over packs reads, as it is written

    @property
    @abstractmethod
    def _index(self) -> str:
        """The type of an index."""

    @property
    def _columns(self) -> str:
        return self.given(self._index, "columns", self.region.columns)

    @property
    def _row_count(self) -> str:
        return self.given(self._index, "rows", self.region.rows)

    def _waits(self) -> bool:
        """Whether an element, or the place of one, is known only after a reduction of the row."""
        return any(
            step.op == "nll"
            or (self.region.kinds[step.outputs[0]] == ELEMENT and self.phases[step.outputs[0]])
            for step in self.region.steps
        )

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

    def _declared(self, slot: int, value: str) -> str:
        return f"const {self._type(slot)} v{slot} = {value};"

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
            return self.given.of(f"n{slot}", self.numbers[slot], self.slots[slot].dtype)
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
            view, index = self.views[slot], self._index
            where = place_of(view, f"({place})", index, self.given, f"view{slot}")
            return f"s{view.root}[{where}]"
        return f"s{slot}[{place}]"

    @property
    def _at(self) -> str:
        return "c" if self.flat else "at + c"

    def _joined(self, step: Step, kind: str, total: str, value: str) -> str:
        """The value joined with that of `total`, both of that type, as the reduction does."""
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
