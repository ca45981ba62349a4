"""Blocks around the blocks of a body: loops and branches."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from gpugrad.codegen.members import Members, batch_of
from gpugrad.codegen.straight import Straight, constants_read, straight_of
from gpugrad.codegen.words import HEAD, as_word
from gpugrad.engines.native.frame import Frame
from gpugrad.engines.native.loops import Body, body_of, branch_of
from gpugrad.engines.native.printed import LoopKey
from gpugrad.plan.layouts import Layout, in_order
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import VIEWS


def add_scan(blocks: Frame, step: Step) -> None:
    """Add a loop: a kernel, or a block around the blocks of its body.

    It is one kernel of small arrays, or of members of a batch.
    """
    straight = straight_of(step)
    if straight is not None:
        reads_and_rows = len(step.inputs) + len(straight.stacked)
        _add_kernel(blocks, step, straight, [None] * reads_and_rows)
    elif (batch := batch_of(step)) is not None:
        _add_kernel(blocks, step, batch.key, batch.axes, batch.members)
    else:
        _add_rounds(blocks, step)


def _add_kernel(
    blocks: Frame, step: Step, key: Straight | Members, axes: Sequence[int | None], *members: int
) -> None:
    """A loop that is a kernel.

    Of that over the members of a batch, each of which runs all rounds, `axes` are those along which
    they lie in what it reads and in the rows that it writes.
    """
    body: Plan = step.setting("body")
    n = step.setting("carries")
    m = n + step.setting("xs")

    def where(slot: int, inner: int, axis: int | None, moving: bool = False) -> list[int]:
        place = _moving(blocks, slot, step) if moving else blocks.place(slot)
        return [*place, *_members(body.slots[inner].shape, axis)]

    words = [step.setting("length"), *members]
    read = len(step.inputs)
    for i, known in enumerate(zip(step.inputs, body.inputs, axes[:read], strict=True)):
        words += where(*known, moving=n <= i < m)
    for _, constant in constants_read(body):
        words += [as_word(number) for number in constant.array().flat]
    for known in zip(step.outputs[n:], body.outputs[n:], axes[read:], strict=True):
        words += where(*known, moving=True)
    for known in zip(step.outputs[:n], body.outputs[:n], axes[:n], strict=True):
        words += where(*known)
    blocks.block(key, words)


def _members(shape: tuple[int, ...], axis: int | None) -> list[int]:
    """How many elements the members along an axis are apart, and where each of the first is."""
    if axis is None:
        return []
    first = np.arange(prod(shape)).reshape(shape).take(0, axis)
    return [prod(shape[axis + 1 :]), *first.ravel().tolist()]


def _add_rounds(blocks: Frame, step: Step) -> None:
    """A loop, with its carries moved into its memory before, and out of it behind."""
    body = body_of(step, blocks.home.in_place)
    n = len(body.before)
    inner = _round(blocks, body)
    memory = {"arena": blocks.take(body.placement.size), "scratch": blocks.take(inner.scratch)}
    carried = [
        (blocks.pass_on("scratch"), memory["arena"] + inner.at(inner.layout_of(slot))[1])
        for slot in body.before
    ]
    for slot, place in zip(step.inputs[:n], carried, strict=True):
        blocks.copy(blocks.layout_of(slot), place, blocks.slots[slot].dtype)
    entries = {name: _entry(blocks, name, step, body) for name in inner.passed
               if name not in memory and name not in blocks.captured}  # fmt: skip
    _nested(blocks, LoopKey(False), [step.setting("length")], inner, memory, entries)
    for slot, place in zip(step.outputs[:n], carried, strict=True):
        spec = blocks.slots[slot]
        source = Layout(-1, place[1], spec.shape, in_order(spec.shape))
        blocks.copy(source, blocks.place(slot), spec.dtype)


def _nested(
    blocks: Frame, key: LoopKey, words: list[int], inner: Frame, memory: dict[str, int],
    entries: dict[str, tuple[int, int, int]],
) -> None:  # fmt: skip
    """A block around those of a body, whose own memory is in the scratch."""
    table: list[tuple[int, int, int]] = []
    for name in inner.passed:
        if name in memory:
            table.append((blocks.pass_on("scratch"), memory[name], 0))
        elif name in blocks.captured:
            table.append((blocks.pass_on(name), 0, 0))
        else:
            table.append(entries[name])
    rounds = 1 if key.branch else words[0]
    words = [*words, len(table), len(inner.words), *(word for row in table for word in row)]
    at = len(blocks.words) + HEAD + len(words)
    blocks.block(key, [*words, *inner.words])
    blocks.keys += inner.keys
    blocks.starts += [at + start for start in inner.starts]
    blocks.ranges += [(at + word, work * rounds) for word, work in inner.ranges]


def add_cond(blocks: Frame, step: Step) -> None:
    """Two blocks, of which one runs its branch."""
    condition = blocks.place(step.inputs[0])
    for name in ("true", "false"):
        body = branch_of(step, name, blocks.home.in_place)
        inner = _round(blocks, body)
        memory = {
            "arena": blocks.take(body.placement.size), "scratch": blocks.take(inner.scratch)
        }  # fmt: skip
        entries = {}
        for known in inner.passed:
            if known not in memory and known not in blocks.captured:
                slot, _ = _outside(known, body, step.inputs[1:], step.outputs)
                entries[known] = (*blocks.place(slot), 0)
        _nested(blocks, LoopKey(True), [*condition, name == "true"], inner, memory, entries)


def _entry(blocks: Frame, name: str, step: Step, body: Body) -> tuple[int, int, int]:
    """Where an array of a loop's frame is outside, and how far it moves in each round."""
    n, m = (step.setting(word) for word in ("carries", "xs"))
    slot, number = _outside(name, body, step.inputs, step.outputs[n:])
    if number >= n + m:                         # the same in all rounds
        return (*blocks.place(slot), 0)
    return _moving(blocks, slot, step)


def _moving(blocks: Frame, slot: int, step: Step) -> tuple[int, int, int]:
    """Where the first row of an array is that a loop reads or writes.

    How far each is from the one before comes with it.
    """
    length = step.setting("length")
    which, start = blocks.place(slot)
    by = blocks.slots[slot].nbytes // length
    if step.setting("reverse"):
        return which, start + (length - 1) * by, -by
    return which, start, by


def _outside(
    name: str, body: Body, inputs: Sequence[int], results: Sequence[int]
) -> tuple[int, int]:
    """The slot outside that an array of a body is, and as which input, or -1: a result."""
    number = int(name[1:])
    if name[0] == "y":
        return results[number], -1
    if number in body.plan.inputs:
        place = body.plan.inputs.index(number)
        return inputs[place], place
    return results[body.stacked.index(number)], -1


def _round(outer: Frame, body: Body) -> Frame:
    """The blocks of one round of a loop."""
    blocks = type(outer)(body, outer.captured)
    plan, slots = body.plan, body.plan.slots
    rows = {f"y{j}": slot for j, slot in enumerate(body.stacked)}
    kept = {name: slot for name, slot in rows.items() if slot in body.before}
    for name, slot in kept.items():                 # a carry as it comes into the round
        blocks.store(slot, name)
    for step in plan.steps:
        if step.op not in VIEWS or step.outputs[0] not in body.placement.roots:
            blocks.add(step)
    # What they write over may be another one's source, or a result: all are read before.
    written: set[int] = set()
    for name, slot in rows.items():
        if slot in body.fresh and slot not in written:
            written.add(slot)                       # by its own step
        elif name not in kept and slot not in body.after:
            blocks.store(slot, name)
    late = body.placement.unsettled(plan)
    moved = [blocks.laid_in_order(output) for _, output in late]
    for (slot, _), source in zip(late, moved, strict=True):
        blocks.copy(source, blocks.at(blocks.layout_of(slot)), slots[slot].dtype)
    for name, slot in rows.items():
        if name not in kept and slot in body.after:
            blocks.store(body.before[body.after.index(slot)], name)
    return blocks
