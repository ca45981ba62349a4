"""Fusion: elementwise steps, and the reductions among them, become one step with one loop nest.

First each step goes as late as it can: into the region of its earliest reader, so that a mask of
the forward is computed where the reverse sweep selects by it. Then each region goes as early as it
can: into that of its latest operand, so that a sum joins what it sums.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.plan import Plan, Settings, Step
from gpugrad.plan.primitives import CHECKS, VIEWS
from gpugrad.plan.regions import MEMBERS, Region, can_fuse, has_halves, lie_in_order, space

LARGEST = 48
"""Steps in a region: more would only make it slower to compile."""

WRITES = 8
"""Arrays that a loop writes at most: with more, compilers give up telling them apart."""

Apart = Callable[[Plan, Step], bool]
"""Whether an engine wants a step in no region."""

Fits = Callable[[Region], bool]
"""Whether an engine has a kernel for a region."""

LONE = VIEWS & MEMBERS
"""What is nothing to do alone, and goes with the loop of others."""


class _Group:
    """Steps that run together, in order; `shape` is the space of their region, if they are one.

    `read` are the slots that they read, `written` those that their region writes at most, and
    `plain` says that all of them lie as `shape` does.
    """

    __slots__ = ("plain", "position", "read", "shape", "steps", "written")

    def __init__(self, plan: Plan, step: Step, shape: tuple[int, ...] | None) -> None:
        self.steps = [step]
        self.shape = shape
        self.position = 0
        self.read = set(step.inputs)
        self.written = set(step.outputs)
        self.plain = shape is not None and lie_in_order(plan.slots, self.steps, shape)

    def join(self, first: _Group, second: _Group, shape: tuple[int, ...], outputs: Outputs) -> None:
        """Be the two groups, of which this is one."""
        self.written = _written_by(first, second, outputs)
        self.read = _union(first.read, second.read)
        self.steps = [*first.steps, *second.steps]
        self.plain = first.plain and second.plain and first.shape == second.shape
        self.shape = shape


Outputs = Set[int]
"""The outputs of a plan."""


def _union(some: set[int], others: set[int]) -> set[int]:
    """Both, in the memory of the larger one."""
    if len(some) < len(others):
        some, others = others, some
    some |= others
    return some


def _written_by(first: _Group, second: _Group, outputs: Outputs) -> set[int]:
    """An upper bound of the arrays that a region of both writes."""
    found = {x for x in first.written if x in outputs or x not in second.read}
    return found | {x for x in second.written if x in outputs or x not in first.read}


def fuse(
    plan: Plan,
    spread: bool = False,
    apart: Apart = has_halves,
    fits: Fits | None = None,
) -> Plan:
    """The plan with fused steps, whose `body` are the steps that they consist of.

    Their loops have `spread` operands, where an engine has loops over all axes. Steps of which
    `apart` holds stay out of them, and regions are such that `fits` holds.

    What nobody reads is left out: a region of nothing else would look like a check.
    """
    plan = _views_last(remove_dead(plan))
    outputs = frozenset(plan.outputs)
    rules = _Rules(plan, spread, fits, outputs)
    groups = _hoisted(rules, _sunk(rules, apart))
    readers: dict[int, set[int]] = {}
    for i, group in enumerate(groups):
        for step in group.steps:
            for slot in step.inputs:
                readers.setdefault(slot, set()).add(i)
    for slot in plan.outputs:
        readers.setdefault(slot, set()).add(-1)
    checks: dict[int, list[Step]] = {}
    for step in plan.steps:
        if step.op in CHECKS:
            checks.setdefault(step.inputs[0], []).append(step)
    known = (*plan.inputs, *(slot for slot, _ in plan.constants))
    steps = [step for step in plan.steps if step.op in CHECKS and step.inputs[0] in {*known}]
    for i, group in enumerate(groups):
        if group.steps[0].op in CHECKS:
            continue
        if group.shape is None or (len(group.steps) == 1 and group.steps[0].op in LONE):
            steps += group.steps
        else:
            steps.append(_fused(plan, group, i, readers))
        made = [slot for step in group.steps for slot in step.outputs]
        steps += [check for slot in made for check in checks.get(slot, ())]
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


@dataclass(frozen=True)
class _Rules:
    """Which regions there may be of the steps of a plan."""

    plan: Plan
    spread: bool
    fits: Fits | None
    outputs: Outputs

    def allow(self, steps: list[Step], shape: tuple[int, ...]) -> bool:
        """Whether these may be a region of that shape."""
        region = Region(self.plan.slots, steps, shape, self.spread)
        return region.valid and (self.fits is None or self.fits(region))

    def joined(self, first: _Group, second: _Group) -> tuple[int, ...] | None:
        """The shape of the one region that can hold both groups, if there is one."""
        if first.shape is None or second.shape is None:
            return None
        if len(first.steps) + len(second.steps) > LARGEST:
            return None
        if len(_written_by(first, second, self.outputs)) > WRITES:
            return None
        if first.plain and second.plain and first.shape == second.shape:
            return first.shape                      # one loop over all elements holds any of these
        return self.shape([*first.steps, *second.steps], first.shape, second.shape)

    def shape(
        self, steps: list[Step], first: tuple[int, ...], second: tuple[int, ...]
    ) -> tuple[int, ...] | None:
        """Which of two shapes the region of these steps has, if there is one."""
        for shape in sorted({first, second}, key=len, reverse=True):
            if self.allow(steps, shape):
                return shape
        return None


def _sunk(rules: _Rules, apart: Apart) -> list[_Group]:
    """Groups in order, each step with its earliest reader where one region can hold both."""
    plan = rules.plan
    groups: list[_Group] = []
    reader: dict[int, _Group] = {}                  # the earliest of each slot
    for step in reversed(plan.steps):
        joins = can_fuse(plan.slots, step) and not apart(plan, step)
        group = _Group(plan, step, space(plan.slots, step) if joins else None)
        readers = [reader[slot] for slot in step.outputs if slot in reader]
        first = max(readers, key=lambda g: g.position, default=None)
        joined = None if first is None else rules.joined(group, first)
        if first is not None and joined is not None:
            first.join(group, first, joined, rules.outputs)
            group = first
        else:
            if group.shape is not None and not rules.allow([step], group.shape):
                group.shape = None
            group.position = len(groups)
            groups.append(group)
        for slot in step.inputs:
            if slot not in reader or reader[slot].position < group.position:
                reader[slot] = group
    groups.reverse()
    return groups


def _hoisted(rules: _Rules, groups: list[_Group]) -> list[_Group]:
    """The groups, each region moved up into that of its latest operand where one can hold both."""
    kept: list[_Group] = []
    maker: dict[int, _Group] = {}
    for group in groups:
        made = {slot for step in group.steps for slot in step.outputs}
        makers = [maker[slot] for slot in group.read - made if slot in maker]
        last = max(makers, key=lambda g: g.position, default=None)
        joined = None if last is None else rules.joined(last, group)
        if last is not None and joined is not None:
            last.join(last, group, joined, rules.outputs)
            home = last
        else:
            group.position = len(kept)
            kept.append(group)
            home = group
        for slot in made:
            maker[slot] = home
    return kept


def joined_shape(
    plan: Plan, steps: list[Step], first: tuple[int, ...], second: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The shape of the one region that can hold steps of these two shapes, if there is one."""
    return _Rules(plan, False, None, frozenset()).shape(steps, first, second)


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
    if not group.plain and not Region(plan.slots, group.steps, group.shape).valid:
        settings += (("spread", True),)
    return Step("fused", tuple(operands), outputs, settings, tuple(group.steps), line)
