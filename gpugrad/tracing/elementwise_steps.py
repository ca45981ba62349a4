"""Elementwise steps of a trace: of arrays and numbers, in the dtypes that the primitive takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gpugrad.backends import Namespace, kind_of, result_type
from gpugrad.plan.primitive import Scalar
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.tracing import deferred, integer_ranges
from gpugrad.tracing.opaque import opaque, value_of
from gpugrad.tracing.tracer import Traced, Tracer, active, weak_type
from gpugrad.tracing.weak_numbers import (
    are_integers,
    as_traced,
    by_python,
    cast,
    cast_weak,
    known_range,
)
from gpugrad.types import NUMBERS, DType, Value


def elementwise(name: str, scalar: Scalar) -> Callable[..., Traced]:
    """The method of the tracing namespace that notes that elementwise primitive."""
    counts_booleans = PRIMITIVES[name].counts_booleans

    def method(self: Namespace, *operands: Value) -> Traced:
        tracer = active()
        base = tracer.base
        given: list[Any] = []
        weak = True                                 # as long as there are only numbers
        for x in operands:
            if type(x) not in NUMBERS:
                x = tracer.traced(x)
                weak = weak and x.weak is not None
            given.append(x)
        operands = tuple(given)
        if weak and counts_booleans:
            operands = _as_numbers(name, operands, tracer)
        within = None
        if weak and name in integer_ranges.CHECKED and are_integers(operands):
            ranges = [known_range(tracer, x) for x in operands]
            within = integer_ranges.range_of_result(name, ranges)
            by_float = name == "divide" and integer_ranges.is_plain_quotient(ranges)
            if within is None and not by_float:
                return by_python(name, operands)
        values = [value_of(x) if weak else _as_operand(x) for x in operands]
        y = deferred.elementwise(base, getattr(base, name), values)
        dtypes = _operand_dtypes(scalar, operands, y.dtype)
        if dtypes is None:
            return opaque("compared", (name, *operands), {})
        as_dtype = cast_weak if weak else cast
        inputs = tuple([as_dtype(x, dtype) for x, dtype in zip(operands, dtypes, strict=True)])
        result = tracer.emit(name, inputs, y)
        if weak:
            result.weak = weak_type(y.dtype)
        if within is not None:
            tracer.ranges[result.slot] = within
        return result

    method.__name__ = name
    return method


def of_numbers(name: str, *operands: Value) -> Traced:
    """A primitive without a scalar expression, which may be one of numbers alone."""
    if any(type(x) not in NUMBERS and not (type(x) is Traced and x.weak) for x in operands):
        return opaque(name, operands, {})
    traced = [as_traced(x) for x in operands]
    if are_integers(traced):
        return by_python(name, traced)
    found: Traced = opaque(name, tuple(traced), {})
    return Traced(found.tracer, found.slot, found.value, weak_type(found.dtype))


def _as_operand(x: Value) -> Value | deferred.Deferred:
    """What the base namespace gets: for a number one of Python, which is weak there too."""
    if type(x) is not Traced:
        return x
    return x.weak(x.value) if x.weak is int else x.held


def _as_numbers(
    name: str, operands: tuple[Value, ...], tracer: Tracer
) -> tuple[Traced, ...]:
    """Numbers such that the library calculates as Python does: True is 1, and 2 ** -1 is 0.5."""
    numbers = tuple(x if type(x) is Traced else as_traced(x) for x in operands)
    kinds = {x.weak for x in numbers}
    if kinds == {bool}:
        numbers = tuple(cast_weak(x, np.dtype("int64")) for x in numbers)
    if name == "power" and kinds <= {int, bool}:
        base, exponent = numbers
        if exponent.slot in tracer.constants and exponent.value < 0:
            numbers = (base, cast_weak(exponent, np.dtype("float64")))
    return numbers


def _operand_dtypes(
    scalar: Scalar, operands: Sequence[Value], result: DType
) -> tuple[DType, ...] | None:
    """The dtypes in which an elementwise primitive takes its operands.

    `None` if no one has all that they may be.
    """
    if scalar.takes == "result":
        return (result,) * len(operands)
    if scalar.takes == "select":
        return (np.dtype(bool), result, result)
    if scalar.takes == "common":
        common = _common(operands)
        return None if common is None else (common,) * len(operands)
    return tuple(
        np.asarray(x).dtype if isinstance(x, int | float | complex) else x.dtype for x in operands
    )


def _common(operands: Sequence[Value]) -> DType | None:
    """The dtype in which operands are compared.

    `None` for integers if none has all of them: one of Python may be beyond those of the array, and
    those of `uint64` are beyond `int64`.
    """
    arrays = [x.dtype for x in operands if type(x) is Traced and not x.weak]
    numbers: list[Any] = [x for x in operands if type(x) is not Traced or x.weak]
    kinds: list[Any] = [x.weak if type(x) is Traced else type(x) for x in numbers]
    integers = all(kind_of(dtype) in "biu" for dtype in arrays) and {int, bool}.issuperset(kinds)
    if not integers:
        return result_type(*arrays, *(kind(0) for kind in kinds))
    own = result_type(*arrays, np.bool_)
    if int not in kinds:
        return None if kind_of(own) == "f" else own
    tracer = active()
    ranges = [
        known_range(tracer, x) if type(x) is Traced else (int(x), int(x)) for x in numbers
    ]
    for dtype in (own, np.dtype("int64"), np.dtype("uint64")):
        if kind_of(dtype) in "iu" and result_type(own, dtype) == dtype:
            limits = np.iinfo(dtype)
            if all(limits.min <= low and high <= limits.max for low, high in ranges):
                return dtype
    return None
