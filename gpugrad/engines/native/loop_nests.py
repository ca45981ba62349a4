"""Loops: a fused step as the source of one loop nest, for Numba.

For a softmax with its input shifted, over rows of 10 elements:

    for r in range(64):
        p16 = s16[r * 10 : r * 10 + 10]
        a17 = -inf
        for c in range(10):
            ...

Values that depend on what is reduced along the row wait for a later loop over the same row; what an
earlier loop computed for them lies in a buffer of one row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import REDUCTIONS, SCALARS, SUMS
from gpugrad.plan.regions import (
    COLUMN,
    ELEMENT,
    ONE,
    ROW,
    Region,
    phases_of,
)

BLOCK = 1024
"""Elements of a row that are computed before they are reduced: they stay in the nearest cache."""

FEW = 16
"""Elements of a row up to which they are reduced one by one, in order."""

Lines = list[str]


class Loops:
    """Writes the loop nest of one fused step. `numbers` are the constants without axes.

    An operand or result `n` is a flat array named `s<n>`; `same` names for a result the operand in
    whose place it lies: under two names, a compiler must fear that they overlap. `limited` tells
    which primitives have an argument beyond which another function must be called.
    """

    def __init__(
        self,
        step: Step,
        slots: tuple[Slot, ...],
        numbers: Mapping[int, object],
        limited: Callable[[str, str], float | None],
        same: Mapping[int, int] | None = None,
    ) -> None:
        self.slots = slots
        self.numbers = numbers
        self._limited = limited
        self._same = same or {}
        settings = dict(step.settings)
        self.region = Region(slots, step.body, settings["shape"])
        self.parts = settings.get("parts")
        self.outputs = frozenset(step.outputs)
        self.inputs = tuple(slot for slot in step.inputs if slot not in numbers)
        self.phases = phases_of(self.region)
        self.uses = _operand_kinds(self.region, self.inputs)
        self.kept = self._kept()
        self.count = 1 + max(self.phases.values())

    def _kept(self) -> set[int]:
        """Elements that a later loop over the row reads again, and that are no results."""
        kept = set()
        for step in self.region.steps:
            for slot in step.inputs:
                if self.region.kinds.get(slot) == ELEMENT and slot not in self.outputs:
                    if self.reading_phase(step) > self.phases[slot]:
                        kept.add(slot)
        return kept

    def reading_phase(self, step: Step) -> int:
        """The loop over the row in which a step of the region reads elements, or before which."""
        return self.phases[step.outputs[0]] + (step.op == "nll")

    # The whole nest

    def lines(self) -> Lines:
        """The source."""
        region = self.region
        lines = [*self._range(), *self._before()]
        row = self._row()
        if region.rows == 1:
            lines += row
        else:
            rows = "lo, hi" if self.parts else region.rows
            lines += [f"for r in range({rows}):", *_indented(row)]
        return lines + self._after()

    def _range(self) -> Lines:
        """Where the part `i` begins and ends: at a row, or in one long row at a block."""
        if not self.parts:
            return []
        rows, columns = self.region.rows, self.region.columns
        if rows > 1:
            return [f"lo = i * {rows} // {self.parts}", f"hi = (i + 1) * {rows} // {self.parts}"]
        blocks = -(-columns // BLOCK)
        return [
            f"lo = i * {blocks} // {self.parts} * {BLOCK}",
            f"hi = min((i + 1) * {blocks} // {self.parts} * {BLOCK}, {columns})",
        ]

    def _before(self) -> Lines:
        lines = [
            f"e{slot} = {self._whole(slot)}[0]" for slot in self.inputs if ONE in self.uses[slot]
        ]
        for slot in sorted(self.kept):
            lines.append(f"b{slot} = empty({self.region.columns}, {self._type(slot)})")
        for step in self.region.steps:
            slot = step.outputs[0]
            kind = self.region.kinds[slot]
            if kind == COLUMN:
                if self.parts:
                    n = self.region.columns
                    name = self._whole(slot)
                    lines.append(f"{name} = {name}[i * {n} : i * {n} + {n}]")
                lines.append(f"{self._whole(slot)}[:] = {self._type(slot)}(0)")
            if kind == ONE and slot not in self.region.late:
                lines += self._single(step)
            if kind == ONE and step.op in REDUCTIONS:
                lines += [f"t{slot} = {self._wide(slot)}(0)"]
            if step.op in REDUCTIONS and self._by_blocks(step):
                size = min(BLOCK, self.region.columns)
                lines.append(f"q{slot} = empty({size}, {self._type(step.inputs[0])})")
        return lines

    def _after(self) -> Lines:
        late = [s for s in self.region.steps if s.outputs[0] in self.region.late]
        single = [s for s in late if self.region.kinds[s.outputs[0]] == ONE]
        return [line for step in single for line in self._single(step)]

    def _single(self, step: Step) -> Lines:
        """A value of which there is one for all rows."""
        slot = step.outputs[0]
        total = f"{self._type(slot)}(t{slot})"
        lines = [f"v{slot} = {total if step.op in REDUCTIONS else self._value(step)}"]
        if slot in self.outputs:
            lines.append(f"{self._whole(slot)}[{self._single_place(step)}] = v{slot}")
        return lines

    def _row(self) -> Lines:
        columns = self.region.columns
        lines: Lines = []
        whole = self.region.rows == 1
        for slot in (*self.inputs, *sorted(self.outputs)):
            kinds = self.uses.get(slot, {self.region.kinds.get(slot)})
            if ELEMENT in kinds:
                cut = "" if whole else f"[r * {columns} : r * {columns} + {columns}]"
                line = f"{self._stored(slot)} = {self._whole(slot)}{cut}"
                if line not in lines:
                    lines.append(line)
            if ROW in kinds and slot in self.inputs:
                lines.append(f"e{slot} = {self._whole(slot)}[{'0' if whole else 'r'}]")
        lines += self._between(-1)
        for phase in range(self.count):
            lines += self._loop(phase)
            lines += self._between(phase)
        for step in self.region.steps:
            slot = step.outputs[0]
            if slot in self.outputs and self.region.kinds[slot] == ROW:
                place = self._single_place(step) if whole else "r"
                lines.append(f"{self._whole(slot)}[{place}] = v{slot}")
        return lines

    def _single_place(self, step: Step) -> str:
        """Where a value goes of which there is one for all rows: each part has its own totals."""
        return "i" if self.parts and step.op in REDUCTIONS else "0"

    def _between(self, phase: int) -> Lines:
        """What has one value for the row and is known after that loop."""
        lines: Lines = []
        for step in self.region.steps:
            slot = step.outputs[0]
            kind = self.region.kinds[slot]
            if kind == ROW and self.phases[slot] == phase:
                if step.op in REDUCTIONS:
                    lines.append(f"v{slot} = {self._type(slot)}(a{slot})")
                elif step.op == "nll":
                    x, labels = step.inputs
                    label = f"int64({self._row_operand(labels)})"
                    lines.append(f"v{slot} = -{self._stored(x)}[{label}]")
                else:
                    lines.append(f"v{slot} = {self._value(step)}")
            if kind == ONE and step.op in REDUCTIONS and self.phases[slot] == phase:
                x = step.inputs[0]
                if self._kind(x, step) == ROW:
                    lines.append(f"t{slot} += {self._wide(slot)}({self._row_operand(x)})")
                else:
                    lines.append(f"t{slot} += {self._wide(slot)}(a{slot})")
        return lines

    # One loop over a row

    def _loop(self, phase: int) -> Lines:
        steps = [
            step
            for step in self.region.steps
            if self.region.kinds[step.outputs[0]] == ELEMENT
            and self.phases[step.outputs[0]] == phase
        ]
        reduced = [
            step
            for step in self.region.steps
            if step.op in REDUCTIONS
            and self._kind(step.inputs[0], step) == ELEMENT
            and self.phases[step.outputs[0]] == phase
        ]
        if not steps and not reduced:
            return []
        lines = [f"a{step.outputs[0]} = {self._start(step)}" for step in reduced
                 if self.region.kinds[step.outputs[0]] != COLUMN]
        limited = [s for s in steps if self.limit(s) is not None]
        blocks = [step for step in reduced if self._by_blocks(step)]
        columns = self.region.columns
        bounds = ("lo", "hi") if self.parts and self.region.rows == 1 else ("0", str(columns))
        if not limited and not blocks and bounds[0] == "0":
            body = self._elements(steps, reduced, exact=False, block=False)
            return [*lines, f"for c in range({columns}):", *_indented(body)]
        inner: Lines = []
        if limited:
            inner.append("beyond = False")
        inner += ["for c in range(n):",
                  *_indented(self._elements(steps, reduced, exact=False, block=True))]
        if limited:
            inner += ["if beyond:", "    for c in range(n):",
                      *_indented(_indented(self._elements(steps, reduced, exact=True,
                                                          block=True)))]
        inner += [line for step in reduced for line in self._reduce_block(step)]
        cuts = sorted(self._row_arrays(steps, reduced))
        if columns <= BLOCK and bounds[0] == "0":
            start = [f"c0, n = 0, {columns}"]
            return [*lines, *start, *(f"o{name} = {name}" for name in cuts), *inner]
        return [
            *lines,
            f"for c0 in range({bounds[0]}, {bounds[1]}, {BLOCK}):",
            f"    n = min({BLOCK}, {bounds[1]} - c0)",
            *(f"    o{name} = {name}[c0 : c0 + n]" for name in cuts),
            *_indented(inner),
        ]

    def _row_arrays(self, steps: list[Step], reduced: list[Step]) -> set[str]:
        """The names of the arrays of one row that the loop reads and writes."""
        made = {step.outputs[0] for step in steps}
        names = set()
        for step in (*steps, *reduced):
            for slot in step.inputs:
                kind = self._kind(slot, step)
                if slot not in self.numbers and slot not in made and kind == ELEMENT:
                    names.add(self._stored(slot))
                if kind == COLUMN:
                    names.add(self._whole(slot))
        for slot in made & (self.outputs | self.kept):
            names.add(self._stored(slot))
        columns = [s.outputs[0] for s in reduced if self.region.kinds[s.outputs[0]] == COLUMN]
        return names | {self._whole(slot) for slot in columns}

    def _elements(
        self, steps: list[Step], reduced: list[Step], *, exact: bool, block: bool
    ) -> Lines:
        """The body of the loop: each element in turn.

        What it reads is read at its beginning: a result may lie in the place of an operand. Few
        statements and names of their own in each loop are what a compiler is quick with.
        """
        prefix = "o" if block else ""
        end = "x" if exact else ""
        computed = {step.outputs[0] for step in steps}
        lines = self._reads([*steps, *reduced], computed, prefix, end)
        for step in steps:
            slot = step.outputs[0]
            operands = [self._element_operand(x, step, computed, end) for x in step.inputs]
            limit = self.limit(step)
            if limit is not None and not exact:
                dtype = self._type(step.inputs[0])
                check = f"beyond = beyond_{dtype}(beyond, {operands[0]}, {limit!r})"
                if check not in lines:
                    lines.append(check)
            if step.op == "one_hot":                # of the column: `c` may be that of a block
                hit = f"{operands[0]} == {'c0 + c' if block else 'c'}"
                value = f"{self._type(slot)}({hit})"
            else:
                value = self._expression(step, operands, exact)
            lines.append(f"v{slot}{end} = {value}")
            if slot in self.outputs or slot in self.kept:
                lines.append(f"{prefix}{self._stored(slot)}[c] = v{slot}{end}")
        for step in reduced:
            slot, x = step.outputs[0], step.inputs[0]
            value = self._element_operand(x, step, computed, end)
            if self._by_blocks(step):
                lines.append(f"q{slot}[c] = {value}")
            elif self.region.kinds[slot] == COLUMN:
                lines.append(f"{prefix}{self._whole(slot)}[c] += {value}")
            else:
                lines.append(_accumulate(step.op, f"a{slot}", value))
        return lines

    def _reads(self, steps: list[Step], computed: set[int], prefix: str, end: str) -> Lines:
        """Lines that read the element of each array that the loop needs."""
        lines: Lines = []
        for step in steps:
            for slot in step.inputs:
                if slot in self.numbers or slot in computed:
                    continue
                kind = self._kind(slot, step)
                if kind == ELEMENT:
                    lines.append(f"x{slot}{end} = {prefix}{self._stored(slot)}[c]")
                elif kind == COLUMN:
                    lines.append(f"y{slot}{end} = {prefix}{self._whole(slot)}[c]")
        return list(dict.fromkeys(lines))

    def _reduce_block(self, step: Step) -> Lines:
        """Take the buffered elements of a block into the reduction."""
        if not self._by_blocks(step):
            return []
        slot, x = step.outputs[0], step.inputs[0]
        if self.region.kinds[slot] == COLUMN:
            return ["for c in range(n):", f"    o{self._whole(slot)}[c] += q{slot}[c]"]
        part = f"{step.op}_{self.slots[x].dtype.name}(q{slot}, n)"
        return [f"w = {part}", _accumulate(step.op, f"a{slot}", "w")]

    def _by_blocks(self, step: Step) -> bool:
        """Whether what `step` reduces is buffered first.

        So that the loop becomes vector instructions where rows are long, and where elements may be
        computed a second time.
        """
        slot, x = step.outputs[0], step.inputs[0]
        if self._kind(x, step) != ELEMENT:
            return False
        phase = self.phases[slot]
        limited = any(
            self.limit(s) is not None
            for s in self.region.steps
            if self.region.kinds[s.outputs[0]] == ELEMENT and self.phases[s.outputs[0]] == phase
        )
        if self.region.kinds[slot] == COLUMN:
            return limited
        return limited or self.region.columns > FEW

    # Expressions

    def _kind(self, slot: int, step: Step) -> str | None:
        return self.region.operand_kind(slot, step)

    def limit(self, step: Step) -> float | None:
        """The argument up to which the fast form of an element's step holds."""
        if self.region.kinds[step.outputs[0]] != ELEMENT:
            return None
        return self._limited(step.op, self.slots[step.outputs[0]].dtype.name)

    def _stored(self, slot: int) -> str:
        """The name of the array of one row that holds an element."""
        return f"b{slot}" if slot in self.kept else f"p{self._same.get(slot, slot)}"

    def _whole(self, slot: int) -> str:
        """The name of the flat array of an operand or result."""
        return f"s{self._same.get(slot, slot)}"

    def _element_operand(self, slot: int, step: Step, computed: set[int], end: str) -> str:
        if slot in self.numbers:
            return f"k{slot}"
        if slot in computed:
            return f"v{slot}{end}"
        kind = self._kind(slot, step)
        if kind == ELEMENT:
            return f"x{slot}{end}"
        return f"y{slot}{end}" if kind == COLUMN else self._row_operand(slot)

    def _row_operand(self, slot: int) -> str:
        if slot in self.numbers:
            return f"k{slot}"
        return f"v{slot}" if slot in self.region.kinds else f"e{slot}"

    def _value(self, step: Step) -> str:
        """A value for the row, or for all, of such values."""
        return self._expression(step, [self._row_operand(x) for x in step.inputs], exact=True)

    def _expression(self, step: Step, operands: list[str], exact: bool) -> str:
        if step.op in ("reshape", "broadcast_to"):
            return operands[0]
        return expression(step, self.slots, operands, exact)

    def _start(self, step: Step) -> str:
        dtype = self._type(step.inputs[0])
        if step.op in SUMS and self._by_blocks(step) and self.region.columns > BLOCK:
            dtype = self._wide(step.inputs[0])
        return f"{dtype}({REDUCTIONS[step.op].first(self.slots[step.inputs[0]].dtype)!r})"

    def _type(self, slot: int) -> str:
        return type_name(self.slots[slot].dtype)

    def _wide(self, slot: int) -> str:
        """The type in which long sums are added up."""
        return "float64" if self.slots[slot].dtype.kind == "f" else self._type(slot)


def type_name(dtype: np.dtype) -> str:
    """The name of a dtype in the source."""
    return "boolean" if dtype.kind == "b" else dtype.name


def expression(step: Step, slots: tuple[Slot, ...], operands: list[str], exact: bool) -> str:
    """The scalar expression of an elementwise step; `exact` where no limit is to be kept."""
    result = slots[step.outputs[0]].dtype
    argument = slots[step.inputs[0]].dtype
    text = SCALARS[step.op].of(argument.kind)

    def function(found: re.Match[str]) -> str:
        name = found[1]
        dtype = argument if name in _OF_ARGUMENT else result
        return f"{name}_{dtype.name}{'_exact' if exact and name in _LIMITED else ''}("

    text = _FUNCTION.sub(function, text)
    text = text.replace("T(", f"{type_name(result)}(").replace("U(", "uint64(")
    return text.format(*operands)


_FUNCTION = re.compile(r"\bf\.(\w+)\(")
_OF_ARGUMENT = frozenset(name for name, scalar in SCALARS.items() if scalar.takes == "own")
"""The functions whose result has another dtype than their argument."""

_LIMITED = frozenset({"sin", "cos", "tan"})


def _accumulate(op: str, total: str, value: str) -> str:
    if op in SUMS:
        return f"{total} += {value}"
    return f"{total} = {REDUCTIONS[op].join.format(value, total)}"


def _operand_kinds(region: Region, inputs: tuple[int, ...]) -> dict[int, set[str | None]]:
    """How each operand from outside is read: one may be read in several ways."""
    kinds: dict[int, set[str | None]] = {slot: set() for slot in inputs}
    for step in region.steps:
        for slot in step.inputs:
            if slot in kinds:
                kinds[slot].add(region.operand_kind(slot, step))
    return kinds


def _indented(lines: Lines) -> Lines:
    return [f"    {line}" for line in lines]
