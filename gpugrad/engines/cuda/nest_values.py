"""The values of a nest as CUDA C++: of primitives by their expression, of arrays where they lie."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import prod

import numpy as np

from gpugrad.engines.cuda.expressions import expression, type_of
from gpugrad.engines.cuda.given import DIVISOR, Numbers
from gpugrad.engines.cuda.kernel import Lines, index_type
from gpugrad.engines.cuda.scattered import place_of
from gpugrad.plan.layouts import Layout
from gpugrad.plan.nest import INDEX, LOAD, NUMBER, PICK, Use
from gpugrad.plan.plan import Slot


class NestValues(ABC):
    """Writes values of the nest of a fused step. Slot 7 is the array `s7`, value 7 is `v7`.

    `numbers` are the values of constants, `given` what is not written into the lines, and `views`
    the operands that are read where they lie scattered. An element is in column `c`, along the last
    axis, of row `r`: the rows are all places along the others, of which `i1` is that along axis 1.
    """

    def __init__(
        self,
        use: Use,
        slots: tuple[Slot, ...],
        numbers: Mapping[int, object],
        views: Mapping[int, Layout],
    ) -> None:
        self.use = use
        self.nest = use.nest
        self.values = use.nest.values
        self.last = use.nest.axes - 1
        self.columns = use.sizes[-1]
        self.rows = prod(use.sizes[:-1])
        self.slots = slots
        self.numbers = numbers
        self.views = views
        self.given = Numbers()
        self.packs: list[int] | None = None         # what a loop over packs loads, as it is written

    @property
    @abstractmethod
    def slack(self) -> int:
        """How far an index goes beyond what there is, when the loops over rows and columns end."""

    @property
    def in_rows(self) -> bool:
        """Whether `r` counts all rows in their order."""
        return True

    @property
    def at(self) -> str:
        """Where the element lies in an array that has them all in order."""
        return "at + c"

    @property
    def first_at(self) -> str:
        """Where the first one of a pack does."""
        return "at + c0"

    @property
    def index(self) -> str:
        """The type of an index."""
        reach = [self.rows * self.columns + self.slack]
        reach += [layout.reach for layout in self.views.values()]
        for access, strides in zip(self.nest.accesses, self.use.strides, strict=True):
            pairs = zip(access.axes, strides, strict=False)
            reach.append(sum((self.use.sizes[axis] - 1) * step for axis, step in pairs))
        return index_type(max(reach))

    @property
    def column_count(self) -> str:
        return self.given(self.index, "columns", self.columns)

    @property
    def row_count(self) -> str:
        return self.given(self.index, "rows", self.rows)

    # Values

    def needed(self, wanted: Iterable[int], depth: int) -> list[int]:
        """Of these values and what they need, those inside of so many loops, in order."""
        found: set[int] = set()
        stack = list(wanted)
        while stack:
            i = stack.pop()
            if i not in found and self.values[i].depth >= depth:
                found.add(i)
                stack += self.values[i].args
        return sorted(found)

    def lines(self, values: Iterable[int]) -> Lines:
        """Lines that compute them, from what is known."""
        lines: Lines = []
        for i in values:
            part = self.values[i]
            if part.op == PICK:
                lines += self._picked(i)
            elif part.op != NUMBER:
                lines.append(self.declared(i, self._value(i)))
        return lines

    def declared(self, i: int, value: str) -> str:
        """The line that makes a value known."""
        return f"const {self.type_of(i)} v{i} = {value};"

    def text(self, i: int) -> str:
        """A value that is known."""
        part = self.values[i]
        if part.op != NUMBER:
            return f"v{i}"
        slot = self.use.numbers[part.access]
        return self.given.of(f"n{slot}", self.numbers[slot], np.dtype(part.dtype))

    def type_of(self, i: int) -> str:
        """The C++ type of a value."""
        return type_of(np.dtype(self.values[i].dtype))

    def _value(self, i: int) -> str:
        part = self.values[i]
        if part.op == LOAD:
            return self._loaded(i)
        if part.op == INDEX:
            return "c"
        argument = np.dtype(self.values[part.args[0]].dtype)
        operands = [self.text(x) for x in part.args]
        return expression(part.op, argument, np.dtype(part.dtype), operands)

    def _picked(self, i: int) -> Lines:
        """The element at the label of a row; NaN for one out of range."""
        part = self.values[i]
        kind, columns = self.type_of(i), self.column_count
        label, *made = part.args
        body = self.lines(self.needed(made, self.nest.axes))
        value = self.text(made[0]) if made else self.element(part.access)
        return [
            f"{kind} v{i} = gpugrad::nan<{kind}>();",
            f"const long long label{i} = {self.text(label)};",
            f"if (label{i} >= 0 && label{i} < {columns}) {{",
            f"  const {self.index} c = label{i};",
            *(f"  {line}" for line in [*body, f"v{i} = {value};"]),
            "}",
        ]

    # Arrays

    def _loaded(self, i: int) -> str:
        access = self.values[i].access
        if self.packs is None or not self.comes_in_packs(access):
            return self.element(access)
        self.packs.append(i)
        return f"x{i}.at[k]"

    def comes_in_packs(self, access: int) -> bool:
        """Whether neighbours along the last axis lie together."""
        spec = self.nest.accesses[access]
        return (self.last in spec.axes and not spec.apart
                and self.use.slots[access] not in self.views)  # fmt: skip

    def element(self, access: int) -> str:
        """The element of an array."""
        slot, place = self.use.slots[access], self.place(access)
        if slot not in self.views:
            return f"s{slot}[{place}]"
        view = self.views[slot]
        where = place_of(view, f"({place})", self.index, self.given, f"view{slot}")
        return f"s{view.root}[{where}]"

    def place(self, access: int, pack: bool = False) -> str:
        """Where it lies in its array, or the first one of a pack."""
        spec = self.nest.accesses[access]
        if self.in_rows and spec.axes == tuple(range(self.nest.axes)):
            return self.first_at if pack else self.at
        if self.in_rows and spec.axes and spec.axes == tuple(range(self.last)):
            return "r"                              # in order: along none of them one stands still
        terms = []
        for axis, step in zip(spec.axes, self.use.strides[access], strict=False):
            column = "c0" if pack else "c"
            name = column if axis == self.last else "r" if self.last == 1 else f"i{axis}"
            if axis == self.last and not spec.apart:
                terms.append(name)
            else:
                by = self.given(self.index, f"step{access}_{axis}", step)
                terms.append(f"{name} * {by}")
        return " + ".join(terms) or "0"

    def indices(self, lines: Sequence[str], row: str = "r", axes: Sequence[int] = ()) -> Lines:
        """Lines that say where a row is along each of the axes that it is counted by.

        They are for these axes, or all, as far as these lines ask for them.
        """
        if not any(re.search(r"\bi\d", line) for line in lines):
            return []
        declared: list[tuple[str, str]] = []
        first, *others = axes or range(self.last)
        rest = row
        for axis in reversed(others):
            size = self.given(f"{DIVISOR}<{self.index}>", f"size{axis}", self.use.sizes[axis])
            declared += [(f"{row}{axis}", f"{rest} / {size}"), (f"i{axis}", f"{rest} % {size}")]
            rest = f"{row}{axis}"
        return self.asked_for([*declared, (f"i{first}", rest)], lines)

    def asked_for(self, declared: Sequence[tuple[str, str]], lines: Sequence[str]) -> Lines:
        """The lines that declare indices which others ask for, in order."""
        return asked_for(declared, lines, self.index)


def asked_for(declared: Sequence[tuple[str, str]], lines: Collection[str], kind: str) -> Lines:
    """The lines that declare those names of a type which the others use, in order."""
    found: Lines = []
    for name, value in reversed(declared):
        if any(re.search(rf"\b{name}\b", line) for line in (*found, *lines)):
            found.insert(0, f"const {kind} {name} = {value};")
    return found
