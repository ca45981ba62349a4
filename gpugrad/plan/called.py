"""What a function of the library gives for arrays of these shapes and dtypes.

It is called with stand-ins to see it, which is how the tracer learns it too; so only where they
are small. What goes by elements is called with numbers, and broadcasts.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from math import prod
from reprlib import repr as short
from typing import Any

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.plan.claims import (
    KEPT,
    Slots,
    check_key,
    check_setting,
    expect,
    length_of,
    number_of,
    shape_of,
    stand_in,
)
from gpugrad.plan.interpret import run_step
from gpugrad.plan.passes.common import hashable
from gpugrad.plan.plan import Operand, Slot, Step
from gpugrad.plan.primitive import Call
from gpugrad.plan.primitives import CALLS, PRIMITIVES

TRIED = 2**22
"""Bytes of operands and results up to which a function is called to see what it gives. What a
larger call gives is compared with its slot when it runs."""


def called(
    step: Step, operands: Slots, claimed: Slots, settings: dict[str, object], known: bool
) -> Slots:
    """What `step` makes of these operands by calling a function.

    With `known=False`, functions of the user's own may be called, of which nothing is known.
    """
    expect(settings, "args", "kwargs")
    takes = function(step.op)
    if takes is None:
        if known:
            raise TypeError("a file may name the operations of gpugrad and NumPy's ufuncs alone")
        return claimed
    arrays, values = arguments(step.op, takes, settings)
    _check_arguments(step.op, arrays, values, len(operands))
    for name, value in values.items():
        if name == "shape":                         # of random numbers, for each of the keys
            shape = (*operands[0].shape[:-1], *shape_of(value))
            if (shape,) != tuple(slot.shape for slot in claimed):
                raise TypeError(f"it makes an array of shape {short(shape)}")
        if name == takes.sized and value is not None:
            if length_of(value) > 2 * max((n for slot in claimed for n in slot.shape), default=0):
                raise TypeError(f"it makes {short(value)} numbers")
    if step.op not in CALLS or step.op == "compared":
        return _broadcast(step, operands, arrays)
    if "shape" in values:                           # one of each key is enough
        one = {**values, "shape": ()}
        drawn = (("args", tuple(arrays)), ("kwargs", tuple(one.items())))
        (number,) = _tried(replace(step, settings=drawn), operands)
        return (Slot((*number.shape, *values["shape"]), number.dtype),)
    if step.op == "getitem" and values["key"] == (Operand(1),) and operands[1].dtype.kind in "iu":
        x, places = operands
        return (Slot((*places.shape, *x.shape[1:]), x.dtype),) if x.shape else ()
    if extent(step.op, operands) + sum(slot.nbytes for slot in claimed) > TRIED:
        return claimed
    made = _tried(step, operands)
    masks = step.op == "getitem" and any(slot.dtype.kind == "b" for slot in operands[1:])
    if (masks or PRIMITIVES[step.op].shaped_by_values) and len(made) == len(claimed):
        return tuple(map(_as_claimed, made, claimed))
    return made


@cache
def function(op: str) -> Call | None:
    """What the function of that name takes; `None` if a file may not name it."""
    found = CALLS.get(op)
    if found is None:
        ufunc = vars(np).get(op)                    # not by `getattr`, which imports modules
        if isinstance(ufunc, np.ufunc) and ufunc.signature is None:
            return Call(ufunc.nin)
    return found


def arguments(
    op: str, takes: Call, settings: dict[str, Any]
) -> tuple[list[object], dict[str, Any]]:
    """The arrays and the settings of a call, from the arguments that a step has for it.

    Raises `TypeError` if these are not what the function takes.
    """
    args, kwargs = list(settings["args"]), settings["kwargs"]
    if takes.names:
        name = args.pop(0)
        if type(name) is not str or name not in takes.names:
            raise TypeError(f"{short(name)} is nothing that {op} can do")
    count = len(args) if takes.names else takes.arrays
    named = [*takes.settings[: len(args) - count], *(name for name, _ in kwargs)]
    if len(args) < count or len(args) - count > len(takes.settings):
        raise TypeError(f"{op} has {len(args)} arguments")
    if len({*named}) != len(named) or not {*named} <= {*takes.settings}:
        raise TypeError(f"{op} takes no settings {short(named)}")
    values = dict(zip(named, [*args[count:], *(value for _, value in kwargs)], strict=True))
    return args[:count], values


_known: dict[object, Slots] = {}


def _tried(step: Step, operands: Slots) -> Slots:
    """What a function gives; for what was asked before, without another call."""
    key = (step.op, operands, hashable(step.settings))
    made = _known.get(key)
    if made is None:
        if len(_known) >= KEPT:
            _known.clear()
        made = _known[key] = _try(step, operands)
    return made


def extent(op: str, operands: Slots) -> int:
    """Bytes that are more than what a function of these operands needs."""
    if op == "getitem":
        return prod(slot.nbytes for slot in operands)
    longest = max(len(slot.shape) for slot in operands)
    shapes = [(1,) * (longest - len(slot.shape)) + slot.shape for slot in operands]
    lengths: list[int] = [max(axis) for axis in zip(*shapes, strict=True)]
    return prod(lengths) * max(slot.dtype.itemsize for slot in operands)


def _broadcast(step: Step, operands: Slots, arrays: list[object]) -> Slots:
    """What a function makes that goes by elements."""
    used = [operands[x.number] for x in arrays if type(x) is Operand]
    shape = np.broadcast_shapes(*(slot.shape for slot in used))
    numbers = [number_of(slot.dtype) for slot in operands]
    with numpy_namespace.quiet():
        made = run_step(step, numbers, numpy_namespace)
    return tuple(Slot(shape, y.dtype) for y in made)


def _check_arguments(op: str, arrays: list[object], values: dict[str, Any], count: int) -> None:
    """Raise `TypeError` unless the arguments hold each operand once.

    Numbers may stand for arrays in what broadcasts.
    """
    numbers = (bool, int, float, complex) if op not in CALLS or op == "compared" else ()
    if not all(type(x) is Operand or type(x) in numbers for x in arrays):
        raise TypeError(f"{short(arrays)} stand where arrays are expected")
    places: tuple[object, ...] = ()
    for value in values.values():
        if op == "getitem":
            places = check_key(value)
        else:
            check_setting(value)
    used = [x.number for x in (*arrays, *places) if type(x) is Operand]
    if not used or sorted(used) != list(range(count)):
        raise TypeError("its arguments are not its operands")


def _as_claimed(made: Slot, claimed: Slot) -> Slot:
    """`claimed` if it is of the same kind as what was `made` of other values."""
    same = len(made.shape) == len(claimed.shape) and made.dtype == claimed.dtype
    return claimed if same else made


def _try(step: Step, operands: Slots) -> Slots:
    """What a function gives for stand-ins: places that are there, matrices with an inverse."""
    number = 0 if PRIMITIVES[step.op].indexed else 1
    values = [stand_in(slot, number if slot.dtype.kind in "iu" else 1) for slot in operands]
    for i, slot in enumerate(operands):
        if len(slot.shape) > 1 and slot.shape[-1] == slot.shape[-2] and slot.dtype.kind in "fc":
            values[i] = np.broadcast_to(np.eye(slot.shape[-1], dtype=slot.dtype), slot.shape)
    with numpy_namespace.quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")             # of values, which are none
        made = run_step(step, values, numpy_namespace)
    return tuple(Slot(y.shape, y.dtype) for y in made)
