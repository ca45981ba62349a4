"""Primitives that ONNX has no operator for, as what they are made of: other primitives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gpugrad.backends import Namespace, numpy_namespace, within
from gpugrad.context import holding
from gpugrad.plan.interpret import fill
from gpugrad.plan.passes.build import Builder
from gpugrad.plan.plan import Constant, Plan, Slot, Step
from gpugrad.tracing.namespace import namespace as tracing_namespace
from gpugrad.tracing.tracer import Tracer, tracing

GENERAL = frozenset(
    "correlation_weights euclidean_norm fmod full_convolution inverse_take logaddexp2 nll one_hot "
    "order_statistics ordered_places reverse_cumulative_sum scale unit_vector valid_correlation "
    "windows".split()
)
"""Those whose general definition, by the functions of any namespace, is as good as any."""

_OF_FLOAT64 = frozenset(("batched_correlation", "biased_correlation", "correlation_inputs"))
"""Those for which onnxruntime has kernels, but none of float64."""


def composed(plan: Plan) -> Plan:
    """The plan with the parts of such steps in their places, also inside of steps."""
    build = Builder(plan)
    for old in plan.steps:
        step = build.resolved(old)
        if step.plans:
            settings = tuple(
                (name, composed(x) if isinstance(x, Plan) else x) for name, x in step.settings
            )
            step = replace(step, settings=settings)
        if not _is_composed(step, build.slots):
            build.add(step)
            continue
        parts = _parts(step, [build.slots[slot] for slot in step.inputs])
        _insert(build, step, composed(parts))
    return build.plan()


def _is_composed(step: Step, slots: list[Slot]) -> bool:
    if step.op in _OF_FLOAT64:
        return slots[step.inputs[0]].dtype == np.float64
    return step.op in GENERAL


def _parts(step: Step, operands: list[Slot]) -> Plan:
    """What the general definition of that primitive does, as a plan of the operands."""
    tracer = Tracer(numpy_namespace)
    with tracing(tracer), holding(within, tracing_namespace), numpy_namespace.quiet():
        given = [tracer.input(np.zeros(slot.shape, slot.dtype)) for slot in operands]
        general: Callable[..., Any] = getattr(Namespace, step.op)
        settings = dict(step.settings)
        if "args" in settings:
            named = {name: fill(value, given) for name, value in settings["kwargs"]}
            found = general(tracing_namespace, *fill(settings["args"], given), **named)
        else:
            found = general(tracing_namespace, *given, **settings)
        results = found if isinstance(found, tuple) else (found,)
        outputs = tuple(tracer.traced(x).slot for x in results)
        constants = dict(tracer.constants)
        captured = {slot: np.asarray(x) for slot, x in tracer.captured}
    constants |= {slot: Constant.of(x) for slot, x in captured.items()}
    return Plan(
        tuple(tracer.slots), tuple(tracer.inputs), tuple(constants.items()), tuple(tracer.steps),
        outputs,
    )  # fmt: skip


def _insert(build: Builder, step: Step, parts: Plan) -> None:
    """Add the steps of `parts` in the place of `step`."""
    here = dict(zip(parts.inputs, step.inputs, strict=True))
    here |= {slot: build.constant(constant.array()) for slot, constant in parts.constants}
    for part in parts.steps:
        for slot in part.outputs:
            here[slot] = build.slot(parts.slots[slot].shape, parts.slots[slot].dtype)
        build.add(replace(
            part, inputs=tuple(here[slot] for slot in part.inputs),
            outputs=tuple(here[slot] for slot in part.outputs), line=step.line,
        ))  # fmt: skip
    for old, new in zip(step.outputs, parts.outputs, strict=True):
        build.replace(old, here[new])
