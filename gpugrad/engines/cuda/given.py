"""Numbers that a launch gives a kernel by value: sizes, strides, and the constants of a program.

They are no part of the source, so that one kernel serves arrays of all sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpugrad.engines.cuda.expressions import number, type_of

WORD = 8
"""Bytes of a word: each number lies in one, or a divisor in two."""

MOST = 4096
"""Bytes of all arguments of a kernel at most."""

DIVISOR = "gpugrad::Divisor"
"""The C++ type by which indices are divided: `gpugrad::Divisor<int>`."""

WRITTEN = frozenset({0.0, 1.0, 2.0, 0.5})
"""Numbers that are part of a kernel, with either sign: with these, a compiler leaves work out."""


@dataclass(frozen=True)
class Given:
    """A number by its name in a kernel, with its C++ type."""

    kind: str
    name: str
    value: Any

    @property
    def words(self) -> tuple[int, ...]:
        """The words in which it lies."""
        if self.kind.startswith(DIVISOR):
            return _divisor(int(self.value))
        if self.kind == "double":
            return (int(np.float64(self.value).view(np.uint64)),)
        if self.kind == "float":
            return (int(np.float32(self.value).view(np.uint32)),)
        return (int(self.value) % 2**64,)

    def declared(self, at: int) -> str:
        """The line that takes it from its words, the first of which is number `at`."""
        first, second = f"given.word[{at}]", f"given.word[{at + 1}]"
        if self.kind.startswith(DIVISOR):
            return f"const {self.kind} {self.name} = {{{first}, {second}}};"
        taken = {
            "double": f"__longlong_as_double({first})",
            "float": f"__int_as_float(static_cast<int>({first}))",
        }
        return f"const {self.kind} {self.name} = {taken.get(self.kind, f'({self.kind}){first}')};"


class Numbers:
    """Collects what a kernel is given while its lines are written, each under one name."""

    def __init__(self) -> None:
        self._found: dict[str, Given] = {}

    @property
    def given(self) -> tuple[Given, ...]:
        """All that was asked for."""
        return tuple(self._found.values())

    def __call__(self, kind: str, name: str, value: Any) -> str:
        """The name, which the kernel declares."""
        found = self._found.setdefault(name, Given(kind, name, value))
        assert found == Given(kind, name, value), (found, kind, value)
        return name

    def of(self, name: str, value: Any, dtype: np.dtype) -> str:
        """A number of a program: a literal where that leaves work out, or else given."""
        kind = type_of(dtype)
        if dtype.kind == "b" or not np.isfinite(value) or abs(float(value)) in WRITTEN:
            return number(value, dtype)
        return self(kind, name, value)


def lines_of(given: Sequence[Given], start: int) -> list[str]:
    """The lines that take them from their words, which begin with number `start`."""
    lines = []
    for each in given:
        lines.append(each.declared(start))
        start += len(each.words)
    return lines


def words_of(given: Sequence[Given]) -> np.ndarray:
    """The words of all of them, as a launch gives them."""
    words = [word for each in given for word in each.words]
    return np.array(words, np.uint64)


def _divisor(n: int) -> tuple[int, int]:
    """A divisor, and by what to multiply and shift instead, for indices of 31 bits.

    The quotient of i is the high half of i * m, and i, shifted by s; see `kernels/engine.cuh`.
    """
    shift = (n - 1).bit_length()
    if n >= 2**31:                                  # of longer indices, which are divided
        return n, 0
    return n, (2**32 * (2**shift - n) // n + 1) | shift << 32
