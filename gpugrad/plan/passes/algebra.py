"""Algebra that is exact in floating point: no result changes, not even its NaNs and zeros' signs.

Views of views become one view, operands are not broadcast by hand where the primitive does it, and
arithmetic with ones, signs and powers of two is done away with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import frexp, isfinite

import numpy as np

from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.contiguous import start_in_operand
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import SCALARS

Rewritten = Step | int | None
"""Another step for the same result, a slot that holds it already, or nothing better."""


def simplify(plan: Plan) -> Plan:
    """The plan with simpler steps where an exact rule applies."""
    build = Builder(plan)
    for old in plan.steps:
        step = build.resolved(old)
        while True:
            if step.op in SCALARS:
                step = _without_broadcasts(build, step)
            rule = _RULES.get(step.op)
            found = None if rule is None else rule(build, step)
            if not isinstance(found, Step):
                break
            step = found
        if found is None or not _same_kind(build, found, step.outputs[0]):
            build.add(step)
        else:
            build.replace(step.outputs[0], found)
    return build.plan()


def _same_kind(build: Builder, a: int, b: int) -> bool:
    return build.slots[a] == build.slots[b]


def _without_broadcasts(build: Builder, step: Step) -> Step:
    """`step` reading what was broadcast, as long as its result keeps its shape."""
    shape = build.slots[step.outputs[0]].shape
    inputs = list(step.inputs)
    for i, slot in enumerate(inputs):
        source = _source(build, slot, "broadcast_to")
        if source is None:
            continue
        others = [build.slots[s].shape for s in (*inputs[:i], source, *inputs[i + 1 :])]
        if np.broadcast_shapes(*others) == shape:
            inputs[i] = source
    return step if tuple(inputs) == step.inputs else replace(step, inputs=tuple(inputs))


def _source(build: Builder, slot: int, op: str) -> int | None:
    """What `slot` was made of, if by a step of that name."""
    made = build.made_by.get(slot)
    return made.inputs[0] if made is not None and made.op == op else None


def _is_number(build: Builder, slot: int, value: float) -> bool:
    number = build.number(slot)
    return number is not None and bool(number == value)


def _copy(build: Builder, step: Step) -> Rewritten:
    return step.inputs[0]


def _multiply(build: Builder, step: Step) -> Rewritten:
    a, b = step.inputs
    if build.slots[step.outputs[0]].dtype.kind == "c":      # of which 1 is 1 + 0j: inf * 0 is NaN
        return None
    if _is_number(build, b, 1):
        return a
    if _is_number(build, a, 1):
        return b
    return None


def _divide(build: Builder, step: Step) -> Rewritten:
    a, b = step.inputs
    number = build.number(b)
    if number is None or build.slots[b].dtype.kind != "f":
        return None
    if number == 1:
        return a
    if isfinite(number) and abs(frexp(number)[0]) == 0.5 and isfinite(1 / float(number)):
        inverse = np.asarray(1 / number, build.slots[b].dtype).reshape(build.slots[b].shape)
        if isfinite(inverse.item()) and 1 / inverse.item() == number:
            return replace(step, op="multiply", inputs=(a, build.constant(inverse)))
    return None


def _subtract(build: Builder, step: Step) -> Rewritten:
    a, b = step.inputs
    number = build.number(b)
    real = build.slots[b].dtype.kind != "c"
    if number is not None and real and number == 0 and not np.signbit(number):
        return a
    opposite = _source(build, b, "negative")
    return None if opposite is None else replace(step, op="add", inputs=(a, opposite))


def _add(build: Builder, step: Step) -> Rewritten:
    a, b = step.inputs
    opposite = _source(build, b, "negative")
    if opposite is not None:
        return replace(step, op="subtract", inputs=(a, opposite))
    opposite = _source(build, a, "negative")
    return None if opposite is None else replace(step, op="subtract", inputs=(b, opposite))


def _negative(build: Builder, step: Step) -> Rewritten:
    return _source(build, step.inputs[0], "negative")


def _scale(build: Builder, step: Step) -> Rewritten:
    # The product, where the number among the operands says that it is none of the special cases.
    a, d = (build.number(slot) for slot in step.inputs)
    if (a is not None and a != 0) or (d is not None and np.isfinite(d)):
        return replace(step, op="multiply")
    return None


def _power(build: Builder, step: Step) -> Rewritten:
    base, exponent = step.inputs
    if _is_number(build, exponent, 1):
        return base
    same = build.slots[base].shape == build.slots[step.outputs[0]].shape
    if same and _is_number(build, exponent, 2):     # which is how NumPy does it too
        return replace(step, op="square", inputs=(base,))
    return None


def _where(build: Builder, step: Step) -> Rewritten:
    condition, a, b = step.inputs
    known = build.number(condition)
    if known is not None:
        return _spread(build, step, a if known else b)
    return a if a == b else None


def _and(build: Builder, step: Step) -> Rewritten:
    return _decided(build, step, False)


def _or(build: Builder, step: Step) -> Rewritten:
    return _decided(build, step, True)


def _decided(build: Builder, step: Step, deciding: bool) -> Rewritten:
    """A connective of booleans, one of them known: it decides, or the other one does."""
    a, b = step.inputs
    if build.slots[a].dtype != np.bool_:
        return None
    for known, other in ((a, b), (b, a)):
        truth = build.number(known)
        if truth is not None:
            return _spread(build, step, known if truth == deciding else other)
    return None


def _spread(build: Builder, step: Step, slot: int) -> Rewritten:
    """`slot`, which holds the result of `step` already, in the shape of the result."""
    shape = build.slots[step.outputs[0]].shape
    if build.slots[slot].shape == shape:
        return slot
    return replace(step, op="broadcast_to", inputs=(slot,), settings=(("shape", shape),))


def _reshape(build: Builder, step: Step) -> Rewritten:
    x = step.inputs[0]
    if build.slots[x].shape == step.setting("shape"):
        return x
    source = _source(build, x, "reshape")
    if source is not None:
        return replace(step, inputs=(source,))
    source = _source(build, x, "broadcast_to")
    if source is not None and not build.slots[_flat(build, source)].shape:
        return replace(step, op="broadcast_to", inputs=(_flat(build, source),))
    return None


def _flat(build: Builder, slot: int) -> int:
    """The slot of one element as one without axes, which broadcasts to any shape."""
    number = build.number(slot)
    return slot if number is None else build.constant(np.asarray(number))


def _permute(build: Builder, step: Step) -> Rewritten:
    x, axes = step.inputs[0], step.setting("axes")
    if axes == tuple(range(len(axes))):
        return x
    shape = build.slots[x].shape
    longer = [a for a in axes if shape[a] != 1]
    if longer == sorted(longer):                    # only axes of length 1 change places
        result = tuple(shape[a] for a in axes)
        return replace(step, op="reshape", settings=(("shape", result),))
    made = build.made_by.get(x)
    if made is None or made.op != "permute_dims":
        return None
    before = made.setting("axes")
    together = tuple(before[a] for a in axes)
    return replace(step, inputs=made.inputs, settings=(("axes", together),))


def _pack(build: Builder, step: Step) -> Rewritten:
    """What was read part by part from one array, in order, is that array."""
    root, end = None, 0
    for slot in step.inputs:
        source, start = _part(build, slot)
        if root is None:
            root = source
        if source != root or start != end:
            return None
        end += build.slots[slot].size
    if root is None or end != build.slots[root].size:
        return None
    return replace(step, op="reshape", inputs=(root,))


def _part(build: Builder, slot: int) -> tuple[int, int]:
    """The array that `slot` shows a run of, and the element at which it begins."""
    begin = 0
    while True:
        made = build.made_by.get(slot)
        start = None
        if made is not None:
            start = start_in_operand(made, build.slots[made.inputs[0]].shape)
        if made is None or start is None:
            return slot, begin
        slot, begin = made.inputs[0], begin + start


def _broadcast(build: Builder, step: Step) -> Rewritten:
    x = step.inputs[0]
    if build.slots[x].shape == step.setting("shape"):
        return x
    source = _source(build, x, "broadcast_to")
    return None if source is None else replace(step, inputs=(source,))


_RULES: dict[str, Callable[[Builder, Step], Rewritten]] = {
    "copy": _copy,
    "positive": _copy,
    "multiply": _multiply,
    "divide": _divide,
    "subtract": _subtract,
    "add": _add,
    "negative": _negative,
    "power": _power,
    "scale": _scale,
    "where": _where,
    "bitwise_and": _and,
    "bitwise_or": _or,
    "reshape": _reshape,
    "permute_dims": _permute,
    "pack": _pack,
    "broadcast_to": _broadcast,
}

