"""Whether the memory of a plan holds: each step reads what was written for it, inside the arena.

The steps are gone through as they will run. Whatever is written spoils what else lies in its bytes,
and nobody may read what is spoiled.
"""

from __future__ import annotations

from collections.abc import Collection

from gpugrad.errors import PlanError
from gpugrad.plan.passes.contiguous import start_in_operand
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import VIEWS


def verify_placement(plan: Plan, placement: Placement) -> None:
    """Raises `PlanError`, which names step and slot, unless every slot lies where it can."""
    _Memory(plan, placement).verify()


class _Memory:
    """What lies in the arena while the steps run.

    `held` are the slots that have been written and not been spoiled since, with their bytes, and
    `spoiled` the others, with the slot that was written over each. `shown` names for a view the
    slot whose bytes it shows, `starts` at which byte of that it begins, if it is a run of them.
    """

    def __init__(self, plan: Plan, placement: Placement) -> None:
        self.plan = plan
        self.slots = plan.slots
        self.placement = placement
        self.held: dict[int, tuple[int, int]] = {}
        self.spoiled: dict[int, int] = {}
        self.shown: dict[int, int] = {}
        self.starts: dict[int, int] = {}

    def verify(self) -> None:
        """Raises `PlanError` at the first slot that cannot lie where it does."""
        for slot in self.placement.offsets:
            self._inside(slot)
        for slot, _ in self.plan.donated:
            self._write(slot, (), frozenset())
        for number, step in enumerate(self.plan.steps):
            try:
                self._step(step)
            except PlanError as error:
                raise PlanError(f"step {number + 1}, {step.op}: {error}") from error
        for slot in self.plan.outputs:
            self._read(slot)
        for output, slot in self.placement.settled.items():
            if self._start(output) != self._start(slot):
                raise PlanError(f"the output %{output} does not lie where the input %{slot} does")

    def _start(self, slot: int) -> int | None:
        """The byte at which a slot begins; of a view, where what it shows lies in order."""
        shown = self.shown.get(slot)
        if shown is None:
            return self.placement.offsets.get(slot)
        begin, start = self.placement.offsets.get(shown), self.starts.get(slot)
        return None if begin is None or start is None else begin + start

    def _inside(self, slot: int) -> None:
        start, size = self.placement.offsets[slot], self.slots[slot].nbytes
        if not 0 <= start <= self.placement.size - size:
            raise PlanError(
                f"%{slot} takes {size} bytes from byte {start} on; the arena has "
                f"{self.placement.size}"
            )
        if start % self.slots[slot].dtype.itemsize:
            raise PlanError(f"%{slot} begins at byte {start}, in the midst of a number")

    def _step(self, step: Step) -> None:
        for slot in step.inputs:
            self._read(slot)
        if step.op in VIEWS and step.outputs[0] in self.placement.roots:
            x, y = step.inputs[0], step.outputs[0]
            self.shown[y] = self.shown.get(x, x)
            start = start_in_operand(step, self.slots[x].shape)
            if start is not None and (x in self.starts or x not in self.shown):
                self.starts[y] = self.starts.get(x, 0) + start * self.slots[x].dtype.itemsize
            return
        inside = self._inside_of_pack(step) if step.op == "pack" else frozenset()
        members = step.body if step.op == "beside" else (step,)
        for member in members:
            others = {x for other in members if other is not member for x in other.inputs}
            for slot in member.outputs:
                self._write(slot, step.inputs, inside, others)

    def _inside_of_pack(self, step: Step) -> frozenset[int]:
        """What was computed inside of a pack, which leaves it as it is."""
        start = 0
        found: set[int] = set()
        for slot in step.inputs:
            if self.placement.lies_in(slot, step.outputs[0], start):
                first, last = self.held[slot]
                found.update(x for x, (a, b) in self.held.items() if first <= a and b <= last)
            start += self.slots[slot].nbytes
        return frozenset(found)

    def _read(self, slot: int) -> None:
        shown = self.shown.get(slot, slot)
        if shown in self.placement.offsets and shown not in self.held:
            by = self.spoiled.get(shown)
            what = "nothing was written there" if by is None else f"%{by} was written over it"
            raise PlanError(f"it reads %{slot}, and {what}")

    def _write(
        self,
        slot: int,
        operands: tuple[int, ...],
        inside: frozenset[int],
        others: Collection[int] = (),
    ) -> None:
        """Note that a step with these operands writes a slot, and what that spoils.

        `others` are the operands of what runs at the same time.
        """
        begin = self._start(slot)
        if begin is None:
            return
        end = begin + self.slots[slot].nbytes
        taken = self.placement.reused.get(slot)
        read = {self.shown.get(x, x) for x in operands}
        if taken in {self.shown.get(x, x) for x in others}:
            taken = None
        for other, (start, stop) in list(self.held.items()):
            if stop <= begin or end <= start or other in inside:
                continue
            if other in read and (other != taken or (start, stop) != (begin, end)):
                raise PlanError(f"%{slot} is written over %{other}, which the step reads")
            del self.held[other]
            self.spoiled[other] = slot
        self.held[slot] = begin, end
        self.spoiled.pop(slot, None)
