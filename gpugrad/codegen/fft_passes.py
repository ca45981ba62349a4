"""Fourier transforms of numbers whose real and imaginary parts lie apart, in passes of a few terms.

Each pass (Stockham's, so that the last one leaves numbers in order) reads vectors that lie side by
side: `radix` of them, each a part of the length after the one before. What it computes of them it
writes as blocks of `stride` numbers in turn, which are put together in registers while they are
shorter than a vector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

import numpy as np

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import WIDTHS, Value, lanes_for, type_of

Complex = tuple[Value, Value]
"""Real and imaginary parts."""

Read = Callable[[Value], Complex]
"""The numbers from an index on."""

Write = Callable[[Value, Value, Value], None]
"""Writes real and imaginary parts, as vectors, to an index."""

BLOCK = 16
"""Numbers of a block from which on each has one factor; of shorter ones each number has its own. No
vector has more lanes.
"""

LEAST, LARGEST = 64, 2**17
"""Lengths that are written as passes: shorter ones fill no vectors, longer ones no cache."""


@dataclass(frozen=True)
class Pass:
    """Numbers that are combined in one pass.

    It says how many there are in all, how many by how many, and how long the blocks are before it.
    """

    length: int
    radix: int
    stride: int

    @property
    def part(self) -> int:
        """How far the numbers that are combined lie apart."""
        return self.length // self.radix

    @property
    def rest(self) -> int:
        """How many blocks are left to be combined behind it."""
        return self.part // self.stride

    @property
    def by_block(self) -> bool:
        """Whether all numbers of a block have one factor."""
        return self.stride >= BLOCK

    def factors(self) -> np.ndarray:
        """What all results but the first are multiplied by.

        For each of them there are real parts, and then imaginary ones. There are none in the last
        pass.
        """
        if self.rest == 1:
            return np.zeros((0, 2, 0))
        number = np.arange(self.rest)
        if not self.by_block:
            number = np.repeat(number, self.stride)
        return roots(np.outer(np.arange(1, self.radix), number), self.radix * self.rest)


def roots(turns: np.ndarray, n: int) -> np.ndarray:
    """`exp(-2 pi i turns / n)`, with an axis for the two parts before the last one."""
    angle = 2 * np.pi * (turns % n) / n
    return np.stack([np.cos(angle), -np.sin(angle)], axis=-2)


def passes(length: int) -> tuple[Pass, ...]:
    """How a transform is done; empty where it is not for this."""
    if not LEAST <= length <= LARGEST:
        return ()
    powers, rest = 0, length
    while rest % 2 == 0:
        powers, rest = powers + 1, rest // 2
    if 2**powers < LEAST:
        return ()
    by_8 = max(k for k in range(powers // 3 + 1) if (powers - 3 * k) % 2 == 0)
    if 2**powers < 8 * BLOCK:                       # whose eighths fill no vector
        by_8 = 0
    by_4 = (powers - 3 * by_8) // 2
    radices = [8] * by_8 + [4] * by_4
    for odd in (3, 5):
        while rest % odd == 0:
            rest //= odd
            radices.append(odd)
    if rest > 1:
        return ()
    found, stride = [], 1
    for radix in radices:
        found.append(Pass(length, radix, stride))
        stride *= radix
    return tuple(found)


class PassPrinter:
    """Writes passes into a body."""

    def __init__(self, b: Body, dtype: str, wide: bool) -> None:
        self.b = b
        self.dtype = dtype
        self.lanes = lanes_for(WIDTHS[dtype], wide)

    def write(self, each: Pass, factors: Value, read: Read, write: Write) -> None:
        """One pass. `factors` is where its factors are."""
        b, zero = self.b, self.b.constant("int64", 0)
        if each.by_block:
            blocks = b.constant("int64", each.rest)
            with b.loop(zero, blocks, 1) as (block, _, _):
                known = self._factors(each, factors, block, 0)
                end = b.constant("int64", each.stride)
                with b.loop(zero, end, self.lanes) as (i, _, _):
                    i = b.opaque(i)
                    found = self._combined(each, known, read, block * each.stride + i)
                    start = block * (each.stride * each.radix) + i
                    for k, (real, imaginary) in enumerate(found):
                        write(start + k * each.stride, real, imaginary)
            return
        with b.loop(zero, b.constant("int64", each.part), self.lanes) as (i, _, _):
            i = b.opaque(i)
            known = self._factors(each, factors, i, self.lanes)
            found = self._combined(each, known, read, i)
            if each.stride >= self.lanes:
                start = i * each.radix - (i & (each.stride - 1)) * (each.radix - 1)
                for k, (real, imaginary) in enumerate(found):
                    write(start + k * each.stride, real, imaginary)
            else:
                parts = [in_turn(b, [x[part] for x in found], each.stride) for part in (0, 1)]
                for k, (real, imaginary) in enumerate(zip(*parts, strict=True)):
                    write(i * each.radix + k * self.lanes, real, imaginary)

    def _factors(self, each: Pass, table: Value, index: Value, lanes: int) -> list[Complex]:
        b = self.b
        if each.rest == 1:
            return []
        row = each.rest if each.by_block else each.part
        found = []
        for k in range(each.radix - 1):
            places = [b.at(table, index + (2 * k + part) * row, self.dtype) for part in (0, 1)]
            if lanes:
                real, imaginary = (b.vector(place, self.dtype, lanes) for place in places)
            else:
                kind = type_of(self.dtype)
                real, imaginary = (
                    b.spread(b.read(f"load {kind}, {place.typed}", self.dtype), self.lanes)
                    for place in places
                )
            found.append((real, imaginary))
        return found

    def _combined(
        self, each: Pass, factors: Sequence[Complex], read: Read, index: Value
    ) -> list[Complex]:
        given = [read(index + k * each.part) for k in range(each.radix)]
        first, *others = transform(given)
        if not factors:
            return [first, *others]
        return [first, *(times(x, w) for x, w in zip(others, factors, strict=True))]


def times(x: Complex, w: Complex) -> Complex:
    """A product."""
    return x[0] * w[0] - x[1] * w[1], x[0] * w[1] + x[1] * w[0]


def transform(x: Sequence[Complex]) -> list[Complex]:
    """The Fourier transform of so few numbers."""
    if len(x) == 2:
        return [_sum(x[0], x[1]), _difference(x[0], x[1])]
    if len(x) in (3, 5):
        return _odd(x)
    even, odd = transform(x[::2]), transform(x[1::2])
    turned = [_turned(z, k, len(x)) for k, z in enumerate(odd)]
    sums = [_sum(a, b) for a, b in zip(even, turned, strict=True)]
    return sums + [_difference(a, b) for a, b in zip(even, turned, strict=True)]


def _sum(a: Complex, b: Complex) -> Complex:
    return a[0] + b[0], a[1] + b[1]


def _difference(a: Complex, b: Complex) -> Complex:
    return a[0] - b[0], a[1] - b[1]


def _turned(x: Complex, k: int, n: int) -> Complex:
    """`x` times `exp(-2 pi i k / n)`, of eighths of a turn."""
    eighths = 8 * k // n
    if eighths == 0:
        return x
    if eighths == 2:
        return x[1], -x[0]
    half = sqrt(0.5)
    if eighths == 1:
        return (x[0] + x[1]) * half, (x[1] - x[0]) * half
    return (x[1] - x[0]) * half, (x[0] + x[1]) * -half


def _odd(x: Sequence[Complex]) -> list[Complex]:
    """Of an odd number: pairs that stand opposite to one another have sums and differences."""
    n, first = len(x), x[0]
    pairs = [(_sum(x[k], x[n - k]), _difference(x[k], x[n - k])) for k in range(1, n // 2 + 1)]
    total = first
    for together, _ in pairs:
        total = _sum(total, together)
    found = [total] * n
    for j in range(1, n // 2 + 1):
        even, odd = first, None
        for k, (together, apart) in enumerate(pairs, 1):
            c, s = cos(2 * pi * j * k / n), sin(2 * pi * j * k / n)
            even = (even[0] + together[0] * c, even[1] + together[1] * c)
            turned = (apart[1] * s, apart[0] * -s)
            odd = turned if odd is None else _sum(odd, turned)
        assert odd is not None
        found[j], found[n - j] = _sum(even, odd), _difference(even, odd)
    return found


def in_turn(b: Body, vectors: list[Value], block: int) -> list[Value]:
    """The lanes of vectors, a power of two of them: a block of each, again and again."""
    if len(vectors) == 1:
        return vectors
    lanes = vectors[0].lanes
    one, other = (in_turn(b, vectors[k::2], block) for k in (0, 1))
    found = []
    for x, y in zip(one, other, strict=True):
        order = [
            start + k + of for start in range(0, lanes, block) for of in (0, lanes)
            for k in range(block)
        ]  # fmt: skip
        found += [b.shuffle(x, y, order[:lanes]), b.shuffle(x, y, order[lanes:])]
    return found
