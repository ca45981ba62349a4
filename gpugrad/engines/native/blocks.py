"""What the driver runs: for each step a block of words, which says what its kernel is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import prod

import numpy as np

from gpugrad.codegen.batched_correlations import KINDS as CORRELATIONS
from gpugrad.codegen.batched_products import in_rows, products_of
from gpugrad.codegen.narrow import narrowed
from gpugrad.codegen.random_streams import BLOCK, STREAMS, streams_of
from gpugrad.codegen.running import KINDS, LEFT_TO_NUMPY, running_of
from gpugrad.codegen.sorted_rows import KINDS as SORTS
from gpugrad.codegen.sorted_rows import sorting_of
from gpugrad.codegen.strided import (
    UNIT,
    StridedLoops,
    cut,
    parts_of_moves,
    strides_given,
    windows_apart,
)
from gpugrad.codegen.transformed_rows import KINDS as TRANSFORMS
from gpugrad.codegen.transformed_rows import scratch_of, table_of, transform_of
from gpugrad.codegen.words import as_word
from gpugrad.engines.native.bodies import add_cond, add_scan
from gpugrad.engines.native.correlations import add_correlation
from gpugrad.engines.native.frame import Frame, Home, Run
from gpugrad.engines.native.printed import LabelKey, ProductKey, RowsKey
from gpugrad.plan.layouts import Layout, in_order
from gpugrad.plan.nest import Use, nest_of
from gpugrad.plan.phases import Schedule
from gpugrad.plan.plan import Operand, Step
from gpugrad.plan.primitives import REDUCTIONS, SCALARS
from gpugrad.plan.work import of_elements, of_products, of_random_words

PART, MOST = 2**20, 16
"""Multiplications of a part of a product, and how many parts there are at most: each of them brings
what it reads of the matrices into its cache.
"""

ROWS, COLUMNS = 8, 32
"""At whose multiples products are cut, so that the blocks of each part are whole."""

def run_of(home: Home, steps: Sequence[Step]) -> Run:
    """The program of these steps."""
    blocks = Blocks(home, {})
    begun = []
    for step in steps:
        begun.append((step, len(blocks.words)))
        blocks.add(step)
    return blocks.run(tuple(begun))


class Blocks(Frame):
    """Writes the blocks of steps."""

    def write(self, step: Step) -> None:
        _STEPS[step.op](self, step)

    def _fused(self, step: Step) -> None:
        numbers = {slot for slot in step.inputs if self.home.number(slot) is not None}
        self._nest(nest_of(step, self.slots, numbers))

    def _nest(self, use: Use) -> None:
        use = narrowed(use)
        nest = use.nest
        places = [self.place(slot) for slot in use.slots]
        words = [*use.sizes]
        if nest.parts:
            words.append(use.parts)
        for place, access, strides in zip(places, nest.accesses, use.strides, strict=True):
            words += [*place, *strides_given(nest, access, strides)]
        words += self._kept(use)
        words += [self._number(slot) for slot in use.numbers]
        ops = [part.op for part in nest.values if part.depth == nest.axes]
        self.side_by_side(nest, [words], of_elements(ops, prod(use.sizes)), use.parts)

    def _matmul(self, step: Step) -> None:
        left, right = (self.layout_of(slot) for slot in step.inputs)
        if not in_rows(right):
            right = self.laid_in_order(step.inputs[1])
        x, spec = products_of(left, right), self.slots[step.outputs[0]]
        turned = x.n > 1 and x.right[1] != 1
        if x.swapped:
            left, right = right, left
        places = [self.at(layout) for layout in (left, right, self.layout_of(step.outputs[0]))]
        blocks, key = [], ProductKey(spec.dtype.name, turned)
        for starts, ((count, nexts), other) in x.pairs():
            lengths = [count, x.m, x.n]
            axis, bounds = parts_of_product(count, x.m, x.n, x.depth * other[0])
            along = (nexts, (x.left[0], 0, x.n), (0, x.right[1], 1))[axis]
            for begin, end in pairwise(bounds):
                words: list[int] = []
                for (frame, byte), start, by in zip(places, starts, along, strict=True):
                    words += [frame, byte + (start + begin * by) * spec.dtype.itemsize]
                lengths[axis] = end - begin
                words += [*lengths[1:], x.depth, *x.left, x.right[turned], x.n]
                blocks.append([*words, lengths[0], *nexts, other[0], *other[1]])
        if spec.size * x.depth >= PART:
            self.side_by_side(key, blocks, of_products(spec.size * x.depth))
        else:
            for words in blocks:
                self.block(key, words)

    def _pack(self, step: Step) -> None:
        """Copies of what was not computed inside of the pack; most often there is none."""
        packed, start = step.outputs[0], 0
        for slot in step.inputs:
            spec = self.slots[slot]
            if not self.home.placement.lies_in(slot, packed, start * spec.dtype.itemsize):
                target = Layout(packed, start, spec.shape, in_order(spec.shape))
                self.copy(self.layout_of(slot), self.at(target), spec.dtype)
            start += spec.size

    def _reshape(self, step: Step) -> None:
        """Of what does not lie in order: a copy that does."""
        target = self.layout_of(step.outputs[0])
        self.copy(self.layout_of(step.inputs[0]), self.at(target), self.slots[target.root].dtype)

    def _concat(self, step: Step) -> None:
        whole, axis, start = self.layout_of(step.outputs[0]), step.setting("axis"), 0
        dtype = self.slots[step.outputs[0]].dtype
        axis %= len(whole.shape)
        for slot in step.inputs:
            source = self.layout_of(slot)
            part = replace(whole, start=whole.start + start * whole.strides[axis])
            self.move(
                source.shape, self.lying(source, self.slots[slot].dtype), self.lying(part, dtype)
            )
            start += source.shape[axis]

    def _update(self, step: Step) -> None:
        """Write or add to a part of an array, which is a copy unless nobody else reads it."""
        x, value = (self.layout_of(slot) for slot in step.inputs[:2])
        result, spec = self.layout_of(step.outputs[0]), self.slots[step.outputs[0]]
        if self.at(x) != self.at(result):
            self.copy(x, self.at(result), spec.dtype)
        chosen = rows_chosen(step)
        if chosen is not None:
            self._rows(step, step.op[:3], step.outputs[0], chosen, step.inputs[1])
            return
        part = result.indexed(step.setting("key"))
        given = value.broadcast(part.shape)
        self.move(
            part.shape, self.lying(given, self.slots[step.inputs[1]].dtype),
            self.lying(part, spec.dtype), added=step.op == "add_at",
        )  # fmt: skip

    def _getitem(self, step: Step) -> None:
        chosen = rows_chosen(step)
        assert chosen is not None
        self._rows(step, "take", step.inputs[0], chosen, step.outputs[0])

    def _rows(self, step: Step, kind: str, whole: int, chosen: int, part: int) -> None:
        """A block for rows of an array, and the check that there are such."""
        spec, indices = self.slots[whole], self.slots[chosen]
        target = self.place(part)
        if kind != "take":                          # one row may stand for all
            shape = (*indices.shape, *spec.shape[1:])
            given = self.layout_of(part).broadcast(shape)
            # What is written may lie where it is written to, as rows of an array from itself.
            if not given.ordered or self._meet(whole, part):
                target = self.copied(given, self.slots[part].dtype)
        places = self.place(whole), self.place(chosen), target
        count, length = indices.size, prod(spec.shape[1:])
        size = spec.dtype.itemsize
        # What is written in order lies apart; of rows that are written more than once, each part
        # writes some columns.
        number, unit = (count, 1) if kind == "take" else (length, UNIT)
        blocks = []
        for begin, end in pairwise(cut(number, parts_of_moves(count * length), unit)):
            if kind == "take":
                moved, lengths = (0, indices.dtype.itemsize, length * size), (end - begin, length)
            else:
                moved, lengths = (size, 0, size), (count, end - begin)
            words: list[int] = []
            for (name, start), by in zip(places, moved, strict=True):
                words += [name, start + begin * by]
            blocks.append([*words, *lengths, spec.shape[0], length])
        self.checks.append((len(self.words), step))
        self.side_by_side(
            RowsKey(kind, spec.dtype.name, indices.dtype.name), blocks, count * length
        )

    def _meet(self, one: int, other: int) -> bool:
        """Whether the memory of a slot that lies in order has elements in common with another's."""
        (home, start), (there, begin) = self.place(one), self.place(other)
        ends = start + self.slots[one].nbytes, begin + self.slots[other].nbytes
        return home == there and start < ends[1] and begin < ends[0]

    def _check_labels(self, step: Step) -> None:
        labels = self.slots[step.inputs[0]]
        words = [*self.place(step.inputs[0]), labels.size, step.setting("n")]
        self.checks.append((len(self.words), step))
        self.block(LabelKey(labels.dtype.name), words)

    def _running(self, step: Step) -> None:
        running = running_of(step, self.slots)
        assert running is not None
        slots = (*step.inputs, *step.outputs)
        places, outer = [self.place(slot) for slot in slots], running.outer
        by = [self.slots[slot].nbytes // outer for slot in slots]
        size = outer * running.n * running.inner
        if step.op in LEFT_TO_NUMPY:
            self.checks.append((len(self.words), step))
        blocks = []
        for begin, end in pairwise(cut(outer, parts_of_moves(size), ROWS)):
            words: list[int] = []
            for (name, start), row in zip(places, by, strict=True):
                words += [name, start + begin * row]
            blocks.append([*words, end - begin, running.n, running.inner])
        self.side_by_side(running.key, blocks, 2 * size)

    def _random(self, step: Step) -> None:
        streams = streams_of(step, self.slots)
        assert streams is not None
        made, each = self.slots[step.outputs[0]], streams.key.each
        itemsize, apart = made.dtype.itemsize, self.slots[step.inputs[0]].nbytes // streams.count
        keys, (name, begin) = self.place(step.inputs[0]), self.place(step.outputs[0])
        numbers = [as_word(x) for x in streams.interval]
        blocks = []
        work = of_random_words(made.size * BLOCK // each)
        parts = parts_of_moves(work)
        if streams.count > 1:                       # each part makes those of some keys
            for first, end in pairwise(cut(streams.count, parts, 1)):
                moved = keys[0], keys[1] + first * apart
                target = name, begin + first * streams.size * itemsize
                sizes = end - first, 0, streams.size, streams.size
                blocks.append([*moved, *target, *sizes, *numbers])
        else:                                       # each makes some blocks of the stream
            for first, end in pairwise(cut(-(-streams.size // each), parts, ROWS)):
                target = name, begin + first * each * itemsize
                size = min(end * each, streams.size) - first * each
                blocks.append([*keys, *target, 1, first, size, 0, *numbers])
        self.side_by_side(streams.key, blocks, work)

    def _sort(self, step: Step) -> None:
        sorting = sorting_of(step, self.slots)
        assert sorting is not None
        key, n, inner = sorting.key, sorting.n, sorting.inner
        itemsize = np.dtype(key.dtype).itemsize
        source, target = self.place(step.inputs[0]), self.place(step.outputs[0])
        chosen = [len(sorting.places), *sorting.places] if key.chosen else []
        rows = n * inner, (len(sorting.places) or n) * inner
        blocks = []
        for begin, end in pairwise(cut(sorting.outer, parts_of_moves(sorting.outer * rows[0]), 1)):
            words: list[int] = []
            for (name, start), size in zip((source, target), rows, strict=True):
                words += [name, start + begin * size * itemsize]
            if key.aside:
                words += [self.pass_on("scratch"), self.take(n * itemsize)]
            blocks.append([*words, end - begin, n, inner, *chosen])
        self.side_by_side(key, blocks, sorting.outer * rows[0] * n.bit_length())

    def _transform(self, step: Step) -> None:
        transform = transform_of(step, self.slots)
        assert transform is not None
        key, rows = transform.key, transform.rows
        places = [self.place(slot) for slot in (*step.inputs, *step.outputs)]
        by = [self.slots[slot].nbytes // rows for slot in (*step.inputs, *step.outputs)]
        table = self.pass_on(self.capture(table_of(key.dtype, key.length))), 0
        blocks = []
        for begin, end in pairwise(cut(rows, parts_of_moves(rows * key.length), 1)):
            words: list[int] = []
            for (name, start), size in zip(places, by, strict=True):
                words += [name, start + begin * size]
            words += [self.pass_on("scratch"), self.take(scratch_of(key)), *table]
            blocks.append([*words, end - begin, *transform.words()])
        self.side_by_side(key, blocks, rows * key.length * key.length.bit_length())

    def _elementwise(self, step: Step) -> None:
        """An elementwise step alone: operands lie in any way."""
        (result,) = step.outputs
        target = self.layout_of(result)
        shape = target.shape
        operands = [
            self.lying(self.layout_of(slot).broadcast(shape), self.slots[slot].dtype)
            for slot in step.inputs
        ]
        loops = StridedLoops(shape, [*operands, self.lying(target, self.slots[result].dtype)])
        args = tuple(loops.loads[: len(operands)])
        self.loop_over(loops, loops.add(step.op, args, self.slots[result].dtype.name))

    def _reduction(self, step: Step) -> None:
        """A reduction alone, over any axes."""
        (x,), (result,) = step.inputs, step.outputs
        source, dtype = self.layout_of(x), self.slots[result].dtype
        axes = {axis % len(source.shape) for axis in step.setting("axes")}
        kept = [axis for axis in range(len(source.shape)) if axis not in axes]
        inner = in_order(tuple(source.shape[axis] for axis in kept))
        along = dict(zip(kept, inner, strict=True))
        target = replace(
            self.layout_of(result), shape=source.shape,
            strides=tuple(along.get(axis, 0) for axis in range(len(source.shape))),
        )  # fmt: skip
        arrays = self.lying(source, self.slots[x].dtype), self.lying(target, dtype)
        loops = StridedLoops(*windows_apart(source.shape, *arrays))
        self.side_by_side(*loops.reduced(step.op, dtype), prod(source.shape))

    def _kept(self, use: Use) -> list[int]:
        """Where the rows lie that are computed by one loop and read by another."""
        words: list[int] = []
        first = self.taken
        for i in Schedule(use.nest).kept():
            size = use.sizes[-1] * np.dtype(use.nest.values[i].dtype).itemsize
            words += [self.pass_on("scratch"), self.take(size)]
        if words and use.nest.parts:                # of which each has its own
            size = self.taken - first
            words.append(size)
            self.take(size * (use.parts - 1))
        return words

    def _number(self, slot: int) -> int:
        number = self.home.number(slot)
        assert number is not None
        return as_word(number)


def parts_of_product(batch: int, m: int, n: int, depth: int) -> tuple[int, list[int]]:
    """Which axis of a product is cut into parts that threads do side by side.

    It is one of its batch, rows and columns, and comes with where each part begins and the last one
    ends.
    """
    parts = min(MOST, batch * m * n * depth // PART)
    axis = 0 if batch > 1 else 1 if m >= n else 2
    length, unit = (batch, m, n)[axis], (1, ROWS, COLUMNS)[axis]
    return axis, cut(length, parts, unit)


def rows_chosen(step: Step) -> int | None:
    """The slot of the integers by which a step takes, writes or adds to whole rows, if it does."""
    key = step.setting("args")[1] if step.op == "getitem" else step.setting("key")
    parts = key if isinstance(key, tuple) else (key,)
    first, *rest = parts or (None,)                 # `x[()]` names no axis
    whole = all(part is ... or part == slice(None) for part in rest)
    return step.inputs[first.number] if isinstance(first, Operand) and whole else None


_STEPS: dict[str, Callable[[Blocks, Step], None]] = {
    "fused": Blocks._fused,
    "matmul": Blocks._matmul,
    "pack": Blocks._pack,
    "reshape": Blocks._reshape,
    "check_labels": Blocks._check_labels,
    "scan": add_scan,
    "cond": add_cond,
    "concat": Blocks._concat,
    "add_at": Blocks._update,
    "set_at": Blocks._update,
    "getitem": Blocks._getitem,
    **dict.fromkeys(CORRELATIONS, add_correlation),
    **dict.fromkeys(KINDS, Blocks._running),
    **dict.fromkeys(SORTS, Blocks._sort),
    **dict.fromkeys(STREAMS, Blocks._random),
    **dict.fromkeys(TRANSFORMS, Blocks._transform),
    **dict.fromkeys(SCALARS, Blocks._elementwise),
    **dict.fromkeys(REDUCTIONS, Blocks._reduction),
}
"""What writes the block of each step."""


