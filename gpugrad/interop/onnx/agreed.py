"""One program of runs with several batch sizes: what differs is a function of the batch size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpugrad.errors import UnsupportedOperand
from gpugrad.interop.onnx.batch_sizes import (
    Differs,
    Given,
    Lengths,
    agreed_array,
    agreed_integer,
    agreed_lengths,
)
from gpugrad.interop.onnx.runs import Run
from gpugrad.plan.plan import Plan, Step


@dataclass(frozen=True)
class Sized:
    """An array by its lengths, of which some follow from the batch size, and its dtype."""

    lengths: Lengths
    dtype: np.dtype


@dataclass(frozen=True)
class Program:
    """A plan for any batch size; in the settings of its steps stand lengths and programs.

    Of `constants`, those with a `names` are arrays from outside.
    """

    slots: tuple[Sized, ...]
    inputs: tuple[int, ...]
    constants: dict[int, np.ndarray | Given]
    names: dict[int, str]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]


def agreed(
    runs: Sequence[Run], batches: Sequence[int], name: Callable[[Any], str]
) -> Program:
    """The program that each of the runs is for its batch size.

    `name` says what an array from outside is called. Raises `Differs` where they have no common
    form, and says at which line.
    """
    first = runs[0]
    if len({(run.arguments, len(run.captured), tuple(run.paths)) for run in runs}) > 1:
        raise Differs("the arrays that it reads, or returns, are others for each batch size")
    outside: dict[int, np.ndarray | Given] = {}
    names: dict[int, str] = {}
    read = set(_read(run.plan for run in runs))
    for each in zip(*(run.captured for run in runs), strict=True):
        slot, array, values = each[0]
        if slot not in read:
            continue
        if all(x is array for _, x, _ in each):
            outside[slot], names[slot] = values, name(array)
        else:
            with _at(_line(first.plan, slot), "an array from outside"):
                outside[slot] = agreed_array([x for _, _, x in each], batches)
    return _program([run.plan for run in runs], batches, first.arguments, outside, names)


class _at:
    """Says of what differs inside where it stands, and what it is."""

    def __init__(self, line: str, what: str) -> None:
        self.line, self.what = line, what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Differs):
            where = f"{self.line}: " if self.line else ""
            raise Differs(f"{where}{self.what} {error}") from None


def _program(
    plans: Sequence[Plan],
    batches: Sequence[int],
    arguments: int,
    outside: dict[int, np.ndarray | Given],
    names: dict[int, str],
) -> Program:
    first = plans[0]
    operations = [[(x.op, x.inputs, x.outputs) for x in plan.steps] for plan in plans]
    for steps in zip(*operations, strict=False):
        if len(set(steps)) > 1:
            step = first.steps[operations[0].index(steps[0])]
            raise Differs(
                f"{step.line}: it does something else for each batch size, of which the first is "
                f"{step.op}"
            )
    if len(set(map(len, operations))) > 1 or len({plan.outputs for plan in plans}) > 1:
        raise Differs("it does something else for each batch size")
    known = [dict(plan.constants) for plan in plans]
    used = set(_read([first]))
    constants = dict(outside)
    for slot in known[0]:
        if slot in used:
            with _at(_line(first, slot), "a constant"):
                constants[slot] = agreed_array([each[slot].array() for each in known], batches)
    made = {*used, *(slot for step in first.steps for slot in step.outputs), *first.inputs}
    slots = []
    for number, each in enumerate(zip(*(plan.slots for plan in plans), strict=False)):
        if number not in made:
            slots.append(Sized((), each[0].dtype))
            continue
        if len({(slot.dtype, len(slot.shape)) for slot in each}) > 1:
            raise Differs(f"{_line(first, number)}: dtypes and axes are others for each batch size")
        with _at(_line(first, number), "a length"):
            lengths = agreed_lengths([slot.shape for slot in each], batches)
        slots.append(Sized(lengths, each[0].dtype))
    for sized in slots:
        if sized.dtype == np.uint64:
            raise UnsupportedOperand(
                "gg.interop.to_onnx: a value is of dtype uint64, with which onnxruntime hardly "
                "computes: convert it, as in gg.astype(x, 'int64')."
            )
        if sized.dtype.kind not in "biuf" and sized.dtype.name != "bfloat16":
            raise UnsupportedOperand(
                f"gg.interop.to_onnx: a value is of dtype {sized.dtype}, for which operators of "
                "ONNX have none: compute with the real and imaginary parts, as real numbers."
            )
    steps = tuple(
        _step(each, batches) for each in zip(*(plan.steps for plan in plans), strict=True)
    )
    return Program(
        tuple(slots), first.inputs[:arguments], constants, names, steps, first.outputs
    )


def _step(steps: Sequence[Step], batches: Sequence[int]) -> Step:
    first = steps[0]
    with _at(first.line, f"a setting of {first.op}"):
        settings = _agree([step.settings for step in steps], batches)
    return Step(first.op, first.inputs, first.outputs, settings, (), first.line)


def _agree(values: Sequence[Any], batches: Sequence[int]) -> Any:
    """The setting that each of these is for its batch size."""
    first = values[0]
    kinds = {type(value) for value in values}
    if len(kinds) > 1 or (isinstance(first, tuple) and len({len(value) for value in values}) > 1):
        raise Differs("is another one for each batch size")
    if isinstance(first, Plan):
        return _program(values, batches, len(first.inputs), {}, {})
    if isinstance(first, tuple):
        return tuple(_agree(each, batches) for each in zip(*values, strict=True))
    if isinstance(first, slice):
        parts = [[x.start, x.stop, x.step] for x in values]
        return slice(*(_agree(each, batches) for each in zip(*parts, strict=True)))
    if kinds == {int}:
        return agreed_integer(values, batches)
    if any(value is not first and value != first for value in values):
        raise Differs("is another one for each batch size")
    return first


def _read(plans: Iterable[Plan]) -> Iterable[int]:
    for plan in plans:
        yield from plan.read()


def _line(plan: Plan, slot: int) -> str:
    """Where a slot is first used or made."""
    return next((step.line for step in plan.steps if slot in (*step.inputs, *step.outputs)), "")
