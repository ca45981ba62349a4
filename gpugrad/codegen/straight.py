"""Straight-line code for small arrays: each element is a register, and a loop is one kernel.

A call for each step of arrays of a few elements takes longer than the step. So the rounds of a loop
whose arrays are all small are written out element by element: slices, stacks and transposes are
then no work at all. Which elements are computed of which is the structure of such a kernel, and
sizes are part of it.

To sum, the second half of the elements is added to the first one, and again, until there is one
(one in the middle waits); extremes are found alike. A product of matrices adds from the first
product to the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from gpugrad.codegen.ir import FLOATS
from gpugrad.codegen.scalars import elementary_in, obstacle
from gpugrad.plan.nest import REDUCE, STILL
from gpugrad.plan.plan import Constant, Plan, Step
from gpugrad.plan.primitives import REDUCTIONS, SCALARS
from gpugrad.plan.regions import is_fused_dtype

SMALL = 64
"""Elements of an array that a loop is given, up to which it is small."""

WORK, FUNCTION, LANES = 1500, 30, 8
"""Instructions of a round at most, and about how many a function of so many numbers takes."""


class Node(NamedTuple):
    """Elements that are computed side by side: by which primitive, and of which dtype they are.

    Each of `args` are the numbers of one operand's elements.
    """

    op: str
    args: tuple[tuple[int, ...], ...]
    dtype: str

    @property
    def lanes(self) -> int:
        """How many elements there are."""
        return len(self.args[0])


class Elements(NamedTuple):
    """An array that is read or written: its dtype, and the numbers of its elements."""

    dtype: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Straight:
    """The rounds of a loop.

    Elements are numbered: those that are read, in order, then those of the nodes.

    It reads `carried` arrays before the first round, `rows` in each one, and `still` ones and
    known `constants` once. `after` are the carries behind a round, and `stacked` what each writes.
    """

    carried: tuple[Elements, ...]
    rows: tuple[Elements, ...]
    still: tuple[Elements, ...]
    constants: tuple[Elements, ...]
    nodes: tuple[Node, ...]
    after: tuple[Elements, ...]
    stacked: tuple[Elements, ...]

    @property
    def read(self) -> int:
        """How many elements are read."""
        arrays = (*self.carried, *self.rows, *self.still, *self.constants)
        return sum(len(array.numbers) for array in arrays)

    @property
    def starts(self) -> list[int]:
        """The number of the first element of each node."""
        return [*accumulate((node.lanes for node in self.nodes), initial=self.read)][:-1]


def straight_of(step: Step) -> Straight | None:
    """The kernel of a `scan` step.

    `None` where an array or the work is too large for one, or a step of its body is of another
    kind.
    """
    body: Plan = step.setting("body")
    return ElementsOf(body).loop(step.setting("carries"), step.setting("xs"))


def early_and_late(key: Straight) -> tuple[list[int], list[int]]:
    """The nodes that are the same in all rounds, and the others."""
    moving = {number for array in (*key.carried, *key.rows) for number in array.numbers}
    early, late = [], []
    for n, (node, start) in enumerate(zip(key.nodes, key.starts, strict=True)):
        if all(moving.isdisjoint(operand) for operand in node.args):
            early.append(n)
        else:
            late.append(n)
            moving.update(range(start, start + node.lanes))
    return early, late


def constants_read(plan: Plan) -> list[tuple[int, Constant]]:
    """The constants that steps or outputs of a plan are."""
    read = {*plan.read()}
    return [(slot, constant) for slot, constant in plan.constants if slot in read]


class ElementsOf:
    """The elements of the slots of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.known: dict[int, np.ndarray] = {}      # the numbers of the elements of each slot
        self.dtypes: list[str] = []                 # of the elements
        self.nodes: list[Node] = []
        self._found: dict[Node, int] = {}

    def loop(self, carries: int, rows: int) -> Straight | None:
        """The body of a loop of so many carries, and arrays of which each round reads a row."""
        plan = self.plan
        made = {slot for step in plan.steps for slot in step.outputs}
        if not all(map(self._is_fit, {*plan.inputs, *plan.read(), *made})):
            return None
        moved = {*plan.inputs, *plan.outputs, *({*plan.read()} - made)}
        if not all(0 < self.size(slot) <= SMALL for slot in moved):
            return None
        inputs = [self.read(slot) for slot in plan.inputs]
        constants = tuple(self.read(slot) for slot, _ in constants_read(plan))
        for step in plan.steps:
            write = _STEPS.get(step.op)
            if write is None or not write(self, step) or self._work() > self.most_work():
                return None
        outputs = [self.array(slot) for slot in plan.outputs]
        behind = carries + rows
        return Straight(
            tuple(inputs[:carries]), tuple(inputs[carries:behind]), tuple(inputs[behind:]),
            constants, tuple(self.nodes), tuple(outputs[:carries]), tuple(outputs[carries:]),
        )  # fmt: skip

    def _is_fit(self, slot: int) -> bool:
        spec = self.plan.slots[slot]
        return is_fused_dtype(spec.dtype) and self.size(slot) <= WORK

    def _work(self) -> int:
        return sum(
            self.functions(node) * FUNCTION if elementary_in(node.op, node.dtype) else node.lanes
            for node in self.nodes
        )

    @staticmethod
    def most_work() -> int:
        """Instructions of a round at most."""
        return WORK

    @staticmethod
    def functions(node: Node) -> int:
        """How many times a function of a node is written."""
        return -(-node.lanes // LANES)

    def size(self, slot: int) -> int:
        """How many elements of an array a round knows."""
        return self.plan.slots[slot].size

    def read(self, slot: int) -> Elements:
        """Number the elements of an array that is given."""
        spec = self.plan.slots[slot]
        first = len(self.dtypes)
        self.known[slot] = np.arange(first, first + spec.size).reshape(spec.shape)
        self.dtypes += [spec.dtype.name] * spec.size
        return self.array(slot)

    def array(self, slot: int) -> Elements:
        """The elements of an array in order."""
        return Elements(self.plan.slots[slot].dtype.name, tuple(self.known[slot].ravel().tolist()))

    # Elements

    def each(self, op: str, operands: Sequence[np.ndarray], dtype: str) -> np.ndarray:
        """Elements that are computed of those of operands that are broadcast."""
        first, *_ = aligned = np.broadcast_arrays(*operands)
        args = tuple(tuple(x.ravel().tolist()) for x in aligned)
        if not first.size:
            return first
        if op in STILL or (op == "astype" and self.dtypes[args[0][0]] == dtype):
            return first
        start = self.number(Node(op, args, dtype))
        return np.arange(start, start + first.size).reshape(first.shape)

    def number(self, node: Node) -> int:
        """The number of the first element of a node, one for equal ones."""
        if node not in self._found:
            self._found[node] = len(self.dtypes)
            self.dtypes += [node.dtype] * node.lanes
            self.nodes.append(node)
        return self._found[node]

    # Steps

    def elementwise(self, step: Step) -> bool:
        """One of the table of elementwise primitives."""
        (out,) = step.outputs
        slots = self.plan.slots
        if obstacle(step.op, [slots[slot].dtype.name for slot in (*step.inputs, out)]):
            return False
        found = self.each(step.op, [self.known[x] for x in step.inputs], slots[out].dtype.name)
        self.known[out] = np.broadcast_to(found, slots[out].shape)
        return True

    def reduction(self, step: Step) -> bool:
        """What is joined along axes."""
        (out,) = step.outputs
        spec, x = self.plan.slots[out], self.known[step.inputs[0]]
        if not x.size:
            return False
        axes = [axis % x.ndim for axis in step.setting("axes")]
        kept = [axis for axis in range(x.ndim) if axis not in axes]
        dtype = spec.dtype.name
        rows = self.each("astype", [x], dtype).transpose(*kept, *axes).reshape(spec.size, -1)
        while (count := rows.shape[1]) > 1:
            half = count // 2
            first, second = rows[:, :half], rows[:, count - half :]
            joined = self.each(f"{REDUCE} {step.op}", [first, second], dtype)
            rows = np.concatenate([joined, rows[:, half : count - half]], axis=1)
        self.known[out] = rows.reshape(spec.shape)
        return True

    def product(self, step: Step) -> bool:
        """A product of matrices and vectors."""
        (out,) = step.outputs
        spec, (a, b) = self.plan.slots[out], (self.known[slot] for slot in step.inputs)
        dtype = spec.dtype.name
        given = [self.plan.slots[slot].dtype.name for slot in step.inputs]
        if dtype not in FLOATS or given != [dtype, dtype] or not (a.size and b.size):
            return False
        a, b = np.atleast_2d(a), b if b.ndim > 1 else b[:, None]
        terms = self.each("multiply", [a[..., None], b[..., None, :, :]], dtype)
        total = terms[..., 0, :]
        for k in range(1, a.shape[-1]):
            total = self.each("add", [total, terms[..., k, :]], dtype)
        self.known[out] = total.reshape(spec.shape)
        return True

    def shown(self, step: Step) -> bool:
        """Elements of one operand in another shape or order."""
        x, shape = self.known[step.inputs[0]], self.plan.slots[step.outputs[0]].shape
        if step.op == "permute_dims":
            x = x.transpose(step.setting("axes"))
        elif step.op == "slice":
            x = x[step.setting("key")]
        elif step.op == "broadcast_to":
            x = np.broadcast_to(x, shape)
        self.known[step.outputs[0]] = x.reshape(shape)
        return True

    def together(self, step: Step) -> bool:
        """Operands one behind the other."""
        (out,) = step.outputs
        spec, arrays = self.plan.slots[out], [self.known[slot] for slot in step.inputs]
        if any(self.plan.slots[slot].dtype != spec.dtype for slot in step.inputs):
            return False
        if step.op == "concat":
            found = np.concatenate(arrays, axis=step.setting("axis"))
        else:
            found = np.concatenate([x.ravel() for x in arrays])
        self.known[out] = found.reshape(spec.shape)
        return True

    def update(self, step: Step) -> bool:
        """A part of an array written, or added to."""
        key, dtype = step.setting("key"), self.plan.slots[step.outputs[0]].dtype.name
        parts = key if isinstance(key, tuple) else (key,)
        if not all(isinstance(part, int | slice | type(...) | None) for part in parts):
            return False
        whole = self.known[step.inputs[0]].copy()
        part = np.asarray(whole[key])
        given = self.each("astype", [self.known[step.inputs[1]]], dtype)
        given = given.reshape(given.shape[max(0, given.ndim - part.ndim) :])
        whole[key] = self.each("add", [part, given], dtype) if step.op == "add_at" else given
        self.known[step.outputs[0]] = whole
        return True


_STEPS: dict[str, Callable[[ElementsOf, Step], bool]] = {
    **dict.fromkeys(SCALARS, ElementsOf.elementwise),
    **dict.fromkeys(REDUCTIONS, ElementsOf.reduction),
    **dict.fromkeys(("reshape", "permute_dims", "broadcast_to", "slice"), ElementsOf.shown),
    **dict.fromkeys(("concat", "pack"), ElementsOf.together),
    **dict.fromkeys(("add_at", "set_at"), ElementsOf.update),
    "matmul": ElementsOf.product,
}
"""What writes each step; it says whether it could."""
