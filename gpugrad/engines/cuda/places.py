"""The place of the first largest or smallest element, as the source of a CUDA kernel.

A team of threads, a warp or for long rows a block, looks through the elements of each result.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from gpugrad.engines.cuda.expressions import TYPES, type_of
from gpugrad.engines.cuda.given import DIVISOR, Numbers
from gpugrad.engines.cuda.kernel import BLOCK, LARGEST_GRID, LONG, WARP, Kernel, index_type
from gpugrad.engines.cuda.table import Pointer, passed
from gpugrad.plan.plan import Operand, Slot, Step

STEPS = frozenset({"argmax", "argmin"})

LONGEST = 2**16
"""Elements for a result at most: CuPy has several blocks look through more."""


def can_find(slots: tuple[Slot, ...], step: Step) -> bool:
    """Whether a step is one of `STEPS` for which there is a kernel."""
    if step.op not in STEPS or step.setting("args") != (Operand(0),):
        return False
    x, result = slots[step.inputs[0]], slots[step.outputs[0]]
    known = x.dtype.name in TYPES and x.dtype.isnative and result.dtype.name == "int64"
    return known and result.size > 0 and 0 < _searched(slots, step)[0] <= LONGEST


def find_blocks(slots: tuple[Slot, ...], step: Step) -> int:
    """How many blocks the kernel has."""
    n, _ = _searched(slots, step)
    return min(-(-slots[step.outputs[0]].size // (BLOCK // _team(n))), LARGEST_GRID)


def write_find(name: str, step: Step, slots: tuple[Slot, ...], words: Mapping[int, int]) -> Kernel:
    """The kernel of a step for which `can_find` holds."""
    (x,), (result,) = step.inputs, step.outputs
    n, stride = _searched(slots, step)
    team, grid, size = _team(n), find_blocks(slots, step), slots[result].size
    pointers = [Pointer(x, f"const {type_of(slots[x].dtype)} *"), Pointer(result, "long long *")]
    numbers = Numbers()
    parameters, found, arguments = passed(pointers, words, numbers)
    largest = "true" if step.op == "argmax" else "false"
    teams = BLOCK // team
    index = index_type(size + grid * teams)
    along, results = numbers("int", "n", n), numbers(index, "results", size)
    apart, begin = "1", f"r * static_cast<long long>({along})"
    if stride != 1:
        by = numbers(f"{DIVISOR}<{index}>", "stride", stride)
        apart, begin = f"{by}.n", f"r / {by} * static_cast<long long>({along}) * {by}.n + r % {by}"
    blocks = numbers("int", "blocks", grid)
    body = [
        *found,
        f"{index} r = block * ({index}){teams} + threadIdx.x / {team};",
        f"for (; r < {results}; r += {blocks} * ({index}){teams}) {{",
        f"  const auto *row = s{x} + {begin};",
        f"  const long long at = gpugrad::join_places<{largest}, {team}>(row, {along}, {apart});",
        f"  if (threadIdx.x % {team} == 0) s{result}[r] = at;",
        "}",
    ]
    return Kernel(
        name, tuple(parameters), tuple(body), arguments, (), 0, grid, BLOCK, bool(found),
        given=numbers.given,
    )  # fmt: skip


def _searched(slots: tuple[Slot, ...], step: Step) -> tuple[int, int]:
    """How many elements each result is one of, and how far they lie from each other."""
    shape = slots[step.inputs[0]].shape or (1,)     # where NumPy takes the axes 0 and -1 too
    axis = dict(step.setting("kwargs")).get("axis")
    if axis is None:
        return prod(shape), 1
    return shape[axis], prod(shape[axis % len(shape) + 1 :])


def _team(n: int) -> int:
    return BLOCK if n > LONG else WARP
