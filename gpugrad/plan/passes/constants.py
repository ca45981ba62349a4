"""Constant folding: a step whose operands are all known is run once, now."""

from __future__ import annotations

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.plan.effects import has_effect
from gpugrad.plan.interpret import run_step
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.plan import Plan, Step

LARGEST = 2**16
"""Bytes: a larger result is not worth storing in the plan."""


def fold_constants(plan: Plan) -> Plan:
    """The plan with constants for the results of steps on constants.

    A constant array whose elements are all equal becomes a number that is broadcast, and broadcasts
    are views, so they stay.
    """
    build = Builder(plan)
    with numpy_namespace.quiet():
        for old in plan.steps:
            step = build.resolved(old)
            if not _folds(build, step):
                build.add(step)
                continue
            values = [build.constants[slot].array() for slot in step.inputs]
            for slot, value in zip(step.outputs, run_step(step, values, numpy_namespace),
                                   strict=True):
                build.replace(slot, build.constant(np.asarray(value)))
    return build.plan()


def _folds(build: Builder, step: Step) -> bool:
    """Whether all operands are known, and the results worth storing."""
    return (
        bool(step.outputs)
        and build.constants.keys() >= {*step.inputs}
        and step.op != "broadcast_to"
        and not has_effect(step)
        and all(build.slots[slot].nbytes <= LARGEST for slot in step.outputs)
    )
