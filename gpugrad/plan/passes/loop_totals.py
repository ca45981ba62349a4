"""Totals that a loop adds up, as gradients of what all its rounds share: added up behind it.

A round would multiply two small matrices, and read and write the total of all rounds to add what
it found. Behind the loop one product of all rounds does that, whose sums go through these. What it
needs of each round is often stored already: the carries are, for which a reverse loop computes its
rounds again, and so are the cotangents of the elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.passes.joined_products import DTYPES
from gpugrad.plan.passes.subplans import narrowed_scan
from gpugrad.plan.plan import Plan, Step

WORTH = 2**10
"""Elements of a total from which on it is worth a step of its own: fewer stay in registers, or in
the nearest cache."""


def add_behind_loops(plan: Plan) -> Plan:
    """The plan with the totals of loops computed of all their rounds together."""
    if not [step for step in plan.steps if step.op == "scan"]:
        return plan
    build = Builder(plan)
    for old in plan.steps:
        step = build.resolved(old)
        if step.op == "scan" and step.setting("length") > 1:
            _Loop(build, step).add()
        else:
            build.add(step)
    return build.plan()


@dataclass(frozen=True)
class _Total:
    """What a carry adds in each round: views of a product of `columns`, transposed, with `rows`.

    Without `columns` it is the sum of `rows` over their first axes.
    """

    carry: int
    columns: int | None
    rows: int
    views: tuple[Step, ...]


class _Loop:
    """A loop that is taken apart; slots of its body are told from those around it."""

    def __init__(self, build: Builder, step: Step) -> None:
        self.build, self.step = build, step
        self.body: Plan = step.setting("body")
        self.carries: int = step.setting("carries")
        self.length: int = step.setting("length")
        self.made = {slot: inner for inner in self.body.steps for slot in inner.outputs}
        self.users = self.body.users()
        elements = slice(self.carries, self.carries + step.setting("xs"))
        self.stored = dict(zip(self.body.inputs[elements], step.inputs[elements], strict=True))
        ys = zip(self.body.outputs[self.carries :], step.outputs[self.carries :], strict=True)
        self.stored |= dict(ys)
        self.of_rounds = {*self.body.inputs[: elements.stop]}
        for inner in self.body.steps:
            if not self.of_rounds.isdisjoint(inner.inputs):
                self.of_rounds.update(inner.outputs)
        self.room = sum(self.body.slots[slot].nbytes for slot in self.stored)
        self.new: list[int] = []

    def add(self) -> None:
        """Write the loop, and behind it the totals that it need not carry."""
        totals = [total for i in range(self.carries) if (total := self._total(i)) is not None]
        products = [total for total in totals if total.columns is not None and self._kept(total)]
        # A sum alone is little work. It goes where a product stores what it sums anyway.
        sums = [total for total in totals if total.columns is None and total.rows in self.stored]
        moved = products + sums if products else []
        self.build.add(self._without({total.carry for total in moved}) if moved else self.step)
        for total in moved:
            self._write(total)

    def _kept(self, total: _Total) -> bool:
        """Make the loop store what a product needs, unless that is more than all that it does."""
        body, wanted = self.body, dict.fromkeys((total.columns, total.rows))
        new = [slot for slot in wanted if slot is not None and slot not in self.stored]
        size = sum(body.slots[slot].nbytes for slot in new)
        if size > self.room:
            return False
        self.room -= size
        for slot in new:
            spec = body.slots[slot]
            self.stored[slot] = self.build.slot((self.length, *spec.shape), spec.dtype)
        self.new += new
        return True

    def _without(self, gone: set[int]) -> Step:
        """The loop without these carries, which stores what is new."""
        step, body = self.step, self.body

        def left(slots: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(slot for i, slot in enumerate(slots) if i not in gone)

        body = replace(
            body, inputs=left(body.inputs), outputs=(*left(body.outputs), *self.new)
        )
        settings = dict(step.settings) | {"body": body, "carries": self.carries - len(gone)}
        step = replace(
            step,
            inputs=left(step.inputs),
            outputs=(*left(step.outputs), *(self.stored[slot] for slot in self.new)),
            settings=tuple(settings.items()),
        )
        return narrowed_scan(step, step.outputs, remove_dead)

    def _total(self, carry: int) -> _Total | None:
        """What a carry adds up, if it is a total that nothing in the loop reads."""
        given, result = self.body.inputs[carry], self.body.outputs[carry]
        step, spec = self.made.get(result), self.body.slots[given]
        once = self.users.get(given) == self.users.get(result) == 1
        if step is None or not once or step.op != "add" or given not in step.inputs:
            return None
        (found,) = (slot for slot in step.inputs if slot != given)
        if self.body.slots[found] != spec or spec.dtype.name not in DTYPES:
            return None
        views: list[Step] = []
        for made in self._chain(found):
            if made.op in ("reshape", "permute_dims"):
                views.insert(0, made)
                continue
            if made.op == "matmul" and spec.size >= WORTH:
                return self._of_product(carry, made, views)
            if made.op == "sum" and not views and self._is_of_first_axes(made):
                return _Total(carry, None, made.inputs[0], ())
            break
        return None

    def _chain(self, slot: int) -> Iterator[Step]:
        """The steps that made a slot, the last one first, while nobody else reads their results."""
        while slot in self.made and self.users.get(slot) == 1:
            made = self.made[slot]
            yield made
            slot = made.inputs[0]

    def _of_product(self, carry: int, step: Step, views: list[Step]) -> _Total | None:
        left, rows = step.inputs
        turned = self.made.get(left)
        if turned is None or turned.op != "permute_dims" or turned.setting("axes") != (1, 0):
            return None
        columns = turned.inputs[0]
        if len(self.body.slots[rows].shape) != 2 or not {columns, rows} <= self.of_rounds:
            return None
        return _Total(carry, columns, rows, tuple(views))

    def _is_of_first_axes(self, step: Step) -> bool:
        axes = step.setting("axes")
        return bool(axes == tuple(range(len(axes))) and not step.setting("keepdims"))

    def _write(self, total: _Total) -> None:
        """Add the total behind the loop to what the carry began with."""
        build, carry = self.build, total.carry
        rows = self.stored[total.rows]
        if total.columns is None:
            shape = self.body.slots[self.body.inputs[carry]].shape
            axes = tuple(range(len(build.slots[rows].shape) - len(shape)))
            value = self._made("sum", (rows,), shape, axes=axes, keepdims=False)
        else:
            columns = self._flat(self.stored[total.columns])
            count, n = build.slots[columns].shape
            left = self._made("permute_dims", (columns,), (n, count), axes=(1, 0))
            right = self._flat(rows)
            value = self._made("matmul", (left, right), (n, build.slots[right].shape[1]))
            for view in total.views:
                after = self.body.slots[view.outputs[0]].shape
                value = self._made(view.op, (value,), after, **dict(view.settings))
        result = self.step.outputs[carry]
        build.add(
            Step("add", (self.step.inputs[carry], value), (result,), (), (), self.step.line)
        )

    def _flat(self, rows: int) -> int:
        """The rows of all rounds, one behind the other."""
        *counts, n = self.build.slots[rows].shape
        shape = (prod(counts), n)
        return self._made("reshape", (rows,), shape, shape=shape)

    def _made(
        self, op: str, inputs: tuple[int, ...], after: tuple[int, ...], **settings: object
    ) -> int:
        """The slot of what a step behind the loop makes."""
        slot = self.build.slot(after, self.build.slots[inputs[0]].dtype)
        given = tuple(settings.items())
        self.build.add(Step(op, inputs, (slot,), given, (), self.step.line))
        return slot
