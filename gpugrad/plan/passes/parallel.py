"""Splitting: a large fused step becomes parts that threads run side by side, and what joins them.

What is reduced over all rows is reduced in each part first; small steps after it reduce the parts'
results, in order. How many parts there are depends on the size alone, so results do not depend on
the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

import numpy as np

from gpugrad.plan.passes.build import Builder
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import REDUCTIONS, SUMS
from gpugrad.plan.regions import ELEMENT, ONE, ROW, SUMMED, Region, region_of
from gpugrad.plan.work import of_elements

WORTH = 2**16
"""Elements of a region from which on handing parts over costs less than it saves; as elements of
`x + 1`, where work is counted.
"""

PART = 2**15
"""The same of a part, about."""

MOST = 64
"""Parts at most."""


PartsOf = Callable[[Step], int]
"""Into how many parts a fused step is split: into one, where it is not."""


def by_elements(step: Step) -> int:
    """So many parts as its elements are worth, whatever is done with them."""
    return _parts(prod(step.setting("shape")))


def by_work(step: Step) -> int:
    """So many parts as there is to do in it."""
    return _parts(of_elements((inner.op for inner in step.body), prod(step.setting("shape"))))


def _parts(work: int) -> int:
    return min(MOST, max(2, work // PART)) if work >= WORTH else 1


def split(plan: Plan, parts_of: PartsOf = by_elements) -> Plan:
    """The plan with large regions split; a fused step's setting `parts` says into how many."""
    wanted = {i: parts_of(step) for i, step in enumerate(plan.steps) if step.op == "fused"}
    if all(parts == 1 for parts in wanted.values()):
        return plan
    build = Builder(plan)
    for i, step in enumerate(plan.steps):
        parts = wanted.get(i, 1)
        region = region_of(plan.slots, step) if parts > 1 else None
        if region is None or (region.rows == 1 and not _flat(region)):
            build.add(step)
        else:
            _split(build, step, region, parts)
    # An engine has promised which inputs are donated: here no output becomes another.
    return replace(build.plan(), donated=plan.donated)


def _flat(region: Region) -> bool:
    """Whether no element waits for something that is reduced: then any part of a row is one."""
    reduced = {
        step.outputs[0]
        for step in region.steps
        if step.op in REDUCTIONS and region.kinds[step.outputs[0]] == ROW
    }
    waiting = set(reduced)
    for step in region.steps:
        if not waiting.isdisjoint(step.inputs):
            if region.kinds[step.outputs[0]] == ELEMENT:
                return False
            waiting.update(step.outputs)
    return not any(step.op == "nll" for step in region.steps)


def _split(build: Builder, step: Step, region: Region, parts: int) -> None:
    if region.rows > 1:
        parts = min(parts, region.shape[0] if region.spread else region.rows)
    if parts < 2:
        build.add(step)
        return
    body: list[Step] = []
    after: list[Step] = []
    later: set[int] = set()
    outputs = list(step.outputs)
    for inner in region.steps:
        slot = inner.outputs[0]
        kind = region.kinds[slot]
        if not later.isdisjoint(inner.inputs):
            later.add(slot)
            after.append(inner)
            continue
        joins = inner.op in REDUCTIONS and (kind != ROW or region.rows == 1)
        if kind == SUMMED:                          # each part has its own, if not a part of each
            joins = 0 in inner.setting("axes")
        if not joins:
            body.append(inner)
            continue
        later.add(slot)
        partial = _partial(build, inner, parts, kind in (ONE, ROW))
        body.append(replace(inner, outputs=(partial,)))
        outputs.append(partial)
        after += _joining(build, inner, partial)
    made = {slot for inner in body for slot in inner.outputs}
    inputs = dict.fromkeys(x for inner in body for x in inner.inputs if x not in made)
    # What the steps after it need of the parts must be stored.
    needed = {x for inner in after for x in inner.inputs} | set(outputs)
    kept = tuple(dict.fromkeys(slot for inner in body for slot in inner.outputs if slot in needed))
    settings = (*step.settings, ("parts", parts))
    build.add(replace(step, inputs=tuple(inputs), outputs=kept, settings=settings,
                      body=tuple(body)))
    for inner in after:
        build.add(inner)


def _partial(build: Builder, step: Step, parts: int, single: bool) -> int:
    """The slot of what each part reduces to; single long sums in float64."""
    spec = build.slots[step.outputs[0]]
    wide = single and step.op in SUMS and spec.dtype.kind == "f"
    shape = (parts,) if single else (parts, *spec.shape)
    return build.slot(shape, np.dtype("float64") if wide else spec.dtype)


def _joining(build: Builder, step: Step, partial: int) -> list[Step]:
    """Steps that reduce the results of the parts to the result of `step`."""
    result = step.outputs[0]
    spec, given = build.slots[result], build.slots[partial]
    settings = (("axes", (0,)), ("keepdims", False))
    last = build.slot(given.shape[1:], given.dtype)
    steps = [Step(step.op, (partial,), (last,), settings, (), step.line)]
    if spec.dtype != given.dtype:
        cast = build.slot(given.shape[1:], spec.dtype)
        steps.append(Step("astype", (last,), (cast,), (("dtype", spec.dtype),), (), step.line))
        last = cast
    if spec.shape != given.shape[1:]:
        steps.append(Step("reshape", (last,), (result,), (("shape", spec.shape),), (), step.line))
        return steps
    return [*steps[:-1], replace(steps[-1], outputs=(result,))]
