"""Rows in order, and the elements that then stand at a few places, by sorts from outside.

A row is copied to where it is sorted, in memory of its own where its elements lie apart or only
some of them are wanted. Zeros are equal, whatever their sign: where a row has both, they are put
back in the order in which they came, so that equal elements keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, prod

from gpugrad.backends.axes import counted
from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import FLOATS, WIDTHS, Value, lanes_for, type_of
from gpugrad.codegen.words import Words, module
from gpugrad.plan.called import arguments
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import CALLS

DTYPES = ("float32", "float64", "int32", "int64")
"""Of what there are kernels for."""

KINDS = frozenset({"sort", "order_statistics"})
"""The steps that there are kernels for."""

SHORT = 1024
"""Elements of a row up to which sorting it is as fast as finding those at a few places."""


@dataclass(frozen=True)
class SortKey:
    """Which dtype is sorted which way, and how elements lie and are wanted.

    It says whether elements of a row lie apart, and whether those at a few places alone are wanted.
    """

    dtype: str
    descending: bool = False
    apart: bool = False
    chosen: bool = False

    @property
    def aside(self) -> bool:
        """Whether a row is sorted elsewhere than in the result."""
        return self.apart or self.chosen


@dataclass(frozen=True)
class Sorting:
    """What a step computes when it sorts rows.

    There are `outer` rows of `n` elements each that lie `inner` apart, of which those at `places`
    are wanted, if there are any.
    """

    key: SortKey
    outer: int
    n: int
    inner: int
    places: tuple[int, ...] = ()


def symbol_of(dtype: str) -> str:
    """The name of the function that sorts so many numbers in place.

    It is `int(void *, npy_intp, void *)` as NumPy has it.
    """
    return f"gpugrad_sort_{dtype}"


def sorting_of(step: Step, slots: Sequence[Slot]) -> Sorting | None:
    """What such a step computes, or `None` where it is not for these kernels."""
    _, settings = arguments(step.op, CALLS[step.op], dict(step.settings))
    (x,), (y,) = ([slots[slot] for slot in part] for part in (step.inputs, step.outputs))
    dtype = x.dtype
    if dtype.name not in DTYPES or not dtype.isnative or y.dtype != dtype or not y.size:
        return None
    axis = counted(settings.get("axis", -1), len(x.shape))
    n, inner = x.shape[axis], prod(x.shape[axis + 1 :])
    places = tuple(map(int, settings.get("places", ())))
    if places and n > SHORT:
        return None
    key = SortKey(dtype.name, bool(settings.get("descending")), inner > 1, bool(places))
    return Sorting(key, prod(x.shape[:axis]), n, inner, places)


def print_sort(key: SortKey, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`."""
    return _Printer(key, wide).text(name)


class _Printer:
    """Writes blocks, whose words are places and lengths.

    The places are those of the source, of the result and, if it needs one, of a row that is sorted;
    then come how many rows there are, how long each is, and how far apart its elements lie. Where
    some are chosen, how many, and their places follow.
    """

    def __init__(self, key: SortKey, wide: bool) -> None:
        self.key = key
        self.dtype = key.dtype
        self.b = Body(wide=wide)
        self.lanes = lanes_for(WIDTHS[key.dtype], wide)
        self.zero = self.b.constant("int64", 0)

    def text(self, name: str) -> str:
        b, words = self.b, Words(self.b)
        source, target = words.address(), words.address()
        aside = words.address() if self.key.aside else None
        self.outer, self.n, self.inner = (words.word() for _ in range(3))
        self.count = words.word() if self.key.chosen else self.n
        self.places = words.place() if self.key.chosen else None
        with b.loop(self.zero, self.outer, 1) as (row, _, _):
            with b.loop(self.zero, self.inner, 1) as (column, _, _):
                given = b.at(source, row * (self.n * self.inner) + column, self.dtype)
                found = b.at(target, row * (self.count * self.inner) + column, self.dtype)
                self._row(given, found if aside is None else aside)
                if aside is not None:
                    self._write(aside, found)
        b.act("ret i64 0")
        return module(b, name)

    def _row(self, given: Value, row: Value) -> None:
        """Copy a row and sort the copy."""
        b = self.b
        both = self._copy(given, row)
        symbol = symbol_of(self.dtype)
        b.declared[symbol] = f"declare i32 @{symbol}(ptr, i64, ptr)"
        b.read(f"call i32 @{symbol}({row.typed}, {self.n.typed}, ptr null)", "int32")
        if self.key.descending:
            self._turn(row)
        if both is not None:
            mend, done = b.name("mend"), b.name("mended")
            b.rarely(both, mend, done)
            b.label(mend)
            with b.scope():
                self._put_zeros_back(given, row)
            b.act(f"br label %{done}")
            b.label(done)

    def _copy(self, given: Value, row: Value) -> Value | None:
        """Copy a row; of floats, whether zeros of both signs are among them."""
        b, lanes = self.b, self.lanes
        if self.key.apart:
            return self._copy_by(given, row, 0, None)
        # Under masks, long rows are read slower than memory gives them.
        short, long, done = (b.name(x) for x in ("short", "long", "copied"))
        first, few = b.first(self.n, lanes), self.n < lanes
        b.act(f"br {few.typed}, label %{short}, label %{long}")
        found = []
        for label, mask in ((short, first), (long, None)):
            b.label(label)
            with b.scope():
                both = self._copy_by(given, row, lanes, mask)
            found += [f"[{both.text}, %{b.block}]"] if both is not None else []
            b.act(f"br label %{done}")
        b.label(done)
        return b.read(f"phi i1 {', '.join(found)}", "bool") if found else None

    def _copy_by(self, given: Value, row: Value, lanes: int, mask: Value | None) -> Value | None:
        """The same by vectors, of which the last one ends with the row, or by numbers."""
        b = self.b
        floats = self.dtype in FLOATS
        none = [b.constant("bool", False, lanes)] * 2 if floats else []
        end = b.constant("int64", 1) if mask is not None else self.n
        with b.loop(self.zero, end, lanes or 1, none) as (i, seen, after):
            if lanes:
                at = i if mask is not None else b.intrinsic("umin", i, self.n - lanes)
                x = b.vector(b.at(given, at, self.dtype), self.dtype, lanes, mask)
            else:
                at, x = i, self._load(given, i * self.inner)
            b.store(x, b.at(row, at, self.dtype), mask)
            if floats:
                bits = b.bits(x)
                plus = bits == 0 if mask is None else (bits == 0) & mask
                after += [seen[0] | plus, seen[1] | (bits == -(2 ** (WIDTHS[self.dtype] - 1)))]
        return b.some(after[0]) & b.some(after[1]) if floats else None

    def _load(self, base: Value, index: Value) -> Value:
        place = self.b.at(base, index, self.dtype)
        return self.b.read(f"load {type_of(self.dtype)}, {place.typed}", self.dtype)

    def _turn(self, row: Value) -> None:
        """The other way round, by elements that change places with one another."""
        b = self.b
        half = b.emit(f"lshr {(self.n + 1).typed}, 1", "int64")
        with b.loop(self.zero, half, 1) as (i, _, _):
            other = self.n - 1 - i
            x, y = self._load(row, i), self._load(row, other)
            b.store(y, b.at(row, i, self.dtype))
            b.store(x, b.at(row, other, self.dtype))

    def _put_zeros_back(self, given: Value, row: Value) -> None:
        b = self.b
        with b.loop(self.zero, self.n, 1, [self.zero]) as (i, count, after):
            x = self._load(row, i)
            before = ~(x <= 0) if self.key.descending else x < 0
            after.append(count[0] + b.convert(before, "int64"))
        last = self.n - 1
        with b.loop(self.zero, self.n, 1, after) as (i, at, moved):
            x = self._load(given, i * self.inner)
            zero = x == 0
            place = b.intrinsic("umin", at[0], last)
            b.store(b.select(zero, x, self._load(row, place)), b.at(row, place, self.dtype))
            moved.append(at[0] + b.convert(zero, "int64"))

    def _write(self, row: Value, found: Value) -> None:
        """What is wanted of a sorted row."""
        b = self.b
        bad, last = None, self._load(row, self.n - 1)
        if self.key.chosen and self.dtype in FLOATS:
            bad = last != last
        with b.loop(self.zero, self.count, 1) as (i, _, _):
            at = i
            if self.places is not None:
                word = b.at(self.places, i, "int64")
                at = b.emit(f"load i64, {word.typed}", "int64")
            x = self._load(row, at)
            if bad is not None:
                x = b.select(bad, b.constant(self.dtype, nan), x)
            b.store(x, b.at(found, i * self.inner, self.dtype))
