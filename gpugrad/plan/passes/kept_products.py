"""Products that a loop computed and another one computes again: stored, row by row.

The reverse of a loop keeps the carries with which rounds began, and computes the rest of each round
again. Most of that is elementwise, and costs what it would cost to read it; a product costs more.
What is added to it is stored with it, so that often nobody needs that any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gpugrad.plan.passes.common import hashable
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.passes.joined_products import DTYPES
from gpugrad.plan.passes.subplans import narrowed_scan
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import SCALARS, VIEWS

DEEP = 32
"""Terms of each element of a product from which on it takes longer than to store and read it."""


def keep_products(plan: Plan) -> Plan:
    """The plan whose loops store what later ones would multiply again."""
    loops = [i for i, step in enumerate(plan.steps) if step.op == "scan"]
    if len(loops) < 2:
        return plan
    steps, slots = list(plan.steps), list(plan.slots)
    storing = set()
    for number, again in enumerate(loops):
        for first in reversed(loops[:number]):
            found = _Pair(steps[first], steps[again]).kept(slots)
            if found is not None:
                steps[first], steps[again] = found
                storing.add(first)
    if not storing:
        return plan
    needed = {*plan.outputs, *(slot for step in steps for slot in step.inputs)}
    for i in storing:                               # for its reverse, some of what it stored
        steps[i] = narrowed_scan(steps[i], needed, lambda body: body)
    return replace(plan, slots=tuple(slots), steps=tuple(steps))


class _Loop:
    """What is in a loop, by the slots of its body."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.body: Plan = step.setting("body")
        self.length: int = step.setting("length")
        self.n: int = step.setting("carries")
        self.end: int = self.n + step.setting("xs")
        self.rows = self._between(self.n, self.end)
        self.outside = self._between(self.end, len(step.inputs))
        ys = zip(step.outputs[self.n :], self.body.outputs[self.n :], strict=True)
        self.stored = dict(ys)

    def _between(self, start: int, end: int) -> dict[int, int]:
        """Slots of the body by those outside of which they are, or are rows."""
        pairs = zip(self.step.inputs[start:end], self.body.inputs[start:end], strict=True)
        return dict(pairs)

    def with_body(self, body: Plan, **changed: object) -> Step:
        settings = dict(self.step.settings) | {"body": body} | changed
        return replace(self.step, settings=tuple(settings.items()))


class _Pair:
    """Two loops, of which the second reads what the first one stores."""

    def __init__(self, first: Step, again: Step) -> None:
        self.first, self.again = _Loop(first), _Loop(again)
        self.same: dict[int, int] = {}              # slots of the second body, as in the first
        related = not self.first.stored.keys().isdisjoint(self.again.rows)
        if related and self.first.length == self.again.length:
            self._match()

    def _match(self) -> None:
        """Find what both bodies compute of the same values."""
        first, again = self.first, self.again
        known = {value: slot for slot, value in first.body.constants}
        self.same = {slot: known[x] for slot, x in again.body.constants if x in known}
        for there, here in (
            (first.rows | first.stored, again.rows),
            (first.outside, again.outside),
        ):
            self.same |= {slot: there[x] for x, slot in here.items() if x in there}
        made = {
            _key(step, step.inputs): step.outputs[0]
            for step in first.body.steps
            if _is_followed(step)
        }
        for step in again.body.steps:
            if _is_followed(step) and self.same.keys() >= set(step.inputs):
                found = made.get(_key(step, tuple(self.same[x] for x in step.inputs)))
                if found is not None:
                    self.same[step.outputs[0]] = found

    def kept(self, slots: list[Slot]) -> tuple[Step, Step] | None:
        """Both loops, of which the first stores products for the second one, if there are some.

        No more is stored than what the second reads and writes anyway.
        """
        first, again = self.first, self.again
        body = again.body
        moved = (*again.rows.values(), *body.outputs[again.n :])
        room = sum(body.slots[slot].nbytes for slot in moved)
        chosen: dict[int, int] = {}                 # by slots of the body, the rows outside
        outputs, wholes = list(first.body.outputs), list(first.step.outputs)
        for slot in dict.fromkeys(self._products()):
            spec = body.slots[slot]
            if self.same[slot] in outputs[first.n :]:
                chosen[slot] = wholes[outputs.index(self.same[slot], first.n)]
            elif spec.nbytes <= room:
                room -= spec.nbytes
                slots.append(Slot((first.length, *spec.shape), spec.dtype))
                chosen[slot] = len(slots) - 1
                outputs.append(self.same[slot])
                wholes.append(chosen[slot])
        if not chosen:
            return None
        storing = first.with_body(replace(first.body, outputs=tuple(outputs)))
        end = again.end
        reading = again.with_body(
            replace(
                body,
                inputs=(*body.inputs[:end], *chosen, *body.inputs[end:]),
                steps=tuple(step for step in body.steps if chosen.keys().isdisjoint(step.outputs)),
            ),
            xs=end - again.n + len(chosen),
        )
        given = again.step.inputs
        reading = replace(reading, inputs=(*given[:end], *chosen.values(), *given[end:]))
        return (
            replace(storing, outputs=tuple(wholes)),
            narrowed_scan(reading, reading.outputs, remove_dead),
        )

    def _products(self) -> Iterator[int]:
        """Slots of products, or of what is added to them, that the second loop need not compute."""
        body, users = self.again.body, self.again.body.users()
        readers = {slot: step for step in body.steps for slot in step.inputs}
        for step in body.steps:
            slot = step.outputs[0] if step.outputs else -1
            if step.op != "matmul" or slot not in self.same or not _is_deep(body, step):
                continue
            while users.get(slot) == 1 and slot in readers:
                (result,) = readers[slot].outputs[:1] or (-1,)
                added = readers[slot].op == "add" and result in self.same
                if not added or body.slots[result] != body.slots[slot]:
                    break
                slot = result
            yield slot


def _key(step: Step, inputs: tuple[int, ...]) -> object:
    return step.op, inputs, hashable(step.settings)


def _is_followed(step: Step) -> bool:
    return step.op == "matmul" or step.op in SCALARS or step.op in VIEWS


def _is_deep(body: Plan, step: Step) -> bool:
    """Whether a product is of that many terms."""
    spec = body.slots[step.inputs[0]]
    return spec.dtype.name in DTYPES and spec.shape[-1] >= DEEP
