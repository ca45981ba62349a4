"""Slots as a kernel numbers them: in the order in which it names them.

So a kernel does not tell from which place in which plan it comes, and equal ones have equal texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.product import Matrix
from gpugrad.plan.layouts import Layout
from gpugrad.plan.plan import Slot, Step

Value = TypeVar("Value")


class Numbering:
    """The slots of a plan that one kernel names, each from the first time on under its number."""

    def __init__(self, slots: tuple[Slot, ...]) -> None:
        self._slots = slots
        self._numbers: dict[int, int] = {}

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Those slots by their numbers."""
        return tuple(self._slots[slot] for slot in self._numbers)

    def number(self, slot: int) -> int:
        """The number of a slot."""
        return self._numbers.setdefault(slot, len(self._numbers))

    def all(self, slots: Iterable[int]) -> tuple[int, ...]:
        """The numbers of some of them."""
        return tuple(map(self.number, slots))

    def step(self, step: Step) -> Step:
        """A step of these numbers."""
        inputs, outputs = self.all(step.inputs), self.all(step.outputs)
        return replace(step, inputs=inputs, outputs=outputs, body=tuple(map(self.step, step.body)))

    def keys(self, found: Mapping[int, Value]) -> dict[int, Value]:
        """What there is for some slots, by their numbers."""
        return {self.number(slot): value for slot, value in found.items()}

    def layout(self, layout: Layout) -> Layout:
        """How a view lies."""
        return replace(layout, root=self.number(layout.root))

    def matrices(self, left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
        """Where the operands of a product lie."""
        first, second = self.all((left.slot, right.slot))
        return replace(left, slot=first), replace(right, slot=second)

    def launched(self, kernel: Kernel) -> Kernel:
        """The kernel of these numbers as one that takes the slots of the plan."""
        slots = tuple(self._numbers)
        return replace(kernel, arguments=tuple(slots[number] for number in kernel.arguments))
