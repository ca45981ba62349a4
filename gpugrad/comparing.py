"""What values are told apart by where they decide what a program does."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from types import CellType, FunctionType
from typing import Any

import numpy as np


class Itself:
    """An object that no other is equal to; it is kept, and with it its place in memory."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def key(value: Any) -> Hashable:
    """What a value is compared by, as it is now: its type and all that it holds.

    Functions that do the same are equal, so that one may be defined anew at each run: those of the
    same code that close over the same objects. Other objects are compared as they say, and by their
    attributes where they cannot be hashed.
    """
    kind = type(value)
    if kind in (bool, int, str, bytes):
        return kind, value
    if isinstance(value, FunctionType):
        return _of_function(value)
    if isinstance(value, list | tuple):
        return kind, *map(key, value)
    if isinstance(value, dict):
        return kind, *((key(name), key(x)) for name, x in value.items())
    if isinstance(value, set | frozenset):
        return kind, frozenset(map(key, value))
    if isinstance(value, float | complex):
        return kind, repr(value)                    # which tells zeros apart, and knows NaN
    if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
        return kind, value.dtype, value.shape, value.tobytes()
    if isinstance(value, partial):
        return kind, key(value.func), key(value.args), key(value.keywords)
    try:
        hash(value)
    except TypeError:
        return kind, key(attributes(value)) if hasattr(value, "__dict__") else Itself(value)
    return kind, value


def _of_function(function: FunctionType) -> Hashable:
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return (
        FunctionType, function.__code__, Itself(function.__globals__),
        tuple(map(_held, defaults)), tuple(map(_of_cell, function.__closure__ or ())),
    )  # fmt: skip


def _of_cell(cell: CellType) -> Hashable:
    try:
        return _held(cell.cell_contents)
    except ValueError:                              # of a name that has no value yet
        return Itself(cell)


def _held(value: object) -> Hashable:
    """What a function holds: numbers and words, or the object itself, which may change."""
    if isinstance(value, bool | int | float | complex | str | bytes):
        return key(value)
    if isinstance(value, FunctionType) and value.__closure__ is None:
        return _of_function(value)
    return Itself(value)


def attributes(x: object) -> dict[str, Any]:
    """All that an object holds: in slots, and in its dictionary."""
    found: dict[str, Any] = {}
    for cls in reversed(type(x).__mro__):
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name in ("__dict__", "__weakref__"):
                continue
            if name.startswith("__") and not name.endswith("__"):
                name = f"_{cls.__name__.lstrip('_')}{name}"     # as the compiler calls it
            if hasattr(x, name):
                found[name] = getattr(x, name)
    return found | getattr(x, "__dict__", {})
