"""Copies as the source of CUDA kernels: what lies apart is laid in order, or put side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gpugrad.engines.cuda.given import Numbers
from gpugrad.engines.cuda.kernel import BLOCK, LARGEST_GRID, Kernel, index_type
from gpugrad.engines.cuda.scattered import place_of
from gpugrad.engines.cuda.table import Pointer, passed
from gpugrad.plan.layouts import Layout
from gpugrad.plan.plan import Slot

KINDS = {1: "unsigned char", 2: "unsigned short", 4: "unsigned", 8: "unsigned long long",
          16: "gpugrad::Sixteen"}  # fmt: skip
"""By the size of an element: what it means does not matter here."""


def write_gather(
    name: str,
    slot: Slot,
    layout: Layout,
    result: int,
    words: Mapping[int, int],
    stem: str = "s",
) -> Kernel:
    """The kernel that lays the elements of a view in order, in `s7` or, with that stem, `o7`."""
    kind = KINDS[slot.dtype.itemsize]
    pointers = [Pointer(layout.root, f"const {kind} *"), Pointer(result, f"{kind} *", stem)]
    numbers, index = Numbers(), each_index(slot.size, layout.reach)
    place = place_of(layout, "i", index, numbers, "view")
    body = [f"{stem}{result}[i] = s{layout.root}[{place}];"]
    kernel = each_kernel(name, pointers, words, body, slot.size, numbers, layout.reach)
    return replace(kernel, copies=True)


def write_join(
    name: str,
    slots: tuple[Slot, ...],
    parts: Sequence[tuple[int, int]],
    result: int,
    words: Mapping[int, int],
) -> Kernel:
    """The kernel that copies slots into `result`, each from an element on: `(slot, element)`."""
    kind = KINDS[slots[result].dtype.itemsize]
    sources = dict.fromkeys(slot for slot, _ in parts)
    pointers = [*(Pointer(s, f"const {kind} *") for s in sources), Pointer(result, f"{kind} *")]
    body: list[str] = []
    largest = max(slots[slot].size for slot, _ in parts)
    numbers, index = Numbers(), each_index(largest, slots[result].size)
    for part, (slot, start) in enumerate(parts):
        size, begin = (
            numbers(index, f"{x}{part}", value)
            for x, value in (("size", slots[slot].size), ("start", start))
        )
        body += _each(size, [f"s{result}[i + {begin}] = s{slot}[i];"])
    kernel = _kernel(name, pointers, words, body, largest, numbers, slots[result].size)
    return replace(kernel, copies=True)


def each_kernel(
    name: str,
    pointers: Sequence[Pointer],
    words: Mapping[int, int],
    body: list[str],
    size: int,
    numbers: Numbers,
    reach: int = 0,
) -> Kernel:
    """The kernel that does what `body` says for each `i` below `size`, with these `numbers`.

    No number that `body` computes with `i` is beyond `size` or, if that is more, `reach`.
    """
    whole = _each(numbers(each_index(size, reach), "size", size), body)
    return _kernel(name, pointers, words, whole, size, numbers, reach)


def each_index(size: int, reach: int = 0) -> str:
    """The type of `i` in such a kernel."""
    return index_type(max(2 * _grid(size) * BLOCK, reach))


def _grid(size: int) -> int:
    return max(1, min(-(-size // BLOCK), LARGEST_GRID))


def _each(size: str, body: list[str]) -> list[str]:
    head = f"for (auto i = first; i < {size}; i += stride) {{"
    return [head, *(f"  {line}" for line in body), "}"]


def _kernel(
    name: str,
    pointers: Sequence[Pointer],
    words: Mapping[int, int],
    body: list[str],
    size: int,
    numbers: Numbers,
    reach: int,
) -> Kernel:
    parameters, found, arguments = passed(pointers, words, numbers)
    grid, index = _grid(size), each_index(size, reach)
    body = [
        f"const {index} first = block * ({index}){BLOCK} + threadIdx.x;",
        f"const {index} stride = {numbers('int', 'blocks', grid)} * ({index}){BLOCK};",
        *found,
        *body,
    ]
    return Kernel(
        name, tuple(parameters), tuple(body), arguments, (), 0, grid, BLOCK, bool(found),
        given=numbers.given,
    )  # fmt: skip
