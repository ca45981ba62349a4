"""Loops over a batch whose members never meet: each runs all rounds for itself.

What one member needs is straight-line code (see `straight.py`), of which each element is a vector
here: that element of as many members as it has lanes. So rounds need no memory.

Whether members meet, and which elements one has, is found by following the elements of all through
the steps of a round. Each has a code: its number, and whose it is, 0 where it is everybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from gpugrad.codegen.straight import Elements, ElementsOf, Node, Straight
from gpugrad.plan.nest import STILL
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import SCALARS

FEWEST, MOST = 16, 2**15
"""Members of a batch that pay, and elements of an array that are followed."""

ROUND = 600
"""Instructions of a round of a member at most."""

FEW = 16
"""Elements of an array that is everybody's: each takes a register."""

STREAM = 512
"""Members from which on a round of elementwise steps alone, which is one kernel, is as fast, and
goes through memory in order.
"""

BITS = 32
WHOSE = 2**BITS - 1
"""Of a code that say whose an element is: how many, and which."""

Axis = int | None
"""Along which the members of an array lie; `None` for one that is everybody's."""


EVERYBODYS, ADJACENT, APART = "everybody's", "adjacent", "apart"
"""How members lie in an array."""


class Members(NamedTuple):
    """The loop of a member, and how members lie in what it reads and writes.

    These are its carries, its rows, its still arrays and its stacked results, in this order. As the
    carries lie, so do the results that these are.
    """

    straight: Straight
    lying: tuple[str, ...]


class Batch(NamedTuple):
    """A kernel over a batch of so many members, and the axes of its arrays, in the same order."""

    key: Members
    members: int
    axes: tuple[Axis, ...]


class _Meet(Exception):
    """An element would be computed of those of several members, or not in any order."""


def batch_of(step: Step) -> Batch | None:
    """The batch that a `scan` step goes through.

    `None` where there is none, its members meet, or the work of one is too large.
    """
    body: Plan = step.setting("body")
    carries, rows = step.setting("carries"), step.setting("xs")
    lengths = {n for slot in body.inputs[:carries] for n in body.slots[slot].shape if n >= FEWEST}
    streams = all(inner.op in SCALARS for inner in body.steps)
    for count in sorted(lengths, reverse=True):
        if streams and count > STREAM:
            continue
        followed = _Followed(body, count)
        try:
            straight = followed.loop(carries, rows)
        except _Meet:
            continue
        if straight is not None:
            after = body.outputs[:carries]
            axes = [followed.axes[slot] for slot in body.inputs]
            if axes[:carries] == [followed.axes_behind[slot] for slot in after]:
                axes += [followed.axes_behind[slot] for slot in body.outputs[carries:]]
                slots = (*body.inputs, *body.outputs[carries:])
                lying = (_lying(body.slots[slot].shape, axis)
                         for slot, axis in zip(slots, axes, strict=True))  # fmt: skip
                return Batch(Members(straight, tuple(lying)), count, tuple(axes))
    return None


def _lying(shape: tuple[int, ...], axis: Axis) -> str:
    if axis is None:
        return EVERYBODYS
    return ADJACENT if prod(shape[axis + 1 :]) == 1 else APART


class _Followed(ElementsOf):
    """The elements of the slots of a plan, as codes, in a batch of so many members."""

    def __init__(self, plan: Plan, count: int) -> None:
        super().__init__(plan)
        self._count = count
        self._constants = {slot for slot, _ in plan.constants}
        self.axes: dict[int, Axis] = {}             # of arrays that are read
        self.axes_behind: dict[int, Axis] = {}      # of arrays that are written

    @staticmethod
    def most_work() -> int:
        return ROUND

    @staticmethod
    def functions(node: Node) -> int:
        return node.lanes

    def size(self, slot: int) -> int:
        spec = self.plan.slots[slot]
        if spec.size > MOST:
            raise _Meet
        own = self._count in spec.shape and slot not in self._constants
        return spec.size // self._count if own else spec.size

    def read(self, slot: int) -> Elements:
        spec = self.plan.slots[slot]
        where = [axis for axis, n in enumerate(spec.shape) if n == self._count]
        if slot in self._constants:                 # whose numbers the kernel is given
            where = []
        if len(where) > 1:
            raise _Meet
        self.axes[slot] = axis = where[0] if where else None
        first, size = len(self.dtypes), self.size(slot)
        if axis is None and size > FEW:
            raise _Meet
        shape = tuple(1 if i == axis else n for i, n in enumerate(spec.shape))
        numbers = np.arange(first, first + size, dtype=np.int64).reshape(shape)
        whose = 0 if axis is None else self._everybody(axis, len(shape))
        self.known[slot] = numbers << BITS | whose
        self.dtypes += [spec.dtype.name] * size
        return Elements(spec.dtype.name, tuple(range(first, first + size)))

    def array(self, slot: int) -> Elements:
        spec, codes = self.plan.slots[slot], self.known[slot]
        numbers, whose = codes >> BITS, codes & WHOSE
        for axis in (i for i, n in enumerate(spec.shape) if n == self._count):
            one = numbers.take([0], axis)
            mine = (whose == 0) | (whose == self._everybody(axis, codes.ndim))
            if mine.all() and (numbers == one).all():
                self.axes_behind[slot] = axis
                return Elements(spec.dtype.name, tuple(one.ravel().tolist()))
        if whose.any():
            raise _Meet
        self.axes_behind[slot] = None
        return Elements(spec.dtype.name, tuple(numbers.ravel().tolist()))

    def _everybody(self, axis: int, rank: int) -> np.ndarray:
        """The members along an axis."""
        shape = [1] * rank
        shape[axis] = self._count
        return np.arange(1, self._count + 1).reshape(shape)

    def each(self, op: str, operands: Sequence[np.ndarray], dtype: str) -> np.ndarray:
        first, *_ = aligned = np.broadcast_arrays(*operands)
        if not first.size:
            return first
        numbers = [x >> BITS for x in aligned]
        if op in STILL or (op == "astype" and self.dtypes[numbers[0].flat[0]] == dtype):
            return first
        whose = aligned[0] & WHOSE
        for x in aligned[1:]:
            other = x & WHOSE
            if ((whose != other) & (whose != 0) & (other != 0)).any():
                raise _Meet
            whose = np.maximum(whose, other)
        together = numbers[0]
        for x in numbers[1:]:
            together = together * len(self.dtypes) + x
        # What the first member has, everybody has.
        mine = whose <= 1
        found, at = np.unique(together[mine], return_index=True)
        places = np.searchsorted(found, together).clip(max=len(found) - 1)
        if not len(found) or (found[places] != together).any():
            raise _Meet
        args = tuple(tuple(x[mine][at].tolist()) for x in numbers)
        start = self.number(Node(op, args, dtype))
        codes: np.ndarray = (start + places) << BITS | whose
        return codes
