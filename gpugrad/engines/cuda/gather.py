"""Rows that integers choose, and rows added up where integers say, as the source of CUDA kernels.

Both in the order of the indices, so that equal inputs give equal bits. As in CuPy, an index wraps
around instead of raising.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from gpugrad.engines.cuda.copies import KINDS, each_index, each_kernel
from gpugrad.engines.cuda.expressions import TYPES, type_of
from gpugrad.engines.cuda.given import DIVISOR, Numbers
from gpugrad.engines.cuda.kernel import Kernel
from gpugrad.engines.cuda.table import Pointer
from gpugrad.plan.plan import Operand, Slot, Step

MOST_READ = 2**24
"""Indices that a kernel reads to add up rows: each element looks through all of them."""


def can_take(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a step is `x[index]` with one array of integers."""
    if step.op != "getitem" or len(step.inputs) != 2:
        return False
    whole = step.setting("args") == (Operand(0), (Operand(1),)) and not step.setting("kwargs")
    return whole and _indexes(slots, *step.inputs)


def can_add(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a step adds whole rows at one array of integers, which are not too many."""
    if step.op != "add_at" or len(step.inputs) != 3 or step.setting("key") != (Operand(2),):
        return False
    owned, x, index = step.inputs
    rows = slots[x].shape == slots[index].shape + slots[owned].shape[1:]
    same = slots[x].dtype == slots[owned].dtype and slots[x].dtype.name in TYPES
    few = slots[owned].size * slots[index].size <= MOST_READ
    return rows and same and few and _indexes(slots, owned, index)


def _indexes(slots: tuple[Slot, ...], x: int, index: int) -> bool:
    return slots[index].dtype.name in ("int32", "int64") and 0 not in slots[x].shape[:1]


def write_take(name: str, step: Step, slots: tuple[Slot, ...], words: Mapping[int, int]) -> Kernel:
    """The kernel of a step for which `can_take` holds."""
    (x, index), (result,) = step.inputs, step.outputs
    kind = KINDS[slots[x].dtype.itemsize]
    rows, width = slots[x].shape[0], prod(slots[x].shape[1:])
    pointers = [
        Pointer(x, f"const {kind} *"),
        Pointer(index, f"const {type_of(slots[index].dtype)} *"),
        Pointer(result, f"{kind} *"),
    ]
    numbers, size = Numbers(), slots[result].size
    by = numbers(f"{DIVISOR}<{each_index(size)}>", "width", max(width, 1))
    count = numbers("long long", "rows", rows)
    body = [
        f"const long long row = gpugrad::wrapped(s{index}[i / {by}], {count});",
        f"s{result}[i] = s{x}[row * {by}.n + i % {by}];",
    ]
    return each_kernel(name, pointers, words, body, size, numbers)


def write_add(name: str, step: Step, slots: tuple[Slot, ...], words: Mapping[int, int]) -> Kernel:
    """The kernel of a step for which `can_add` holds."""
    (owned, x, index), (result,) = step.inputs, step.outputs
    kind = type_of(slots[x].dtype)
    rows, width = slots[owned].shape[0], max(prod(slots[owned].shape[1:]), 1)
    sources = dict.fromkeys((owned, x))
    pointers = [
        *(Pointer(slot, f"const {kind} *") for slot in sources),
        Pointer(index, f"const {type_of(slots[index].dtype)} *"),
        Pointer(result, f"{kind} *"),
    ]
    numbers, size = Numbers(), slots[result].size
    by = numbers(f"{DIVISOR}<{each_index(size)}>", "width", width)
    count = numbers("long long", "rows", rows)
    indices = numbers("long long", "indices", slots[index].size)
    body = [
        f"{kind} sum = s{owned}[i];",
        f"const long long row = i / {by}, column = i % {by};",
        f"for (long long k = 0; k < {indices}; ++k) {{",
        f"  if (gpugrad::wrapped(s{index}[k], {count}) == row) sum += s{x}[k * {by}.n + column];",
        "}",
        f"s{result}[i] = sum;",
    ]
    return each_kernel(name, pointers, words, body, size, numbers)
