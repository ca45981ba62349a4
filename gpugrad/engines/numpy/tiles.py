"""Tiles: a large elementwise run as NumPy calls on pieces that stay in the cache.

Over whole arrays, each call would read its operands from memory and write its result back to it.
The generated function does one part of the run, for threads to do side by side:

    def tile5(g0, g21, g25, i):
        lo, hi = ...
        t0 = empty(32768, float32_)
        total25 = zero25
        for start in range(lo, hi, 32768):
            stop = min(start + 32768, hi)
            s0 = g0[start:stop]
            s2 = t0[: stop - start]
            square(s0, s2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import NamedTuple

import numpy as np

from gpugrad.engines.lines import Line
from gpugrad.engines.numpy import calls
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.passes.fuse import fuse, opened
from gpugrad.plan.passes.parallel import by_elements, split
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import PRIMITIVES, SCALARS, SUMS
from gpugrad.plan.regions import COLUMN, ELEMENT, Region, phases_of

LARGE = 2**18
"""Elements of a run from which on its arrays no longer stay in the cache between two calls."""

TILE = 2**15
"""Elements of a tile: a few buffers of them fit into the cache of a core. With smaller tiles,
threads would wait for each other between the calls."""


def tiled(plan: Plan) -> Plan:
    """`plan` with its large elementwise runs fused and split into parts, and nothing else."""
    plan = opened(plan)
    if not any(plan.slots[slot].size >= LARGE for step in plan.steps for slot in step.outputs):
        return plan
    fused = fuse(plan)
    steps: list[Step] = []
    found = False
    for step in fused.steps:
        runs = _runs(plan, step) if step.op == "fused" else [step]
        found = found or any(run.op == "fused" for run in runs)
        steps += runs
    return remove_dead(split(replace(fused, steps=tuple(steps)))) if found else plan


def _runs(plan: Plan, step: Step) -> list[Step]:
    """A fused step as runs without steps that wait for what the run itself sums.

    What is no run stays calls.
    """
    shape = step.setting("shape")
    region = Region(plan.slots, step.body, shape)
    if prod(shape) < LARGE or by_elements(step) == 1 or region.rows > 1:
        return list(step.body)
    phases = phases_of(region)
    runs: list[Step] = []
    for phase in range(-1, 1 + max(phases.values())):
        mine = [inner for inner in step.body if phases[inner.outputs[0]] == phase]
        loop = [inner for inner in mine if _is_in_loop(region, inner)]
        between = [inner for inner in mine if not _is_in_loop(region, inner)]
        run = _run(step, loop)
        runs += [run] if run.outputs and _suits(loop, region) else loop
        runs += between
    return runs


def _is_in_loop(region: Region, step: Step) -> bool:
    """Whether it computes or reads elements, not single values."""
    return ELEMENT in (
        region.kinds[step.outputs[0]],
        *(region.operand_kind(slot, step) for slot in step.inputs),
    )


def _suits(steps: list[Step], region: Region) -> bool:
    """Whether these are several calls that each read and write as many elements, or sum them."""
    return sum(step.op in SCALARS for step in steps) > 1 and all(
        (step.op in SCALARS and step.op not in ("real", "imag"))
        or (step.op in SUMS and region.kinds[step.outputs[0]] != COLUMN)
        for step in steps
    )


def _run(step: Step, steps: list[Step]) -> Step:
    """Some of the steps of a fused one, as one."""
    made = {slot for inner in steps for slot in inner.outputs}
    inputs = dict.fromkeys(slot for inner in steps for slot in inner.inputs if slot not in made)
    needed = set(step.outputs)
    needed.update(
        slot for inner in step.body if inner.outputs[0] not in made for slot in inner.inputs
    )
    outputs = tuple(slot for inner in steps for slot in inner.outputs if slot in needed)
    return replace(step, inputs=tuple(inputs), outputs=outputs, body=tuple(steps))


def may_overwrite(step: Step, slot: int, result: int) -> bool:
    """Whether a run may write `result` over its operand `slot`: tile by tile, call by call.

    Never the sums of its parts: the first may be there before the last part reads its operands.
    """
    made = next(n for n, inner in enumerate(step.body) if result in inner.outputs)
    if step.body[made].op in SUMS:
        return False
    last = max(n for n, inner in enumerate(step.body) if slot in inner.inputs)
    return last < made or (last == made and not PRIMITIVES[step.body[made].op].rereads)


class Tile(NamedTuple):
    """The function for one part of a run, and what it is passed.

    These are expressions for what comes before the number of the part.
    """

    function: Line
    passed: tuple[Line, ...]


def write_tile(
    name: str,
    step: Step,
    slots: tuple[Slot, ...],
    number: Callable[[int], object],
    bind: Callable[[str, object], str],
) -> Tile:
    """The function `name` for one part of a run.

    `number` says which slots are constants, and `bind` makes a value known to the source.
    """
    return _TileWriter(step, slots, number, bind).tile(name)


class _TileWriter:
    """Writes the function for one part of a run."""

    def __init__(
        self,
        step: Step,
        slots: tuple[Slot, ...],
        number: Callable[[int], object],
        bind: Callable[[str, object], str],
    ) -> None:
        self.step = step
        self.slots = slots
        self.number = number
        self.bind = bind
        self.lines: list[Line] = []

    def tile(self, name: str) -> Tile:
        """The tile."""
        step, slots = self.step, self.slots
        settings = dict(step.settings)
        size, parts = prod(settings["shape"]), settings["parts"]
        sums = {inner.outputs[0]: inner for inner in step.body if inner.op in SUMS}
        given = [x for x in step.inputs if self.number(x) is None]
        arrays = [x for x in given if slots[x].size == size]
        results = [y for y in step.outputs if y not in sums]
        buffers = self._calls(set(results))
        tiles = -(-size // TILE)
        self.bind("errstate", np.errstate)
        cut = [Line(f"s{slot} = g{slot}[start:stop]") for slot in (*arrays, *results)]
        loop = [Line(f"stop = min(start + {TILE}, hi)"), *cut, *self.lines]
        lines = [
            Line(f"lo = i * {tiles} // {parts} * {TILE}"),
            Line(f"hi = min((i + 1) * {tiles} // {parts} * {TILE}, {size})"),
            *(Line(f"s{x} = g{x}") for x in given if x not in arrays),
            *(Line(f"t{n} = empty({TILE}, {self.dtype(kind)})") for n, kind in enumerate(buffers)),
            *(Line(f"total{slot} = {self._zero(slot)}") for slot in sums),
            Line(f"for start in range(lo, hi, {TILE}):", inside=tuple(loop)),
            *(Line(f"g{slot}[i] = total{slot}") for slot in sums),
        ]
        flat = {**dict.fromkeys((*arrays, *results), f"{size}"), **dict.fromkeys(sums, "-1")}
        passed = [
            Line(f"s{x}.reshape({flat.get(x, '()')})", reads=(f"s{x}",))
            for x in (*given, *step.outputs)
        ]
        parameters = ", ".join([*(f"g{slot}" for slot in (*given, *step.outputs)), "i"])
        quiet = Line('with errstate(all="ignore"):', inside=tuple(lines))
        return Tile(Line(f"def {name}({parameters}):", inside=(quiet,)), tuple(passed))

    def dtype(self, dtype: np.dtype) -> str:
        """The name of a dtype."""
        return self.bind(f"{dtype.name}_", dtype)

    def _zero(self, slot: int) -> str:
        """Where a sum begins; that of integers is one, which wraps as NumPy's does."""
        return self.bind(f"zero{slot}", self.slots[slot].dtype.type(0))

    def view(self, slot: int, name: str, expression: str) -> str:
        """A view of a tile."""
        self.lines.append(Line(f"{name} = {expression}"))
        return name

    def _calls(self, results: set[int]) -> list[np.dtype]:
        """The calls on one tile; returns the dtypes of the buffers that they need."""
        body = self.step.body
        last = {slot: n for n, inner in enumerate(body) for slot in inner.inputs}
        buffers: list[np.dtype] = []
        free: list[int] = []
        held: dict[int, int] = {}
        for n, inner in enumerate(body):
            slot = inner.outputs[0]
            dying = [x for x in dict.fromkeys(inner.inputs) if x in held and last[x] == n]
            if inner.op in SUMS:
                self.lines.append(Line(f"total{slot} += add_reduce(s{inner.inputs[0]})"))
            else:
                in_place = not PRIMITIVES[inner.op].rereads
                if in_place:
                    free += [held.pop(x) for x in dying]
                    dying = []
                if slot not in results:
                    held[slot] = self._buffer(self.slots[slot].dtype, buffers, free)
                    self.lines.append(Line(f"s{slot} = t{held[slot]}[: stop - start]"))
                self.lines += calls.CALLS[inner.op](self, inner, f"s{slot}")
            free += [held.pop(x) for x in dying]
        return buffers

    def _buffer(
        self, dtype: np.dtype, buffers: list[np.dtype], free: list[int]
    ) -> int:
        """The number of a buffer of that dtype that nobody needs any more, or of a new one."""
        for number in free:
            if buffers[number] == dtype:
                free.remove(number)
                return number
        buffers.append(dtype)
        return len(buffers) - 1
