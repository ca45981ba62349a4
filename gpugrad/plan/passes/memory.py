"""Memory: where each slot lies. Slots whose lifetimes do not overlap share bytes of one arena.

Views lie where their source lies. What a pack brings together is computed inside of it, so that the
pack is no work; donated inputs that are packed lie there for good. A result takes over the memory
of an operand that dies with the step, where the step can write while it reads; the output that
replaces a donated input takes over the memory of that input, once nobody reads it any more, and a
result that consists of such outputs takes over that of the pack of their inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from gpugrad.plan.passes.arena import ALIGNMENT, Heap
from gpugrad.plan.passes.contiguous import start_in_operand
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Step, last_uses
from gpugrad.plan.primitives import VIEWS

__all__ = ["ALIGNMENT", "InPlace", "place"]

InPlace = Callable[[Plan, Step, int, int], bool]
"""Whether a step may write a result over an operand, both given by number."""


def place(
    plan: Plan,
    steps: tuple[Step, ...],
    in_place: InPlace,
    largest: float = inf,
    copied: bool = False,
) -> Placement:
    """Places what `steps`, those of `plan` as an engine runs them, compute for one another.

    What has more than `largest` bytes is left out: it is to be allocated and dropped in each run.
    With `copied`, an output that is a view is copied to where the caller wants it, and so shows the
    arena; otherwise the caller gets what it shows.
    """
    return _Placer(plan, steps, in_place, largest, copied).placement()


class _Placer:
    """The state of `place`."""

    def __init__(
        self,
        plan: Plan,
        steps: tuple[Step, ...],
        in_place: InPlace,
        largest: float,
        copied: bool,
    ) -> None:
        self.plan = plan
        self.steps = steps
        self.slots = plan.slots
        self.in_place = in_place
        self.heap = Heap()
        self.offsets: dict[int, int] = {}
        self.reused: dict[int, int] = {}
        self.settled: dict[int, int] = {}
        self.donors = {output: slot for slot, output in plan.donated}
        self.roots, starts, self.scattered = _views(plan, steps)
        self.copied = copied
        self.fresh = self._fresh() | {
            slot
            for step in steps
            for slot in step.outputs
            if slot not in self.donors and self.slots[slot].nbytes > largest
        }
        self.homes = self._homes()
        self.whole = self._whole(starts)
        for slot, root in self.roots.items():
            self.roots[slot] = self._top(root)
        self.roots |= {slot: home for slot, (home, _) in self.homes.items()}
        self.permanent = {self._root(slot) for slot, _ in plan.donated}
        self.uses: dict[int, int] = {}
        for slot, position in last_uses(steps).items():
            root = self._root(slot)
            self.uses[root] = max(position, self.uses.get(root, -1))
        for slot in plan.outputs:
            self.uses[self._root(slot)] = len(steps)

    def placement(self) -> Placement:
        for slot, output in self.plan.donated:
            root = self._root(slot)
            if root not in self.offsets:
                self.offsets[root] = self.heap.take(self.slots[root].nbytes)
            self._offset_inside(slot)
            if output == slot:
                self.settled[output] = slot
        for position, step in enumerate(self.steps):
            self._place_results(step, position)
        return Placement(
            self.offsets,
            self.heap.size,
            self.roots,
            self.reused,
            self.settled,
            frozenset(self.scattered),
        )

    # What is known before the first step

    def _root(self, slot: int) -> int:
        return self.roots.get(slot, slot)

    def _top(self, slot: int) -> int:
        return self.homes[slot][0] if slot in self.homes else slot

    def _fresh(self) -> set[int]:
        """What the caller gets as it is, and so does not lie in the arena."""
        shown: dict[int, set[int]] = {}
        for slot in self.plan.outputs:
            shown.setdefault(self._root(slot), set()).add(slot)
        return {
            root for root, slots in shown.items()
            if len(slots) == 1 and not slots & {*self.donors}
            and (root in slots or not self.copied)
        }  # fmt: skip

    def _homes(self) -> dict[int, tuple[int, int]]:
        """For each slot to be computed inside of a pack, that pack and the byte in it."""
        homes: dict[int, tuple[int, int]] = {}
        made = {slot for step in self.steps if step.op not in VIEWS for slot in step.outputs}
        made |= {slot for slot, _ in self.plan.donated}
        made -= {*self.plan.outputs}
        for step in reversed(self.steps):
            if step.op != "pack":
                continue
            packed = step.outputs[0]
            if packed in self.fresh or packed in self.donors:
                continue
            home, start = homes.get(packed, (packed, 0))
            for slot in step.inputs:
                if slot in made and slot not in homes:
                    homes[slot] = (home, start)
                start += self.slots[slot].nbytes
        return homes

    def _whole(self, starts: dict[int, int]) -> dict[int, tuple[int, list[int]]]:
        """Results all of whose parts replace the parts of a pack of donated inputs.

        For each, the pack and the outputs.
        """
        members: dict[int, set[int]] = {}
        for slot, _ in self.plan.donated:
            if slot in self.homes:
                members.setdefault(self.homes[slot][0], set()).add(slot)
        shown: dict[int, list[int]] = {}
        for output in self.plan.outputs:
            shown.setdefault(self._root(output), []).append(output)
        found = {}
        for result, outputs in shown.items():
            donors = [self.donors.get(output) for output in outputs]
            homes = [self.homes.get(-1 if donor is None else donor) for donor in donors]
            packs = {None if home is None else home[0] for home in homes}
            pack = packs.pop()
            if packs or pack is None or members[pack] != {*donors}:
                continue
            size = self.slots[result].dtype.itemsize
            begins = [starts.get(output, -1) * size for output in outputs]
            if self.slots[result].nbytes == self.slots[pack].nbytes and begins == [
                home[1] for home in homes if home is not None
            ]:
                found[result] = (pack, outputs)
        return found

    # Step by step

    def _place_results(self, step: Step, position: int) -> None:
        dying = {
            root
            for root in map(self._root, step.inputs)
            if self.uses[root] == position and root in self.offsets and root not in self.permanent
        }
        for slot in step.outputs:
            root = self._root(slot)
            if slot in self.fresh or slot in self.offsets or (root != slot and step.op in VIEWS):
                continue
            if root != slot:
                if root not in self.offsets:
                    self.offsets[root] = self.heap.take(self.slots[root].nbytes)
                self._offset_inside(slot)
            elif not self._replaces(step, slot, position):
                self._take(step, slot, dying)
        for root in dying:
            self.heap.give(self.offsets[root], self.slots[root].nbytes)
        for slot in step.outputs:                   # computed for nobody
            if slot in self.offsets and self._root(slot) == slot and slot not in self.uses:
                self.heap.give(self.offsets[slot], self.slots[slot].nbytes)

    def _offset_inside(self, slot: int) -> None:
        if slot in self.homes:
            home, start = self.homes[slot]
            self.offsets[slot] = self.offsets[home] + start

    def _replaces(self, step: Step, slot: int, position: int) -> bool:
        """Let the result lie in the memory of what is donated for it, if that may be."""
        if slot in self.donors:
            donor, outputs = self.donors[slot], [slot]
        elif slot in self.whole:
            donor, outputs = self.whole[slot]
        else:
            return False
        last_use = self.uses.get(self._root(donor), -1)
        if last_use > position or (
            last_use == position and not self._may_overwrite(step, slot, donor)
        ):
            return False
        self.offsets[slot] = self.offsets[donor]
        self.reused[slot] = donor
        self.settled.update((output, self.donors[output]) for output in outputs)
        return True

    def _may_overwrite(self, step: Step, slot: int, donor: int) -> bool:
        return any(
            operand == donor and self._alone(step, number) and self._in_place(step, number, slot)
            for number, operand in enumerate(step.inputs)
        )

    def _take(self, step: Step, slot: int, dying: set[int]) -> None:
        """Place a result over an operand that dies, or in memory that is free."""
        for number, operand in enumerate(step.inputs):
            if (
                operand in dying
                and self.slots[operand].nbytes == self.slots[slot].nbytes
                and self._alone(step, number)
                and self._in_place(step, number, slot)
            ):
                dying.discard(operand)
                self.offsets[slot] = self.offsets[operand]
                self.reused[slot] = operand
                return
        self.offsets[slot] = self.heap.take(self.slots[slot].nbytes)

    def _in_place(self, step: Step, number: int, slot: int) -> bool:
        return self.in_place(self.plan, step, number, step.outputs.index(slot))

    def _alone(self, step: Step, number: int) -> bool:
        """Whether no other operand shows the memory of that one, unless it is the very same."""
        operand = step.inputs[number]
        root = self._root(operand)
        return all(other == operand or self._root(other) != root for other in step.inputs)


def _views(
    plan: Plan, steps: tuple[Step, ...]
) -> tuple[dict[int, int], dict[int, int], set[int]]:
    """For each slot that is a view, the slot whose memory it shows.

    And for the views that are a run of its elements, the element at which they begin; and the
    views that are not, the scattered ones. A reshape is a view only of what lies in order.
    """
    roots: dict[int, int] = {}
    starts: dict[int, int] = {}
    scattered: set[int] = set()
    for step in steps:
        if step.op not in VIEWS:
            continue
        x, y = step.inputs[0], step.outputs[0]
        if step.op == "reshape" and x in scattered:
            continue
        roots[y] = roots.get(x, x)
        start = start_in_operand(step, plan.slots[x].shape)
        if x in scattered or start is None:
            scattered.add(y)
        else:
            starts[y] = starts.get(x, 0) + start
    return roots, starts, scattered
