"""Memory: where each slot lies. Slots whose lifetimes do not overlap share bytes of one arena.

Views lie where their source lies. A result takes over the memory of an operand that dies with the
step, where the step can write while it reads; the output that replaces a donated input takes over
the memory of that input, once nobody reads it any more.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass

from gpugrad.executor.plan import Plan, Step, last_uses

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector that processors have."""

VIEWS = frozenset({"reshape", "permute_dims", "broadcast_to", "slice"})
"""Steps whose result can show the memory of their operand."""

InPlace = Callable[[Plan, Step, int, int], bool]
"""Whether a step may write a result over an operand, both given by number."""


@dataclass(frozen=True)
class Placement:
    """`offsets` gives the byte in an arena of `size` bytes at which a slot begins.

    A slot that is not there is an input, a constant, an output that the caller gets, or a view;
    `roots` names the slot whose memory a view shows. `reused` names for a slot the one whose memory
    it took over in place.
    """

    offsets: dict[int, int]
    size: int
    roots: dict[int, int]
    reused: dict[int, int]

    def root(self, slot: int) -> int:
        """The slot whose memory `slot` shows."""
        return self.roots.get(slot, slot)


def place(plan: Plan, steps: tuple[Step, ...], in_place: InPlace) -> Placement:
    """Places what `steps`, those of `plan` as an engine runs them, compute for one another."""
    roots = _views(plan, steps)
    uses: dict[int, int] = {}
    for slot, position in last_uses(steps).items():
        root = roots.get(slot, slot)
        uses[root] = max(position, uses.get(root, -1))
    heap = _Heap()
    offsets: dict[int, int] = {}
    reused: dict[int, int] = {}
    replaced = {output: slot for slot, output in plan.donated}
    for slot, _ in plan.donated:
        offsets[slot] = heap.take(plan.slots[slot].nbytes)
    for slot in plan.outputs:                       # a donated input may itself be a result
        uses[roots.get(slot, slot)] = len(steps)
    kept = {roots.get(slot, slot) for slot in plan.outputs} | {slot for slot, _ in plan.donated}
    for position, step in enumerate(steps):
        dying = {
            root
            for root in (roots.get(slot, slot) for slot in step.inputs)
            if uses[root] == position and root in offsets and root not in kept
        }
        for slot in step.outputs:
            if slot in roots:
                continue
            if slot in replaced:
                donor = replaced[slot]
                last_use = uses.get(donor, -1)
                if _may_replace(plan, step, slot, donor, last_use, position, roots, in_place):
                    offsets[slot] = offsets[donor]
                    reused[slot] = donor
                continue
            if slot in kept:
                continue
            taken = _donor(plan, step, slot, dying, roots, in_place)
            if taken is None:
                offsets[slot] = heap.take(plan.slots[slot].nbytes)
            else:
                dying.discard(taken)
                offsets[slot] = offsets[taken]
                reused[slot] = taken
        for root in dying:
            heap.give(offsets[root], plan.slots[root].nbytes)
        for slot in step.outputs:                   # computed for nobody
            if slot in offsets and slot not in uses and slot not in kept | replaced.keys():
                heap.give(offsets[slot], plan.slots[slot].nbytes)
    return Placement(offsets, heap.size, roots, reused)


def _views(plan: Plan, steps: tuple[Step, ...]) -> dict[int, int]:
    """For each slot that is a view, the slot whose memory it shows.

    A reshape is one only of what lies in order; `scattered` are the slots that do not.
    """
    roots: dict[int, int] = {}
    scattered: set[int] = set()
    for step in steps:
        if step.op not in VIEWS:
            continue
        x, y = step.inputs[0], step.outputs[0]
        if step.op == "reshape" and x in scattered:
            continue
        roots[y] = roots.get(x, x)
        if x in scattered or step.op != "reshape":
            scattered.add(y)
    return roots


def _donor(
    plan: Plan, step: Step, slot: int, dying: set[int], roots: dict[int, int], in_place: InPlace
) -> int | None:
    """The dying operand whose memory the result may take over."""
    for number, operand in enumerate(step.inputs):
        root = roots.get(operand, operand)
        if (
            root in dying
            and plan.slots[root].nbytes == plan.slots[slot].nbytes
            and _alone(step, root, number, roots)
            and in_place(plan, step, number, step.outputs.index(slot))
        ):
            return root
    return None


def _alone(step: Step, root: int, number: int, roots: dict[int, int]) -> bool:
    """Whether only the operand of that number, and that one whole, shows `root`."""
    return step.inputs[number] == root and not any(
        roots.get(other, other) == root and other != root for other in step.inputs
    )


def _may_replace(
    plan: Plan,
    step: Step,
    slot: int,
    donor: int,
    last_use: int,
    position: int,
    roots: dict[int, int],
    in_place: InPlace,
) -> bool:
    """Whether the step at `position` may write its result into the memory of a donated input."""
    if last_use < position:
        return True
    if last_use > position:
        return False
    return any(
        operand == donor
        and _alone(step, donor, number, roots)
        and in_place(plan, step, number, step.outputs.index(slot))
        for number, operand in enumerate(step.inputs)
    )


class _Heap:
    """Free parts of an arena that grows: `take` gives the smallest that is large enough."""

    def __init__(self) -> None:
        self.size = 0
        self._by_size: list[tuple[int, int]] = []   # length and offset of each free part
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}

    def take(self, nbytes: int) -> int:
        length = _rounded(nbytes)
        found = next((part for part in self._by_size if part[0] >= length), None)
        if found is None:
            offset = self.size
            self.size += length
            return offset
        self._remove(found[1])
        if found[0] > length:
            self._insert(found[1] + length, found[0] - length)
        return found[1]

    def give(self, offset: int, nbytes: int) -> None:
        length = _rounded(nbytes)
        before = self._ends.get(offset)
        if before is not None:
            length += offset - before
            self._remove(before)
            offset = before
        if offset + length in self._starts:
            length += self._remove(offset + length)
        self._insert(offset, length)

    def _insert(self, offset: int, length: int) -> None:
        insort(self._by_size, (length, offset))
        self._starts[offset] = length
        self._ends[offset + length] = offset

    def _remove(self, offset: int) -> int:
        length = self._starts.pop(offset)
        del self._ends[offset + length]
        self._by_size.remove((length, offset))
        return length


def _rounded(nbytes: int) -> int:
    return max(-(-nbytes // ALIGNMENT) * ALIGNMENT, ALIGNMENT)
