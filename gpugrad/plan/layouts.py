"""Layouts: where the elements of a view lie in the memory that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType

from gpugrad.backends import strides as arithmetic
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import VIEWS

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """The elements of slot `root` from number `start` on, by these strides, in elements.

    Strides of axes of length 1 mean nothing.
    """

    root: int
    start: int
    shape: Shape
    strides: Shape

    @property
    def ordered(self) -> bool:
        """Whether they lie one behind the other."""
        return arithmetic.is_contiguous((self.shape, self.strides), 1)

    @property
    def reach(self) -> int:
        """A bound of all numbers that come up when the place of an element is computed."""
        pairs = zip(self.shape, self.strides, strict=True)
        return self.start + sum((n - 1) * abs(stride) for n, stride in pairs if n)

    def indexed(self, key: tuple[int | slice | EllipsisType | None, ...]) -> Layout:
        """That of the elements at a basic index."""
        shape, strides = arithmetic.indexed((self.shape, self.strides), key)
        start = 0 if 0 in shape else self._start(key)
        return Layout(self.root, self.start + start, shape, strides)

    def broadcast(self, shape: Shape) -> Layout:
        """The same elements again and again along new axes, and those of length 1."""
        return self._seen(arithmetic.broadcast((self.shape, self.strides), shape))

    def permuted(self, axes: Shape) -> Layout:
        """The same elements, with the axes in that order."""
        return self._seen(arithmetic.permuted((self.shape, self.strides), axes))

    def reshaped(self, shape: Shape) -> Layout:
        """The same elements in their order, in another shape: of a view that a placement allows."""
        found = arithmetic.reshaped((self.shape, self.strides), shape, 1)
        assert found is not None
        return self._seen(found)

    def _seen(self, layout: arithmetic.Layout) -> Layout:
        return Layout(self.root, self.start, *layout)

    def _start(self, key: tuple[int | slice | EllipsisType | None, ...]) -> int:
        """How far from the first element that of an index lies, which has some."""
        start = axis = 0
        named = sum(part is not None and part is not ... for part in key)
        for part in key:
            if part is None:
                continue
            if isinstance(part, EllipsisType):
                axis += len(self.shape) - named
                continue
            n = self.shape[axis]
            place = part.indices(n)[0] if isinstance(part, slice) else int(part) % n
            start += place * self.strides[axis]
            axis += 1
        return start


def whole(slot: int, shape: Shape) -> Layout:
    """The layout of a slot whose elements lie in order."""
    return Layout(slot, 0, shape, in_order(shape))


def in_order(shape: Shape) -> Shape:
    """The strides of elements that lie in order."""
    return arithmetic.contiguous(shape, 1)


def layouts(plan: Plan, placement: Placement) -> dict[int, Layout]:
    """The layout of each slot that is a view."""
    found: dict[int, Layout] = {}
    for step in plan.steps:
        if step.op in VIEWS and step.outputs[0] in placement.roots:
            x = step.inputs[0]
            base = found.get(x) or whole(x, plan.slots[x].shape)
            found[step.outputs[0]] = _viewed(base, step, plan.slots[step.outputs[0]].shape)
    return found


def _viewed(base: Layout, step: Step, shape: Shape) -> Layout:
    """The layout of the result, of that shape, of a step that makes a view."""
    if step.op == "slice":
        return base.indexed(step.setting("key"))
    if step.op == "permute_dims":
        return base.permuted(step.setting("axes"))
    return base.broadcast(shape) if step.op == "broadcast_to" else base.reshaped(shape)
