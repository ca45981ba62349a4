"""Copies as the source of CUDA kernels: what lies apart is laid in order, or put side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from gpugrad.executor.engines.cuda.kernel import BLOCK, MOST, Kernel, kernel_source
from gpugrad.executor.engines.cuda.table import Pointer, passed
from gpugrad.executor.plan import Plan, Slot

INDEX = "long long"

KINDS = {1: "unsigned char", 2: "unsigned short", 4: "unsigned", 8: "unsigned long long",
          16: "gpugrad::Sixteen"}  # fmt: skip
"""By the size of an element: what it means does not matter here."""


@dataclass(frozen=True)
class Layout:
    """Where the elements of a view lie: from which element of slot `root`, with which strides."""

    root: int
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def ordered(self) -> bool:
        """Whether the elements lie in their order, one behind the other."""
        wanted = strides_of(self.shape)
        pairs = zip(self.shape, self.strides, wanted, strict=True)
        return all(n == 1 or found == stride for n, found, stride in pairs)


def layouts(plan: Plan, views: frozenset[str]) -> dict[int, Layout]:
    """The layout of each slot that a step named in `views` makes of another one.

    A reshape is one only of what lies in order, as all slots do that no such step made.
    """
    found: dict[int, Layout] = {}
    for step in plan.steps:
        if step.op not in views:
            continue
        x, (y,) = step.inputs[0], step.outputs
        shape = plan.slots[y].shape
        old = found.get(x) or Layout(x, 0, plan.slots[x].shape, strides_of(plan.slots[x].shape))
        if step.op == "permute_dims":
            turned = tuple(old.strides[axis] for axis in step.setting("axes"))
            found[y] = Layout(old.root, old.start, shape, turned)
        elif step.op == "broadcast_to":
            new = len(shape) - len(old.shape)
            axes = zip(old.strides, old.shape, shape[new:], strict=True)
            kept = tuple(stride if n == m else 0 for stride, n, m in axes)
            found[y] = Layout(old.root, old.start, shape, (0,) * new + kept)
        elif step.op == "slice":
            found[y] = _sliced(old, step.setting("key"))
        elif old.ordered:
            found[y] = Layout(old.root, old.start, shape, strides_of(shape))
    return found


def strides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of elements in their order."""
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def _sliced(old: Layout, key: tuple[object, ...]) -> Layout:
    taken = sum(part is not None and part is not ... for part in key)
    start, shape, strides, axis = old.start, [], [], 0
    for part in (*key, ...) if ... not in key else key:
        if part is None:
            shape.append(1)
            strides.append(0)
        elif part is ...:
            rest = len(old.shape) - taken
            shape += old.shape[axis : axis + rest]
            strides += old.strides[axis : axis + rest]
            axis += rest
        elif isinstance(part, slice):
            places = range(*part.indices(old.shape[axis]))
            start += places.start * old.strides[axis] if places else 0
            shape.append(len(places))
            strides.append(places.step * old.strides[axis])
            axis += 1
        else:
            place = int(part) % old.shape[axis]  # type: ignore[call-overload]
            start += place * old.strides[axis]
            axis += 1
    return Layout(old.root, start, tuple(shape), tuple(strides))


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
    place, rest = [str(layout.start)], "i"
    for n, stride in reversed(list(zip(layout.shape, layout.strides, strict=True))):
        if n > 1 and stride:
            place.append(f"{rest} % {n} * {stride}")
        rest = f"{rest} / {n}" if n > 1 else rest
    body = [f"{stem}{result}[i] = s{layout.root}[{' + '.join(place)}];"]
    return each_kernel(name, pointers, words, body, slot.size)


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
    return _kernel(name, pointers, words, body, max(slots[slot].size for slot, _ in parts))


def each_kernel(
    name: str, pointers: Sequence[Pointer], words: Mapping[int, int], body: list[str], size: int
) -> Kernel:
    """The kernel that does what `body` says for each `i` below `size`."""
    return _kernel(name, pointers, words, _each(size, body), size)


def _each(size: int, body: list[str]) -> list[str]:
    head = f"for ({INDEX} i = first; i < {size}; i += stride) {{"
    return [head, *(f"  {line}" for line in body), "}"]


def _kernel(
    name: str, pointers: Sequence[Pointer], words: Mapping[int, int], body: list[str], size: int
) -> Kernel:
    parameters, found, arguments = passed(pointers, words)
    body = [
        f"const {INDEX} first = blockIdx.x * ({INDEX}){BLOCK} + threadIdx.x;",
        f"const {INDEX} stride = gridDim.x * ({INDEX}){BLOCK};",
        *found,
        *body,
    ]
    source = kernel_source(name, parameters, body)
    grid = max(1, min(-(-size // BLOCK), MOST))
    return Kernel(name, source, arguments, (), False, grid, BLOCK, bool(found))
