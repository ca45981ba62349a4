"""Regions: which steps one loop nest can compute, and how each slot lies in it.

A region is a space of rows and columns: the last axis of `shape` and all the others. A row is
computed from left to right, one after another, so that what is reduced along a row can be used in
what follows for that row: softmax, layer norm and cross entropy are regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from math import prod

import numpy as np

from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import PRIMITIVES, REDUCTIONS, SCALARS, SUMS

Shape = tuple[int, ...]

ELEMENT, ROW, COLUMN, ONE, SPREAD = "element", "row", "column", "one", "spread"
"""How a slot lies in a region: a value for each element, each row, each column, or one for all; or
of an operand from outside, one for each place along some axes, which stands for all along others.
"""

SUMMED = "summed"
"""How a sum over any other axes lies in one: with a value for each place along those that are left.
"""

MEMBERS = {*SCALARS, *REDUCTIONS, *(row.name for row in PRIMITIVES.values() if row.in_regions)}
"""What a region may consist of."""

FUSED_DTYPES = frozenset({"bool", "int32", "int64", "float32", "float64"})

HALVES = frozenset({"float16", "bfloat16"})
"""What an engine may know beside them: floats of 16 bits, which it computes in float32."""


class Region:
    """The steps of one loop nest over `shape`.

    `kinds` says how each slot that they compute lies in it; `rows` and `columns` are its size. If
    operands may be `spread`, the loops are over all axes, and may sum over any of them.
    """

    def __init__(
        self, slots: Sequence[Slot], steps: Iterable[Step], shape: Shape, spread: bool = False
    ) -> None:
        self.slots = slots
        self.spread = spread
        self.shape = shape
        self.columns = shape[-1] if shape else 1
        self.rows = prod(shape[:-1])
        self.row_shapes = {shape[:-1], (*shape[:-1], 1)} - {shape}
        self.kinds: dict[int, str] = {}
        self.late: set[int] = set()                 # known only when all rows are done
        self.steps = tuple(steps)
        if lie_in_order(slots, self.steps, shape):     # one loop over all elements
            self.columns, self.rows = self.columns * self.rows, 1
        self.valid = all(self._admit(step) for step in self.steps)

    def kind(self, slot: int, shape: Shape) -> str | None:
        """How an operand lies in the region, for a step whose result has that shape."""
        given = self.slots[slot].shape
        made = self.kinds.get(slot)
        found = self._operand(given, shape)
        if found is None and made is None and self.spread and _is_spread(given, shape):
            return SPREAD
        return found if slot not in self.late and made in (None, found) else None

    def operand_kind(self, slot: int, step: Step) -> str | None:
        """How the operand `slot` of a step of the region lies in it."""
        made = self.kinds.get(slot)
        if made is not None:
            return made
        if self.kinds.get(step.outputs[0]) == ONE and step.op in SCALARS:
            return ONE
        given = self.slots[slot].shape
        if step.op in REDUCTIONS or step.op == "nll":
            if slot == step.inputs[0]:
                return ELEMENT if given == self.shape else ROW
            return ROW
        if step.op in ("one_hot", "reshape"):
            return ROW
        shape = self.slots[step.outputs[0]].shape
        found = self._operand(given, shape)
        return SPREAD if found is None and self.spread and _is_spread(given, shape) else found

    def _operand(self, given: Shape, shape: Shape) -> str | None:
        if prod(given) == 1 and given != shape:
            return ROW if given in self.row_shapes and self.rows == 1 else ONE
        if shape != self.shape:                     # of a step that computes a value for each row
            return ROW if given == shape else None
        if given == shape:
            return ELEMENT
        if given == (*shape[:-1], 1):
            return ROW
        padded = (1,) * (len(shape) - len(given)) + given
        if prod(padded[:-1]) == 1 and padded[-1:] == shape[-1:]:
            return COLUMN
        return None

    def _admit(self, step: Step) -> bool:
        kind = self._result(step)
        if kind is None:
            return False
        self.kinds[step.outputs[0]] = kind
        summed = step.op in REDUCTIONS and kind in (ONE, COLUMN, SUMMED)
        if summed or not self.late.isdisjoint(step.inputs):
            self.late.add(step.outputs[0])
        return True

    def _result(self, step: Step) -> str | None:
        """How the result of `step` lies in the region; `None` where it does not belong there."""
        shape = self.slots[step.outputs[0]].shape
        if step.op in REDUCTIONS:
            return self._reduced(step)
        if step.op == "reshape":
            return self._reshaped(step.inputs[0], shape)
        if step.op == "nll":
            x, labels = (self.slots[slot].shape for slot in step.inputs)
            fits = x == self.shape and labels == x[:-1] and self._is(step.inputs[0], ELEMENT)
            # Labels from outside alone: they are checked before anybody reads where they say.
            return ROW if fits and step.inputs[1] not in self.kinds else None
        if step.op == "one_hot":
            labels = self.slots[step.inputs[0]].shape
            fits = shape == self.shape and labels == shape[:-1] and self._is(step.inputs[0], ROW)
            return ELEMENT if fits else None
        if shape != self.shape and shape not in self.row_shapes:
            # Of one element: what is computed of totals when all rows are done.
            one = prod(shape) == 1 and all(
                prod(self.slots[slot].shape) == 1 and self.kinds.get(slot, ONE) == ONE
                for slot in step.inputs
            )
            return ONE if one and step.op in SCALARS else None
        if any(self.kind(slot, shape) is None for slot in step.inputs):
            return None
        return ELEMENT if shape == self.shape else ROW

    def _is(self, slot: int, kind: str) -> bool:
        return self.kinds.get(slot, kind) == kind

    def _reduced(self, step: Step) -> str | None:
        x, axes = step.inputs[0], step.setting("axes")
        given = self.slots[x].shape
        if not given or axes == ():
            return None
        everything = axes == tuple(range(len(given)))
        adds = step.op in SUMS
        if given == self.shape and self._is(x, ELEMENT):
            if axes == (len(given) - 1,):
                return ROW
            if axes == tuple(range(len(given) - 1)) and adds:
                return COLUMN
            if everything:
                return ONE if adds else None
            return SUMMED if adds and self.spread else None
        if given in self.row_shapes and self._is(x, ROW) and everything and adds:
            return ONE
        return None

    def _reshaped(self, slot: int, shape: Shape) -> str | None:
        given = self.slots[slot].shape
        if {given, shape} <= self.row_shapes and self._is(slot, ROW):
            return ROW
        return None


def lie_in_order(slots: Sequence[Slot], steps: Sequence[Step], shape: Shape) -> bool:
    """Whether all that the steps read and write is one number or lies as `shape` does."""
    return all(
        step.op in SCALARS
        and slots[step.outputs[0]].shape == shape
        and all(slots[x].shape == shape or not slots[x].shape for x in step.inputs)
        for step in steps
    )


def _is_spread(given: Shape, shape: Shape) -> bool:
    """Whether an operand has the elements of `shape`, or one that stands for all along an axis."""
    padded = (1,) * (len(shape) - len(given)) + given
    return len(given) <= len(shape) and all(n in (1, m) for n, m in zip(padded, shape, strict=True))


def region_of(slots: Sequence[Slot], step: Step) -> Region:
    """The region of a fused step."""
    settings = dict(step.settings)
    return Region(slots, step.body, settings["shape"], settings.get("spread", False))


def phases_of(region: Region) -> dict[int, int]:
    """After which loop over the row each value is known; an element, by which loop."""
    phases: dict[int, int] = {}
    for step in region.steps:
        slot = step.outputs[0]
        kind = region.kinds[slot]
        known = [
            phases[x] + (kind == ELEMENT and region.kinds[x] == ROW)
            for x in step.inputs
            if x in phases
        ]
        reads = step.op in REDUCTIONS or step.op == "nll"
        least = 0 if kind == ELEMENT or (reads and _reads_elements(region, step)) else -1
        phases[slot] = max([least, *known])
    return phases


def _reads_elements(region: Region, step: Step) -> bool:
    return region.operand_kind(step.inputs[0], step) == ELEMENT


def space(slots: Sequence[Slot], step: Step) -> Shape:
    """The shape of the region that `step` would make alone."""
    reads = step.op in REDUCTIONS or step.op == "nll"
    return slots[step.inputs[0] if reads else step.outputs[0]].shape


@cache
def is_fused_dtype(dtype: np.dtype, halves: bool = False) -> bool:
    """Whether a loop can compute with that dtype, which must be in the processor's byte order."""
    known = dtype.name in FUSED_DTYPES or (halves and dtype.name in HALVES)
    return known and dtype.isnative


def has_halves(plan: Plan, step: Step) -> bool:
    """Whether a step has an operand or result of 16 bits, which not every engine fuses."""
    return any(plan.slots[slot].dtype.itemsize == 2 for slot in (*step.inputs, *step.outputs))


def can_fuse(slots: Sequence[Slot], step: Step, halves: bool = True) -> bool:
    """Whether `step` may be part of a region at all, of an engine that knows 16 bits or not."""
    return (
        step.op in MEMBERS
        and len(step.outputs) == 1
        and all(is_fused_dtype(slots[s].dtype, halves) for s in (*step.inputs, *step.outputs))
        and slots[step.outputs[0]].size > 0
        and all(slots[s].size > 0 for s in step.inputs)
    )
