"""Results that follow from numbers alone: the host computes them, so that nobody waits for them.

A function that takes a Python number and returns one, as an optimiser does with its count of steps,
would otherwise have to wait for the device in every call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from gpugrad.backends import numpy_namespace
from gpugrad.executor.engines import interpret
from gpugrad.executor.passes.dead import remove_dead
from gpugrad.executor.plan import Plan


def split(plan: Plan, numbers: Collection[int]) -> tuple[Plan, Plan]:
    """`plan` without the outputs that follow from `numbers`, its inputs that are Python numbers;
    and the plan that computes these, whose inputs are `numbers` in the order that `plan` has.
    """
    known = {*numbers, *(slot for slot, _ in plan.constants)}
    for step in plan.steps:
        if known.issuperset(step.inputs):
            known.update(step.outputs)
    donated = {output for _, output in plan.donated}
    made = {slot for step in plan.steps for slot in step.outputs}
    on_host = [
        slot
        for slot in dict.fromkeys(plan.outputs)
        if slot in known & made and slot not in donated and not plan.slots[slot].shape
    ]
    rest = tuple(slot for slot in plan.outputs if slot not in on_host)
    inputs = tuple(slot for slot in plan.inputs if slot in numbers)
    steps = tuple(step for step in plan.steps if known.issuperset(step.outputs) and step.outputs)
    host = replace(plan, inputs=inputs, steps=steps, outputs=tuple(on_host), donated=())
    host = remove_dead(host)
    return (remove_dead(replace(plan, outputs=rest)), host) if on_host else (plan, host)


def on_host(plan: Plan) -> Callable[..., Sequence[Any]]:
    """The results of a plan of numbers, as NumPy scalars, for its inputs."""

    def compute(*inputs: Any) -> Sequence[Any]:
        return [x[()] for x in interpret.run(plan, inputs, numpy_namespace)]

    return compute
