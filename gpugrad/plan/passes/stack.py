"""Stacking: for each primitive, the step that does for many arrays what it does for one.

A rule takes the packer, the operands of all members, and the first member. It emits the step for
all and returns the slot of its result, which has a leading axis with one place for each member.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gpugrad.plan.passes.packing import Packer
from gpugrad.plan.plan import Step
from gpugrad.plan.primitives import REDUCTIONS, SCALARS


@dataclass(frozen=True)
class Operands:
    """What the members of a group read: for each operand a column with a slot for each member."""

    packer: Packer
    columns: list[tuple[int, ...]]
    count: int

    @classmethod
    def of(cls, packer: Packer, steps: Sequence[Step]) -> Operands:
        """The operands of these steps."""
        return cls(packer, list(zip(*(s.inputs for s in steps), strict=True)), len(steps))

    def shape(self, number: int) -> tuple[int, ...]:
        """The shape of that operand in one member."""
        return self.packer.slots[self.columns[number][0]].shape

    def shared(self, number: int) -> bool:
        """Whether all members read the same array."""
        return len(set(self.columns[number])) == 1

    def stacked(self, number: int, shape: tuple[int, ...] | None = None) -> int:
        """The slot of all arrays, each of that shape, behind a leading axis."""
        shape = self.shape(number) if shape is None else shape
        return self.packer.pack(self.columns[number], (self.count, *shape))

    def aligned(self, number: int, ndim: int) -> int:
        """The same for broadcasting against results of `ndim` axes; one array if it is shared."""
        if self.shared(number):
            return self.columns[number][0]
        shape = self.shape(number)
        return self.stacked(number, (1,) * (ndim - len(shape)) + shape)

    def spread(self, number: int, like: Step) -> int:
        """The same, with the one array of all repeated if it is shared."""
        if not self.shared(number):
            return self.stacked(number)
        slot = self.columns[number][0]
        shape = (self.count, *self.shape(number))
        result = self.packer.build.slot(shape, self.packer.slots[slot].dtype)
        self.packer.emit(
            Step("broadcast_to", (slot,), (result,), (("shape", shape),), (), like.line)
        )
        return result


Rule = Callable[[Packer, Operands, Step], int | None]


def _shape(packer: Packer, step: Step) -> tuple[int, ...]:
    return packer.slots[step.outputs[0]].shape


def _pointwise(packer: Packer, operands: Operands, step: Step) -> int:
    shape = _shape(packer, step)
    inputs = tuple(operands.aligned(i, len(shape)) for i in range(len(operands.columns)))
    return packer.made(step.op, inputs, (operands.count, *shape), step, step.settings)


def _matmul(packer: Packer, operands: Operands, step: Step) -> int:
    a, b = operands.shape(0), operands.shape(1)
    k = operands.count
    shape = _shape(packer, step)
    # A vector is a matrix of one row or column.
    left = (1, *a) if len(a) == 1 else a
    right = (*b, 1) if len(b) == 1 else b
    ndim = max(len(left), len(right))
    if operands.shared(1) and len(left) == len(b) == 2:
        rows = operands.stacked(0, left)
        flat = packer.view(rows, 0, (k * left[0], left[1]))
        product = packer.made("matmul", (flat, operands.columns[1][0]), (k * left[0], b[1]), step)
    else:
        inputs = tuple(
            packer.view(operands.columns[i][0], 0, matrix)
            if operands.shared(i)
            else operands.stacked(i, (1,) * (ndim - len(matrix)) + matrix)
            for i, matrix in enumerate((left, right))
        )
        batch = _broadcast(left[:-2], right[:-2])
        full = (k, *batch, left[-2], right[-1])
        product = packer.made("matmul", inputs, full, step)
    return packer.view(product, 0, (k, *shape))


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    return tuple(y if x == 1 else x for x, y in zip(a, b, strict=True))


def _reduction(packer: Packer, operands: Operands, step: Step) -> int:
    axes = tuple(axis + 1 for axis in step.setting("axes"))
    settings = (("axes", axes), ("keepdims", step.setting("keepdims")))
    shape = (operands.count, *_shape(packer, step))
    return packer.made(step.op, (operands.stacked(0),), shape, step, settings)


def _reshape(packer: Packer, operands: Operands, step: Step) -> int:
    return packer.view(operands.stacked(0), 0, (operands.count, *_shape(packer, step)))


def _permute(packer: Packer, operands: Operands, step: Step) -> int:
    axes = (0, *(axis + 1 for axis in step.setting("axes")))
    shape = (operands.count, *_shape(packer, step))
    return packer.made("permute_dims", (operands.stacked(0),), shape, step, (("axes", axes),))


def _spread(packer: Packer, operands: Operands, step: Step) -> int:
    result = (operands.count, *_shape(packer, step))
    x = operands.aligned(0, len(result) - 1)
    return packer.made("broadcast_to", (x,), result, step, (("shape", result),))


def _slice(packer: Packer, operands: Operands, step: Step) -> int:
    shape = (operands.count, *_shape(packer, step))
    key = (slice(None), *step.setting("key"))
    return packer.made("slice", (operands.stacked(0),), shape, step, (("key", key),))


def _concat(packer: Packer, operands: Operands, step: Step) -> int:
    inputs = tuple(operands.spread(i, step) for i in range(len(operands.columns)))
    shape = (operands.count, *_shape(packer, step))
    settings = (("axis", step.setting("axis") + 1),)
    return packer.made("concat", inputs, shape, step, settings)


def _as_it_is(packer: Packer, operands: Operands, step: Step) -> int | None:
    """Primitives that act along the last axis, for any number of axes before it."""
    inputs = tuple(operands.spread(i, step) for i in range(len(operands.columns)))
    if not step.outputs:
        packer.emit(Step(step.op, inputs, (), step.settings, (), step.line))
        return None
    shape = (operands.count, *_shape(packer, step))
    return packer.made(step.op, inputs, shape, step, step.settings)


RULES: dict[str, Rule] = {
    **dict.fromkeys(SCALARS, _pointwise),
    "matmul": _matmul,
    **dict.fromkeys(REDUCTIONS, _reduction),
    "reshape": _reshape,
    "permute_dims": _permute,
    "broadcast_to": _spread,
    "slice": _slice,
    "concat": _concat,
    "nll": _as_it_is,
    "one_hot": _as_it_is,
    "check_labels": _as_it_is,
}
"""The primitives that can be stacked."""
