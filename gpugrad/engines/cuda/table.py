"""The table of addresses: where in memory lies what changes from call to call.

A captured graph launches its kernels with the arguments of the capture. What a call brings (inputs
that are not donated, numbers, arrays for the results) is therefore reached through a table in
device memory: one small launch before the graph writes the addresses, which it gets by value, and
each kernel takes its own from there. So nothing is copied in or out. Numbers come first, each in
two words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from gpugrad.engines.cuda.given import Numbers
from gpugrad.types import Array

MOST = 480
"""Words that one launch writes: the arguments of a kernel are limited to 4 KiB."""

BLOCK = 128
"""Threads of that launch, and what it is asked for: CuPy makes one block of them."""

NUMBERS = {"b": "?15x", "i": "q8x", "f": "d8x", "c": "dd"}
"""How a Python number lies in two words, by the kind of its dtype."""


@dataclass(frozen=True)
class Pointer:
    """A slot that a kernel reads or writes, and the C++ type of its address.

    `s7` is the array of slot 7, `o7` a copy with its elements in order, which lies where it lies.
    """

    slot: int
    kind: str
    stem: str = "s"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a kernel: its C++ type, a pointer, and its name."""

    kind: str
    name: str

    @property
    def declared(self) -> str:
        """As it stands in the head of the kernel."""
        return f"{self.kind}{self.name}"


TABLE = Parameter("void *const *", "table")


def passed(
    pointers: Sequence[Pointer], words: Mapping[int, int], numbers: Numbers
) -> tuple[list[Parameter], list[str], tuple[int, ...]]:
    """How a kernel gets its parameters.

    These are the parameters, the lines that take the others from the table, and the slots that are
    parameters. There are lines if and only if the first parameter is the table, whose words are
    given by number.
    """
    found = [p for p in pointers if p.slot in words and p.stem == "s"]
    direct = [p for p in pointers if p not in found]
    lines = [
        f"{p.kind}s{p.slot} = static_cast<{p.kind}>(table[{place}]);"
        for p in found
        for place in (numbers("int", f"w{p.slot}", words[p.slot]),)
    ]
    parameters = [Parameter(p.kind, f"{p.stem}{p.slot}") for p in direct]
    if lines:
        parameters.insert(0, TABLE)
    return parameters, lines, tuple(p.slot for p in direct)


def words_of(count: int) -> Array:
    """The table as the host writes it."""
    return np.zeros(count, np.uint64)


def by_value(words: np.ndarray, start: int) -> object:
    """Words of a table, which this keeps, as an argument that a launch takes by value.

    CuPy takes a structure by value too, and asks in each launch where it lies, for 2.7 us.
    """
    return _pointer()(words[start:])


@cache
def _pointer() -> type:
    from cupy.cuda.function import CPointer

    class Pointing(CPointer):  # type: ignore[misc]  # which mypy does not see
        """A pointer to words, which it keeps."""

        def __init__(self, words: np.ndarray) -> None:
            super().__init__(words.ctypes.data)
            self.words = words

    return Pointing


def name(count: int) -> str:
    """The name of the kernel that writes a table of so many words."""
    return f"write_{count}_words"


def giver(count: int) -> str:
    """That kernel.

    Each thread reads another word, so they must be read where the launch has put them: without
    `__grid_constant__`, the compiler may copy all of them to the stack of each thread first.
    """
    return f"""struct Words{count} {{ unsigned long long word[{count}]; }};
extern "C" __global__ void
{name(count)}(unsigned long long *table, const __grid_constant__ Words{count} words) {{
  for (int i = threadIdx.x; i < {count}; i += blockDim.x) table[i] = words.word[i];
}}
"""
