"""The text of loops over a batch: members side by side in the lanes of vectors, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpugrad.codegen.body import Body
from gpugrad.codegen.branches import when
from gpugrad.codegen.ir import TYPES, WIDTHS, Value, lanes_for
from gpugrad.codegen.members import ADJACENT, EVERYBODYS, Members
from gpugrad.codegen.scalars import of_node
from gpugrad.codegen.straight import Elements, early_and_late
from gpugrad.codegen.words import Words, module

VECTORS = 2
"""Of the widest dtype, that are computed side by side: one waits for the other's results."""


def print_members(key: Members, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`.

    Words of its block are how many rounds and how many members there are; for each carry, row and
    still array where it is, for a row how many bytes it moves, and of one in which members lie, how
    many elements they are apart and where each element of the first one is; each known number; for
    each result that is a row the same as for one that is read, and for each carry in the end.
    """
    return _Printer(key, wide).text(name)


@dataclass(frozen=True)
class _Array:
    """Where an array is, and how members lie in it.

    These are its address, how many bytes it moves in a round, how members lie in it, how far apart,
    and where the elements of the first one are.
    """

    elements: Elements
    base: Value
    step: Value | None
    lying: str
    apart: Value | None = None
    places: Sequence[Value] = ()


class _Printer:
    """Writes the loops.

    `known` are the elements, each a vector, and `_mask` says which of its lanes are members.
    """

    def __init__(self, key: Members, wide: bool) -> None:
        self.key = key
        self.b = Body(wide=wide)
        x = key.straight
        given = (*x.carried, *x.rows, *x.still, *x.constants)
        dtypes = {array.dtype for array in given} | {node.dtype for node in x.nodes}
        most = max(WIDTHS[dtype] for dtype in dtypes if dtype != "bool") if dtypes else 64
        self.lanes = VECTORS * lanes_for(most, wide)
        self.known: dict[int, Value] = {}
        self.starts = x.starts

    def text(self, name: str) -> str:
        """The whole module."""
        b, x, words = self.b, self.key.straight, Words(self.b)
        lying = iter(self.key.lying)
        rounds, count = words.word(), words.word()
        carried = [self._array(words, array, lying) for array in x.carried]
        rows = [self._array(words, array, lying, moving=True) for array in x.rows]
        still = [self._array(words, array, lying) for array in x.still]
        for constant in x.constants:
            for number in constant.numbers:
                self._keep(number, words.number(constant.dtype))
        stacked = [self._array(words, array, lying, moving=True) for array in x.stacked]
        results = [self._array(words, array, iter([lying]))
                   for array, lying in zip(x.after, self.key.lying, strict=False)]  # fmt: skip
        early, late = early_and_late(x)
        zero = b.constant("int64", 0)
        with b.loop(zero, count, self.lanes) as (first, _, _):
            self._mask = b.first(count - first, self.lanes)
            last = first + self.lanes >= count
            for array in still:
                self._read(array, first)
            for n in early:
                self._compute(n)
            begun = [value for array in carried for value in self._read(array, first)]
            with b.loop(zero, rounds, 1, begun) as (index, given, after):
                values = iter(given)
                for array in carried:
                    for number in array.elements.numbers:
                        self.known[number] = next(values)
                for array in rows:
                    self._read(array, first, index)
                for n in late:
                    self._compute(n)
                for array in stacked:
                    found = [self.known[number] for number in array.elements.numbers]
                    self._write(array, found, first, index)
                after += [self.known[number] for array in results
                          for number in array.elements.numbers]  # fmt: skip
            ends = iter(after)
            for array in results:
                values_of = [next(ends) for _ in array.elements.numbers]
                if array.lying != EVERYBODYS:
                    self._write(array, values_of, first)
                else:                               # the chunks behind begin with what it was
                    with when(b, last):
                        self._write(array, values_of, first)
        b.act("ret i64 0")
        return module(b, name)

    def _array(
        self, words: Words, elements: Elements, lying: Iterator[str], moving: bool = False
    ) -> _Array:
        base = words.address()
        step = words.word() if moving else None
        how = next(lying)
        if how == EVERYBODYS:
            return _Array(elements, base, step, how)
        apart = words.word()
        return _Array(elements, base, step, how, apart, [words.word() for _ in elements.numbers])

    # Elements

    def _keep(self, number: int, value: Value) -> Value:
        self.known[number] = self.b.spread(value, self.lanes)
        return self.known[number]

    def _compute(self, n: int) -> None:
        node, start = self.key.straight.nodes[n], self.starts[n]
        for number, *args in zip(range(start, start + node.lanes), *node.args, strict=True):
            values = [self.known[x] for x in args]
            self._keep(number, of_node(self.b, node.op, values, node.dtype))

    # Memory

    def _begin(self, array: _Array, index: Value | None) -> Value:
        if index is None or array.step is None:
            return array.base
        return self.b.at(array.base, index * array.step, "int8")

    def _places(self, array: _Array, i: int, begin: Value, first: Value) -> Value:
        """Where an element of each member is, or that of the first one if they are adjacent."""
        assert array.apart is not None
        b, stored, place = self.b, _stored(array.elements.dtype), array.places[i]
        if array.lying == ADJACENT:
            return b.at(begin, place + first, stored)
        one = b.at(begin, place + first * array.apart, stored)
        return b.at(one, b.numbered("int64", self.lanes) * array.apart, stored)

    def _read(self, array: _Array, first: Value, index: Value | None = None) -> list[Value]:
        """Read the elements of an array, each into a vector."""
        b, dtype = self.b, array.elements.dtype
        stored, begin = _stored(dtype), self._begin(array, index)
        found = []
        for i, number in enumerate(array.elements.numbers):
            if array.lying == EVERYBODYS:
                place = b.at(begin, b.constant("int64", i), stored)
                x = b.read(f"load {TYPES[stored]}, {place.typed}", stored)
            else:
                place = self._places(array, i, begin, first)
                if array.lying == ADJACENT:
                    x = b.vector(place, stored, self.lanes, self._mask)
                else:
                    x = b.gather(place, stored, self._mask)
            found.append(self._keep(number, x != 0 if dtype == "bool" else x))
        return found

    def _write(
        self, array: _Array, values: Sequence[Value], first: Value, index: Value | None = None
    ) -> None:
        b, stored, begin = self.b, _stored(array.elements.dtype), self._begin(array, index)
        for i, x in enumerate(values):
            value = b.convert(x, stored)
            if array.lying == EVERYBODYS:
                one = b.emit(f"extractelement {value.typed}, i32 0", stored)
                b.store(one, b.at(begin, b.constant("int64", i), stored))
            elif array.lying == ADJACENT:
                b.store(value, self._places(array, i, begin, first), self._mask)
            else:
                b.scatter(value, self._places(array, i, begin, first), self._mask)


def _stored(dtype: str) -> str:
    return "int8" if dtype == "bool" else dtype
