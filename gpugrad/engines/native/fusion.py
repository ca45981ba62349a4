"""Fusion for the native engine: over any axes, of the steps that have instructions there."""

from __future__ import annotations

from dataclasses import replace

from gpugrad.codegen.ir import FLOATS
from gpugrad.codegen.narrow import NARROW
from gpugrad.codegen.scalars import obstacle
from gpugrad.engines.native.processor import converts_float16
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.parallel import by_work, split
from gpugrad.plan.plan import Plan, Step, dtype_name
from gpugrad.plan.primitives import REDUCTIONS, SCALARS
from gpugrad.plan.regions import SUMMED, Region, region_of


def fused(plan: Plan) -> Plan:
    """The plan with those steps in regions for which one kernel can be written.

    A sum over any axes that is fused with nothing stays a step: its loops are over arrays that lie
    in any way.
    """
    plan = fuse(_summed(plan), spread=True, apart=_has_no_instructions, fits=_stays_narrow)
    steps = (step.body[0] if _is_lone_sum(plan, step) else step for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _stays_narrow(region: Region) -> bool:
    """Whether a short last axis can be computed one element after the other.

    Sums over other axes are in registers then, if these follow those that are left.
    """
    last = len(region.shape) - 1
    if SUMMED not in region.kinds.values() or region.shape[-1] > NARROW:
        return True
    for step in region.steps:
        if region.kinds[step.outputs[0]] == SUMMED:
            axes = step.setting("axes")
            if axes != tuple(range(last - len(axes), last)):
                return False
    return True


def _is_lone_sum(plan: Plan, step: Step) -> bool:
    if step.op != "fused" or len(step.body) > 1 or "parts" in dict(step.settings):
        return False
    return SUMMED in region_of(plan.slots, step).kinds.values()


def fused_in_parts(plan: Plan) -> Plan:
    """The same, with large regions in parts that threads can do side by side."""
    whole = fused(plan)
    parted = split(whole, by_work)
    return whole if parted is whole else fused(parted)


def _summed(plan: Plan) -> Plan:
    """The plan with a sum of products for each product of two vectors.

    One number fills no block of the kernel for products, and what is around it may be in its
    region.
    """
    if not any(_is_of_vectors(plan, step) for step in plan.steps):
        return plan
    build = Builder(plan)
    for step in plan.steps:
        if _is_of_vectors(plan, step):
            spec = plan.slots[step.inputs[0]]
            products = build.slot(spec.shape, spec.dtype)
            build.add(replace(step, op="multiply", outputs=(products,)))
            settings = (("axes", (0,)), ("keepdims", False))
            step = replace(step, op="sum", inputs=(products,), settings=settings)
        build.add(step)
    return build.plan()


def _is_of_vectors(plan: Plan, step: Step) -> bool:
    if step.op != "matmul":
        return False
    a, b = (plan.slots[slot] for slot in step.inputs)
    same = a.dtype == b.dtype and dtype_name(a.dtype) in FLOATS and a.dtype.isnative
    return same and len(a.shape) == len(b.shape) == 1 and a.size > 0


def _has_no_instructions(plan: Plan, step: Step) -> bool:
    return (step.op in SCALARS or step.op in REDUCTIONS) and bool(obstacle_alone(plan, step))


def obstacle_alone(plan: Plan, step: Step) -> str:
    """Why an elementwise step or a reduction has no instructions; empty where it has."""
    dtypes = [dtype_name(plan.slots[slot].dtype) for slot in (*step.inputs, *step.outputs)]
    if "float16" in dtypes and not converts_float16():
        return "float16, for which this processor has no instructions"
    return obstacle(step.op, dtypes)
