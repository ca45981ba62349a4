"""Loop nests over arrays that lie in any way, as few axes as show all of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from gpugrad.plan.nest import ACCUMULATE, LOAD, LONG, REDUCE, Access, Nest, Part


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

    def written(self, value: int) -> tuple[Nest, list[int]]:
        """The nest that writes a value to the last array, and the words of its block."""
        target = len(self.accesses) - 1
        depth = max((axis + 1 for axis in self.accesses[target].axes), default=0)
        if self.values[value].depth < depth:
            value = self._part(Part("positive", (value,), self.values[value].dtype, depth))
        return self._nest(((value, target),))

    def reduced(self, op: str, dtype: np.dtype) -> tuple[Nest, list[int]]:
        """The same of what is joined along the axes along which the last array stands still."""
        target = len(self.accesses) - 1
        value, last = self.loads[0], self.axes - 1
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

    def _nest(self, stores: tuple[tuple[int, int], ...]) -> tuple[Nest, list[int]]:
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
        words = [*self.shape]
        for place, along, access in zip(self.places, self.strides, self.accesses, strict=True):
            words += place
            words += [along[k] for k in access.axes if k != self.axes - 1 or access.apart]
        return nest, words

    def _used(self, stores: tuple[tuple[int, int], ...]) -> set[int]:
        """The values that are written, or that others need."""
        needed = {value for value, _ in stores}
        needed |= {i for i, part in enumerate(self.values) if part.op.startswith(ACCUMULATE)}
        for i in reversed(range(len(self.values))):
            if i in needed:
                needed.update(self.values[i].args)
        return needed


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
