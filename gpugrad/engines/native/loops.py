"""Loops and branches of the driver: `scan` and `cond` of kernels alone run without Python.

A body is a program of blocks of its own, with a frame of its own: its arena, what it reads, in a
loop a row in each round, and what it writes. A block of the program around it says where these are
and how far each of them moves from round to round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gpugrad.engines.native.fusion import fused_in_parts
from gpugrad.forks import kept
from gpugrad.plan.layouts import Layout, layouts
from gpugrad.plan.passes.memory import InPlace, place
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Step

_LOOP = """
  %rounds = load i64, ptr %p2
"""

_BRANCH = """
  %which = load i64, ptr %p2
  %p21 = getelementptr i64, ptr %p2, i64 1
  %byte = load i64, ptr %p21
  %p22 = getelementptr i64, ptr %p2, i64 2
  %wanted = load i64, ptr %p22
  %conditionsp = getelementptr ptr, ptr %frame, i64 %which
  %conditions = load ptr, ptr %conditionsp
  %conditionp = getelementptr i8, ptr %conditions, i64 %byte
  %condition = load i8, ptr %conditionp
  %holds = icmp ne i8 %condition, 0
  %true = icmp ne i64 %wanted, 0
  %taken = icmp eq i1 %holds, %true
  br i1 %taken, label %take, label %leave
leave:
  ret i64 0
take:
  %rounds = add i64 0, 1
"""

_TEXT = """
define i64 @{name}(ptr %frame, ptr %block, i64 %part) {
entry:
  %p2 = getelementptr i64, ptr %block, i64 2
{begin}
  %p3 = getelementptr i64, ptr %block, i64 {after}
  %entries = load i64, ptr %p3
  %p4 = getelementptr i64, ptr %p3, i64 1
  %words = load i64, ptr %p4
  %table = getelementptr i64, ptr %p3, i64 2
  %size = mul i64 %entries, 3
  %start = getelementptr i64, ptr %table, i64 %size
  %end = getelementptr i64, ptr %start, i64 %words
  %inner = alloca ptr, i64 %entries
  br label %bind
bind:
  %k = phi i64 [0, %{bound}], [%k1, %bind]
  %k3 = mul i64 %k, 3
  %row = getelementptr i64, ptr %table, i64 %k3
  %number = load i64, ptr %row
  %basep = getelementptr ptr, ptr %frame, i64 %number
  %base = load ptr, ptr %basep
  %offsetp = getelementptr i64, ptr %row, i64 1
  %offset = load i64, ptr %offsetp
  %first = getelementptr i8, ptr %base, i64 %offset
  %place = getelementptr ptr, ptr %inner, i64 %k
  store ptr %first, ptr %place
  %k1 = add i64 %k, 1
  %more = icmp ult i64 %k1, %entries
  br i1 %more, label %bind, label %round
round:
  %i = phi i64 [0, %bind], [%i1, %moved]
  br label %run
run:
  %b = phi ptr [%start, %round], [%next, %ran]
  %kernel = load ptr, ptr %b
  %wrong = call i64 %kernel(ptr %inner, ptr %b, i64 0)
  %well = icmp eq i64 %wrong, 0
  br i1 %well, label %ran, label %stop
ran:
  %lengthp = getelementptr i64, ptr %b, i64 1
  %length = load i64, ptr %lengthp
  %next = getelementptr i64, ptr %b, i64 %length
  %last = icmp eq ptr %next, %end
  br i1 %last, label %move, label %run
move:
  %m = phi i64 [0, %ran], [%m1, %move]
  %m3 = mul i64 %m, 3
  %m2 = add i64 %m3, 2
  %byp = getelementptr i64, ptr %table, i64 %m2
  %by = load i64, ptr %byp
  %atp = getelementptr ptr, ptr %inner, i64 %m
  %at = load ptr, ptr %atp
  %to = getelementptr i8, ptr %at, i64 %by
  store ptr %to, ptr %atp
  %m1 = add i64 %m, 1
  %moving = icmp ult i64 %m1, %entries
  br i1 %moving, label %move, label %moved
moved:
  %i1 = add i64 %i, 1
  %again = icmp ult i64 %i1, %rounds
  br i1 %again, label %round, label %done
stop:
  ret i64 %wrong
done:
  ret i64 0
}
"""
"""The kernel that runs a body. Words of a loop are how many rounds there are, of a branch where the
condition is, at which byte, and whether it must hold; then how many entries the frame has and how
many words the body, and for each entry which one it is of the frame outside, at which byte it
begins and how far it moves.
"""


def print_loop(name: str, branch: bool) -> str:
    """The text of a module with the kernel of a loop, or of a branch, as the function `name`."""
    begin, after, bound = (_BRANCH, "5", "take") if branch else (_LOOP, "3", "entry")
    text = _TEXT.replace("{name}", name).replace("{begin}", begin)
    return text.replace("{after}", after).replace("{bound}", bound)


@dataclass(frozen=True, eq=False)
class Body:
    """The body of a loop, with carries that stay where they are, or of a branch, which has none."""

    plan: Plan
    placement: Placement
    before: tuple[int, ...]
    after: tuple[int, ...]
    stacked: tuple[int, ...]                        # the slots whose values are results

    in_place: InPlace

    @kept
    def layouts(self) -> dict[int, Layout]:
        """How its views lie."""
        return layouts(self.plan, self.placement)

    @kept
    def constants(self) -> dict[int, np.ndarray]:
        """The values of its constants."""
        return {slot: constant.array() for slot, constant in self.plan.constants}

    def number(self, slot: int) -> np.generic | None:
        """The number in a constant slot without axes, or `None`."""
        found = self.constants.get(slot)
        return None if found is None or found.shape else found[()]  # type: ignore[return-value]

    def captured(self, slot: int) -> np.ndarray | None:
        """The array in a constant slot."""
        return self.constants.get(slot)

    @property
    def fresh(self) -> set[int]:
        """The slots whose values steps write straight into a row of a result."""
        made = {slot for step in self.plan.steps for slot in step.outputs}
        placed = {*self.placement.offsets, *self.placement.roots}
        return made & set(self.stacked) - placed


def branch_of(step: Step, name: str, in_place: InPlace) -> Body:
    """The branch of that name of a `cond` step, as it runs; `in_place` is that of the engine."""
    plan = fused_in_parts(step.setting(name))
    placement = place(plan, plan.steps, in_place, copied=True)
    return Body(plan, placement, (), (), plan.outputs, in_place)


def body_of(step: Step, in_place: InPlace) -> Body:
    """The body of a `scan` step, likewise."""
    inner: Plan = step.setting("body")
    n = step.setting("carries")
    before, after = inner.inputs[:n], inner.outputs[:n]
    held = {*before, *after}
    stacked = inner.outputs[n:]
    returned = tuple(dict.fromkeys(slot for slot in stacked if slot not in held))
    whole = replace(
        inner, outputs=(*after, *returned), donated=tuple(zip(before, after, strict=True))
    )
    plan = fused_in_parts(whole)
    placement = place(plan, plan.steps, in_place, copied=True)
    return Body(plan, placement, before, after, stacked, in_place)
