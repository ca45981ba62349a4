"""Sums and products of all elements so far along an axis, and the slope of the products.

Along the last axis, as many rows as a vector has lanes are taken at a time: squares of them are
turned in registers, so that each lane goes along a row of its own. Where elements lie further
apart, each lane goes along its own column; where rows are few, they come one after the other. In
each way an element is computed from the one before by the same operations, so that bits are equal.

A product that leaves the range of its dtype, though what comes of it may be in range, is not for
these kernels: they say so, and NumPy runs the step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from gpugrad.backends.axes import counted
from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import FLOATS, WIDTHS, Value, lanes_for, type_of
from gpugrad.codegen.squares import transposed
from gpugrad.codegen.words import Words, module
from gpugrad.plan.called import arguments
from gpugrad.plan.plan import Slot, Step
from gpugrad.plan.primitives import CALLS

KINDS = {
    "cumulative_sum": "sum", "reverse_cumulative_sum": "sum", "cumulative_prod": "prod",
    "cumulative_prod_slope": "slope",
}  # fmt: skip
"""The steps that there are kernels for, and what they compute."""

LEFT_TO_NUMPY = frozenset(name for name, kind in KINDS.items() if kind != "sum")
"""Steps that NumPy runs where a kernel finds that it cannot."""

Way = Literal["squares", "columns", "single"]

FEW = 4
"""Rows up to which one after the other is as fast as squares of them."""


@dataclass(frozen=True)
class RunningKey:
    """What is computed, of which dtype, and in which way; with `initial`, it begins without any.

    `kind` is `"sum"`, `"prod"` or `"slope"`. With `reverse`, it goes from the last to the first.
    """

    kind: str
    dtype: str
    way: Way
    reverse: bool
    initial: bool


Next = Callable[[Body, Sequence[Value], Sequence[Value]], tuple[Value, list[Value]]]
"""From the elements of the sources and what is carried: the result, and what is carried on."""


@dataclass(frozen=True)
class Running:
    """What a step computes: `outer` rows of `n` elements each that lie `inner` apart."""

    key: RunningKey
    outer: int
    n: int
    inner: int


def running_of(step: Step, slots: Sequence[Slot]) -> Running | None:
    """What such a step computes, or `None` where it is not for these kernels."""
    kind = KINDS[step.op]
    _, settings = arguments(step.op, CALLS[step.op], dict(step.settings))
    specs = [slots[slot] for slot in (*step.inputs, *step.outputs)]
    x, dtype = specs[0], specs[0].dtype
    known = dtype.name in FLOATS or (kind == "sum" and dtype.name == "int64")
    if not known or any(spec.dtype != dtype or not spec.size for spec in specs):
        return None
    if not dtype.isnative or (kind == "slope" and any(spec.shape != x.shape for spec in specs)):
        return None
    axis = settings.get("axis")
    axis = counted(-1 if axis is None else axis, len(x.shape))
    outer, inner = prod(x.shape[:axis]), prod(x.shape[axis + 1 :])
    way: Way = "columns" if inner > 1 else "squares" if outer > FEW else "single"
    reverse = step.op == "reverse_cumulative_sum"
    initial = bool(settings.get("include_initial"))
    return Running(RunningKey(kind, dtype.name, way, reverse, initial), outer, x.shape[axis], inner)


def print_running(key: RunningKey, name: str, wide: bool) -> str:
    """The text of a module with the kernel as the function `name`."""
    return _Printer(key, wide).text(name)


class _Printer:
    """Writes blocks, whose words are places of the sources and of the result, and lengths.

    How many rows there are follows, how long each is, and how far apart its elements lie.
    """

    def __init__(self, key: RunningKey, wide: bool) -> None:
        self.key = key
        self.dtype = key.dtype
        self.b = Body(wide=wide)
        lanes = lanes_for(WIDTHS[key.dtype], wide)
        self.lanes = 0 if key.way == "single" else lanes
        self.wrong = self.b.constant("bool", False, self.lanes)

    def text(self, name: str) -> str:
        b, words = self.b, Words(self.b)
        sources = [words.address() for _ in range(2 if self.key.kind == "slope" else 1)]
        target = words.address()
        self.outer, self.n, self.inner = (words.word() for _ in range(3))
        self.zero = b.constant("int64", 0)
        first = b.constant(self.dtype, self._begin, self.lanes)
        if self.key.kind == "sum":
            wrong = self._pass(sources, target, [first], _sum, self.key.reverse)
        elif self.key.kind == "prod":
            wrong = self._pass(sources, target, [first, self.wrong], _product, False)
        else:
            one = b.constant(self.dtype, 1, self.lanes)
            wrong = self._pass(sources, target, [first, first, self.wrong], _behind, True)
            given = [sources[0], target]
            wrong = wrong | self._pass(given, target, [one, self.wrong], _before, False)
        b.act(f"ret {b.convert(wrong, 'int64').typed}")
        return module(b, name)

    @property
    def _begin(self) -> int:
        """What there is before all elements."""
        return 1 if self.key.kind == "prod" else 0

    def _pass(
        self, sources: list[Value], target: Value, first: list[Value], next_of: Next, reverse: bool
    ) -> Value:
        """One way along all rows; whether it went wrong."""
        b = self.b
        none = b.constant("bool", False)
        ways = {"squares": self._squares, "columns": self._columns, "single": self._columns}
        count, by = self.outer, 1
        if self.key.way == "squares":
            by = self.lanes
        with b.loop(self.zero, count, by, [none]) as (row, given, after):
            found = ways[self.key.way](row, sources, target, first, next_of, reverse)
            after.append(given[0] | found)
        return after[0]

    def _found_wrong(self, carried: list[Value], first: list[Value]) -> Value:
        """Whether the last of what is carried says so, where it is that."""
        b = self.b
        if first[-1].dtype != "bool":
            return b.constant("bool", False)
        return b.some(carried[-1])

    def _columns(
        self, row: Value, sources: list[Value], target: Value, first: list[Value], next_of: Next,
        reverse: bool,
    ) -> Value:  # fmt: skip
        """Of one row of vectors, or of single numbers."""
        b, lanes = self.b, self.lanes
        with b.loop(self.zero, self.inner, lanes or 1, [b.constant("bool", False)]) as (
            c, wrong, after,
        ):  # fmt: skip
            mask = b.first(self.inner - c, lanes) if lanes else None
            size = self.n * self.inner
            given = [b.at(x, row * size + c, self.dtype) for x in sources]
            to = b.at(target, row * self._length() * self.inner + c, self.dtype)
            if self.key.initial:
                b.store(first[0], to, mask)
                to = b.at(to, self.inner, self.dtype)
            with b.loop(self.zero, self.n, 1, first) as (i, carried, on):
                k = (self.n - 1 - i if reverse else i) * self.inner
                elements = [self._load(b.at(x, k, self.dtype), mask) for x in given]
                result, more = next_of(b, elements, carried)
                b.store(result, b.at(to, k, self.dtype), mask)
                on += more
            after.append(wrong[0] | self._found_wrong(on, first))
        return after[0]

    def _load(self, place: Value, mask: Value | None) -> Value:
        if self.lanes:
            return self.b.vector(place, self.dtype, self.lanes, mask)
        return self.b.read(f"load {type_of(self.dtype)}, {place.typed}", self.dtype)

    def _length(self) -> Value:
        """Of a row of the result."""
        return self.n + 1 if self.key.initial else self.n

    def _squares(
        self, row: Value, sources: list[Value], target: Value, first: list[Value], next_of: Next,
        reverse: bool,
    ) -> Value:  # fmt: skip
        """Of as many rows as there are lanes; of the last ones fewer, whose lanes repeat one."""
        b, lanes = self.b, self.lanes
        last = self.outer - 1
        rows = [b.intrinsic("umin", row + r, last) for r in range(lanes)]
        given = [[b.at(x, r * self.n, self.dtype) for r in rows] for x in sources]
        to = [b.at(target, r * self._length(), self.dtype) for r in rows]
        if self.key.initial:
            number = b.constant(self.dtype, self._begin)
            for place in to:
                b.store(number, place)
            to = [b.at(place, b.constant("int64", 1), self.dtype) for place in to]
        end = b.emit(f"udiv {(self.n + (lanes - 1)).typed}, {lanes}", "int64") * lanes
        with b.loop(self.zero, end, lanes, first) as (i, carried, after):
            at = end - lanes - i if reverse else i
            count = self.n - at
            mask = b.first(count, lanes)
            columns = [
                transposed(b, [self._load(b.at(x, at, self.dtype), mask) for x in part])
                for part in given
            ]
            results: list[Value] = [first[0]] * lanes
            state: list[Value] = list(carried)
            for j in reversed(range(lanes)) if reverse else range(lanes):
                results[j], state = next_of(b, [part[j] for part in columns], state)
            after += state
            for place, result in zip(to, transposed(b, results), strict=True):
                b.store(result, b.at(place, at, self.dtype), mask)
        return self._found_wrong(after, first)


def _sum(b: Body, x: Sequence[Value], carried: Sequence[Value]) -> tuple[Value, list[Value]]:
    total = carried[0] + x[0]
    return total, [total]


def _product(b: Body, x: Sequence[Value], carried: Sequence[Value]) -> tuple[Value, list[Value]]:
    product = carried[0] * x[0]
    nothing = (x[0] == 0) | (carried[0] == 0)
    return product, [product, carried[1] | _left_the_range(b, product, nothing)]


def _behind(b: Body, x: Sequence[Value], carried: Sequence[Value]) -> tuple[Value, list[Value]]:
    """Of `x` and `g`: s[i] = g[i] + x[i+1] s[i+1], from the last one on."""
    total = x[1] + carried[1] * carried[0]
    nothing = (x[1] == 0) & ((carried[0] == 0) | (carried[1] == 0))
    return total, [total, x[0], carried[2] | _left_the_range(b, total, nothing)]


def _before(b: Body, x: Sequence[Value], carried: Sequence[Value]) -> tuple[Value, list[Value]]:
    """Of `x` and `s`: s times the product of all that come before."""
    product, wrong = _product(b, x, carried)[1]
    return x[1] * carried[0], [product, wrong]


def _left_the_range(b: Body, x: Value, nothing: Value) -> Value:
    """Whether a number is not finite, or so small that digits are lost, and not `nothing`."""
    limits = np.finfo(x.dtype)
    size = b.intrinsic("fabs", x)
    within = (size >= float(limits.tiny)) & (size <= float(limits.max))
    return ~(within | nothing)
