"""Fusion for the native engine: over any axes, of the steps that have instructions there."""

from __future__ import annotations

from gpugrad.codegen.scalars import obstacle
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.parallel import split
from gpugrad.plan.plan import Plan, Step, dtype_name
from gpugrad.plan.primitives import SCALARS


def fused(plan: Plan) -> Plan:
    """The plan with those steps in regions for which one kernel can be written."""
    return fuse(plan, spread=True, apart=_has_no_instructions)


def fused_in_parts(plan: Plan) -> Plan:
    """The same, with large regions in parts that threads can do side by side."""
    whole = fused(plan)
    parted = split(whole)
    return whole if parted is whole else fused(parted)


def _has_no_instructions(plan: Plan, step: Step) -> bool:
    dtypes = [dtype_name(plan.slots[slot].dtype) for slot in (*step.inputs, *step.outputs)]
    return step.op in SCALARS and bool(obstacle(step.op, dtypes))
