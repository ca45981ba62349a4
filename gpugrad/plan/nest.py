"""The one description of a kernel: a loop nest, how arrays are read in it, and what is computed.

A nest has axes, the last of which lies together in memory. An array moves along some of them and
stands still along the others. A value has a depth: the number of loops inside of which it is known.
Sizes, strides and numbers are no part of a nest, so that one kernel serves all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import prod

from gpugrad.plan.plan import Slot, Step, dtype_name
from gpugrad.plan.primitives import REDUCTIONS
from gpugrad.plan.regions import COLUMN, ELEMENT, ONE, ROW, SPREAD, SUMMED, Region, region_of

LOAD, NUMBER, INDEX, PICK, REDUCE, ACCUMULATE = (
    "load", "number", "index", "pick", "reduce", "accumulate"
)  # fmt: skip
"""What a value may be beside a primitive of others: the element of an array; a number that each use
of the kernel gives; the place along the last axis; an element of the row of an array, at a place
that a value says; what is joined along the innermost axis of its operand; what is joined in the
memory of its array, along the axes in which this stands still. The last two name their primitive.
"""


def is_reduced(part: Part) -> bool:
    """Whether a value is what is joined along an axis."""
    return part.op.startswith(REDUCE)


def is_accumulated(part: Part) -> bool:
    """Whether a value is joined to what is in memory."""
    return part.op.startswith(ACCUMULATE)


MEMBER, TOGETHER, JOIN = "member", "together", "join"
"""Where each place of an array is a row of several elements: the one of that number of what is
loaded; values that are to be written side by side; two values joined, as a reduction would.
"""

LONG = 256
"""From how many elements on the last axis is long."""

STILL = frozenset({"reshape", "broadcast_to", "positive", "copy"})
"""Primitives that give their operand as it is."""


@dataclass(frozen=True, slots=True)
class Access:
    """An array of that dtype, which moves along the axes named, and by parts of the first one.

    Along the last axis its elements lie together, unless they are `apart`. At each place there are
    as many elements as it is wide.
    """

    dtype: str
    axes: tuple[int, ...]
    by_part: bool = False
    apart: bool = False
    width: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A value: of which kind or primitive, of which others, by number, and of which array."""

    op: str
    args: tuple[int, ...]
    dtype: str
    depth: int
    access: int = -1


@dataclass(frozen=True, slots=True)
class Nest:
    """A kernel.

    `stores` pairs values with the arrays that they are written to; with `parts`, a call computes
    one part of the first axis. The last axis is `long` or not: what is best for many elements is a
    waste for few.
    """

    axes: int
    accesses: tuple[Access, ...]
    values: tuple[Part, ...]
    stores: tuple[tuple[int, int], ...]
    parts: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a nest: sizes, slots, strides and numbers.

    These are the sizes of its axes, the slot of each access and the strides along its axes, in
    elements, and which slots are the numbers.
    """

    nest: Nest
    sizes: tuple[int, ...]
    slots: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]
    numbers: tuple[int, ...]
    parts: int = 0


def nest_of(step: Step, slots: Sequence[Slot], numbers: Collection[int]) -> Use:
    """The nest of a fused step, in which the slots of `numbers` are known numbers."""
    region = region_of(slots, step)
    spread = any(
        region.operand_kind(slot, inner) == SPREAD
        for inner in region.steps for slot in inner.inputs if slot not in numbers
    )  # fmt: skip
    if not spread and SUMMED not in region.kinds.values():
        sizes = (region.columns,) if region.rows == 1 else (region.rows, region.columns)
        return _Builder(step, slots, numbers, region, sizes, ()).use()
    apart = _Builder(step, slots, numbers, region, region.shape, ())
    apart.use()
    return _Builder(step, slots, numbers, region, region.shape, apart.together()).use()


class _Builder:
    """Makes the nest of a region over axes of these `sizes`.

    Those of them that are `joined` are one with the axis before them.
    """

    def __init__(
        self,
        step: Step,
        slots: Sequence[Slot],
        numbers: Collection[int],
        region: Region,
        sizes: tuple[int, ...],
        joined: Collection[int],
    ) -> None:
        self.step = step
        self.slots = slots
        self.known = numbers
        self.region = region
        self.parts: int = dict(step.settings).get("parts", 0)
        self.whole = sizes
        self.joined = joined
        self.sizes = tuple(
            prod(sizes[axis : self._end(axis)]) for axis in range(len(sizes)) if axis not in joined
        )
        self.axes = len(self.sizes)
        self.accesses: list[Access] = []
        self.places: list[tuple[int, tuple[int, ...]]] = []    # slot and strides of each
        self.values: list[Part] = []
        self.numbers: list[int] = []
        self.made: dict[int, int] = {}              # the value of each slot of the region
        self.stores: list[tuple[int, int]] = []
        self._found: dict[Part, int] = {}
        self._accessed: dict[tuple[int, str, int], int] = {}

    def use(self) -> Use:
        """The whole."""
        for step in self.region.steps:
            slot = step.outputs[0]
            self.made[slot] = self._value(step)
            if slot in self.step.outputs and not is_accumulated(self.values[self.made[slot]]):
                # Each part has its own totals.
                whole = self.region.kinds[slot] in (ROW, ONE) and step.op in REDUCTIONS
                by_part = bool(self.parts) and whole and not (
                    self.axes > 1 and self.region.kinds[slot] == ROW
                )
                access = self._access(slot, self.region.kinds[slot], by_part)
                self.stores.append((self._at_least(self.made[slot], access), access))
        nest = Nest(
            self.axes, tuple(self.accesses), tuple(self.values), tuple(self.stores),
            bool(self.parts), self.sizes[-1] >= LONG,
        )  # fmt: skip
        slots, strides = zip(*self.places, strict=True)
        return Use(nest, self.sizes, slots, strides, tuple(self.numbers), self.parts)

    def together(self) -> set[int]:
        """The axes, but the last, that no array tells from the axis before."""
        along = [dict(zip(access.axes, strides, strict=False)) for access, (_, strides) in
                 zip(self.accesses, self.places, strict=True)]  # fmt: skip
        return {
            axis for axis in range(1, self.axes - 1)
            if all(x.get(axis - 1, 0) == self.sizes[axis] * x.get(axis, 0) for x in along)
        }  # fmt: skip

    def _end(self, axis: int) -> int:
        """Behind which of the axes the one that begins with `axis` ends."""
        end = axis + 1
        while end in self.joined:
            end += 1
        return end

    def _at_least(self, value: int, access: int) -> int:
        """The value inside of all loops along whose axes the array moves."""
        part, depth = self.values[value], self._depth(access)
        if part.depth >= depth:
            return value
        return self._add(Part("positive", (value,), part.dtype, depth))

    def _depth(self, access: int) -> int:
        return max((axis + 1 for axis in self.accesses[access].axes), default=0)

    # Values

    def _value(self, step: Step) -> int:
        slot, kind = step.outputs[0], self.region.kinds[step.outputs[0]]
        dtype = dtype_name(self.slots[slot].dtype)
        if step.op in REDUCTIONS:
            return self._reduced(step, slot, kind, dtype)
        if step.op == "nll":
            return self._picked(step, dtype)
        if step.op == "one_hot":
            label = self._operand(step.inputs[0], step)
            index = self._add(Part(INDEX, (), "int64", self.axes))
            hit = self._add(Part("equal", (label, index), "bool", self.axes))
            return self._add(Part("astype", (hit,), dtype, self.axes))
        args = tuple(self._operand(x, step) for x in step.inputs)
        if step.op in STILL:
            return args[0]
        depth = max((self.values[x].depth for x in args), default=0)
        return self._add(Part(step.op, args, dtype, depth))

    def _reduced(self, step: Step, slot: int, kind: str, dtype: str) -> int:
        x = self._operand(step.inputs[0], step)
        if kind == SUMMED:
            return self._summed(step, x, slot, dtype)
        if kind == COLUMN and (self.axes > 1 or self.parts):
            access = self._access(slot, COLUMN, bool(self.parts))
            return self._add(Part(f"{ACCUMULATE} {step.op}", (x,), dtype, self.axes, access))
        if kind == COLUMN:                          # of one row
            return self._add(Part("astype", (x,), dtype, self.axes))
        start = self.axes - (self.region.operand_kind(step.inputs[0], step) == ROW)
        end = 0 if kind == ONE else self.axes - 1
        if start <= end:                            # of one row
            return self._add(Part("astype", (x,), dtype, end))
        for depth in range(start - 1, end - 1, -1):
            x = self._add(Part(f"{REDUCE} {step.op}", (x,), dtype, depth))
        return x

    def _summed(self, step: Step, x: int, slot: int, dtype: str) -> int:
        """The sum over any axes: along the last one, if that is summed, of the others in memory."""
        axes = step.setting("axes")
        strides, stride = {}, 1
        for axis in reversed(range(len(self.whole))):
            if axis not in axes:
                strides[axis] = stride
                stride *= self.whole[axis]
        by_part = (stride,) if self.parts and 0 in axes else ()
        access = self._accessing((slot, SUMMED, 0), strides, by_part)
        depth = self.axes
        if axes[-1] == len(self.whole) - 1:
            depth -= 1
            x = self._add(Part(f"{REDUCE} {step.op}", (x,), dtype, depth))
        return self._add(Part(f"{ACCUMULATE} {step.op}", (x,), dtype, depth, access))

    def _picked(self, step: Step, dtype: str) -> int:
        x, labels = step.inputs
        label = self._operand(labels, step)
        depth = self.axes - 1
        if x in self.made:
            found = self._add(Part(PICK, (label, self.made[x]), dtype, depth))
        else:
            access = self._access(x, ELEMENT)
            found = self._add(Part(PICK, (label,), dtype, depth, access))
        return self._add(Part("negative", (found,), dtype, depth))

    def _operand(self, slot: int, step: Step) -> int:
        if slot in self.made:
            return self.made[slot]
        dtype = dtype_name(self.slots[slot].dtype)
        if slot in self.known:
            if slot not in self.numbers:
                self.numbers.append(slot)
            number = self.numbers.index(slot)
            return self._add(Part(NUMBER, (), dtype, 0, number))
        kind = self.region.operand_kind(slot, step)
        if kind == SPREAD:
            access = self._spread(slot, self.slots[step.outputs[0]].shape)
        else:
            access = self._access(slot, kind or ONE)
        return self._add(Part(LOAD, (), dtype, self._depth(access), access))

    def _add(self, part: Part) -> int:
        if part not in self._found:
            self._found[part] = len(self.values)
            self.values.append(part)
        return self._found[part]

    # Arrays

    def _access(self, slot: int, kind: str, by_part: bool = False) -> int:
        key = slot, kind, 0
        if key in self._accessed:
            return self._accessed[key]
        last = len(self.whole) - 1
        axes = {ELEMENT: range(last + 1), ROW: range(last), COLUMN: (last,), ONE: ()}[kind]
        strides, step = {}, 1
        for axis in reversed(axes):
            strides[axis] = step
            step *= self.whole[axis]
        parts = () if not by_part else (self.sizes[-1] if kind == COLUMN else 1,)
        return self._accessing(key, strides, parts)

    def _spread(self, slot: int, shape: tuple[int, ...]) -> int:
        """An operand of which one element stands for all along some axes."""
        given = self.slots[slot].shape
        key = slot, SPREAD, len(shape)
        if key in self._accessed:
            return self._accessed[key]
        strides, step = {}, 1
        for axis in range(len(shape) - 1, len(shape) - 1 - len(given), -1):
            n = given[axis - len(shape)]
            if n > 1:
                strides[axis] = step
                step *= n
        return self._accessing(key, strides, ())

    def _accessing(
        self, key: tuple[int, str, int], strides: dict[int, int], parts: tuple[int, ...]
    ) -> int:
        """The access of an array with these strides along the axes before any were joined."""
        begins = [axis for axis in range(len(self.whole)) if axis not in self.joined]
        along = {
            number: strides[self._end(axis) - 1]
            for number, axis in enumerate(begins) if self._end(axis) - 1 in strides
        }  # fmt: skip
        dtype = dtype_name(self.slots[key[0]].dtype)
        apart = along.get(self.axes - 1, 1) != 1
        axes = tuple(sorted(along))
        self.accesses.append(Access(dtype, axes, bool(parts), apart))
        self.places.append((key[0], (*(along[axis] for axis in axes), *parts)))
        self._accessed[key] = len(self.accesses) - 1
        return len(self.accesses) - 1
