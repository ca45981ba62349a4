"""Steps that ONNX has one operator for where a plan has several: means, and windows of images.

They are recognised by what they compute, not by how it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import inf, prod

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.plan.interpret import run_step
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.types import Key, Shape

MEAN, MAX_POOL, AVERAGE_POOL = "mean_of", "max_pool", "average_pool"
"""Names of steps that only an export has."""

MOST = 2**21
"""Elements of windows for each sample up to which these are looked at."""

_OUTSIDE = -1                                       # the place of what is put around an image


def with_idioms(plan: Plan) -> Plan:
    """The plan with such steps, also inside of steps."""
    plan = _inside(plan, with_idioms)
    return remove_dead(_with_windows(_with_means(plan)))


def _inside(plan: Plan, change: Callable[[Plan], Plan]) -> Plan:
    """The plan with the plans that its steps hold changed."""
    steps = [
        replace(step, settings=tuple(
            (name, change(x) if isinstance(x, Plan) else x) for name, x in step.settings
        )) if step.plans else step
        for step in plan.steps
    ]  # fmt: skip
    return replace(plan, steps=tuple(steps))


def _with_means(plan: Plan) -> Plan:
    """A sum that is divided by the number of its terms is a mean."""
    build = Builder(plan)
    for old in plan.steps:
        step = build.resolved(old)
        build.add(_mean(build, step) or step)
    return build.plan()


def _mean(build: Builder, step: Step) -> Step | None:
    if step.op not in ("divide", "multiply"):
        return None
    for slot, other in (step.inputs, step.inputs[::-1]):
        total, number = build.made_by.get(slot), build.number(other)
        if total is None or total.op != "sum" or number is None:
            continue
        if build.slots[slot].shape != build.slots[step.outputs[0]].shape:
            continue
        of = build.slots[total.inputs[0]]
        count = prod(of.shape[axis] for axis in total.setting("axes"))
        by = 1 / count if step.op == "multiply" and count else count
        if by == number and of.dtype.kind == "f" and (step.op == "multiply" or slot != other):
            return Step(MEAN, total.inputs, step.outputs, total.settings, (), step.line)
        if step.op == "divide":                     # the other way round it is no mean
            return None
    return None


def _with_windows(plan: Plan) -> Plan:
    """The largest element or the mean of all windows of an image is pooling."""
    build = Builder(plan)
    for old in plan.steps:
        step = build.resolved(old)
        build.add(_pool(build, step) or step)
    return build.plan()


def _pool(build: Builder, step: Step) -> Step | None:
    if step.op not in ("max", MEAN):
        return None
    axes, slots = step.setting("axes"), build.slots
    windows, result = slots[step.inputs[0]], slots[step.outputs[0]]
    n = len(axes)
    spatial = result.shape[2:]
    if not axes == tuple(range(n)) or step.setting("keepdims") or len(spatial) != n:
        return None
    if not 0 < windows.size // (result.shape[0] or 1) <= MOST or result.dtype.kind != "f":
        return None
    if step.op == MEAN and result.dtype == np.float64:      # onnxruntime has no kernel
        return None
    fill = -inf if step.op == "max" else 0.0
    for source in reversed(_images(build, step.inputs[0], result.shape)):
        places = _places(build, step.inputs[0], source, fill)
        found = None if places is None else _settings(places, slots[source].shape, n)
        if found is not None:
            op = MAX_POOL if step.op == "max" else AVERAGE_POOL
            return Step(op, (source,), step.outputs, found, (), step.line)
    return None


def _images(build: Builder, slot: int, like: tuple[int, ...]) -> list[int]:
    """What a slot may be windows of: what it is made of by moving elements, the nearest first."""
    found, pending = [], [slot]
    while pending:
        slot = pending.pop(0)
        shape = build.slots[slot].shape
        if len(shape) == len(like) and shape[:2] == like[:2] and slot not in found:
            found.append(slot)
        step = build.made_by.get(slot)
        if step is not None and _moves(step):
            pending += [x for x in step.inputs if x not in pending]
    return found


def _moves(step: Step) -> bool:
    """Whether a step only says where the elements of its operands go."""
    return step.op in PRIMITIVES and PRIMITIVES[step.op].selects


def _places(build: Builder, slot: int, source: int, fill: float) -> np.ndarray | None:
    """Where in `source` each element of `slot` comes from; `None` if some come from elsewhere."""
    shape = build.slots[source].shape
    known: dict[int, np.ndarray] = {
        source: np.arange(prod(shape), dtype=np.int32).reshape(shape)
    }

    def of(slot: int) -> np.ndarray | None:
        if slot in known:
            return known[slot]
        constant = build.constants.get(slot)
        if constant is not None:
            fills = (constant.array() == fill).all()
            return np.full(constant.shape, _OUTSIDE, np.int32) if fills else None
        step = build.made_by.get(slot)
        if step is None or not _moves(step):
            return None
        parts = [of(x) for x in step.inputs]
        if any(part is None for part in parts):
            return None
        known[slot] = np.asarray(run_step(step, parts, numpy_namespace)[0])  # type: ignore[arg-type]
        return known[slot]

    return of(slot)


def _settings(
    places: np.ndarray, shape: tuple[int, ...], n: int
) -> tuple[tuple[str, object], ...] | None:
    """The lengths, steps and padding of windows that have these elements; `None` if none are so."""
    sizes, counts, lengths = places.shape[:n], places.shape[n + 2 :], shape[2:]
    of_one: Key = (*(slice(None),) * n, 0, 0)       # of one channel of one sample
    one = places[of_one]
    for chosen in product(*map(_candidates, sizes, counts, lengths)):
        strides, pads = zip(*chosen, strict=True)
        wanted = _windows(sizes, counts, lengths, strides, pads)
        if not (one == wanted).all():
            continue
        images = np.arange(prod(shape[:2]), dtype=np.int32).reshape(shape[:2]) * prod(lengths)
        first = images[(*(None,) * n, ..., *(None,) * n)]
        whole = np.expand_dims(wanted, (n, n + 1))
        if (places == np.where(whole == _OUTSIDE, _OUTSIDE, whole + first)).all():
            return (("sizes", sizes), ("strides", strides), ("pads", pads))
    return None


def _candidates(size: int, count: int, length: int) -> list[tuple[int, int]]:
    """Steps and paddings with which an axis has that many windows."""
    found = []
    for pad in range(size // 2 + 1):
        free = length + 2 * pad - size
        steps = [size] if count == 1 else range(1, free // (count - 1) + 1 if count > 1 else 1)
        found += [(step, pad) for step in steps if free >= 0 and free // step + 1 == count]
    return found


def _windows(
    sizes: Shape, counts: Shape, lengths: Shape, strides: Shape, pads: Shape
) -> np.ndarray:
    """The places of the elements of all windows of an image, with its axes after the windows'."""
    n = len(sizes)
    whole, outside = np.zeros((1,) * (2 * n), np.int32), np.zeros((1,) * (2 * n), bool)
    for axis in range(n):
        within = np.arange(sizes[axis]).reshape(_along(axis, n))
        begin = (np.arange(counts[axis]) * strides[axis] - pads[axis]).reshape(_along(n + axis, n))
        at = within + begin
        outside = outside | (at < 0) | (at >= lengths[axis])
        whole = whole * lengths[axis] + at
    return np.where(outside, _OUTSIDE, whole)


def _along(axis: int, n: int) -> Shape:
    return tuple(-1 if i == axis else 1 for i in range(2 * n))
