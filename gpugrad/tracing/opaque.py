"""Steps of a trace that call the base namespace again when they are run.

They are effects, and what no engine knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from gpugrad.backends import Array, Namespace, is_mask
from gpugrad.backends.host_calls import HostFunction
from gpugrad.errors import ImpureFunction, TrackedConversion
from gpugrad.plan.plan import Operand, Settings, Slot
from gpugrad.plan.primitive import EFFECT, Primitive
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.settings import settled
from gpugrad.tracing.deferred import Deferred
from gpugrad.tracing.held_effects import check_effect, stand_ins
from gpugrad.tracing.tracer import Traced, Tracer, active, untraced, user_line
from gpugrad.types import Key

V = TypeVar("V")


def value_of(x: V) -> V | Array:
    """The array or number for which `x` stands in this run."""
    return x.value if isinstance(x, Traced) else x


def like(x: V) -> V | Array:
    """An array of the shape and dtype of `x` on its device, where nobody looks at values."""
    if not isinstance(x, Traced):
        return x
    return x.held.like() if type(x.held) is Deferred else x.value


def unwrapped(x: object) -> object:
    """Arguments with the values of traced arrays."""
    if isinstance(x, Traced):
        return x.value
    if isinstance(x, tuple | list):
        return type(x)(map(unwrapped, x))
    return x


def template(x: object, tracer: Tracer, operands: list[Traced]) -> object:
    """Arguments with an `Operand` for each array, which is added to `operands`."""
    if isinstance(x, tuple | list):
        return tuple(template(part, tracer, operands) for part in x)
    if isinstance(x, type) and issubclass(x, np.generic):       # which has the attributes of arrays
        return np.dtype(x)
    if isinstance(x, slice):
        return settled(x)
    if not hasattr(x, "shape") or isinstance(x, np.dtype):      # which has a shape of its own
        return x
    operands.append(tracer.traced(x))
    return Operand(len(operands) - 1)


def _call(
    tracer: Tracer, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[tuple[Traced, ...], Settings]:
    """The operands of a called function and the settings of its step."""
    operands: list[Traced] = []
    given = template(args, tracer, operands)
    named = tuple((k, template(v, tracer, operands)) for k, v in kwargs.items())
    return tuple(operands), (("args", given), ("kwargs", named))


def _values(
    name: str, tracer: Tracer, args: Sequence[object], kwargs: Mapping[str, object]
) -> object:
    """What the base namespace makes of these arguments."""
    named = {k: unwrapped(v) for k, v in kwargs.items()}
    return untraced(getattr(tracer.base, name), *map(unwrapped, args), **named)


def opaque(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> Traced:
    """Note a call of that function of the base namespace as a step, which calls it again."""
    tracer = active()
    operands, settings = _call(tracer, args, kwargs)
    values = _values(name, tracer, args, kwargs)
    if isinstance(values, tuple | list):
        arrays = tuple(tracer.base.as_array(y) for y in values)
        if not arrays:
            return arrays  # type: ignore[return-value]  # of which nobody reads anything
        several = tracer.emit_several(name, operands, arrays, settings)
        return several  # type: ignore[return-value]  # as the function itself has them
    if not operands:
        return tracer.literal(tracer.base.to_numpy(tracer.base.as_array(values)))
    return tracer.emit(name, operands, tracer.base.as_array(values), settings)


def _effect(
    row: Primitive, args: Sequence[object], kwargs: Mapping[str, object]
) -> Traced | tuple[Traced, ...] | None:
    """A step that is an effect: it runs now, but in a branch or loop, whose plan is run then."""
    tracer = active()
    check_effect(row.name)
    assert row.makes is not None
    operands, settings = _call(tracer, args, kwargs)
    slots = row.makes(tuple(tracer.slots[x.slot] for x in operands), dict(settings))
    if tracer.parent is not None:
        values = stand_ins(slots, operands, tracer.base)
    else:
        found = _values(row.name, tracer, args, kwargs)
        parts = () if found is None else found if isinstance(found, tuple | list) else (found,)
        values = tuple(tracer.base.copy(tracer.base.as_array(part)) for part in parts)
    results = tracer.emit_several(row.name, operands, values, settings)
    made = tuple(tracer.slots[x.slot] for x in results)
    if made != slots:
        raise ImpureFunction(
            f"{user_line()}: the effect {row.name!r} gives {', '.join(map(str, made)) or 'nothing'}"
            f", and `makes` in its row says {', '.join(map(str, slots)) or 'nothing'}."
        )
    return None if not results else results[0] if len(results) == 1 else results


def host_call(function: HostFunction, operands: Sequence[Array]) -> tuple[Traced, ...]:
    """A call of a function from outside, whose results keep their shapes from now on.

    In a branch or loop, whose plan is run then, it is not called now if it says what it gives.
    """
    tracer, args = active(), (function.settled(), *operands)
    if tracer.parent is None or function.result is None:
        return opaque("host_call", args, {})  # type: ignore[return-value]  # several
    given, settings = _call(tracer, args, {})
    specs = function.specs([(tuple(x.shape), x.dtype) for x in given])
    assert specs is not None
    slots = [Slot(tuple(shape), np.dtype(dtype)) for shape, dtype in specs]
    values = stand_ins(slots, given, tracer.base)
    return tracer.emit_several("host_call", given, values, settings)


def _from_outside(x: object, refusal: str) -> Array | None:
    """The array outside for which `x` stands, which is looked at before each call.

    There is none for a constant. Raises `TrackedConversion` for another one, whose values may
    change.
    """
    tracer = active()
    traced = tracer.traced(x)
    found = tracer.captured_as(traced)
    if found is None and traced.slot not in tracer.constants:
        raise TrackedConversion(f"{user_line()}: {refusal}")
    return found


def _check_values(name: str, args: Sequence[object]) -> None:
    """Raises `TrackedConversion` where values that decide about a shape may change."""
    tracer = active()
    for x in args:
        if not hasattr(x, "shape"):
            continue
        found = _from_outside(
            x,
            f"{name!r} of a value that gg.jit traces: the shape of the result would depend on "
            "values. Compute it outside and pass it as an argument, or choose elements with "
            "gg.where.",
        )
        if found is not None:
            tracer.read[id(found)] = tracer.base.copy(found)
            tracer.base.synchronize()               # later calls may be on other streams


def check_masks(key: Key) -> None:
    """The same for masks, whose number of hits counts."""
    tracer = active()
    for x in key:
        if not is_mask(x):
            continue
        found = _from_outside(
            x,
            "x[mask] with a mask that gg.jit traces: the shape of the result would depend on "
            "values. Choose elements with gg.where(mask, x, 0), or write x[mask] = value, which "
            "keeps the shape.",
        )
        if found is not None:
            tracer.counts[id(found)] = int(tracer.base.count_nonzero(found))


def opaque_method(name: str) -> Callable[..., Traced]:
    """The method of the tracing namespace that notes calls of that function so."""
    row = PRIMITIVES.get(name)
    by_values = row is not None and row.shaped_by_values

    def method(self: Namespace, *args: object, **kwargs: object) -> Traced:
        if row is not None and row.kind == EFFECT:
            return _effect(row, args, kwargs)  # type: ignore[return-value]  # or several, or nothing
        if by_values:
            _check_values(name, args)
        return opaque(name, args, kwargs)

    method.__name__ = name
    return method
