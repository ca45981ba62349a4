"""A matrix product as the source of a CUDA kernel, which reads its operands by their strides.

Each block makes a tile of the result. Where there are few tiles, and each is a sum of many terms,
several blocks share a tile: each adds up a part of the terms, and the one that finishes last adds
up the parts, in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from gpugrad.engines.cuda.expressions import type_of
from gpugrad.engines.cuda.given import Numbers
from gpugrad.engines.cuda.kernel import BLOCK, Kernel, index_type, last_of
from gpugrad.engines.cuda.table import Parameter, Pointer, passed
from gpugrad.plan.plan import Slot, Step

TILE = 32

EACH = TILE * TILE // BLOCK
"""Elements of a tile that one thread has."""

LARGE = 2**25
"""Multiplications from which on a product is left to cuBLAS.

An estimate: with fewer, a kernel of ours takes a few microseconds more or less than one of the
library, and saves those that what follows element by element would take.
"""

DEEP = 256
"""Terms from which on several blocks may share a tile; with fewer, it takes longer to join them."""

LEAST, MOST = 64, 1024
"""Terms of a block at least, and at most: where they are more, cuBLAS knows better."""

ENOUGH = 256
"""Blocks that keep a device busy: no more share their tiles."""

JOINED = 64
"""Parts of a tile at most, which one block must join."""


@dataclass(frozen=True)
class Matrix:
    """Where an operand lies: in which slot, and the strides, in elements, of its last two axes.

    `next` is how far the next matrix of a batch is, 0 where all products have the same one.
    """

    slot: int
    row: int
    step: int
    next: int = 0


def in_order(slots: tuple[Slot, ...], slot: int) -> Matrix:
    """An operand whose elements lie in their order."""
    *batch, rows, columns = slots[slot].shape
    return Matrix(slot, columns, 1, rows * columns if prod(batch) > 1 else 0)


def can_multiply(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a kernel can do this product.

    It can where the matrices are floating, and as many on both sides, of which one may stand for
    all.
    """
    a, b = (slots[slot] for slot in step.inputs)
    floating = a.dtype == b.dtype and a.dtype.name in ("float32", "float64") and a.dtype.isnative
    some = 0 not in (*a.shape, *b.shape)
    return floating and some and all(len(x.shape) in (2, 3) for x in (a, b))


def is_large(slots: tuple[Slot, ...], step: Step, left: Matrix, right: Matrix) -> bool:
    """Whether cuBLAS is to do a product, which takes rows or columns that lie in order.

    It is where the work is great: that of all blocks, or that of one.
    """
    result, depth = slots[step.outputs[0]], slots[step.inputs[0]].shape[-1]
    fits = max(*result.shape, depth, left.row, left.step, right.row, right.step) < 2**31
    lie = all(1 in (matrix.row, matrix.step) for matrix in (left, right))
    great = result.size * depth >= LARGE or terms_of_block(result.shape, depth) > MOST
    return fits and lie and great


def terms_of_block(shape: tuple[int, ...], depth: int) -> int:
    """How many of the `depth` terms of a result of that shape one block adds up.

    In tiles, so that all blocks but the last ones have the same work.
    """
    if depth < DEEP:
        return depth
    parts = min(-(-depth // LEAST), max(1, ENOUGH // _tiles(shape)), JOINED)
    return -(-depth // (parts * TILE)) * TILE if parts > 1 else depth


def product_blocks(slots: tuple[Slot, ...], step: Step) -> int:
    """How many blocks the kernel of a product has."""
    shape, depth = slots[step.outputs[0]].shape, slots[step.inputs[0]].shape[-1]
    return _tiles(shape) * -(-depth // terms_of_block(shape, depth))


def _tiles(shape: tuple[int, ...]) -> int:
    return prod(shape[:-2]) * -(-shape[-2] // TILE) * -(-shape[-1] // TILE)


def write_product(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    operands: tuple[Matrix, Matrix],
    words: Mapping[int, int],
) -> Kernel:
    """The kernel of a product for which `can_multiply` holds; `words` as for `write_kernel`."""
    (result,) = step.outputs
    store = [f"s{result}[r * n + j] = value;"]
    return product_kernel(
        name, step, slots, operands, words, [], store, (), step.outputs, Numbers()
    )


def product_kernel(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    operands: tuple[Matrix, Matrix],
    words: Mapping[int, int],
    ahead: Sequence[str],
    store: Sequence[str],
    read: Sequence[int],
    written: Sequence[int],
    numbers: Numbers,
) -> Kernel:
    """The kernel of a product that does with each element what the lines `store` say.

    What `ahead` says is done once, before. The lines know the element as `value`, its row, counted
    through all matrices, as `r`, its column as `j`, how many columns there are as `n`, the slots
    `read` and `written` as `s7`, and the `numbers`.
    """
    left, right = operands
    result = slots[step.outputs[0]]
    (m, n), depth = result.shape[-2:], slots[step.inputs[0]].shape[-1]
    kind = type_of(result.dtype)
    largest = max(slots[slot].size for slot in (left.slot, right.slot, *written))
    index = index_type(largest)
    sources = dict.fromkeys((left.slot, right.slot, *read))
    pointers = [Pointer(slot, f"const {type_of(slots[slot].dtype)} *") for slot in sources]
    pointers += [Pointer(slot, f"{type_of(slots[slot].dtype)} *") for slot in written]
    parameters, found, arguments = passed(pointers, words, numbers)
    tiles, terms = _tiles(result.shape), terms_of_block(result.shape, depth)
    parts = -(-depth // terms)
    across, down = -(-n // TILE), -(-m // TILE)
    for size, value in (("m", m), ("n", n), ("depth", depth)):
        numbers(index, size, value)
    for count, value in (("tile_count", tiles), ("across", across)):
        numbers("int", count, value)
    a, b = (
        f"s{x.slot} + batch * {numbers(index, f'next{i}', x.next)}" if x.next else f"s{x.slot}"
        for i, x in enumerate(operands)
    )
    batched = len(result.shape) == 3
    whole = numbers("int", "whole", across * down) if batched else ""
    body = [
        *found,
        *_place(parts, batched, whole, index),
        f"const {index} i0 = at / across * {TILE}, j0 = at % across * {TILE};",
        *_terms(parts, index, numbers("int", "terms", terms) if parts > 1 else "", numbers),
        f"{kind} sums[{EACH}];",
        f"gpugrad::product<{kind}, {index}>(tiles, {a}, {b}, i0, j0, from, to, m, n,",
        f"    {', '.join(_strides(operands, index, numbers))}, sums);",
        *(_joined() if parts > 1 else []),
        *ahead,
        f"for (int t = 0; t < {EACH}; ++t) {{",
        f"  const {index} i = i0 + threadIdx.x / {TILE} + t * {TILE // EACH};",
        f"  const {index} j = j0 + threadIdx.x % {TILE}, r = {'batch * m + ' * batched}i;",
        "  if (i >= m || j >= n) continue;",
        f"  const {kind} value = sums[t];",
        *(f"  {line}" for line in store),
        "}",
    ]
    shared = parts > 1
    parts_and_counters = Parameter(f"{kind} *", "parts"), Parameter("unsigned *", "done")
    return Kernel(
        name,
        (*parameters, *(parts_and_counters if shared else ())),
        tuple(body),
        arguments,
        (parts * tiles * TILE * TILE * result.dtype.itemsize,) if shared else (),
        tiles if shared else 0,
        parts * tiles,
        BLOCK,
        bool(found),
        f"gpugrad::Tiles<{kind}>",
        given=numbers.given,
    )


def _place(parts: int, batched: bool, whole: str, index: str) -> list[str]:
    """Lines that say which tile and which part of it a block has."""
    shared, tile = parts > 1, "mine" if parts > 1 else "block"
    lines = ["const int mine = block % tile_count, part = block / tile_count;"] if shared else []
    if batched:
        return [*lines, f"const {index} batch = {tile} / {whole}, at = {tile} % {whole};"]
    return [*lines, f"const {index} at = {tile};"]


def _terms(parts: int, index: str, terms: str, numbers: Numbers) -> list[str]:
    """Lines that say which terms of the sums it adds up."""
    if parts == 1:
        return [f"const {index} from = 0, to = depth;"]
    last = f"part < {numbers('int', 'part_count', parts)} - 1"
    return [f"const {index} from = part * ({index}){terms}, to = {last} ? from + {terms} : depth;"]


def _strides(operands: Sequence[Matrix], index: str, numbers: Numbers) -> list[str]:
    """The strides of both operands; that of neighbours is part of the kernel."""
    named = [
        (f"{name}{i}", stride)
        for i, x in enumerate(operands)
        for name, stride in (("row", x.row), ("step", x.step))
    ]
    return ["1" if stride == 1 else numbers(index, name, stride) for name, stride in named]


def _joined() -> list[str]:
    """Lines after which only the last block of a tile goes on, with the sums of all its parts."""
    place = f"({{}} * tile_count + mine) * {TILE * TILE} + t * {BLOCK} + threadIdx.x"
    each = f"for (int t = 0; t < {EACH}; ++t)"
    return [
        f"{each} parts[{place.format('part')}] = sums[t];",
        *last_of("part_count", "done + mine"),
        f"{each} sums[t] = parts[{place.format('0')}];",
        "for (int p = 1; p < part_count; ++p) {",
        f"  {each} sums[t] += parts[{place.format('p')}];",
        "}",
    ]
