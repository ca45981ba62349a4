"""Copies as the source of CUDA kernels: what lies apart is laid in order, or put side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gpugrad.engines.cuda.kernel import (
    BLOCK,
    LARGEST_GRID,
    Kernel,
    index_type,
)
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
    body = [f"{stem}{result}[i] = s{layout.root}[{place_of(layout, 'i')}];"]
    kernel = each_kernel(name, pointers, words, body, slot.size, layout.reach)
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
    for slot, start in parts:
        body += _each(slots[slot].size, [f"s{result}[i + {start}] = s{slot}[i];"])
    largest = max(slots[slot].size for slot, _ in parts)
    kernel = _kernel(name, pointers, words, body, largest, slots[result].size)
    return replace(kernel, copies=True)


def each_kernel(
    name: str,
    pointers: Sequence[Pointer],
    words: Mapping[int, int],
    body: list[str],
    size: int,
    reach: int = 0,
) -> Kernel:
    """The kernel that does what `body` says for each `i` below `size`.

    No number that `body` computes with `i` is beyond `size` or, if that is more, `reach`.
    """
    return _kernel(name, pointers, words, _each(size, body), size, reach)


def _each(size: int, body: list[str]) -> list[str]:
    head = f"for (auto i = first; i < {size}; i += stride) {{"
    return [head, *(f"  {line}" for line in body), "}"]


def _kernel(
    name: str,
    pointers: Sequence[Pointer],
    words: Mapping[int, int],
    body: list[str],
    size: int,
    reach: int,
) -> Kernel:
    parameters, found, arguments = passed(pointers, words)
    grid = max(1, min(-(-size // BLOCK), LARGEST_GRID))
    index = index_type(max(2 * grid * BLOCK, reach))
    body = [
        f"const {index} first = block * ({index}){BLOCK} + threadIdx.x;",
        f"const {index} stride = {grid} * ({index}){BLOCK};",
        *found,
        *body,
    ]
    return Kernel(
        name, tuple(parameters), tuple(body), arguments, (), 0, grid, BLOCK, bool(found)
    )
