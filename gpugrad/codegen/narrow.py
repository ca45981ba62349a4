"""Narrow arrays, whose vectors run along the axis before the last.

Where the last axis is short, its elements are computed one after the other.

Elements of a row become values of their own, of as many as the last axis is long, which so becomes
a part of the structure. What is joined along it is joined from the first to the last.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from gpugrad.plan.nest import (
    ACCUMULATE,
    INDEX,
    JOIN,
    LOAD,
    MEMBER,
    NUMBER,
    PICK,
    REDUCE,
    TOGETHER,
    Access,
    Nest,
    Part,
    Use,
    is_accumulated,
    is_reduced,
)

NARROW, FEW = 8, 4
"""How long the last axis is at most, and where nothing is computed of rows."""

ROWS = 64
"""Rows from which a kernel is made for a length: fewer take no time worth another kernel."""

VALUES = 160
"""Values of such a kernel at most."""


def narrowed(use: Use) -> Use:
    """The use of a nest without the last axis, if that is short; else as it is."""
    *rows, width = use.sizes
    if not 1 < width <= NARROW or prod(rows) < ROWS or rows[-1] < width:
        return use
    return _Narrow(use).use() or use


class _Narrow:
    """Makes the nest without the last axis of another one."""

    def __init__(self, given: Use) -> None:
        self.given = given
        self.nest = given.nest
        self.width = given.sizes[-1]
        self.last = self.nest.axes - 1
        self.values: list[Part] = []
        self.stores: list[tuple[int, int]] = []
        self.made: list[list[int]] = []             # of each value, those of its columns
        self._found: dict[Part, int] = {}

    def use(self) -> Use | None:
        """The whole; `None` where arrays lie in another way, or it would be too much."""
        accesses, strides = self._accesses()
        nest = self.nest
        joins = any(is_accumulated(v) or (v.depth == self.last and v.op not in (LOAD, NUMBER))
                    for v in nest.values)  # fmt: skip
        if accesses is None or (self.width > FEW and not joins):
            return None
        for part in nest.values:
            if part.op in (INDEX, PICK):
                return None
            found = self._columns(part)
            if found is None or len(self.values) > VALUES:
                return None
            self.made.append(found)
        for value, access in nest.stores:
            self._store(self.made[value], access)
        made = Nest(
            self.last, accesses, tuple(self.values), tuple(self.stores), nest.parts, long=False
        )
        return replace(self.given, nest=made, sizes=self.given.sizes[:-1], strides=strides)

    # Arrays

    def _accesses(self) -> tuple[tuple[Access, ...] | None, tuple[tuple[int, ...], ...]]:
        """The arrays, each of whose places is a row where it moved along the last axis."""
        found, strides = [], []
        for access, steps in zip(self.nest.accesses, self.given.strides, strict=True):
            along, parts = dict(zip(access.axes, steps, strict=False)), steps[len(access.axes) :]
            wide = along.pop(self.last, None)
            step = along.get(self.last - 1)
            if wide is not None and (wide != 1 or step not in (None, self.width)):
                return None, ()
            found.append(replace(
                access, axes=tuple(along), width=1 if wide is None else self.width,
                apart=wide is None and step not in (None, 1),
            ))  # fmt: skip
            strides.append((*along.values(), *parts))
        return tuple(found), tuple(strides)

    # Values

    def _columns(self, part: Part) -> list[int] | None:
        """A value of each column, or of a row the one."""
        if part.op == NUMBER:
            return [self._add(part)]
        if part.op == LOAD:
            return self._loaded(part)
        args = [self.made[x] for x in part.args]
        if is_accumulated(part):
            return self._accumulated(part, args[0])
        if is_reduced(part) and part.depth == self.last:
            return [self._joined(part, args[0])]
        if is_reduced(part):
            return [self._add(replace(part, args=(args[0][0],)))]
        count = max(len(columns) for columns in args)
        return [self._each(part, [x[k % len(x)] for x in args]) for k in range(count)]

    def _loaded(self, part: Part) -> list[int]:
        access = self.nest.accesses[part.access]
        depth = max((axis + 1 for axis in access.axes if axis != self.last), default=0)
        whole = self._add(replace(part, depth=depth))
        if self.last not in access.axes:
            return [whole]
        return [self._add(Part(f"{MEMBER} {k}", (whole,), part.dtype, depth))
                for k in range(self.width)]  # fmt: skip

    def _each(self, part: Part, args: list[int]) -> int:
        depth = max(self.values[x].depth for x in args)
        if part.depth < self.nest.axes:
            depth = max(depth, part.depth)
        return self._add(Part(part.op, tuple(args), part.dtype, depth, part.access))

    def _joined(self, part: Part, columns: list[int]) -> int:
        """What the columns are joined to, from the first to the last."""
        name, found = part.op.split()[1], -1
        for k in range(self.width):
            x = self._cast(columns[k % len(columns)], part.dtype)
            if found < 0:
                found = x
                continue
            depth = max(self.values[x].depth, self.values[found].depth)
            found = self._add(Part(f"{JOIN} {name}", (x, found), part.dtype, depth))
        return self._inside(found, part.depth)

    def _accumulated(self, part: Part, columns: list[int]) -> list[int] | None:
        """What was joined in memory along the axes before the last, and is in registers now."""
        access = self.nest.accesses[part.access]
        end = max((axis + 1 for axis in access.axes if axis != self.last), default=0)
        if self.last not in access.axes or len(access.axes) - 1 != end:
            return None
        found = []
        for k in range(self.width):
            x = self._inside(columns[k % len(columns)], self.last)
            for depth in range(self.last - 1, end - 1, -1):
                x = self._add(Part(part.op.replace(ACCUMULATE, REDUCE), (x,), part.dtype, depth))
            found.append(x)
        self._store(found, part.access)
        return found

    def _cast(self, x: int, dtype: str) -> int:
        part = self.values[x]
        if part.dtype == dtype:
            return x
        return self._add(Part("astype", (x,), dtype, part.depth))

    def _inside(self, x: int, depth: int) -> int:
        """The value inside of so many loops at least."""
        part = self.values[x]
        if part.depth >= depth:
            return x
        return self._add(Part("positive", (x,), part.dtype, depth))

    def _store(self, columns: list[int], access: int) -> None:
        given = self.nest.accesses[access]
        depth = max((axis + 1 for axis in given.axes if axis != self.last), default=0)
        if self.last in given.axes:
            args = tuple(columns[k % len(columns)] for k in range(self.width))
            depth = max(depth, *(self.values[x].depth for x in args))
            value = self._add(Part(TOGETHER, args, given.dtype, depth))
        else:
            value = self._inside(columns[0], depth)
        self.stores.append((value, access))

    def _add(self, part: Part) -> int:
        if part not in self._found:
            self._found[part] = len(self.values)
            self.values.append(part)
        return self._found[part]
