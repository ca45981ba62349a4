"""The Numba engine: a plan as compiled functions, with no Python between their steps.

It is the NumPy engine with runs of steps replaced by compiled ones: fused steps as loops, and
small products. Large products, and what Numba cannot do, are called between them as the NumPy
engine does it, in the same arena.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from time import perf_counter_ns
from types import EllipsisType
from typing import Any

import numpy as np

from gpugrad.engines.blas_threads import largest, size
from gpugrad.engines.lines import Line, ProgramText
from gpugrad.engines.native.loop_nests import Loops, type_name
from gpugrad.engines.native.modules import Module, load_module, make_module
from gpugrad.engines.numpy.calls import check_of_labels
from gpugrad.engines.numpy.engine import Instance
from gpugrad.engines.numpy.engine import compile_plan as compile_for_numpy
from gpugrad.engines.numpy.writer import NumpyWriter
from gpugrad.engines.program import Instances, Make, Span
from gpugrad.engines.thread_pool import spread
from gpugrad.generated import compile_source
from gpugrad.plan.observers import shown
from gpugrad.plan.passes.contiguous import start_in_operand
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.passes.parallel import split
from gpugrad.plan.passes.why_unfused import unfusable
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import VIEWS
from gpugrad.plan.regions import ELEMENT, is_fused_dtype

CODE = 2**18
"""Bytes that a module takes when it is loaded, about."""

_FLOATS = frozenset({"float32", "float64"})

SMALL = 2**20
"""Multiplications up to which a product is faster without a BLAS. Larger ones are called as the
NumPy engine does, by NumPy's own: what a compiled function can call is SciPy's, and threads of two
libraries, which wait by spinning, hold each other up for milliseconds."""

SHORT = 2**13
"""The same for a product of one row; one of one column never is."""

LONGEST = 100
"""Steps from which on a compiled function ends, views not counted, but those inside of fused ones:
the time to compile grows faster than their number."""


@dataclass(eq=False)
class Program:
    """A plan compiled by Numba. `compiled` are signature and source of its functions by name, and
    `scope` what its source names beside them.
    """

    engine = "numba"
    plain_numbers = False
    details = ""
    chosen = ""
    cuda_source = ""
    clock = staticmethod(perf_counter_ns)

    plan: Plan
    placement: Placement
    written: ProgramText
    spans: list[Span]
    pools: list[Instances]
    compiled: dict[str, tuple[str, str]]
    module: Module
    scope: dict[str, Any]
    _made: Make | None = None

    @property
    def source(self) -> str:
        """What runs."""
        return self.written.text

    @property
    def code_bytes(self) -> int:
        """What machine code takes."""
        return CODE if self.compiled else 0

    def _make(self) -> Make:
        """What makes the memory of an instance and its function.

        Threads that come first make one each, of the one module that `load_module` gives them all.
        """
        if self._made is None:
            self._made = self._loaded()
        return self._made

    def _loaded(self) -> Make:
        self._module = load_module(self.module)
        # Its other names are not those of the source.
        scope = self.scope | {name: getattr(self._module, name) for name in self.compiled}
        exec(compile_source(self.source, "plan"), scope)
        make: Make = scope.pop("make")
        return make

    def instance(self) -> Instance:
        """The program with an arena of its own; the first one waits for the compiler."""
        by_blas = [step for step in self.plan.steps if step.op == "matmul"
                   and (obstacle(self.plan, step) or is_for_blas(self.plan, step))]
        return Instance(self._make(), self.placement.size, largest(self.plan, by_blas))


def compile_plan(plan: Plan) -> Program:
    """`plan` for Numba, which compiles it when the first instance is made."""
    plan = shown(fuse(plan), "fuse")
    plan = shown(split(plan), "parallel")
    plan = shown(fuse(plan), "fuse")
    writer = NumbaWriter(plan, compile_for_numpy)
    written = writer.source().text()
    module = make_module(writer.compiled)
    return Program(
        plan, writer.placement, written, writer.spans, writer.pools, writer.compiled, module,
        writer.scope,
    )  # fmt: skip


def obstacle(plan: Plan, step: Step) -> str:
    """Why Numba cannot do this step; empty where it can."""
    if step.op in VIEWS or step.op == "fused":
        return ""
    if step.op == "pack":
        dtype = plan.slots[step.outputs[0]].dtype
        return "" if is_fused_dtype(dtype) else f"a pack of dtype {dtype}"
    if step.op == "check_labels":
        dtype = plan.slots[step.inputs[0]].dtype
        return "" if dtype == np.int64 else f"labels of dtype {dtype}"
    if step.op == "matmul":
        a, b = (plan.slots[slot] for slot in step.inputs)
        if a.dtype.name not in _FLOATS or not (a.dtype.isnative and b.dtype.isnative):
            return f"a product of dtype {a.dtype}"
        if 0 in (*a.shape, *b.shape):
            return "a product without elements"
        if len(a.shape) == 2 == len(b.shape):
            return "a product so large is for NumPy's BLAS" if size(plan, step) > SMALL else ""
        if _is_batch(a, b):
            return ""
        return f"a product of {len(a.shape)} and {len(b.shape)} axes"
    return unfusable(plan, step) or "numbers in another byte order, or a region it does not fit"


def _is_batch(a: Slot, b: Slot) -> bool:
    """Whether these are small matrices side by side, to be multiplied one by one."""
    small = a.shape[-2:] + b.shape[-1:]
    return len(a.shape) == 3 == len(b.shape) and a.shape[0] == b.shape[0] and prod(small) <= SMALL


def is_for_blas(plan: Plan, step: Step) -> bool:
    """Whether a product in a compiled function is faster with a BLAS: one with a vector."""
    *batch, m, n = plan.slots[step.outputs[0]].shape
    return not batch and (n == 1 or (m == 1 and size(plan, step) > SHORT))


class NumbaWriter(NumpyWriter):
    """Writes the source for a plan with fused steps."""

    compiled: dict[str, tuple[str, str]]            # signature and source by name

    def write_steps(self) -> None:
        self.compiled = {}
        run: list[Step] = []
        for step in self.plan.steps:
            reason = obstacle(self.plan, step)
            if not reason:
                if "parts" in dict(step.settings):
                    self._write_run(run)
                    self._write_parts(step)
                    run = []
                    continue
                run.append(step)
                if sum(len(s.body) or s.op not in VIEWS for s in run) >= LONGEST:
                    self._write_run(run)
                    run = []
                continue
            self._write_run(run)
            run = []
            self.write(step)
            self.end((step,), reason=reason)
        self._write_run(run)

    def _write_run(self, steps: list[Step]) -> None:
        """Lines for steps that are compiled together; views alone need no compiling."""
        if all(step.op in VIEWS for step in steps):
            for step in steps:
                self.write(step)
            if steps:
                self.end(tuple(steps))
            return
        needed = self._needed_outside(steps)
        for step in steps:
            if step.op in VIEWS and step.outputs[0] in self.placement.roots:
                if step.outputs[0] in needed:
                    self.write(step)
                continue
            for slot in step.outputs:
                self.buffer(slot)
        name = f"compiled{len(self.compiled)}"
        function = _Function(self, steps, name)
        passed = self._lay_out(function)
        self.compiled[name] = (function.signature, function.source)
        call = f"{name}({', '.join(passed)})"
        checks = tuple(check_of_labels(step) for step in function.checks)
        text = f"if {call}:" if checks else call
        self.lines.append(Line(text, reads=tuple(function.passed), inside=checks))
        self.end(tuple(steps), compiled=name)

    def _lay_out(self, function: _Function) -> list[str]:
        """What is passed: copies of those arrays from outside and views that do not lie in order.

        No compiled function writes to either, but each is for arrays of one kind.
        """
        passed = []
        for name in function.passed:
            slot = int(name[1:]) if name[1:].isdigit() else -1
            if slot in self.fixed and slot in self.placement.roots:
                self.bind("laid_out", _laid_out)    # of a name of `make`, at each run
                name = f"laid_out({name})"
            elif slot in self.placement.roots or slot in self.foreign or slot in self.parameters:
                self.bind("laid_out", _laid_out)
                text = f"if not {name}.flags.carray: {name} = laid_out({name})"
                line = Line(text, (name,), (name,), launches=0)
                if line not in self.lines:
                    self.lines.append(line)
            passed.append(name)
        return passed

    def view_arena(self, name: str, dtype: np.dtype) -> None:
        """The whole arena as an array of that dtype, under that name."""
        line = Line(f"{name} = arena.view({self.dtype(dtype)})", (name,))
        if line not in self.setup:
            self.setup.append(line)

    def constant(self, array: np.ndarray) -> np.ndarray:
        """Writable, because compiled functions are for arrays of one kind, and this is it."""
        return np.array(array)

    def _write_parts(self, step: Step) -> None:
        """Lines for a step in parts, which threads run side by side."""
        for slot in step.outputs:
            self.buffer(slot)
        name = f"compiled{len(self.compiled)}"
        function = _Function(self, [step], name)
        passed = self._lay_out(function)
        self.compiled[name] = (function.signature, function.source)
        self.bind("spread", spread)
        call = f"{name}({', '.join(['i', *passed])})"
        text = f"spread(lambda i: {call}, {step.setting('parts')})"
        self.lines.append(Line(text, reads=tuple(function.passed)))
        self.end((step,), compiled=name)

    def _needed_outside(self, steps: list[Step]) -> set[int]:
        """Slots that something else than these steps reads, and what they are views of."""
        inside = set(map(id, steps))
        needed = set(self.plan.outputs)
        for step in self.plan.steps:
            if id(step) not in inside:
                needed.update(step.inputs)
        for step in reversed(steps):
            if step.op in VIEWS and step.outputs[0] in needed:
                needed.update(step.inputs)
        return needed

    @staticmethod
    def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
        """Whether a compiled step may write that result over that operand while it reads it."""
        if step.op != "fused":
            return NumpyWriter.in_place(plan, step, operand, result)
        slot, output = step.inputs[operand], step.outputs[result]
        if plan.slots[slot].dtype != plan.slots[output].dtype:
            return False
        loops = Loops(step, plan.slots, {}, limit)
        region = loops.region
        if region.kinds[output] != ELEMENT or loops.uses[slot] != {ELEMENT}:
            return False
        if any(loops.limit(inner) is not None for inner in region.steps):
            return False                            # whose elements may be computed twice
        last = max(loops.reading_phase(inner) for inner in region.steps if slot in inner.inputs)
        return last <= loops.phases[output]


class _Function:
    """The source of one compiled function."""

    def __init__(self, writer: NumbaWriter, steps: list[Step], name: str) -> None:
        self.w = writer
        self.slots = writer.slots
        self.arguments: list[str] = []
        self._types: list[str] = []
        self.checks: list[Step] = []
        self.head: list[str] = []
        self.lines: list[str] = []
        self._flat: set[int] = set()
        self._whole: set[int] = set()
        self._views = {
            step.outputs[0]: step for step in steps
            if step.op in VIEWS and step.outputs[0] in writer.placement.roots
        }
        self._numbers: dict[int, np.generic] = {}
        self._in_parts = any("parts" in dict(step.settings) for step in steps)
        self._copies: list[str] = []                # which are read by address
        for step in steps:
            if not self._views.keys() & step.outputs:
                getattr(self, f"_{step.op}")(step)
        # A use at the end, without which memory would be freed where its address was taken.
        alive = "".join(f" * {name}.size" for name in self._copies)
        parameters = ", ".join([*["i"] * self._in_parts, *self.arguments])
        self.source = "\n".join(
            [
                f"def {name}({parameters}):",
                *(f"    {line}" for line in self.head),
                *(f"    {line}" for line in self.lines),
                f"    return 0{alive}",
                "",
            ]
        )

    @property
    def passed(self) -> list[str]:
        """The arguments by their names where the function is called: `g` stands for `given`."""
        return [f"s{name[1:]}" if name[0] == "g" else name for name in self.arguments]

    @property
    def signature(self) -> str:
        """The types of the arguments, as Numba writes them."""
        return f"int64({', '.join([*['int64'] * self._in_parts, *self._types])})"

    # Steps

    def _fused(self, step: Step) -> None:
        numbers = {
            slot: number
            for slot in step.inputs
            if (number := self.w.number(slot)) is not None
        }
        for slot, number in numbers.items():
            if slot not in self._numbers:
                self._numbers[slot] = number
                dtype = type_name(self.slots[slot].dtype)
                self.head.append(f"k{slot} = {dtype}({number.item()!r})")
        same = self._in_one_place(step)
        for slot in (*step.inputs, *step.outputs):
            if slot not in numbers and slot not in same:
                self._flatten(slot)
        self.lines += Loops(step, self.slots, numbers, limit, same).lines()

    def _in_one_place(self, step: Step) -> dict[int, int]:
        """For each result that takes the place of an operand, this operand."""
        offsets = self.w.placement.offsets
        places = {offsets[slot]: slot for slot in step.inputs if slot in offsets}
        return {
            slot: places[offsets[slot]] for slot in step.outputs if offsets.get(slot) in places
        }

    def _matmul(self, step: Step) -> None:
        left, right = step.inputs
        (m, depth), n = self.slots[left].shape[-2:], self.slots[right].shape[-1]
        batch = len(self.slots[left].shape) == 3
        if is_for_blas(self.w.plan, step):
            a, b, y = (self._shaped(slot) for slot in (*step.inputs, *step.outputs))
            self.lines.append(f"dot({a}, {b}, {y})")
            return
        dtype = self.slots[left].dtype
        base, turned = self._transposed(left), self._transposed(right)
        row, along = (depth, 1) if base is None else (1, m)
        matrices = left if base is None else base, right if turned is None else turned
        places = [self._address(slot) for slot in (*matrices, *step.outputs)]
        if batch:
            self.lines.append(f"for i in range({self.slots[left].shape[0]}):")
            sizes = (k * dtype.itemsize for k in (m * depth, depth * n, m * n))
            places = [f"{place} + i * {k}" for place, k in zip(places, sizes, strict=True)]
        kind = "product" if turned is None else "turned_product"
        call = f"{kind}_{dtype.name}({', '.join(places)}, {row}, {along}, {m}, {n}, {depth})"
        self.lines.append(f"    {call}" if batch else call)

    def _transposed(self, slot: int) -> int | None:
        """The slot of which `slot` has the last two axes swapped, if it is made so in here."""
        step = self._views.get(slot)
        if step is None or step.op != "permute_dims":
            return None
        axes = step.setting("axes")
        n = len(axes)
        swapped = axes == (*range(n - 2), n - 1, n - 2)
        return step.inputs[0] if swapped and step.inputs[0] not in self._views else None

    def _pack(self, step: Step) -> None:
        """Copies of what was not computed inside of the pack; most often there is none."""
        packed, start = step.outputs[0], 0
        for slot in step.inputs:
            spec = self.slots[slot]
            if not self.w.placement.lies_in(slot, packed, start * spec.dtype.itemsize):
                part = f"{self._flatten(packed)}[{start}:{start + spec.size}]"
                self.lines.append(f"{part}[:] = {self._flatten(slot)}")
            start += spec.size

    def _reshape(self, step: Step) -> None:
        """Of what does not lie in order: a copy that does."""
        x = self._flatten(step.inputs[0])
        self.lines.append(f"{self._flatten(step.outputs[0])}[:] = {x}")

    def _check_labels(self, step: Step) -> None:
        self.checks.append(step)
        labels = self._flatten(step.inputs[0])
        self.lines += [
            f"for i in range({self.slots[step.inputs[0]].size}):",
            f"    if {labels}[i] < 0 or {labels}[i] >= {step.setting('n')}:",
            "        return 1",
        ]

    # Arrays

    def _argument(self, name: str, slot: int) -> str:
        if name not in self.arguments:
            self.arguments.append(name)
            spec = self.slots[slot]
            self._types.append(f"array({type_name(spec.dtype)}, {len(spec.shape)})")
        return name

    def _flatten(self, slot: int) -> str:
        """The name of the slot as a flat array in order."""
        name = f"s{slot}"
        if slot in self._flat:
            return name
        self._flat.add(slot)
        placed = self.w.placement.offsets.get(slot)
        spec = self.slots[slot]
        if placed is not None:
            arena = self._arena(spec.dtype)
            start = placed // spec.dtype.itemsize
            self.head.append(f"{name} = {arena}[{start}:{start + spec.size}]")
        elif slot in self._views:
            self.lines.append(f"{name} = {self._viewed(slot)}")
        elif len(spec.shape) != 1:
            given = self._argument(f"g{slot}", slot)
            self.head.append(f"{name} = {given}.reshape({spec.size})")
        else:
            self._argument(name, slot)
        return name

    def _address(self, slot: int) -> str:
        """Where the elements of the slot begin, in bytes.

        Signed: without a sign, as arrays give it, an address and an offset would add up to a float.
        """
        placed = self.w.placement.offsets.get(slot)
        if placed is None and slot in self._views:
            self._copies.append(self._flatten(slot))
            return f"int64({self._copies[-1]}.ctypes.data)"
        array = self._flatten(slot) if placed is None else self._arena(self.slots[slot].dtype)
        line = f"at_{array} = int64({array}.ctypes.data)"
        if line not in self.head:
            self.head.append(line)
        return f"at_{array} + {placed or 0}"

    def _shaped(self, slot: int) -> str:
        """The slot with its axes, for a product: transposed in place where it is a transpose."""
        step = self._views.get(slot)
        if step is not None and step.op == "permute_dims" and step.setting("axes") == (1, 0):
            return f"{self._shaped(step.inputs[0])}.T"
        spec = self.slots[slot]
        given = slot not in self.w.placement.offsets and slot not in self._views
        if given and len(spec.shape) > 1:
            return self._argument(f"g{slot}", slot)
        name = f"m{slot}"
        if slot not in self._whole:
            self._whole.add(slot)
            flat = self._flatten(slot)
            place = self.lines if slot in self._views else self.head
            place.append(f"{name} = {flat}.reshape({spec.shape})")
        return name

    def _viewed(self, slot: int) -> str:
        """The elements of a view, flat and in order."""
        step = self._views[slot]
        x = step.inputs[0]
        if step.op == "reshape":
            return self._flatten(x)
        start = start_in_operand(step, self.slots[x].shape)
        if start is not None:                       # what lies together needs no copy
            return f"{self._flatten(x)}[{start}:{start + self.slots[slot].size}]"
        whole = f"{self._flatten(x)}.reshape({self.slots[x].shape})"
        if step.op == "permute_dims":
            whole = f"transpose({whole}, {step.setting('axes')})"
        elif step.op == "broadcast_to":
            whole = f"broadcast_to({whole}, {step.setting('shape')})"
        else:
            whole = f"{whole}[{_slices(step.setting('key'))}]"
        return f"{whole}.copy().reshape({self.slots[slot].size})"

    def _arena(self, dtype: np.dtype) -> str:
        name = f"arena_{dtype.name}"
        if name not in self.arguments:
            self.arguments.append(name)
            self._types.append(f"array({type_name(dtype)}, 1)")
            self.w.view_arena(name, dtype)
        return name


def _laid_out(x: np.ndarray) -> np.ndarray:
    return x if x.flags.carray else np.array(x, order="C")


def limit(op: str, dtype: str) -> float | None:
    """The argument up to which the fast form of a primitive holds; `None` if there is no limit."""
    from gpugrad.engines.native.vector_math import FUNCTIONS

    found = FUNCTIONS.get((op, dtype))
    return None if found is None else found.limit


def _slices(key: tuple[int | slice | EllipsisType | None, ...]) -> str:
    """A basic index as slices alone, which keep every axis: the order of elements is the same."""
    parts = []
    for part in key:
        if part is None:
            continue
        if part is ...:
            parts.append("...")
        elif isinstance(part, slice):
            parts.append(":".join("" if x is None else str(x) for x in (part.start, part.stop,
                                                                        part.step)))
        else:
            parts.append(f"{part}:{part + 1 if part != -1 else ''}")
    return ", ".join(parts) or "..."


