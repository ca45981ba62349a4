"""Horizontal fusion: independent steps that do the same become one, on arrays that lie together.

It goes in two rounds. In the first, steps of one depth, counted from the inputs, are stacked: their
arrays of one shape get a leading axis, as for an ensemble of small models. In the second, pointwise
steps of one height, counted from the outputs, are joined whatever their shapes are: their arrays
lie flat one behind the other, as for the update of all parameters. Levels make this safe: of two
steps of one level none needs the other, and a step needs none of a later level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gpugrad.plan.effects import has_effect
from gpugrad.plan.passes.common import hashable
from gpugrad.plan.passes.packing import Packer
from gpugrad.plan.passes.stack import RULES, Operands
from gpugrad.plan.passes.sums import sum_chains
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import SCALARS, VIEWS

LARGEST = 2**16
"""Bytes: larger arrays take so long that a call more does not count, and fill the cache."""

RETURNED = 0.5
"""What a result costs that the caller gets by itself, in calls: it must be copied."""

EXTRA = 2.0
"""What a batched step costs more than a single one, in calls: of pointwise steps, nothing, but
engines do numbers, and products and sums of one array, in less than a call."""

Level = tuple[int, int]
"""Steps that compute, and views between two of them."""

Use = tuple[tuple[int, ...], tuple[int, ...]]
"""What a step reads, and what it writes."""


def fuse_horizontally(plan: Plan) -> Plan:
    """The plan with one step for several where this makes fewer calls."""
    plan = sum_chains(plan)
    return _join_updates(_stack_alike(plan))


def _stack_alike(plan: Plan) -> Plan:
    uses = _uses(plan)
    depths = _depths(plan, uses)
    if not _may_group(plan, depths):
        return plan
    packer = Packer(plan)
    joined = _joined_later(plan, uses)
    for group in _groups(plan, depths, lambda step: _stack_key(packer, step)):
        steps = [plan.steps[i] for i in group]
        if len(steps) > 1:                          # a reverse sweep meets them in reverse order
            steps.sort(key=lambda step: [packer.part(slot) for slot in step.inputs])
        operands = Operands.of(packer, steps)
        # In the next round a larger group takes them, if nothing brought them together so far.
        later = len(steps) < max(joined.get(i, 0) for i in group) and not any(
            packer.together(column) for column in operands.columns
        )
        if len(steps) > 1 and not later and _stacking_pays(packer, steps, operands):
            packer.at(group[-1])
            result = RULES[steps[0].op](packer, operands, steps[0])
            if result is not None:
                packer.scatter(result, [step.outputs[0] for step in steps])
        else:
            _keep(packer, plan, group)
    return packer.finished()


def _join_updates(plan: Plan) -> Plan:
    heights = _heights(plan, _uses(plan))
    last = max(heights, default=(0, 0))
    levels = [(last[0] - calls, last[1] - views) for calls, views in heights]
    groups = list(_groups(plan, levels, lambda step: _join_key(plan, step)))
    if len(groups) == len(plan.steps) and not _packs(plan):
        return plan
    packer = Packer(plan)
    for group in (part for whole in groups for part in _companies(packer, plan, whole)):
        steps = [plan.steps[i] for i in group]
        columns = list(zip(*(step.inputs for step in steps), strict=True))
        arrays = _arrays(plan, group)
        if _gain(packer, steps, arrays, len(steps) - 1.0) > 0:
            packer.at(group[-1])
            size = sum(plan.slots[step.outputs[0]].size for step in steps)
            inputs = tuple(
                packer.pack(column, (size,)) if column in arrays else column[0]
                for column in columns
            )
            result = packer.build.slot((size,), packer.slots[steps[0].outputs[0]].dtype)
            packer.emit(replace(steps[0], inputs=inputs, outputs=(result,)))
            packer.scatter(result, [step.outputs[0] for step in steps])
        else:
            _keep(packer, plan, group)
    return packer.finished()


def _arrays(plan: Plan, group: Sequence[int]) -> list[tuple[int, ...]]:
    """The operands of these steps that are arrays, column by column."""
    columns = zip(*(plan.steps[i].inputs for i in group), strict=True)
    return [column for column in columns if plan.slots[column[0]].shape]


def _companies(packer: Packer, plan: Plan, group: list[int]) -> list[list[int]]:
    """The group, or parts of it where these gain more: a step from elsewhere costs copies of all.

    As where the losses of a batch happen to be added on the level of an update of all parameters.
    """
    by_root: dict[object, list[int]] = {}
    for i in group:
        arrays = [slot for slot in plan.steps[i].inputs if plan.slots[slot].shape]
        by_root.setdefault(tuple(packer.part(slot)[0] for slot in arrays), []).append(i)
    parts = [part for part in by_root.values() if len(part) > 1]
    others = [part[0] for part in by_root.values() if len(part) == 1]
    if not parts or len(by_root) == 1:
        return [group]
    parts += [others] if others else []

    def gain(part: list[int]) -> float:
        steps = [plan.steps[i] for i in part]
        return max(0.0, _gain(packer, steps, _arrays(plan, part), len(part) - 1.0))

    return parts if sum(map(gain, parts)) >= gain(group) else [group]


def _joined_later(plan: Plan, uses: Sequence[Use]) -> dict[int, int]:
    """For steps that the second round may join, how many there are of their group."""
    groups = _groups(plan, _heights(plan, uses), lambda step: _join_key(plan, step))
    return {i: len(group) for group in groups for i in group if len(group) > 1}


def _keep(packer: Packer, plan: Plan, group: Sequence[int]) -> None:
    for position in group:
        packer.at(position)
        step = plan.steps[position]
        if step.op == "pack":
            packer.pack(step.inputs, step.setting("shape"), step.outputs[0])
        else:
            packer.emit(step)


# Levels

_WORLD = -1
"""Stands for what effects read and write: so each comes after the one before it."""


def _uses(plan: Plan) -> list[Use]:
    """What each step reads and writes."""
    uses = []
    for step in plan.steps:
        world = (_WORLD,) if has_effect(step) else ()
        uses.append((step.inputs + world, step.outputs + world))
    return uses


def _depths(plan: Plan, uses: Sequence[Use]) -> list[Level]:
    """For each step, how many lie one behind the other before it; views come as late as they may.

    By then, what they show may lie together already.
    """
    made: dict[int, int] = {}
    before = []
    for step, (reads, writes) in zip(plan.steps, uses, strict=True):
        depth = max([made.get(slot, 0) for slot in reads], default=0)
        made.update(dict.fromkeys(writes, depth + (step.op not in VIEWS)))
        before.append(depth)
    read: dict[int, Level] = {}
    depths = []
    for step, depth in zip(reversed(plan.steps), reversed(before), strict=True):
        if step.op in VIEWS:
            calls, views = read.get(step.outputs[0], (len(plan.steps), 0))
            level = (calls, views - 1)
        else:
            level = (1 + depth, 0)
        depths.append(level)
        for slot in step.inputs:
            read[slot] = min(level, read.get(slot, level))
    return depths[::-1]


def _heights(plan: Plan, uses: Sequence[Use]) -> list[Level]:
    """For each step, how many lie one behind the other after it."""
    read: dict[int, Level] = {}
    heights = []
    for step, (reads, writes) in zip(reversed(plan.steps), reversed(uses), strict=True):
        calls, views = max([read[slot] for slot in writes if slot in read], default=(0, 0))
        level = (calls, views + 1) if step.op in VIEWS else (calls + 1, 0)
        heights.append(level)
        for slot in reads:
            read[slot] = max(level, read.get(slot, level))
    return heights[::-1]


def _may_group(plan: Plan, levels: Sequence[Level]) -> bool:
    """Whether a round may find anything: two steps of one level that do the same, or a pack."""
    kinds: set[object] = set()
    for level, step in zip(levels, plan.steps, strict=True):
        kinds.add((level, step.op, plan.slots[step.outputs[0]] if step.outputs else None))
    return len(kinds) < len(plan.steps) or _packs(plan)


def _packs(plan: Plan) -> bool:
    """Whether there is a pack, whose operands may lie together already."""
    return "pack" in [step.op for step in plan.steps]


def _groups(
    plan: Plan, levels: Sequence[Level], key: Callable[[Step], object]
) -> Iterator[list[int]]:
    """Positions of steps of one level and one key, level by level; a key of `None` is for one."""
    by_level: dict[Level, list[int]] = {}
    for position, level in enumerate(levels):
        by_level.setdefault(level, []).append(position)
    for level in sorted(by_level):
        found: dict[object, list[int]] = {}
        for position in by_level[level]:
            mine = key(plan.steps[position])
            found.setdefault(position if mine is None else mine, []).append(position)
        yield from found.values()


# What may be batched, and where it pays


def _stack_key(packer: Packer, step: Step) -> object:
    """Equal for steps that differ in their operands alone, which come from the same steps."""
    slots = packer.slots
    if step.op not in RULES or step.body:
        return None
    if any(not 0 < slots[slot].nbytes <= LARGEST for slot in (*step.inputs, *step.outputs)):
        return None
    operands: list[object] = []
    for slot in step.inputs:
        root = packer.part(slot)[0]
        whole = slot in packer.build.constants
        operands.append(slot if whole else (slots[slot], root if root != slot else None))
    return (step.op, hashable(step.settings), tuple(operands))


def _join_key(plan: Plan, step: Step) -> object:
    """Equal for pointwise steps of arrays of one shape each, and of the same numbers."""
    if step.op not in SCALARS or step.body:
        return None
    result = plan.slots[step.outputs[0]]
    if not result.shape or not 0 < result.nbytes <= LARGEST:
        return None
    operands: list[object] = []
    for slot in step.inputs:
        spec = plan.slots[slot]
        if spec.shape not in ((), result.shape):
            return None
        operands.append(spec.dtype if spec.shape else slot)
    return (step.op, hashable(step.settings), result.dtype, tuple(operands))


def _stacking_pays(packer: Packer, steps: Sequence[Step], operands: Operands) -> bool:
    columns = [c for i, c in enumerate(operands.columns) if not operands.shared(i)]
    if not columns:
        return False
    if steps[0].op in VIEWS:                        # they cost nothing anyway
        return packer.together(columns[0]) is not None
    shape = packer.slots[steps[0].outputs[0]].shape if steps[0].outputs else ()
    saved = len(steps) - 1.0 - (0.0 if steps[0].op in SCALARS and shape else EXTRA)
    return _gain(packer, steps, columns, saved) > 0


def _gain(
    packer: Packer, steps: Sequence[Step], columns: Sequence[Sequence[int]], saved: float
) -> float:
    """By how much `saved` calls are more than what it costs to bring the operands together."""
    if saved <= 0:
        return 0.0
    results = [slot for step in steps for slot in step.outputs]
    returned = sum(slot in packer.returned for slot in results)
    # What takes the memory of arguments lies there alone, or has to be copied into it.
    beside = [slot for slot in results if slot in packer.donated]
    moved = packer.copying(beside) if len(beside) < len(results) else 0.0
    brought = sum(packer.cost(column) for column in set(columns))
    return saved - RETURNED * returned - moved - brought
