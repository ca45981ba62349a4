"""Fourier transforms of rows: of complex numbers, of real ones to half a spectrum, and back.

Real numbers two by two are the real and imaginary parts of half as many, which are transformed;
what comes before that or behind it makes one spectrum of the other. All but the first and the last
of half a spectrum stand for two, so that they have a factor of their own; and one of either sign
for imaginary parts, since a transpose takes conjugates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import prod

import numpy as np

from gpugrad.backends.axes import counted
from gpugrad.codegen.body import Body
from gpugrad.codegen.fft_passes import (
    BLOCK,
    Complex,
    PassPrinter,
    Read,
    Write,
    in_turn,
    passes,
    roots,
)
from gpugrad.codegen.ir import WIDTHS, Value, lanes_for, type_of
from gpugrad.codegen.words import Words, as_word, module
from gpugrad.plan.called import arguments
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import CALLS

_COMPLEX = frozenset({"fft_fft", "fft_ifft"})

_BACK = frozenset({"fft_ifft", "fft_irfft", "fft_rfft_transposed"})
"""Transforms back: all that make real numbers are."""

_INVERSE = frozenset({"fft_ifft", "fft_irfft", "fft_irfft_transposed"})
"""Those that are divided by the length, unless something else is asked for."""

KINDS = _COMPLEX | _BACK | _INVERSE | {"fft_rfft"}
"""The steps that there are kernels for."""

PARTS = {"complex64": "float32", "complex128": "float64"}
"""Of which dtype the parts of complex numbers are."""

APART = 2 * BLOCK
"""Numbers that are left free behind parts, so that no two of them begin in one set of the cache."""


@dataclass(frozen=True)
class TransformKey:
    """Which way rows of so many complex numbers are transformed, by the dtype of their parts.

    With `real`, they are of twice as many real ones. With `filled`, rows are shorter than that, and
    zeros follow.
    """

    dtype: str
    length: int
    real: bool
    back: bool
    filled: bool


@dataclass(frozen=True)
class Transform:
    """What a step computes when it transforms rows.

    There are `rows`, of which `count` numbers count, those of a dtype, and from one to the next so
    many `apart`. `factors` are those of the ends of half a spectrum, and of real and imaginary
    parts between them.
    """

    key: TransformKey
    rows: int
    apart: int
    count: int
    factors: tuple[float, float, float]

    def words(self) -> list[int]:
        """What a block is told but where arrays are, and how many rows are meant."""
        dtype = np.dtype(self.key.dtype).type
        return [self.apart, self.count, *(as_word(dtype(factor)) for factor in self.factors)]


def transform_of(step: Step, slots: Sequence[Slot]) -> Transform | None:
    """What such a step computes, or `None` where it is not for these kernels."""
    _, settings = arguments(step.op, CALLS[step.op], dict(step.settings))
    (x,), (y,) = ([slots[slot] for slot in part] for part in (step.inputs, step.outputs))
    back, real = step.op in _BACK, step.op not in _COMPLEX
    spectrum, numbers = (x, y) if back else (y, x)
    dtype = PARTS.get(spectrum.dtype.name, "")
    if not dtype or not (x.dtype.isnative and y.dtype.isnative):
        return None
    if numbers.dtype != (dtype if real else spectrum.dtype):
        return None
    if counted(settings.get("axis", -1), len(x.shape)) != len(x.shape) - 1 or not y.size:
        return None
    n = y.shape[-1] if back or not real else settings.get("n") or x.shape[-1]
    if real and (n % 2 or spectrum.shape[-1] != n // 2 + 1):
        return None
    length = n // 2 if real else n
    if not passes(length):
        return None
    norm, inverse = settings.get("norm", "backward"), step.op in _INVERSE
    scale = n**-0.5 if norm == "ortho" else 1.0 if (norm == "forward") == inverse else 1 / n
    between, sign = scale, 1.0
    if step.op.endswith("_transposed"):
        between, sign = scale * (0.5 if back else 2.0), -1.0
    if not back:
        between *= 0.5                              # a sum of two numbers is halved
    apart = x.shape[-1] * (1 if x is numbers and real else 2)
    count = min(apart, 2 * length)
    key = TransformKey(dtype, length, real, back, count < 2 * length)
    factors = scale, between, sign * between
    return Transform(key, prod(x.shape[:-1]), apart, count, factors)


def scratch_of(key: TransformKey) -> int:
    """Bytes in which one row is transformed."""
    return 4 * (key.length + APART) * np.dtype(key.dtype).itemsize


@cache
def table_of(dtype: str, length: int) -> np.ndarray:
    """The factors of all passes, and then those that join two halves of a spectrum."""
    parts = [each.factors().ravel() for each in passes(length)]
    return np.concatenate([*parts, roots(np.arange(length), 2 * length).ravel()]).astype(dtype)


def print_transform(key: TransformKey, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`."""
    return _Printer(key, wide).text(name)


class _Printer:
    """Writes blocks, whose words are places, a count, and those of `Transform.words`.

    The places are those of the source, of the result, of memory for a row and of the table; the
    count is that of rows.
    """

    def __init__(self, key: TransformKey, wide: bool) -> None:
        self.key = key
        self.dtype = key.dtype
        self.b = Body(wide=wide)
        self.lanes = lanes_for(WIDTHS[key.dtype], wide)
        self.zero = self.b.constant("int64", 0)
        self.passes = passes(key.length)

    def text(self, name: str) -> str:
        b, words, length = self.b, Words(self.b), self.key.length
        source, target, scratch, self.table = (words.address() for _ in range(4))
        rows, apart, self.count = (words.word() for _ in range(3))
        kind = type_of(self.dtype)
        self.factors = [
            b.read(f"load {kind}, {words.place().typed}", self.dtype) for _ in range(3)
        ]
        size = length + APART
        self.memory = [
            tuple(self._at(scratch, (2 * k + part) * size) for part in (0, 1)) for k in (0, 1)
        ]
        join, split = (self.key.real and back == self.key.back for back in (True, False))
        made = 2 * length + 2 * split
        with b.loop(self.zero, rows, 1) as (row, _, _):
            self.source = b.at(source, row * apart, self.dtype)
            self.target = b.at(target, row * made, self.dtype)
            if join:
                self._join()
            self._transform(given=not join, give=not split)
            if split:
                self._split()
        b.act("ret i64 0")
        return module(b, name)

    def _at(self, base: Value, index: int) -> Value:
        return self.b.at(base, self.b.constant("int64", index), self.dtype)

    def _transform(self, given: bool, give: bool) -> None:
        """All passes, from one part of the memory to the other.

        The first one may read the source, and the last one write the result.
        """
        printer, begin = PassPrinter(self.b, self.dtype, self.b.wide), 0
        last = len(self.passes) - 1
        for k, each in enumerate(self.passes):
            read, write = self._reader(k % 2), self._writer((k + 1) % 2)
            if k == 0 and given:
                read = self._given
            if k == last and give:
                write = self._give
            printer.write(each, self._at(self.table, begin), read, write)
            begin += each.factors().size

    def _reader(self, k: int) -> Read:
        real, imaginary = self.memory[k]
        return lambda i: (self._vector(real, i), self._vector(imaginary, i))

    def _writer(self, k: int) -> Write:
        def write(i: Value, real: Value, imaginary: Value) -> None:
            for base, part in zip(self.memory[k], (real, imaginary), strict=True):
                self.b.store(part, self.b.at(base, i, self.dtype))

        return write

    def _vector(self, base: Value, index: Value) -> Value:
        return self.b.vector(self.b.at(base, index, self.dtype), self.dtype, self.lanes)

    def _pairs(self, index: Value, filled: bool = False) -> Complex:
        """Of the source: those of even number, and the others, from two times `index` on."""
        b, lanes = self.b, self.lanes
        vectors: list[Value] = []
        for k in range(2):
            begin = index * 2 + k * lanes
            place, mask = b.at(self.source, begin, self.dtype), None
            if filled:
                mask = b.first(b.intrinsic("smax", self.count - begin, 0), lanes)
            vectors.append(b.vector(place, self.dtype, lanes, mask))
        low, high = vectors
        even, odd = (b.shuffle(low, high, range(k, 2 * lanes, 2)) for k in (0, 1))
        return even, odd

    def _given(self, index: Value) -> Complex:
        real, imaginary = self._pairs(index, self.key.filled)
        return (imaginary, real) if self.key.back else (real, imaginary)

    def _put(self, index: Value, real: Value, imaginary: Value) -> None:
        """To the result: one after the other, from two times `index` on."""
        for k, part in enumerate(in_turn(self.b, [real, imaginary], 1)):
            place = self.b.at(self.target, index * 2 + k * self.lanes, self.dtype)
            self.b.store(part, place)

    def _give(self, index: Value, real: Value, imaginary: Value) -> None:
        """What the last pass finds. Back, parts are changed with one another before and behind."""
        if not self.key.real:
            real, imaginary = real * self.factors[0], imaginary * self.factors[0]
        if self.key.back:
            real, imaginary = imaginary, real
        self._put(index, real, imaginary)

    def _roots(self, index: Value) -> Complex:
        begin = sum(each.factors().size for each in self.passes)
        real, imaginary = (
            self._vector(self._at(self.table, begin + k * self.key.length), index) for k in (0, 1)
        )
        return real, imaginary

    def _turned(self, x: Value) -> Value:
        return self.b.shuffle(x, x, range(self.lanes - 1, -1, -1))

    def _split(self) -> None:
        """Half a spectrum of all from the spectrum of pairs."""
        b, length = self.b, self.key.length
        edge, real_factor, imaginary_factor = self.factors
        z = self._reader(len(self.passes) % 2)
        with b.loop(self.zero, b.constant("int64", length), self.lanes) as (i, _, _):
            i = b.opaque(i)
            a, p = z(i)
            c, q = (self._turned(x) for x in z(length - self.lanes + 1 - i))
            w, v = self._roots(i)
            # Sums of pairs are twice the even part, differences twice the odd one, by i.
            real, imaginary = p + q, c - a
            self._put(
                i,
                (a + c + (real * w - imaginary * v)) * real_factor,
                (p - q + (real * v + imaginary * w)) * imaginary_factor,
            )
        first = [self._one(base, 0) for base in self.memory[len(self.passes) % 2]]
        nothing = b.constant(self.dtype, 0)
        ends = (0, first[0] + first[1]), (2 * length, first[0] - first[1])
        for index, end in ends:
            b.store(end * edge, self._at(self.target, index))
            b.store(nothing, self._at(self.target, index + 1))

    def _one(self, base: Value, index: int) -> Value:
        place = self._at(base, index)
        return self.b.read(f"load {type_of(self.dtype)}, {place.typed}", self.dtype)

    def _join(self) -> None:
        """The spectrum of pairs from half a spectrum of all, with its two parts changed."""
        b, length = self.b, self.key.length
        edge, real_factor, imaginary_factor = self.factors
        write = self._writer(0)
        with b.loop(self.zero, b.constant("int64", length), self.lanes) as (i, _, _):
            i = b.opaque(i)
            a, p = self._pairs(i)
            c, q = (self._turned(x) for x in self._pairs(length - self.lanes + 1 - i))
            w, v = self._roots(i)
            real, imaginary = (a - c) * real_factor, (p + q) * imaginary_factor
            write(
                i,
                (p - q) * imaginary_factor + (real * w + imaginary * v),
                (a + c) * real_factor - (imaginary * w - real * v),
            )
        first, last = (self._one(self.source, index) for index in (0, 2 * length))
        for base, end in zip(self.memory[0], (first - last, first + last), strict=True):
            b.store(end * edge, self._at(base, 0))
