"""Loop nests over arrays that lie in any way, as few axes as show all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from gpugrad.codegen.narrow import NARROW, narrowed
from gpugrad.plan.nest import ACCUMULATE, JOIN, LOAD, LONG, REDUCE, Access, Nest, Part, Use
from gpugrad.plan.passes.parallel import MOST, PART, WORTH

UNIT = 1024
"""Elements at whose multiples the last axis is cut, if it is: shorter pieces of rows that lie apart
are read slower than whole rows.
"""


WINDOW = 16
"""Elements of a window that may be arrays of their own."""


@dataclass(frozen=True)
class Lying:
    """Elements of a dtype: which of what is passed holds them, from which byte on, by strides."""

    place: tuple[int, int]
    strides: tuple[int, ...]
    dtype: str


class StridedLoops:
    """Loops over arrays of one shape, the last of which is written; a stride may be 0."""

    def __init__(self, shape: tuple[int, ...], arrays: list[Lying]) -> None:
        self.empty = not prod(shape)
        self.shape, strides = collapsed(shape, tuple(x.strides for x in arrays))
        self.places = [x.place for x in arrays]
        self.strides = strides
        n = self.axes = len(self.shape)
        self.accesses = []
        for x, along in zip(arrays, strides, strict=True):
            axes = tuple(axis for axis in range(n) if along[axis])
            self.accesses.append(Access(x.dtype, axes, apart=n - 1 in axes and along[-1] != 1))
        self.values: list[Part] = []
        self.loads = [
            self.add(LOAD, (), access.dtype, k) for k, access in enumerate(self.accesses)
        ]

    def add(self, op: str, args: tuple[int, ...], dtype: str, access: int = -1) -> int:
        """The number of a value."""
        if op == LOAD:
            depth = max((axis + 1 for axis in self.accesses[access].axes), default=0)
        else:
            depth = max(self.values[x].depth for x in args)
        if op == "astype" and self.values[args[0]].dtype == dtype:
            return args[0]
        return self._part(Part(op, args, dtype, depth, access))

    def _part(self, part: Part) -> int:
        self.values.append(part)
        return len(self.values) - 1

    def written(self, value: int) -> tuple[Nest, list[list[int]]]:
        """The nest that writes a value to the last array, and the words of its blocks.

        What is large is cut into parts.
        """
        target = len(self.accesses) - 1
        depth = max((axis + 1 for axis in self.accesses[target].axes), default=0)
        if self.values[value].depth < depth:
            value = self._part(Part("positive", (value,), self.values[value].dtype, depth))
        return self._nest(((value, target),))

    def reduced(self, op: str, dtype: np.dtype) -> tuple[Nest, list[list[int]]]:
        """The same of what is joined along the axes along which the last array stands still.

        The other axes come one by one, if they are several.
        """
        target = len(self.accesses) - 1
        value, last = self._joined(op, dtype), self.axes - 1
        if target > 1 and len(self.accesses[target].axes) == self.axes:
            return self._nest(((value, target),))
        if last in self.accesses[target].axes:
            self._part(Part(f"{ACCUMULATE} {op}", (value,), dtype.name, self.axes, target))
            return self._nest(())
        still = [axis for axis in range(last) if axis not in self.accesses[target].axes]
        value = self._part(Part(f"{REDUCE} {op}", (value,), dtype.name, last))
        if not still:
            return self._nest(((value, target),))
        while still and still[-1] == self.values[value].depth - 1:
            depth = still.pop()
            value = self._part(Part(f"{REDUCE} {op}", (value,), dtype.name, depth))
        if not still:
            return self._nest(((value, target),))
        depth = self.values[value].depth
        self._part(Part(f"{ACCUMULATE} {op}", (value,), dtype.name, depth, target))
        return self._nest(())

    def _joined(self, op: str, dtype: np.dtype) -> int:
        """What the elements of all arrays but the last are joined to, from the first on."""
        found, *others = self.loads[:-1]
        for x in others:
            args = (self.add("astype", (x,), dtype.name), self.add("astype", (found,), dtype.name))
            found = self.add(f"{JOIN} {op}", args, dtype.name)
        return found

    def _nest(self, stores: tuple[tuple[int, int], ...]) -> tuple[Nest, list[list[int]]]:
        values: list[Part] = []
        renumbered: dict[int, int] = {}
        used = self._used(stores)
        for i, part in enumerate(self.values):
            if i in used:
                renumbered[i] = len(values)
                args = tuple(renumbered[x] for x in part.args)
                values.append(Part(part.op, args, part.dtype, part.depth, part.access))
        nest = Nest(
            self.axes, tuple(self.accesses), tuple(values),
            tuple((renumbered[value], access) for value, access in stores),
            long=self.shape[-1] >= LONG,
        )  # fmt: skip
        strides = tuple(
            tuple(along[axis] for axis in access.axes)
            for access, along in zip(self.accesses, self.strides, strict=True)
        )
        use = narrowed(Use(nest, self.shape, (), strides, ()))
        axis, bounds = self._cut()
        return use.nest, [self._words(use, axis, *part) for part in pairwise(bounds)]

    def _cut(self) -> tuple[int, list[int]]:
        """The axis that is cut into parts, and where each of them begins and the last one ends.

        Along the axis the last array moves: so each part writes elements of its own.
        """
        moving = [axis for axis in range(self.axes) if self.strides[-1][axis]]
        units = {axis: UNIT if axis == self.axes - 1 else 1 for axis in moving}
        parts = parts_of_moves(prod(self.shape))
        if parts == 1 or not moving:
            return 0, [0, self.shape[0]]
        axis = max(moving, key=lambda axis: min(self.shape[axis] // units[axis], parts))
        return axis, cut(self.shape[axis], parts, units[axis])

    def _words(self, use: Use, axis: int, begin: int, end: int) -> list[int]:
        """The words of a block for one part of an axis."""
        words = [*use.sizes]
        if axis < len(words):                       # else it is a short one, which is not cut
            words[axis] = end - begin
        accesses = zip(self.places, self.strides, use.nest.accesses, use.strides, strict=True)
        for (name, start), along, access, strides in accesses:
            itemsize = np.dtype(access.dtype).itemsize
            words += [name, start + begin * along[axis] * itemsize]
            words += strides_given(use.nest, access, strides)
        return words

    def _used(self, stores: tuple[tuple[int, int], ...]) -> set[int]:
        """The values that are written, or that others need."""
        needed = {value for value, _ in stores}
        needed |= {i for i, part in enumerate(self.values) if part.op.startswith(ACCUMULATE)}
        for i in reversed(range(len(self.values))):
            if i in needed:
                needed.update(self.values[i].args)
        return needed


def windows_apart(
    shape: tuple[int, ...], source: Lying, target: Lying
) -> tuple[tuple[int, ...], list[Lying]]:
    """The loops over a source whose elements are joined along axes.

    They are those along which the target stands still. Where these are windows of a few elements,
    each element of a window is an array of its own, but for those that lie side by side, and the
    axes come as they do in memory.
    """
    axes = sorted(range(len(shape)), key=lambda axis: -abs(source.strides[axis]))
    joined = [axis for axis in axes if target.strides[axis] == 0 and shape[axis] > 1]
    apart = [axis for axis in joined if axis != axes[-1]]
    count = prod(shape[axis] for axis in apart)
    if not 1 < count <= WINDOW or prod(shape[axis] for axis in joined) > WINDOW * NARROW:
        return shape, [source, target]
    kept = [axis for axis in axes if axis not in apart]
    itemsize = np.dtype(source.dtype).itemsize
    strides = tuple(source.strides[axis] for axis in kept)
    frame, start = source.place
    arrays = []
    for place in np.ndindex(*(shape[axis] for axis in apart)):
        first = sum(i * source.strides[axis] for i, axis in zip(place, apart, strict=True))
        arrays.append(Lying((frame, start + first * itemsize), strides, source.dtype))
    along = tuple(target.strides[axis] for axis in kept)
    return tuple(shape[axis] for axis in kept), [*arrays, Lying(target.place, along, target.dtype)]


def parts_of_moves(size: int) -> int:
    """In how many parts threads move or reduce so many elements: in one what is too few of them."""
    return min(MOST, size // PART) if size >= WORTH else 1


def cut(n: int, parts: int, unit: int) -> list[int]:
    """Where each of so many parts of an axis begins and the last one ends.

    Parts are of one length, a multiple of `unit`, but for the last; there are fewer of them, where
    they would be shorter than that.
    """
    length = -(-n // (unit * max(1, parts))) * unit
    return [*range(0, n, length), n] if n else [0, 0]


def strides_given(nest: Nest, access: Access, strides: tuple[int, ...]) -> list[int]:
    """The strides of an array that are words of a block: those that the structure does not say."""
    along = dict(zip(access.axes, strides, strict=False))
    words = [step for axis, step in along.items() if axis != nest.axes - 1 or access.apart]
    return [*words, strides[-1]] if access.by_part else words


def collapsed(
    shape: tuple[int, ...], strides: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """As few axes as show the same elements of several arrays in the same order, but one."""
    kept: list[tuple[int, tuple[int, ...]]] = []
    for n, *steps in zip(shape, *strides, strict=True):
        if n == 1:
            continue
        if kept and all(a == n * b for a, b in zip(kept[-1][1], steps, strict=True)):
            kept[-1] = kept[-1][0] * n, tuple(steps)
        else:
            kept.append((n, tuple(steps)))
    kept = kept or [(1, (1,) * len(strides))]
    return tuple(n for n, _ in kept), tuple(zip(*(steps for _, steps in kept), strict=True))
