"""A matrix product as the source of a CUDA kernel, which reads its operands by their strides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from gpugrad.executor.engines.cuda.kernel import BLOCK, Kernel, index_type, kernel_source
from gpugrad.executor.engines.cuda.scalars import type_of
from gpugrad.executor.engines.cuda.table import Pointer, passed
from gpugrad.executor.plan import Slot, Step

TILE = 32

LARGE = 2**21
"""Multiplications from which on a product is left to cuBLAS.

An estimate: below, a call of the library takes longer than the work.
"""


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
    shape = slots[slot].shape
    return Matrix(slot, shape[-1], 1, prod(shape[-2:]) if len(shape) == 3 else 0)


def can_multiply(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a kernel can do this product: of floating matrices, or of as many on both sides."""
    a, b = (slots[slot] for slot in step.inputs)
    floating = a.dtype == b.dtype and a.dtype.name in ("float32", "float64") and a.dtype.isnative
    batch = len(a.shape) == 3 == len(b.shape) and a.shape[0] == b.shape[0]
    some = 0 not in (*a.shape, *b.shape)
    return floating and some and (len(a.shape) == 2 == len(b.shape) or batch)


def is_large(slots: tuple[Slot, ...], step: Step, left: Matrix, right: Matrix) -> bool:
    """Whether cuBLAS is to do a product, which takes rows or columns that lie in order."""
    (m, n), depth = slots[step.outputs[0]].shape[-2:], slots[step.inputs[0]].shape[-1]
    fits = max(m, n, depth, left.row, left.step, right.row, right.step) < 2**31
    lie = all(1 in (matrix.row, matrix.step) for matrix in (left, right))
    return fits and lie and m * n * depth >= LARGE


def write_product(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    operands: tuple[Matrix, Matrix],
    words: Mapping[int, int],
) -> Kernel:
    """The kernel of a product for which `can_multiply` holds; `words` as for `write_kernel`."""
    (result,) = step.outputs
    store = [f"s{result}[r * {slots[result].shape[-1]} + j] = value;"]
    return product_kernel(name, step, slots, operands, words, store, (), step.outputs)


def product_kernel(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    operands: tuple[Matrix, Matrix],
    words: Mapping[int, int],
    store: Sequence[str],
    read: Sequence[int],
    written: Sequence[int],
) -> Kernel:
    """The kernel of a product that does with each element what the lines `store` say.

    These know it as `value`, its row, counted through all matrices, as `r`, its column as `j`, and
    the slots `read` and `written` as `s7`.
    """
    left, right = operands
    result = slots[step.outputs[0]]
    (m, n), depth = result.shape[-2:], slots[step.inputs[0]].shape[-1]
    kind = type_of(result.dtype)
    largest = max(slots[slot].size for slot in (left.slot, right.slot, *written))
    index = index_type(largest)
    sizes = (m, n, depth, left.row, left.step, left.next, right.row, right.step, right.next)
    sources = dict.fromkeys((left.slot, right.slot, *read))
    pointers = [Pointer(slot, f"const {type_of(slots[slot].dtype)} *") for slot in sources]
    pointers += [Pointer(slot, f"{type_of(slots[slot].dtype)} *") for slot in written]
    parameters, found, arguments = passed(pointers, words)
    body = [
        *found,
        f"const auto store = [=]({index} r, {index} j, {kind} value) {{",
        *(f"  {line}" for line in store),
        "};",
        f"gpugrad::product<{kind}, {index}>(s{left.slot}, s{right.slot},",
        f"    {', '.join(map(str, sizes))}, store);",
    ]
    source = kernel_source(name, parameters, body)
    grid = prod(result.shape[:-2]) * -(-m // TILE) * -(-n // TILE)
    return Kernel(name, source, arguments, (), 0, grid, BLOCK, bool(found))
