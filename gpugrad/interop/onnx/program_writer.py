"""Programs as graphs: each step by its row, and a refusal for what has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpugrad.errors import UnsupportedOperand
from gpugrad.interop.onnx.agreed import Program
from gpugrad.interop.onnx.batch_sizes import Size
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.whole_table import ROWS, Use
from gpugrad.plan.plan import Step, leaves

_REASONS = {
    "random_bits": "random", "random_uniform": "random", "host_call": "host",
    "host_effect": "host", "communicate": "host",
}  # fmt: skip

_SAID = {
    "random": "draws random numbers, which a file would repeat in each run: leave out the key, as "
    "of gg.nn.Dropout, or pass the numbers as an argument.",
    "host": "calls a function of Python, which a file cannot hold: do it before or after the "
    "function that is exported.",
    "": "has no operator in ONNX: compute it before or after the function that is exported, or of "
    "others (the guide says which have one).",
}


def write(g: Graph, program: Program, given: Sequence[Value]) -> list[Value]:
    """Write the steps of a program, given the values of its inputs; what its outputs are."""
    values = dict(zip(program.inputs, given, strict=True))

    def value(slot: int) -> Value:
        if slot not in values:
            known = program.constants[slot]
            if isinstance(known, np.ndarray):
                values[slot] = g.constant(known, program.names.get(slot, ""))
            else:
                values[slot] = g.given(known)
        return values[slot]

    for step in program.steps:
        if step.op == "check_labels":               # a file cannot raise
            continue
        row = ROWS.get(step.op)
        if row is None:
            raise _refusal(step)
        use = Use(
            step,
            tuple(map(value, step.inputs)),
            tuple(program.slots[slot] for slot in step.inputs),
            tuple(program.slots[slot] for slot in step.outputs),
            tuple(_array(program.constants.get(slot)) for slot in step.inputs),
            write,
        )
        try:
            found = row(g, use)
        except TypeError as error:                  # of a `Size`, which is no number
            sized = any(isinstance(x, Size) for x in leaves(step.settings))
            if isinstance(error, UnsupportedOperand) or not sized:
                raise
            raise UnsupportedOperand(
                f"{step.line}: gg.interop.to_onnx: {step.op!r} has a setting that depends on the "
                "batch size, and its operator a fixed one: compute it without the batch size."
            ) from error
        results = found if isinstance(found, list) else [found]
        values.update(zip(step.outputs, results, strict=True))
    return [value(slot) for slot in program.outputs]


def _array(known: object) -> np.ndarray | None:
    return known if isinstance(known, np.ndarray) else None


def _refusal(step: Step) -> UnsupportedOperand:
    said = _SAID[_REASONS.get(step.op, "")]
    return UnsupportedOperand(f"{step.line}: gg.interop.to_onnx: {step.op!r} {said}")
