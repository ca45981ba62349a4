"""Functions of gpugrad called with the parameters of NumPy's function of that name.

They take those of the standard as they are; all others go the way of calls from outside.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from gpugrad.core.op_namespace import namespace as ops
from gpugrad.core.outside import from_outside
from gpugrad.errors import UnsupportedOperand

if TYPE_CHECKING:
    from gpugrad.core.rules import Operation


class _Absent:
    """What stands for an operand that was not given: NumPy may call it otherwise."""

    __slots__ = ()


ABSENT = _Absent()


def as_numpy(
    op: Operation,
    placed: tuple[object, ...],
    more: tuple[object, ...],
    named: dict[str, object],
    words: dict[str, object],
) -> Any:
    """The op with what its own signature has no place for: `more` by place, and `words` by name."""
    defaults = {p.name: p.default for p in op.parameters}
    given = {
        name: value for name, value in named.items()
        if value is not defaults[name] and value is not ABSENT
    }  # fmt: skip
    if more:
        return called(op.name, (*placed, *more), {**given, **words})
    # What was left out, or given by name.
    known = dict(zip(defaults, placed, strict=False))
    operands = [known.pop(name) for name in op.arrays if name in known]
    count = next((i for i, x in enumerate(operands) if x is ABSENT), len(operands))
    while count and operands[count - 1] is defaults[op.arrays[count - 1]]:
        count -= 1
    args = tuple(operands[:count])
    given |= {
        name: value for name, value in known.items()
        if value is not defaults[name] and value is not ABSENT
    }  # fmt: skip
    return called(op.name, args, {**given, **words})


def called(
    name: str, args: tuple[object, ...], kwargs: dict[str, object], room: str = ""
) -> Any:
    """The function of that name with arguments as NumPy's takes them; `room` is NumPy's module."""
    theirs = _theirs(name, room)
    if theirs is None:
        raise UnsupportedOperand(_refusal(name, args, kwargs))
    return from_outside(theirs.__name__, theirs, args, kwargs)


def _refusal(name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> str:
    """What is wrong with the arguments of a function that NumPy has not."""
    if name not in vars(ops):
        return f"gg.{name} was given what it does not take: help(gg.{name}) shows its arguments."
    parameters = list(signature(vars(ops)[name]).parameters.values())
    missing = [
        p.name for i, p in enumerate(parameters)
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        and p.name not in kwargs and (i >= len(args) or p.kind is p.KEYWORD_ONLY)
    ]  # fmt: skip
    found = f"was given {', '.join(kwargs) or f'{len(args)} arguments by their places'}"
    if missing:
        found = f"was not given {', '.join(missing)}"
    return f"gg.{name} {found}; it takes {', '.join(p.name for p in parameters)}."


def _theirs(name: str, room: str) -> Any:
    """NumPy's function of that name; ops of linear algebra and transforms are in rooms of it."""
    if hasattr(np, room):
        return getattr(getattr(np, room), name, None)
    for module in (np, np.linalg):
        if hasattr(module, name):
            return getattr(module, name)
    return getattr(np.fft, name.removeprefix("fft_"), None) if name.startswith("fft_") else None
