"""Blocks for correlations of a batch with weights, and for their gradients."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import numpy as np

from gpugrad.codegen import correlation_kernel, correlation_weights
from gpugrad.codegen.batched_correlations import (
    INPUTS,
    WEIGHTS,
    Correlation,
    Pair,
    Phase,
    correlation_of,
    geometry,
    phases_of,
    tiles_of,
)
from gpugrad.codegen.correlation_kernel import CorrelationKey
from gpugrad.codegen.correlation_weights import WeightsKey
from gpugrad.codegen.strided import Lying, StridedLoops, cut
from gpugrad.engines.native.frame import Frame
from gpugrad.plan.layouts import in_order
from gpugrad.plan.plan import Step
from gpugrad.plan.work import of_products

PART, MOST = 2**20, 16
"""Multiplications of a part, and how many parts there are at most."""

Place = tuple[int, int]


def add_correlation(blocks: Frame, step: Step) -> None:
    """The blocks of such a step."""
    x = correlation_of(step, blocks.slots)
    assert x is not None
    if x.kind == WEIGHTS:
        _weights(blocks, step, x)
    else:
        _products(blocks, step, x)


def _products(blocks: Frame, step: Step, x: Correlation) -> None:
    """A correlation, or those of cotangents with turned weights that a gradient is made of."""
    slot = step.outputs[0]
    result, dtype = blocks.place(slot), blocks.slots[slot].dtype
    phases = phases_of(x) if x.kind == INPUTS else [Phase(x)]
    if len(phases) == 1:
        _product(blocks, step, phases[0], result, dtype)
        return
    most = max(prod(phase.correlation.places) for phase in phases)
    images = x.batch * x.groups * x.channels
    part = blocks.pass_on("scratch"), blocks.take(images * most * dtype.itemsize)
    (height, width), (down, across) = x.lengths, x.steps
    for phase in phases:
        _product(blocks, step, phase, part, dtype)
        shape = (images, *phase.correlation.places)
        begin = phase.first[0] * width + phase.first[1]
        blocks.move(
            shape, Lying(part, in_order(shape), dtype.name),
            Lying(_moved(result, begin * dtype.itemsize), (height * width, down * width, across),
                  dtype.name),
        )  # fmt: skip


def _product(
    blocks: Frame, step: Step, phase: Phase, result: Place, dtype: np.dtype
) -> None:
    """One correlation."""
    x, source = phase.correlation, blocks.place(step.inputs[0])
    weights = _side_by_side(blocks, step.inputs[1], phase, dtype)
    biases = [word for slot in step.inputs[2:] for word in blocks.place(slot)]
    tiles = tiles_of(x, dtype.itemsize)
    assert tiles is not None
    size, plane = prod(x.lengths), prod(x.places)
    apart = (
        size * x.channels * x.groups, size * x.channels, _padded(x.outputs) * x.terms,
        plane * x.outputs * x.groups, plane * x.outputs, plane,
    )  # fmt: skip
    written = []
    for first, count, rows in _parts(x):
        begin = _moved(source, first * apart[0] * dtype.itemsize)
        to = _moved(result, first * apart[3] * dtype.itemsize)
        counts = [count, x.groups, *apart, x.outputs]
        written.append([*begin, *weights, *to, *biases, *counts, *geometry(x, tiles, rows)])
    key = CorrelationKey(dtype.name, bool(biases), x.apart)
    blocks.side_by_side(key, written, of_products(x.work))


def _side_by_side(blocks: Frame, slot: int, phase: Phase, dtype: np.dtype) -> Place:
    """Where weights lie as the kernel reads them: of so many outputs, number after number."""
    x, side, taps = phase.correlation, correlation_kernel.SIDE, prod(phase.correlation.sizes)
    frame, start = blocks.place(slot)
    _, _, *window = blocks.slots[slot].shape
    width, size = window[-1], prod(window)
    group = x.outputs * x.channels * size
    along = (x.channels * size, size, width, 1)     # of an output, a channel, and in a window
    if x.kind == INPUTS:
        i, j = (first + (n - 1) * every for first, n, every in
                zip(phase.start, x.sizes, phase.every, strict=True))  # fmt: skip
        start += (i * width + j) * dtype.itemsize
        along = (size, x.outputs * size, -width * phase.every[0], -phase.every[1])
    place = blocks.pass_on("scratch"), blocks.take(
        x.groups * _padded(x.outputs) * x.terms * dtype.itemsize
    )
    there = (_padded(x.outputs) * x.terms, side * x.terms, *(k * side for k in (
        taps, x.sizes[1], 1)), 1)  # fmt: skip
    for first, number, rows in _squares(x.outputs, side):
        blocks.move(
            (x.groups, number, x.channels, *x.sizes, rows),
            Lying((frame, start + first * side * along[0] * dtype.itemsize),
                  (group, side * along[0], *along[1:], along[0]), dtype.name),
            Lying(_moved(place, first * there[1] * dtype.itemsize), there, dtype.name),
        )  # fmt: skip
    return place


def _weights(blocks: Frame, step: Step, x: Correlation) -> None:
    """The gradient for the weights: sums of parts, which are added up and put in order."""
    dtype = blocks.slots[step.outputs[0]].dtype
    source, given = (blocks.place(slot) for slot in step.inputs)
    tiles = tiles_of(x, dtype.itemsize)
    assert tiles is not None
    side = correlation_weights.SIDE
    down, across = (-(-n // side) for n in (x.outputs, x.terms))
    group = down * across * side**2
    size, plane = prod(x.lengths), prod(x.places)
    parts = _parts(x)
    total = x.groups * group
    partial = blocks.pass_on("scratch"), blocks.take(len(parts) * total * dtype.itemsize)
    apart = (
        size * x.channels * x.groups, size * x.channels,
        plane * x.outputs * x.groups, plane * x.outputs, plane,
    )  # fmt: skip
    written = []
    for i, (first, count, rows) in enumerate(parts):
        places = (
            _moved(source, first * apart[0] * dtype.itemsize),
            _moved(given, first * apart[2] * dtype.itemsize),
            _moved(partial, i * total * dtype.itemsize),
        )
        counts = [count, x.groups, *apart, group, x.outputs]
        written.append([*(word for place in places for word in place), *counts,
                        *geometry(x, tiles, rows)])  # fmt: skip
    blocks.side_by_side(WeightsKey(dtype.name, x.apart), written, of_products(x.work))
    if len(parts) > 1:
        sums = blocks.pass_on("scratch"), blocks.take(total * dtype.itemsize)
        arrays = [Lying(partial, (total, 1), dtype.name), Lying(sums, (0, 1), dtype.name)]
        loops = StridedLoops((len(parts), total), arrays)
        blocks.side_by_side(*loops.reduced("sum", dtype), len(parts) * total)
        partial = sums
    result = blocks.place(step.outputs[0])
    inside = (group, across * side**2, side**2, side, 1)
    target = (x.outputs * x.terms, side * x.terms, side, x.terms, 1)
    for o, above, height in _squares(x.outputs, side):
        for t, beside, width in _squares(x.terms, side):
            blocks.move(
                (x.groups, above, beside, height, width),
                Lying(_moved(partial, (o * inside[1] + t * inside[2]) * dtype.itemsize), inside,
                      dtype.name),
                Lying(_moved(result, (o * target[1] + t * target[2]) * dtype.itemsize), target,
                      dtype.name),
            )  # fmt: skip


def _squares(n: int, side: int) -> list[tuple[int, int, int]]:
    """Of squares along an axis: the first, how many, and how much of each there is."""
    whole, rest = divmod(n, side)
    found = [(0, whole, side), (whole, 1, rest)]
    return [(first, number, length) for first, number, length in found if number and length]


def _parts(x: Correlation) -> list[tuple[int, int, Pair]]:
    """What threads do side by side: the first sample, how many, and which rows of windows."""
    parts = min(MOST, x.work // PART)
    if x.batch > 1:
        return [(begin, end - begin, (0, x.places[0]))
                for begin, end in pairwise(cut(x.batch, parts, 1))]  # fmt: skip
    return [(0, 1, rows) for rows in pairwise(cut(x.places[0], parts, 1))]


def _padded(n: int) -> int:
    return -(-n // correlation_kernel.SIDE) * correlation_kernel.SIDE


def _moved(place: Place, nbytes: int) -> Place:
    frame, start = place
    return frame, start + nbytes
