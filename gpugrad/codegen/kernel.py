"""A kernel as LLVM's text, printed from the description of its loop nest.

A kernel takes a frame, in which the addresses of arrays are, a block of words that says which of
them it reads, their strides and sizes, and the number of the part to compute. The last axis is
computed a vector at a time, with a mask where it ends. Sums along it are made in lanes, in blocks,
and blocks are added up in float64: in which order depends on the size alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import FLOATS, HALVES, Value, type_of
from gpugrad.codegen.kernel_memory import KernelMemory
from gpugrad.codegen.lanes import functions_called, lanes_of
from gpugrad.codegen.scalars import elementwise, joined
from gpugrad.codegen.words import module
from gpugrad.plan.nest import (
    INDEX,
    JOIN,
    LOAD,
    MEMBER,
    NUMBER,
    PICK,
    TOGETHER,
    Nest,
    Part,
    is_accumulated,
    is_reduced,
)
from gpugrad.plan.phases import Schedule
from gpugrad.plan.primitives import REDUCTIONS, SUMS

BLOCK = 1024
"""Elements of the last axis that are added up in lanes, before their sum goes into the total."""


def print_kernel(nest: Nest, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`."""
    return _Printer(nest, wide).text(name)


class _Printer(KernelMemory):
    """Writes the loops, and in them the values."""

    def __init__(self, nest: Nest, wide: bool) -> None:
        super().__init__(nest, Body(bool(functions_called(nest, wide)), wide), lanes_of(nest, wide))
        self.schedule = Schedule(nest)
        self.known: dict[int, Value] = {}
        self.columns: dict[int, list[Value]] = {}   # values that are several at each place

    # The function

    def text(self, name: str) -> str:
        """The whole module."""
        b, nest = self.b, self.nest
        self.read_words(self.schedule.kept())
        self._clear()
        self._level(0, range(len(nest.values)))
        b.act("ret i64 0")
        return module(b, name)

    def _clear(self) -> None:
        """What results begin with that are made in memory."""
        for part in self.nest.values:
            if is_accumulated(part):
                axes = self.nest.accesses[part.access].axes
                self._clear_along(part, axes, self.pointers[0][part.access])

    def _clear_along(self, part: Part, axes: tuple[int, ...], base: Value) -> None:
        b, access = self.b, self.nest.accesses[part.access]
        first, last = self._first(part), self.nest.axes - 1
        zero = b.constant("int64", 0)
        if not axes:
            self.write(first, base)
        elif axes[0] != last:
            # Of the axis that parts are parts of, no more than what this one writes.
            begin, end = self._range(axes[0])
            with b.loop(begin, end, 1) as (i, _, _):
                stride = self.strides[part.access][axes[0]]
                self._clear_along(part, axes[1:], b.at(base, i * stride, access.dtype))
        else:
            with self._vectors(zero, self.sizes[last]) as i:
                self.write(b.spread(first, self.lanes), b.at(base, i, part.dtype))

    def _first(self, part: Part, dtype: str = "") -> Value:
        """What a reduction begins with."""
        given = self.nest.values[part.args[0]].dtype
        number = REDUCTIONS[part.op.split()[1]].first(_computed_in(given))
        return self.b.constant(dtype or part.dtype, number)

    # Loops

    @contextmanager
    def _vectors(self, start: Value, end: Value) -> Iterator[Value]:
        with self._masked(start, end, []) as (index, _, _):
            yield index

    @contextmanager
    def _masked(
        self, start: Value, end: Value, carried: list[Value]
    ) -> Iterator[tuple[Value, list[Value], list[Value]]]:
        """A loop by vectors, whose mask says which lanes are before the end.

        A long one is run twice, over whole vectors and over what is left, so that its rounds make
        no masks.
        """
        b = self.b
        if not self.nest.long:
            with b.loop(start, end, self.lanes, carried) as (index, given, after):
                self.left = end - index
                self.mask = b.first(self.left, self.lanes)
                yield b.opaque(index), given, after
                self.mask = None
            return
        with b.loop(start, end, 0, carried) as (begin, given, found):
            self.left = left = end - begin
            self.mask = b.first(left, self.lanes)
            until = b.select(left < self.lanes, end, begin + (left & -self.lanes))
            with b.loop(begin, until, self.lanes, given) as (index, inside, after):
                yield b.opaque(index), inside, after
            found += [*after, until]
            self.mask = None

    def _level(self, depth: int, members: Iterable[int]) -> None:
        """What is computed inside of the first loops: values, and loops over the next axis."""
        members = list(members)
        values = self.nest.values
        phases = self.schedule.phases[depth]
        here = [i for i in members if values[i].depth == depth]
        self._compute([i for i in here if phases[i] < 0])
        for phase in range(1 + max((phases[i] for i in members), default=-1)):
            inner = [i for i in members if values[i].depth > depth and phases[i] == phase]
            reduced = [i for i in here if is_reduced(values[i]) and phases[i] == phase]
            if inner or reduced:
                self._axis(depth, inner, reduced)
            self._compute([i for i in here if phases[i] == phase and i not in reduced])

    def _range(self, depth: int) -> tuple[Value, Value]:
        """Where the loop over an axis begins and ends."""
        b, size = self.b, self.sizes[depth]
        if depth or self.parts is None:
            return b.constant("int64", 0), size
        unit = BLOCK if self.nest.axes == 1 else 1
        whole = b.emit(f"udiv {(size + (unit - 1)).typed}, {unit}", "int64")
        ends = []
        for part in (self.part, self.part + 1):
            ends.append(b.emit(f"udiv {(part * whole).typed}, {self.parts.text}", "int64") * unit)
        return ends[0], b.intrinsic("umin", ends[1], size)

    def _axis(self, depth: int, inner: list[int], reduced: list[int]) -> None:
        start, end = self._range(depth)
        if depth < self.nest.axes - 1:
            self._rows(depth, inner, reduced, start, end)
        elif any(self._is_long(i) for i in reduced):
            self._blocks(inner, reduced, start, end)
        else:
            found = self._vector_loop(inner, reduced, start, end)
            for i, x in zip(reduced, found, strict=True):
                self._made(i, x)

    def _is_long(self, i: int) -> bool:
        """Whether a sum is added up in float64, block by block."""
        part = self.nest.values[i]
        return part.op.split()[1] in SUMS and part.dtype in FLOATS

    def _rows(
        self, depth: int, inner: list[int], reduced: list[int], start: Value, end: Value
    ) -> None:
        b = self.b
        totals = [self._start(i, "float64" if self._is_long(i) else "") for i in reduced]
        with b.loop(start, end, 1, totals) as (index, given, after):
            self.move(depth, index)
            self._level(depth + 1, inner)
            for i, total in zip(reduced, given, strict=True):
                x = self.known[self.nest.values[i].args[0]]
                after.append(self._joined(i, b.convert(x, total.dtype), total))
            self.pointers.pop()
        for i, x in zip(reduced, after, strict=True):
            self._made(i, b.convert(x, self.nest.values[i].dtype))

    def _blocks(self, inner: list[int], reduced: list[int], start: Value, end: Value) -> None:
        b = self.b
        totals = [self._start(i, "float64" if self._is_long(i) else "") for i in reduced]
        with b.loop(start, end, BLOCK, totals) as (index, given, after):
            here = b.intrinsic("umin", index + BLOCK, end)
            found = self._vector_loop(inner, reduced, index, here)
            for i, x, total in zip(reduced, found, given, strict=True):
                after.append(self._joined(i, b.convert(x, total.dtype), total))
        for i, x in zip(reduced, after, strict=True):
            self._made(i, b.convert(x, self.nest.values[i].dtype))

    def _vector_loop(
        self, inner: list[int], reduced: list[int], start: Value, end: Value
    ) -> list[Value]:
        """One loop over the last axis, and what is joined along it."""
        b = self.b
        begun = [b.spread(self._start(i, self._lane_dtype(i)), self.lanes) for i in reduced]
        with self._masked(start, end, begun) as (index, given, after):
            self.indices.append(index)
            self._reload(inner, reduced)
            self._compute(inner)
            for i, total in zip(reduced, given, strict=True):
                x = b.spread(self.known[self.nest.values[i].args[0]], self.lanes)
                joined = self._joined(i, b.convert(x, total.dtype), total)
                assert self.mask is not None
                after.append(b.select(self.mask, joined, total))
            self.indices.pop()
        return [self._across(i, lanes) for i, lanes in zip(reduced, after, strict=True)]

    # Reductions

    def _start(self, i: int, dtype: str = "") -> Value:
        return self._first(self.nest.values[i], dtype)

    def _lane_dtype(self, i: int) -> str:
        """The dtype in which lanes are joined: what is long has room for it in its total."""
        part = self.nest.values[i]
        given = self.nest.values[part.args[0]].dtype
        return given if self._is_long(i) and given in FLOATS else part.dtype

    def _joined(self, i: int, x: Value, total: Value) -> Value:
        return joined(self.b, self.nest.values[i].op.split()[1], x, total)

    def _across(self, i: int, x: Value) -> Value:
        """What the lanes of a vector are joined to: halves, and again."""
        b = self.b
        while x.lanes > 1:
            half = x.lanes // 2
            x = self._joined(i, b.part(x, half, half), b.part(x, 0, half))
        return b.emit(f"extractelement {x.typed}, i32 0", x.dtype)

    # Values

    def _compute(self, members: list[int]) -> None:
        """Values in order. What they read is read first: a result may lie in its place."""
        for i in members:
            if self.nest.values[i].op == LOAD:
                self._load(i)
        for i in members:
            part = self.nest.values[i]
            if part.op == TOGETHER:
                self._write_together(i, part)
            elif i not in self.columns:
                self._made(i, self.known[i] if part.op == LOAD else self._computed(part))

    def _load(self, i: int) -> None:
        part = self.nest.values[i]
        if self.nest.accesses[part.access].width == 1:
            self.known[i] = self.read(part)
        else:
            self.columns[i] = self.read_columns(part)

    def _write_together(self, i: int, part: Part) -> None:
        for stored, access in self.nest.stores:
            if stored == i:
                self.store_columns([self.known[x] for x in part.args], access)

    def _reload(self, members: list[int], reduced: list[int]) -> None:
        """Elements that another loop over the axis read or computed."""
        for i in (*members, *reduced):
            for x in self.nest.values[i].args:
                part = self.nest.values[x]
                if x in members or part.depth < self.nest.axes:
                    continue
                if part.op == LOAD:
                    self._load(x)
                else:
                    place = self.b.at(self.scratch[x], self.indices[-1], part.dtype)
                    self.known[x] = self.load(place, part.dtype)

    def _made(self, i: int, value: Value) -> None:
        self.known[i] = value
        part = self.nest.values[i]
        vector = part.depth == self.nest.axes
        if vector and i in self.scratch:
            place = self.b.at(self.scratch[i], self.indices[-1], part.dtype)
            self.write(self.b.spread(value, self.lanes), place)
        for stored, access in self.nest.stores:
            if stored == i:
                self.store(value, access)

    def _computed(self, part: Part) -> Value:
        b = self.b
        if part.op == NUMBER:
            return self._number(part)
        if part.op == INDEX:
            return b.numbered("int64", self.lanes) + self.indices[-1]
        if part.op == PICK:
            return self._picked(part)
        word, _, name = part.op.partition(" ")
        if word == MEMBER:
            return self.columns[part.args[0]][int(name)]
        values = [self._operand(x) for x in part.args]
        if is_accumulated(part):
            return self._accumulated(part, values[0])
        if word == JOIN:
            return joined(b, name, *values)
        return elementwise(b, part.op, values, part.dtype)

    def _operand(self, i: int) -> Value:
        """A value that is known.

        A number is read where it is needed, if there are calls: none of the registers is kept
        across one.
        """
        part = self.nest.values[i]
        again = part.op == NUMBER and self.b.calls and self.mask is not None
        return self._number(part) if again else self.known[i]

    def _number(self, part: Part) -> Value:
        place, b = self.numbers[part.access], self.b
        if part.dtype in FLOATS or part.dtype in HALVES:
            return b.read(f"load {type_of(part.dtype)}, {place.typed}", part.dtype)
        return b.convert(b.emit(f"load i64, {place.typed}", "int64"), part.dtype)

    def _accumulated(self, part: Part, value: Value) -> Value:
        """A value joined to what is in memory."""
        b, access = self.b, self.nest.accesses[part.access]
        x = b.convert(value, part.dtype)
        place = self.pointers[-1][part.access]
        if self.nest.axes - 1 in access.axes:
            place = b.at(place, self.indices[-1], part.dtype)
            x = b.spread(x, self.lanes)
        total = self.load(place, part.dtype, scalar=not x.lanes)
        total = joined(b, part.op.split()[1], x, total)
        self.write(total, place)
        return total

    def _picked(self, part: Part) -> Value:
        b = self.b
        label = b.convert(self.known[part.args[0]], "int64")
        access = part.access
        if access < 0:
            made = self.nest.values[part.args[1]]
            if made.depth < self.nest.axes:
                return self.known[part.args[1]]     # the same at all places
            access = made.access if made.op == LOAD else -1
        base = self.scratch[part.args[1]] if access < 0 else self.pointers[-1][access]
        return self.load(b.at(base, label, part.dtype), part.dtype, scalar=True)



def _computed_in(dtype: str) -> np.dtype:
    return np.dtype("float32" if dtype in HALVES else dtype)
