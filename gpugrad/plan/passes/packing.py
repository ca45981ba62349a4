"""Packing: the plan under construction of horizontal fusion, which knows what lies together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from math import prod

from gpugrad.plan.effects import has_effect
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.contiguous import start_in_operand
from gpugrad.plan.plan import Plan, Settings, Step
from gpugrad.plan.primitives import VIEWS

Part = tuple[int, int]
"""A slot, and the element of it at which a part begins."""

COPY = 1.5
"""What a pack costs that must copy, in calls; each array of it costs `EACH` and its bytes."""
EACH = 0.2
BYTES = 8192
"""Bytes that are copied in the time of a call."""


class Packer:
    """A builder of a plan in which results lie in one slot together.

    What reads such a result by itself gets a view of it, made when it is first read.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.build = Builder(plan)
        self.slots = self.build.slots
        self._users = plan.users()
        self._parts: dict[int, Part] = {}           # of slots that are a part of another one
        self._packed: dict[int, Part] = {}          # and where a pack puts those that are not
        self._waiting: set[int] = set()             # results without a view so far
        self._views: dict[tuple[int, int, tuple[int, ...]], int] = {}
        self._priority: dict[int, int] = {}         # of steps by their place in the builder
        self._now = 0
        self._given = {slot for slot, _ in plan.donated}
        self.donated = {slot for _, slot in plan.donated}
        self.returned = {slot for slot in plan.outputs if slot not in self.donated}

    # Steps

    def emit(self, step: Step) -> None:
        """Add a step, whose operands have been made."""
        for slot in step.inputs:
            self.make(slot)
        self._priority[len(self.build.steps)] = self._now
        self.build.add(step)
        if step.op == "pack":
            self._note_pack(step)
        elif step.op in VIEWS:
            x, y = step.inputs[0], step.outputs[0]
            start = start_in_operand(step, self.slots[x].shape)
            if start is not None and y not in self._parts:
                root, first = self.part(x)
                self._parts[y] = root, first + start

    def at(self, position: int) -> None:
        """What is emitted next takes the place of the old plan's step at `position`."""
        self._now = position

    def made(
        self,
        op: str,
        inputs: tuple[int, ...],
        shape: tuple[int, ...],
        like: Step,
        settings: Settings = (),
    ) -> int:
        """The slot of a new step's result; its dtype and line are those of `like`."""
        result = self.build.slot(shape, self.slots[like.outputs[0]].dtype)
        self.emit(Step(op, inputs, (result,), settings, (), like.line))
        return result

    def scatter(self, together: int, results: Iterable[int]) -> None:
        """From here on, `results` are consecutive parts of the slot `together`."""
        start = 0
        for slot in results:
            self._parts[slot] = together, start
            self._waiting.add(slot)
            start += self.slots[slot].size

    def make(self, slot: int) -> None:
        """See to it that a step has made `slot`: that of a batched result is a view."""
        if slot in self._waiting:
            self._waiting.remove(slot)
            self.view(*self._parts[slot], self.slots[slot].shape, slot)

    # Views

    def part(self, slot: int) -> Part:
        """The slot of which `slot` is a part, if only of itself."""
        return self._parts.get(slot, (slot, 0))

    def view(
        self, root: int, start: int, shape: tuple[int, ...], result: int | None = None
    ) -> int:
        """A slot of that shape that shows the elements of `root` from `start` on."""
        whole = self.slots[root]
        if result is None:
            if start == 0 and shape == whole.shape:
                return root
            found = self._views.get((root, start, shape))
            if found is not None:
                return found
            result = self.build.slot(shape, whole.dtype)
        self._views.setdefault((root, start, shape), result)
        size = prod(shape)
        if size == whole.size:
            step = Step("reshape", (root,), (result,), (("shape", shape),))
        elif whole.shape[1:] == shape:
            step = Step("slice", (root,), (result,), (("key", (start // size,)),))
        else:
            flat = self.view(root, 0, (whole.size,))
            if len(shape) == 1:
                key = (slice(start, start + size),)
                step = Step("slice", (flat,), (result,), (("key", key),))
            else:
                row = self.view(root, start, (size,))
                step = Step("reshape", (row,), (result,), (("shape", shape),))
        self.emit(step)
        return result

    # Packs

    def together(self, slots: Sequence[int]) -> Part | None:
        """Where `slots` lie one behind the other, if they do."""
        for known in (self._parts, self._packed):
            root, start = first = known.get(slots[0], (slots[0], 0))
            for slot in slots:
                if known.get(slot, (slot, 0)) != (root, start):
                    break
                start += self.slots[slot].size
            else:
                return first
        return None

    def cost(self, slots: Sequence[int]) -> float:
        """What it costs to bring `slots` together, in calls; all who read them share it."""
        if self.together(slots) is not None:
            return 0.0
        runs = self._runs(slots)
        copied = [slot for slot in set(runs) if not self._can_be_placed(slot)]
        copied += [slot for slot, n in Counter(runs).items() for _ in range(n - 1)]
        return self.copying(copied) / min(self._users.get(slot, 1) for slot in slots)

    def copying(self, slots: Sequence[int]) -> float:
        """What it costs to copy them in one step, in calls."""
        moved = sum(self.slots[slot].nbytes for slot in slots)
        return COPY * bool(slots) + EACH * len(slots) + moved / BYTES

    def pack(self, slots: Sequence[int], shape: tuple[int, ...], result: int | None = None) -> int:
        """A slot of that shape with the elements of `slots`, one behind the other."""
        found = self.together(slots)
        if found is None:
            runs = self._runs(slots)
            packed = result
            if packed is None:
                packed = self.build.slot(shape, self.slots[slots[0]].dtype)
            self.emit(Step("pack", tuple(runs), (packed,), (("shape", shape),)))
            return packed
        return self.view(*found, shape, result)

    def _runs(self, slots: Sequence[int]) -> list[int]:
        """`slots`, but one for those that make up the whole of another slot."""
        runs: list[int] = []
        i = 0
        while i < len(slots):
            root, start = self.part(slots[i])
            end, n = start, 0
            while start == 0 and i + n < len(slots) and self.part(slots[i + n]) == (root, end):
                end += self.slots[slots[i + n]].size
                n += 1
            complete = n > 0 and end == self.slots[root].size
            runs.append(root if complete else slots[i])
            i += n if complete else 1
        return runs

    def _can_be_placed(self, slot: int) -> bool:
        """Whether the memory pass can let `slot` be computed inside of a pack."""
        if slot in self._packed or slot in self._parts or slot in self.returned:
            return False
        made = self.build.made_by.get(slot)
        return slot in self._given if made is None else made.op not in VIEWS

    def _note_pack(self, step: Step) -> None:
        start = 0
        packed = step.outputs[0]
        for slot in step.inputs:
            self._packed.setdefault(slot, (packed, start))
            start += self.slots[slot].size

    # The result

    def finished(self) -> Plan:
        """The plan, its steps as near to their old order as their operands and effects allow."""
        for slot in self.plan.outputs:
            self.make(slot)
        steps = self.build.steps
        maker = {slot: i for i, step in enumerate(steps) for slot in step.outputs}
        waits = [0] * len(steps)
        users: list[list[int]] = [[] for _ in steps]
        for i, step in enumerate(steps):
            for before in {maker[slot] for slot in step.inputs if slot in maker}:
                waits[i] += 1
                users[before].append(i)
        effects = [i for i, step in enumerate(steps) if has_effect(step)]
        for before, after in pairwise(sorted(effects, key=self._priority.__getitem__)):
            waits[after] += 1
            users[before].append(after)
        ready: list[tuple[int, int]] = []
        for i, count in enumerate(waits):
            if not count:
                heappush(ready, (self._priority[i], i))
        ordered: list[Step] = []
        while ready:
            _, i = heappop(ready)
            ordered.append(steps[i])
            for user in users[i]:
                waits[user] -= 1
                if not waits[user]:
                    heappush(ready, (self._priority[user], user))
        self.build.steps = ordered
        return self.build.plan()
