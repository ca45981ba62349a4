"""Fusion: elementwise steps, and the reductions among them, become one step with one loop nest.

First each step goes as late as it can: into the region of its earliest reader, so that a mask of
the forward is computed where the reverse sweep selects by it. Then each region goes as early as it
can: into that of its latest operand, so that a sum joins what it sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.plan import Plan, Settings, Step
from gpugrad.plan.primitives import CHECKS, VIEWS
from gpugrad.plan.regions import MEMBERS, Region, can_fuse, space

LARGEST = 48
"""Steps in a region: more would only make it slower to compile."""

WRITES = 8
"""Arrays that a loop writes at most: with more, compilers give up telling them apart."""

Apart = Callable[[Plan, Step], bool]
"""Whether an engine wants a step in no region."""

LONE = VIEWS & MEMBERS
"""What is nothing to do alone, and goes with the loop of others."""


class _Group:
    """Steps that run together, in order; `shape` is the space of their region, if they are one."""

    __slots__ = ("position", "shape", "steps")

    def __init__(self, steps: list[Step], shape: tuple[int, ...] | None, position: int) -> None:
        self.steps = steps
        self.shape = shape
        self.position = position


def fuse(plan: Plan, spread: bool = False, apart: Apart = lambda plan, step: False) -> Plan:
    """The plan with fused steps, whose `body` are the steps that they consist of; with `spread`
    operands in their loops, where an engine has loops over all axes. Steps of which `apart` holds
    stay out of them.

    What nobody reads is left out: a region of nothing else would look like a check.
    """
    plan = _views_last(remove_dead(plan))
    groups = _hoisted(plan, _sunk(plan, spread, apart), spread)
    readers: dict[int, set[int]] = {}
    for i, group in enumerate(groups):
        for step in group.steps:
            for slot in step.inputs:
                readers.setdefault(slot, set()).add(i)
    for slot in plan.outputs:
        readers.setdefault(slot, set()).add(-1)
    checks = [step for step in plan.steps if step.op in CHECKS]
    steps = _ready(checks, set(plan.inputs) | {slot for slot, _ in plan.constants})
    for i, group in enumerate(groups):
        if group.steps[0].op in CHECKS:
            continue
        if group.shape is None or (len(group.steps) == 1 and group.steps[0].op in LONE):
            steps += group.steps
        else:
            steps.append(_fused(plan, group, i, readers))
        steps += _ready(checks, {slot for step in group.steps for slot in step.outputs})
    return Plan(plan.slots, plan.inputs, plan.constants, tuple(steps), plan.outputs, plan.donated)


def _views_last(plan: Plan) -> Plan:
    """The plan with the views that are for the caller alone at the end.

    Before, each would be the earliest reader of what it shows, into whose region nothing goes.
    """
    read: set[int] = set()
    last: list[Step] = []
    others: list[Step] = []
    for step in reversed(plan.steps):
        if step.op in VIEWS and read.isdisjoint(step.outputs):
            last.append(step)
        else:
            others.append(step)
            read.update(step.inputs)
    return replace(plan, steps=(*others[::-1], *last[::-1]))


def opened(plan: Plan) -> Plan:
    """The plan with the steps of each region in its place, but of those that are in parts."""
    if not any(step.body for step in plan.steps):
        return plan
    steps: list[Step] = []
    for step in plan.steps:
        whole = step.body and "parts" not in dict(step.settings)
        steps += step.body if whole else (step,)
    return replace(plan, steps=tuple(steps))


def _ready(checks: list[Step], known: set[int]) -> list[Step]:
    """The checks of these slots: they come at once, before anybody relies on them."""
    return [step for step in checks if step.inputs[0] in known]


def _sunk(plan: Plan, spread: bool, apart: Apart) -> list[_Group]:
    """Groups in order, each step with its earliest reader where one region can hold both."""
    groups: list[_Group] = []
    reader: dict[int, _Group] = {}                  # the earliest of each slot
    for step in reversed(plan.steps):
        group = None
        joins = can_fuse(plan.slots, step) and not apart(plan, step)
        shape = space(plan.slots, step) if joins else None
        readers = [reader[slot] for slot in step.outputs if slot in reader]
        if readers and shape is not None:
            first = max(readers, key=lambda g: g.position)
            joined = None if first.shape is None else joined_shape(plan, [step], first.steps, shape,
                                                              first.shape, spread)
            if joined is not None:
                group, group.steps, group.shape = first, [step, *first.steps], joined
        if group is None:
            if shape is not None and not Region(plan.slots, [step], shape, spread).valid:
                shape = None
            group = _Group([step], shape, len(groups))
            groups.append(group)
        for slot in step.inputs:
            if slot not in reader or reader[slot].position < group.position:
                reader[slot] = group
    groups.reverse()
    return groups


def _hoisted(plan: Plan, groups: list[_Group], spread: bool) -> list[_Group]:
    """The groups, each region moved up into that of its latest operand where one can hold both."""
    kept: list[_Group] = []
    maker: dict[int, _Group] = {}
    for group in groups:
        made = {slot for step in group.steps for slot in step.outputs}
        operands = {slot for step in group.steps for slot in step.inputs} - made
        makers = [maker[slot] for slot in operands if slot in maker]
        last = max(makers, key=lambda g: g.position, default=None)
        joined = None
        if last is not None and last.shape is not None and group.shape is not None:
            joined = joined_shape(
                plan, last.steps, group.steps, last.shape, group.shape, spread
            )
        if last is not None and joined is not None:
            last.steps += group.steps
            last.shape = joined
            home = last
        else:
            group.position = len(kept)
            kept.append(group)
            home = group
        for slot in made:
            maker[slot] = home
    return kept


def joined_shape(
    plan: Plan,
    first: list[Step],
    second: list[Step],
    first_shape: tuple[int, ...],
    second_shape: tuple[int, ...],
    spread: bool = False,
) -> tuple[int, ...] | None:
    """The shape of the one region that can hold the steps of both, if there is one."""
    steps = [*first, *second]
    if len(steps) > LARGEST or written(plan, steps) > WRITES:
        return None
    for shape in sorted({first_shape, second_shape}, key=len, reverse=True):
        if Region(plan.slots, steps, shape, spread).valid:
            return shape
    return None


def written(plan: Plan, steps: list[Step]) -> int:
    """An upper bound of the arrays that a region of these steps writes."""
    inside = {slot for step in steps for slot in step.inputs}
    outputs = set(plan.outputs)
    return sum(
        1 for step in steps for slot in step.outputs if slot not in inside or slot in outputs
    )


def _fused(plan: Plan, group: _Group, position: int, readers: dict[int, set[int]]) -> Step:
    made = [slot for step in group.steps for slot in step.outputs]
    inside = set(made)
    operands = dict.fromkeys(
        slot for step in group.steps for slot in step.inputs if slot not in inside
    )
    outputs = tuple(slot for slot in made if readers.get(slot, set()) - {position})
    line = group.steps[-1].line
    assert group.shape is not None
    settings: Settings = (("shape", group.shape),)
    if not Region(plan.slots, group.steps, group.shape).valid:
        settings += (("spread", True),)
    return Step("fused", tuple(operands), outputs, settings, tuple(group.steps), line)
