"""The text of straight-line code: a loop whose carries stay in registers from round to round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import WIDTHS, Value, type_of
from gpugrad.codegen.scalars import elementary_in, of_node
from gpugrad.codegen.straight import Elements, Straight, early_and_late
from gpugrad.codegen.words import Words, module

APART = 4
"""Up to so many elements of an array are registers of their own; more lie in one vector."""


def print_straight(key: Straight, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`.

    Words of its block are how many rounds there are; for each carry, row and still array where it
    is, and for a row how many bytes it moves; each known number; for each result that is a row the
    same as for one that is read, and where each carry is written in the end.
    """
    return _Printer(key, wide).text(name)


@dataclass(frozen=True)
class _Row:
    """Where an array is in the first round, and by how many bytes it moves."""

    base: Value
    step: Value


class _Printer:
    """Writes the loop, and in it the nodes.

    `known` are elements with a register of their own, and `vectors` those that lie side by side in
    one, by their numbers; `lanes` says where each lies.
    """

    def __init__(self, key: Straight, wide: bool) -> None:
        self.key = key
        self.b = Body(wide=wide)
        self.known: dict[int, Value] = {}
        self.vectors: dict[tuple[int, ...], Value] = {}
        self.lanes: dict[int, tuple[Value, int]] = {}
        self.starts = key.starts

    def text(self, name: str) -> str:
        """The whole module."""
        b, key, words = self.b, self.key, Words(self.b)
        rounds = words.word()
        begun = [x for array in key.carried for x in self._read(array, words.address())]
        rows = [_Row(words.address(), words.word()) for _ in key.rows]
        for array in key.still:
            self._keep(array.numbers, self._read(array, words.address()))
        for array in key.constants:
            found = [words.number(array.dtype) for _ in array.numbers]
            self._keep(array.numbers, found)
        stacked = [_Row(words.address(), words.word()) for _ in key.stacked]
        results = [words.address() for _ in key.after]
        early, late = early_and_late(key)
        for n in early:
            self._compute(n)
        with b.loop(b.constant("int64", 0), rounds, 1, begun) as (index, given, after):
            carried = iter(given)
            for array in key.carried:
                self._keep(array.numbers, [next(carried) for _ in self._registers(array)])
            for array, row in zip(key.rows, rows, strict=True):
                place = b.at(row.base, index * row.step, "int8")
                self._keep(array.numbers, self._read(array, place))
            for n in late:
                self._compute(n)
            for array, row in zip(key.stacked, stacked, strict=True):
                self._write(array.dtype, self._values(array),
                            b.at(row.base, index * row.step, "int8"))  # fmt: skip
            after += [x for array in key.after for x in self._values(array)]
        ends = iter(after)
        for array, place in zip(key.after, results, strict=True):
            self._write(array.dtype, [next(ends) for _ in self._registers(array)], place)
        b.act("ret i64 0")
        return module(b, name)

    # Elements

    @staticmethod
    def _registers(array: Elements) -> list[int]:
        """The lanes of each register that holds an array, 0 for a single number."""
        count = len(array.numbers)
        return [0] * count if count <= APART else [count]

    def _keep(self, numbers: tuple[int, ...], values: Sequence[Value]) -> None:
        """Note where elements are."""
        if values[0].lanes:
            self.vectors[numbers] = values[0]
            self.lanes.update((number, (values[0], i)) for i, number in enumerate(numbers))
        else:
            self.known.update(zip(numbers, values, strict=True))

    def _one(self, number: int) -> Value:
        """An element in a register of its own."""
        if number in self.known:
            return self.known[number]
        vector, lane = self.lanes[number]
        return self.b.emit(f"extractelement {vector.typed}, i32 {lane}", vector.dtype)

    def _side_by_side(self, numbers: tuple[int, ...]) -> Value:
        """Elements in one vector."""
        if numbers in self.vectors:
            return self.vectors[numbers]
        values = [self._one(number) for number in numbers]
        if len({*numbers}) == 1:
            return self.b.spread(values[0], len(numbers))
        dtype, lanes = values[0].dtype, len(values)
        found = Value(self.b, "poison", dtype, lanes)
        for lane, x in enumerate(values):
            text = f"insertelement {found.typed}, {x.typed}, i32 {lane}"
            found = self.b.emit(text, dtype, lanes)
        return found

    def _values(self, array: Elements) -> list[Value]:
        """The registers of an array."""
        if len(array.numbers) <= APART:
            return [self._one(number) for number in array.numbers]
        return [self._side_by_side(array.numbers)]

    # Memory

    def _read(self, array: Elements, base: Value) -> list[Value]:
        b = self.b
        stored = "int8" if array.dtype == "bool" else array.dtype
        found = []
        for i, lanes in enumerate(self._registers(array)):
            place = b.at(base, b.constant("int64", i), stored)
            text = f"load {type_of(stored, lanes)}, {place.typed}, align {WIDTHS[stored] // 8}"
            found.append(b.read(text, stored, lanes))
        return [x != 0 for x in found] if array.dtype == "bool" else found

    def _write(self, dtype: str, values: Sequence[Value], base: Value) -> None:
        b = self.b
        stored = "int8" if dtype == "bool" else dtype
        for i, x in enumerate(values):
            b.store(b.convert(x, stored), b.at(base, b.constant("int64", i), stored))

    # Nodes

    def _compute(self, n: int) -> None:
        """A node: by a vector where all operands are such, and a function of numbers always."""
        node, start = self.key.nodes[n], self.starts[n]
        numbers = tuple(range(start, start + node.lanes))
        known = any(operand in self.vectors for operand in node.args) and all(
            operand in self.vectors or len({*operand}) == 1 for operand in node.args
        )
        if node.lanes > 1 and (known or elementary_in(node.op, node.dtype)):
            # A power of two of lanes, as functions want them: the last one again and again.
            lanes = range(1 << (node.lanes - 1).bit_length())
            values = [self._side_by_side(operand) for operand in node.args]
            if len(lanes) > node.lanes:
                order = [min(lane, node.lanes - 1) for lane in lanes]
                values = [self.b.shuffle(x, x, order) for x in values]
            found = self.b.part(of_node(self.b, node.op, values, node.dtype), 0, node.lanes)
            self._keep(numbers, [found])
            return
        for number, *args in zip(numbers, *node.args, strict=True):
            values = [self._one(x) for x in args]
            self.known[number] = of_node(self.b, node.op, values, node.dtype)
