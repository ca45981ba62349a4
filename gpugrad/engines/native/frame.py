"""What a run of steps is given: arrays by their names, and where in them slots lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np

from gpugrad.codegen.strided import Lying, StridedLoops
from gpugrad.codegen.words import HEAD
from gpugrad.engines.native.printed import Key, RangeKey
from gpugrad.plan.layouts import Layout, in_order, whole
from gpugrad.plan.passes.memory import InPlace
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.work import PER_NANOSECOND

RANGE_WORDS = 3
"""Of a range, before the blocks of its parts."""

ALIGNED = 64
"""Bytes at whose multiples parts of the scratch begin."""


class Home(Protocol):
    """What knows where the slots of a plan are."""

    @property
    def plan(self) -> Plan: ...

    @property
    def placement(self) -> Placement: ...

    @property
    def layouts(self) -> dict[int, Layout]: ...

    @property
    def in_place(self) -> InPlace: ...

    def number(self, slot: int) -> np.generic | None:
        """The number in a constant slot without axes, or `None`."""

    def captured(self, slot: int) -> np.ndarray | None:
        """The array in a constant slot that has no name of its own, or `None`."""


@dataclass(frozen=True, eq=False)
class Run:
    """The program of a run of steps: its words, without the kernels, which go where `starts` says.

    `passed` are the names of the arrays that it is given: `arena`, `scratch`, or those of slots.
    `scratch` is how many bytes it needs, and `checks` are steps that may find something wrong, with
    the word at which the block of each begins. `captured` are arrays that are passed and that
    nobody else names: constants of the bodies of loops. `steps` are those that it does, each with
    the word at which its blocks begin.
    """

    passed: tuple[str, ...]
    keys: tuple[Key, ...]
    starts: tuple[int, ...]
    words: np.ndarray
    scratch: int
    checks: tuple[tuple[int, Step], ...]
    captured: dict[str, np.ndarray]
    steps: tuple[tuple[Step, int], ...] = ()

    @property
    def parallel(self) -> bool:
        """Whether threads may help."""
        return RangeKey() in self.keys

    def blocks_of(self) -> list[tuple[Step, int, tuple[Key, ...]]]:
        """The steps that have blocks, each with how many of them, and with their kernels."""
        begins = [begin for _, begin in self.steps]
        keys_of: list[list[Key]] = [[] for _ in begins]
        for start, key in zip(self.starts, self.keys, strict=True):
            keys_of[bisect_right(begins, start) - 1].append(key)
        found = []
        ends = [*begins[1:], len(self.words)]
        for (step, begin), end, keys in zip(self.steps, ends, keys_of, strict=True):
            count, at = 0, begin
            while at < end:
                count, at = count + 1, at + int(self.words[at + 1])
            if count:
                # What hands out parts comes last.
                keys.sort(key=lambda key: isinstance(key, RangeKey))
                found.append((step, count, tuple(dict.fromkeys(keys))))
        return found

    def linked(self, addresses: Mapping[Key, int]) -> np.ndarray:
        """The words, with the kernels in them."""
        words = self.words.copy()
        for start, key in zip(self.starts, self.keys, strict=True):
            words[start] = addresses[key]
        return words


class Frame(ABC):
    """Blocks that are being written, and what they are given.

    `passed` are the names of the arrays, `scratch` how many bytes the blocks need for themselves,
    and `captured` arrays that nobody else names. Steps run one after the other, so each begins with
    the whole scratch.
    """

    def __init__(self, home: Home, captured: dict[str, np.ndarray]) -> None:
        self.home = home
        self.captured = captured
        self.slots = home.plan.slots
        self.passed: list[str] = []
        self.keys: list[Key] = []
        self.scratch = 0
        self.taken = 0                              # of the scratch, by the step that is written
        self.checks: list[tuple[int, Step]] = []
        self.starts: list[int] = []
        self.words: list[int] = []
        self.ranges: list[tuple[int, int]] = []     # the word of each that says what is to do

    def add(self, step: Step) -> None:
        """The blocks of one step."""
        before = self.taken
        self.write(step)
        self.taken = before

    @abstractmethod
    def write(self, step: Step) -> None:
        """The blocks of one step, and what they keep in the scratch."""

    def run(self, steps: tuple[tuple[Step, int], ...]) -> Run:
        """What was written for these steps."""
        left = 0
        for at, work in reversed(self.ranges):
            left += work
            self.words[at] = left // PER_NANOSECOND
        return Run(
            tuple(self.passed), tuple(self.keys), tuple(self.starts),
            np.array(self.words, np.int64), self.scratch, tuple(self.checks), self.captured,
            steps,
        )  # fmt: skip

    def block(self, key: Key, words: Sequence[int]) -> None:
        """Add a block of that kernel, with what it is given."""
        self.starts.append(len(self.words))
        self.keys.append(key)
        self.words += [0, HEAD + len(words), *words]

    def side_by_side(
        self, key: Key, blocks: Sequence[Sequence[int]], work: int, parts: int = 0
    ) -> None:
        """Add blocks that threads may run side by side.

        They are of one kernel, and all of one length; or there is one block, whose kernel is told
        which of so many `parts` to do. `work` is how much that is in all, in elements of `x + 1`.
        """
        if len(blocks) == 1 and parts < 2:
            self.block(key, blocks[0])
            return
        length = HEAD + len(blocks[0])
        at = len(self.words)
        inside = [word for words in blocks for word in (0, length, *words)]
        first = at + HEAD + RANGE_WORDS
        self.ranges.append((first - 1, work))
        self.block(RangeKey(), [parts or len(blocks), 0 if parts else length, 0, *inside])
        self.keys += [key] * len(blocks)
        self.starts += [first + i * length for i in range(len(blocks))]

    # Where elements lie

    def layout_of(self, slot: int) -> Layout:
        """How the elements of a slot lie."""
        shape = self.slots[slot].shape
        if slot in self.home.placement.offsets:
            return whole(slot, shape)
        return self.home.layouts.get(slot) or whole(slot, shape)

    def at(self, layout: Layout) -> tuple[int, int]:
        """Which of what is passed holds the elements, and at which byte they begin."""
        root = layout.root
        if root < 0:
            return self.pass_on("scratch"), layout.start
        start = layout.start * self.slots[root].dtype.itemsize
        offset = self.home.placement.offsets.get(root)
        if offset is not None:
            return self.pass_on("arena"), offset + start
        captured = self.home.captured(root)
        if captured is not None:
            return self.pass_on(self.capture(captured)), start
        return self.pass_on(f"s{root}"), start

    def capture(self, array: np.ndarray) -> str:
        """The name of an array that nobody else names."""
        for name, held in self.captured.items():
            if held is array:
                return name
        name = f"c{len(self.captured)}"
        self.captured[name] = array
        return name

    def place(self, slot: int) -> tuple[int, int]:
        """The same of a slot in order: of one that is not, of a copy in the scratch."""
        layout = self.layout_of(slot)
        return self.at(layout if layout.ordered else self.laid_in_order(slot))

    def laid_in_order(self, slot: int) -> Layout:
        """A copy in the scratch."""
        spec = self.slots[slot]
        start = self.take(spec.nbytes)
        target = Layout(-1, start, spec.shape, in_order(spec.shape))
        self.copy(self.layout_of(slot), self.at(target), spec.dtype)
        return target

    def copy(self, source: Layout, target: tuple[int, int], dtype: np.dtype) -> None:
        """Copy elements to where they then lie in order; complex ones as their two parts.

        Words of random numbers are copied as integers with a sign, which LLVM's have not.
        """
        if dtype.kind == "c":
            parts = (*(2 * step for step in source.strides), 1)
            shape, dtype = (*source.shape, 2), np.dtype(f"f{dtype.itemsize // 2}")
            given = Lying(self.at(source), parts, dtype.name)
            self.move(shape, given, Lying(target, in_order(shape), dtype.name))
            return
        if dtype == np.uint32:
            dtype = np.dtype(np.int32)
        there = Lying(target, in_order(source.shape), dtype.name)
        self.move(source.shape, self.lying(source, dtype), there)

    def lying(self, layout: Layout, dtype: np.dtype) -> Lying:
        return Lying(self.at(layout), layout.strides, dtype.name)

    def move(
        self, shape: tuple[int, ...], source: Lying, target: Lying, *, added: bool = False
    ) -> None:
        """Write elements, or add them to what is there; a stride may be 0."""
        loops = StridedLoops(shape, [source, target])
        if loops.empty:
            return
        x = loops.add("astype", (loops.loads[0],), target.dtype)
        if added:
            x = loops.add("add", (loops.loads[1], x), target.dtype)
        self.loop_over(loops, x)

    def loop_over(self, loops: StridedLoops, value: int) -> None:
        """Blocks that write a value to the last of the arrays of its loops."""
        self.side_by_side(*loops.written(value), prod(loops.shape))

    def pass_on(self, name: str) -> int:
        if name not in self.passed:
            self.passed.append(name)
        return self.passed.index(name)

    def take(self, nbytes: int) -> int:
        start = self.taken
        self.taken += -(-nbytes // ALIGNED) * ALIGNED
        self.scratch = max(self.scratch, self.taken)
        return start

    def copied(self, source: Layout, dtype: np.dtype) -> tuple[int, int]:
        """Where a copy in the scratch lies."""
        place = self.pass_on("scratch"), self.take(prod(source.shape) * dtype.itemsize)
        self.copy(source, place, dtype)
        return place

    def store(self, slot: int, name: str) -> None:
        """Copy a slot to the array of that name."""
        self.copy(self.layout_of(slot), (self.pass_on(name), 0), self.slots[slot].dtype)
