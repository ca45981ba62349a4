"""Plans inside steps: each is improved by itself, and keeps only the results that are read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from gpugrad.plan.effects import has_effect
from gpugrad.plan.plan import Plan, Step

Improve = Callable[[Plan], Plan]


def improve_subplans(plan: Plan, improve: Improve) -> Plan:
    """The plan with its branches and loop bodies improved, without operands that they ignore.

    From the last step to the first: what a loop need not store, nothing has to compute for it.
    """
    needed = set(plan.outputs)
    steps: list[Step] = []
    for step in reversed(plan.steps):
        if step.outputs and needed.isdisjoint(step.outputs) and not has_effect(step):
            continue                                # it may read what a loop no longer stores
        if step.op in _NARROW:
            step = _NARROW[step.op](step, needed, improve)
        steps.append(step)
        needed.update(step.inputs)
    return replace(plan, steps=tuple(reversed(steps)))


def _cond(step: Step, needed: Collection[int], improve: Improve) -> Step:
    kept = [i for i, slot in enumerate(step.outputs) if slot in needed]
    branches = [
        improve(replace(branch, outputs=tuple(branch.outputs[i] for i in kept)))
        for branch in (step.setting("true"), step.setting("false"))
    ]
    reads = [set(branch.read()) for branch in branches]
    used = [
        k
        for k in range(len(step.inputs) - 1)
        if any(b.inputs[k] in read for b, read in zip(branches, reads, strict=True))
    ]
    true, false = (replace(b, inputs=tuple(b.inputs[k] for k in used)) for b in branches)
    return replace(
        step,
        inputs=(step.inputs[0], *(step.inputs[k + 1] for k in used)),
        outputs=tuple(step.outputs[i] for i in kept),
        settings=(("true", true), ("false", false)),
    )


def narrowed_scan(step: Step, needed: Collection[int], improve: Improve) -> Step:
    """A loop with an improved body, that stores what is needed and reads what its body does."""
    settings = dict(step.settings)
    body, n, rows_from = settings["body"], settings["carries"], settings["carries"] + settings["xs"]
    kept = [i for i, slot in enumerate(step.outputs) if i < n or slot in needed]
    body = improve(replace(body, outputs=tuple(body.outputs[i] for i in kept)))
    read = set(body.read())
    used = [k for k, slot in enumerate(body.inputs) if k < n or slot in read]
    settings["body"] = replace(body, inputs=tuple(body.inputs[k] for k in used))
    settings["xs"] = sum(n <= k < rows_from for k in used)
    return replace(
        step,
        inputs=tuple(step.inputs[k] for k in used),
        outputs=tuple(step.outputs[i] for i in kept),
        settings=tuple(settings.items()),
    )


_NARROW: dict[str, Callable[[Step, Collection[int], Improve], Step]] = {
    "cond": _cond,
    "scan": narrowed_scan,
}
