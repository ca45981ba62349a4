"""Plan: a traced computation as pure data. It does no arithmetic and knows no array library.

A plan is a list of steps over slots. A slot is an array of known shape and dtype: an input, a
constant, or the result of one step. Each slot is written once, so that passes can reason; where it
lies in memory is decided last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from math import prod
from os import PathLike
from typing import Any, TypeAlias

import numpy as np

Settings: TypeAlias = "tuple[tuple[str, Any], ...]"


@cache
def dtype_name(dtype: np.dtype) -> str:
    """The name of a dtype, which NumPy puts together anew each time."""
    return dtype.name


@dataclass(frozen=True, slots=True)
class Slot:
    """An array by its shape and dtype."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of its elements."""
        return prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Operand:
    """Stands in the settings of a step for its input of that number."""

    number: int


def leaves(setting: object) -> Iterator[object]:
    """What a setting consists of: the parts of tuples and the ends of slices, at every depth."""
    if type(setting) is tuple:
        for part in setting:
            yield from leaves(part)
    elif type(setting) is slice:
        yield from leaves((setting.start, setting.stop, setting.step))
    else:
        yield setting


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a primitive to slots.

    `settings` are what is not an array, by name. `body` are the steps that a fused step consists
    of; slots that only these use do not exist outside. `line` says where in the user's program it
    comes from. One without outputs is a check, which stays though nobody reads it.
    """

    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    settings: Settings = ()
    body: tuple[Step, ...] = ()
    line: str = field(default="", compare=False)

    def setting(self, name: str) -> Any:
        """The setting of that name; raises `KeyError`."""
        return dict(self.settings)[name]

    @property
    def plans(self) -> list[Plan]:
        """The plans that its settings hold, as of a branch or the body of a loop."""
        return [value for _, value in self.settings if isinstance(value, Plan)]


@dataclass(frozen=True, slots=True)
class Constant:
    """The value of a constant slot, compared bit by bit; padding is no part of it."""

    shape: tuple[int, ...]
    dtype: np.dtype
    data: bytes

    @classmethod
    def of(cls, array: np.ndarray) -> Constant:
        """The elements of `array` as they are now."""
        data = array.tobytes()
        if array.dtype.char in "gG" and np.finfo(array.dtype).nmant == 63:     # the x87's 80 bits
            numbers = np.frombuffer(data, np.uint8).reshape(-1, np.dtype("g").itemsize).copy()
            numbers[:, 10:] = 0
            data = numbers.tobytes()
        return cls(array.shape, array.dtype, data)

    def array(self) -> np.ndarray:
        """Its elements, read-only."""
        return np.frombuffer(self.data, self.dtype).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps over slots, in an order in which each comes after those it needs.

    `inputs` are the slots that a call fills, `constants` those that are known. `donated` pairs an
    input with the output that takes its memory. An output may be an input or a constant.
    """

    slots: tuple[Slot, ...]
    inputs: tuple[int, ...]
    constants: tuple[tuple[int, Constant], ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    donated: tuple[tuple[int, int], ...] = ()

    def users(self) -> dict[int, int]:
        """How many steps and outputs read each slot that is read at all."""
        return Counter(self.read())

    def read(self) -> Iterator[int]:
        """Each use of a slot, by a step or as an output."""
        return chain(*[step.inputs for step in self.steps], self.outputs)

    def moved(self, step: Step) -> int:
        """Bytes that a step reads and writes."""
        return sum(self.slots[i].nbytes for i in {*step.inputs, *step.outputs})

    def diff(self, other: Plan) -> str:
        """What is not the same in the listing of `other`, as a unified diff."""
        from gpugrad.plan.listing import diff

        return diff(self, other)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the plan to a file, which appears whole or not at all.

        Raises `PlanError` if a setting of a step cannot be written, or `load` would refuse it.
        """
        from gpugrad.plan.storage import save

        save(self, path)

    @staticmethod
    def load(path: str | PathLike[str]) -> Plan:
        """The plan in a file that `save` wrote; raises `PlanError` for any other file.

        Nothing in a file is run as code or believed. It can name the operations of gpugrad and
        NumPy's ufuncs alone, and each step must make what the plan says that it makes: the error
        names the step and the slot where it does not.
        """
        from gpugrad.plan.storage import load

        return load(path)

    def __str__(self) -> str:
        from gpugrad.plan.listing import listing

        return listing(self)


def last_uses(steps: Iterable[Step]) -> dict[int, int]:
    """For each slot that is read, the position of the last step that reads it."""
    found: dict[int, int] = {}
    for position, step in enumerate(steps):
        for slot in step.inputs:
            found[slot] = position
    return found
