"""What a step may say: the settings that there can be, and arrays that stand in for its operands.

Each check raises `TypeError`.
"""

from __future__ import annotations

from functools import lru_cache
from reprlib import repr as short
from typing import TypeAlias

import numpy as np

from gpugrad.plan.plan import Operand, Slot, leaves
from gpugrad.types import Array

Slots: TypeAlias = tuple[Slot, ...]
Shape: TypeAlias = tuple[int, ...]

KEPT = 2**10
"""Answers that are remembered, of each kind."""


def expect(settings: dict[str, object], *names: str) -> None:
    """Raises `TypeError` unless the settings are those of these names."""
    if {*settings} != {*names}:
        raise TypeError(f"its settings are {short([*settings])}; expected {[*names]}")


def length_of(n: object) -> int:
    """`n`, a number from 0 on; raises `TypeError` for anything else."""
    if type(n) is not int or n < 0:
        raise TypeError(f"{short(n)} stands where a number from 0 is expected")
    return n


def shape_of(shape: object) -> Shape:
    """`shape`, a tuple of numbers from 0 on; raises `TypeError` for anything else."""
    if type(shape) is not tuple:
        raise TypeError(f"{short(shape)} is no shape")
    return tuple(map(length_of, shape))


def check_key(key: object) -> tuple[object, ...]:
    """An index key; raises `TypeError` unless it holds numbers, slices, and arrays alone."""
    if type(key) is not tuple:
        raise TypeError(f"the key {short(key)} is no tuple")
    for part in key:
        ends = (part.start, part.stop, part.step) if type(part) is slice else ()
        if not (
            part is None or part is ... or type(part) in (int, slice, Operand)
        ) or not all(end is None or type(end) is int for end in ends):
            raise TypeError(f"{short(part)} is no part of an index key")
    return key


def check_setting(value: Array) -> None:
    """Raises `TypeError` for a setting that is no number, name, dtype, slice or tuple of these."""
    for part in leaves(value):
        if not (
            part is None
            or part is ...
            or type(part) in (bool, int, float, complex)
            or (type(part) is str and part.isidentifier())
            or isinstance(part, np.dtype)
            or (isinstance(part, type) and issubclass(part, np.generic))
        ):
            raise TypeError(f"{short(part)} is no setting of a function")


def stand_in(slot: Slot, number: int = 1) -> np.ndarray:
    """An array of that shape and dtype, all of whose elements are one number in memory.

    Raises `ValueError` where NumPy has no such array.
    """
    return np.broadcast_to(number_of(slot.dtype, number), slot.shape)


@lru_cache(KEPT)
def number_of(dtype: np.dtype, number: int = 1) -> np.ndarray:
    """A number of that dtype."""
    return np.full((), number, dtype)
