"""Python numbers in a trace: in what range they are, how they are calculated and cast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

import numpy as np

from gpugrad.backends.integers import ALL, ARITHMETIC
from gpugrad.tracing import integer_ranges
from gpugrad.tracing.opaque import opaque
from gpugrad.tracing.tracer import Traced, Tracer, active, weak_type
from gpugrad.types import NUMBERS, DType, Value


def known_range(tracer: Tracer, x: Traced) -> integer_ranges.Range:
    """In what range `x`, which stands for an integer, is in every run."""
    constant = tracer.constants.get(x.slot)
    if constant is not None:
        number = int(constant.array())
        return number, number
    return (0, 1) if x.weak is bool else tracer.ranges.get(x.slot, ALL)


def as_traced(value: Value) -> Traced:
    """A number or array as one of the trace at work."""
    if type(value) in NUMBERS:
        return cast_weak(value, np.asarray(value).dtype)
    return active().traced(value)


def are_integers(operands: Iterable[object]) -> TypeGuard[tuple[Traced, ...]]:
    """Whether all operands stand for integers or booleans of Python."""
    return all(type(x) is Traced and x.weak in (int, bool) for x in operands)


def by_python(name: str, operands: Sequence[Traced]) -> Traced:
    """Arithmetic of integers that arrays may do otherwise, as a step of its own."""
    constants = active().constants
    if all(x.slot in constants for x in operands):
        numbers = [int(constants[x.slot].array()) for x in operands]
        return as_traced(ARITHMETIC[name](*numbers))
    found: Traced = opaque("of_integers", (name, *operands), {})
    return Traced(found.tracer, found.slot, found.value, weak_type(found.dtype))


def holds(dtype: DType, x: Traced) -> bool:
    """Whether a dtype of integers holds the one of Python that `x` stands for, in every run."""
    limits = np.iinfo(dtype)
    smallest, largest = known_range(active(), x)
    return limits.min <= smallest and largest <= limits.max


def cast(x: Value, dtype: DType) -> Traced:
    """An operand, number or array, as an array of that dtype."""
    if type(x) is not Traced:
        return active().literal(x, dtype)
    if x.dtype == dtype and not x.weak:
        return x
    if dtype == np.bool_ != x.dtype:
        return active().traced(Traced.home.not_equal(x, 0))
    return active().traced(Traced.home.astype(x, dtype))


def cast_weak(x: Value, dtype: DType) -> Traced:
    """The same where all operands are numbers: the result is one too."""
    found = cast(x, dtype)
    return Traced(found.tracer, found.slot, found.value, weak_type(dtype))
