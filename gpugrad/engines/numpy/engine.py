"""The NumPy engine: a plan as a generated Python function of NumPy calls into planned buffers.

The source has two levels. `make(arena)` binds each buffer, and each view of one, to a name, once;
the function `run` inside it, which a call runs, has only the calls that compute:

    def make(arena):
        s9 = part(arena, 0, (32, 16), float32)
        s39 = s15.transpose((1, 0))
        def run(s7):
            dot(s7, s0, s9)
            # 0: matmul
            add(s9, s1, s9)
            # 1: add

Inputs may also come as one list, which is then emptied: what nobody else holds is dropped as soon
as it was used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from math import inf
from time import perf_counter_ns
from typing import Any

import numpy as np

from gpugrad.backends import Namespace, numpy_namespace
from gpugrad.engines.blas_threads import fitting, largest
from gpugrad.engines.control import RUNNERS
from gpugrad.engines.fence import check_source
from gpugrad.engines.numpy import calls
from gpugrad.engines.numpy.tiles import Tile, may_overwrite, tiled
from gpugrad.engines.program import Instances, Span
from gpugrad.engines.thread_pool import spread
from gpugrad.errors import ImpureFunction
from gpugrad.generated import compile_source
from gpugrad.plan.effects import has_effect
from gpugrad.plan.interpret import run_step
from gpugrad.plan.observers import show, shown
from gpugrad.plan.passes.memory import ALIGNMENT, place
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Plan, Slot, Step
from gpugrad.plan.primitives import PRIMITIVES, SCALARS, VIEWS

Array = np.ndarray

LARGEST_KEPT = 2**17
"""Bytes: in a run that drops its inputs, what is larger is allocated and dropped like these."""

_NAME = re.compile(r"\bs\d+\w*")
_BINDING = re.compile(r"(s\d+\w*,? ?)+(?== )")


class Instance:
    """A compiled plan with an arena of its own (see `pool.py`)."""

    __slots__ = (
        "__weakref__", "_context", "_function", "_product", "donated", "kept", "memory", "run"
    )  # fmt: skip

    def __init__(self, make: Callable[..., Any], size: int, product: int) -> None:
        """`product` is the size of the largest product of a BLAS (see `blas_threads.py`)."""
        raw = np.empty(size + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        self._function, self.donated = make(raw[start : start + size])
        self.kept: tuple[Any, ...] = ()
        self.memory = raw
        # Warnings about special values are the business of eager code. Entering a context in which
        # they are off costs less than turning them off and on.
        self._context = copy_context()
        self._context.run(np.seterr, all="ignore")
        self._product = product
        self.run_as(lambda run: run)

    def run_as(self, variant: Callable[[Any], Any]) -> None:
        """From the next call on, run what `variant` makes of the function, in the same memory."""
        run = fitting(self._product, variant(self._function))
        self.run = partial(self._context.run, run)

    def settle(self) -> None:
        """Nothing: a call has done its work when it returns."""


class Program:
    """A plan compiled for NumPy: `instance` gives it memory.

    With `given`, a run takes one list that holds the inputs, and empties it. `given` is the source
    of an assignment's target that takes the list apart: slot 7 goes to `s7`. A run then needs no
    more memory than its operations in turn: what is large does not lie in the arena.
    """

    engine = "numpy"
    plain_numbers = False
    details = ""
    chosen = ""
    code_bytes = 0
    cuda_source = ""
    clock = staticmethod(perf_counter_ns)

    def __init__(self, plan: Plan, given: str = "") -> None:
        self.plan = shown(tiled(plan), "tiles")
        writer = Writer(self.plan, LARGEST_KEPT if given else inf)
        self.source = writer.source(given)
        self.placement = writer.placement
        self.spans = writer.spans
        self.pools = writer.pools
        scope = writer.scope
        exec(compile_source(self.source, "plan"), scope)
        self._make = scope.pop("make")                # else it would refer to itself

    @property
    def calls(self) -> int:
        """How many NumPy calls a run makes."""
        return sum(span.launches for span in self.spans)

    def instance(self) -> Instance:
        """The program with an arena of its own."""
        product = largest(self.plan, self.plan.steps)
        return Instance(self._make, self.placement.size, product)


def part(arena: Array, offset: int, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """The array of that shape and dtype which begins at a byte of `arena`."""
    slot = Slot(shape, dtype)
    return arena[offset : offset + slot.nbytes].view(dtype).reshape(shape)


class Writer:
    """Writes the source for a plan.

    The writers of other engines replace what they do otherwise. `made_with` are the parameters of
    `make`, `broadcast_to` is the function of
    the array library, `runners` what runs steps that hold plans, and `xp` the namespace with which
    steps run that have no call of their own.
    """

    made_with = "arena"
    broadcast_to: Any = staticmethod(np.broadcast_to)
    runners = RUNNERS
    xp: Namespace = numpy_namespace

    def __init__(self, plan: Plan, largest: float = inf) -> None:
        check_source(plan)
        self.plan = plan
        self.slots = plan.slots
        self.constants = {slot: constant.array() for slot, constant in plan.constants}
        self.placement: Placement = place(plan, plan.steps, self.in_place, largest)
        self._leave_out_allocated()
        show(plan, "the engine", self.placement)
        self.scope: dict[str, Any] = {**self.functions_in_scope(), "part": part}
        self.setup: list[str] = []
        self.lines: list[str] = []
        self.functions: list[str] = []              # beside `make`
        self.spans: list[Span] = []
        self.pools: list[Instances] = []            # of plans that steps hold
        self._ended = 0                             # lines that belong to a span
        returned = self._returned()
        self._roots = Counter(map(self.placement.root, returned))
        self.shown = _shown(plan, self.placement, returned)
        given = {slot for slot, _ in plan.donated}
        self.parameters = [slot for slot in plan.inputs if slot not in given]
        self.fixed = set(self.constants) | given    # slots bound by `make`
        self.stretched: set[int] = set()            # views whose elements share memory
        self.foreign: set[int] = set()              # arrays that the library made, in any order
        for slot, array in self.constants.items():
            self.bind(f"s{slot}", self.constant(array))
        for slot in given:
            self.setup.append(self._part(slot))
        self.write_steps()
        self.results = [self._result(slot) for slot in self._returned()]
        self._move_donated()

    def source(self, given: str = "") -> str:
        """The whole source."""
        donated = "".join(f"s{slot}, " for slot, _ in self.plan.donated)
        setup = [f"    {line}" for line in self.setup]
        lines = self.lines
        parameters = ", ".join(map(self.parameter, self.parameters))
        if given:
            lines = _dropping(given, lines, self.results)
            parameters = "given"
        body = [f"        {line}" for line in lines]
        return "\n".join(
            [
                *self.functions,
                f"def make({self.made_with}):",
                *setup,
                f"    def run({parameters}):",
                *body,
                f"        return ({''.join(f'{name}, ' for name in self.results)})",
                f"    return run, ({donated})",
                "",
            ]
        )

    def parameter(self, slot: int) -> str:
        """The name of an input in a run."""
        return f"s{slot}"

    def write_steps(self) -> None:
        """Lines for all steps."""
        for step in self.plan.steps:
            self.write(step)
            self.end((step,))

    def end(self, steps: tuple[Step, ...], compiled: str = "", reason: str = "") -> None:
        """Mark that the lines of these steps, which are a span, end here."""
        lines = self.lines[self._ended :]
        prepares = (" = empty(", "= laid_out(")
        calls = sum(line[0] != " " and not any(p in line for p in prepares) for line in lines)
        launches = 0 if all(step.op in VIEWS for step in steps) else calls
        self.lines.append(f"# {len(self.spans)}: {' '.join(step.op for step in steps)}")
        self.spans.append(Span(steps, launches, compiled, reason))
        self._ended = len(self.lines)

    def allocates(self, step: Step) -> bool:
        """Whether a step, which is no view, makes the memory of its results itself."""
        return step.op not in calls.CALLS and not step.body

    def functions_in_scope(self) -> dict[str, Any]:
        """What the source may name."""
        return calls.FUNCTIONS

    @staticmethod
    def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
        """Whether NumPy may write that result of `step` over that operand while it reads it."""
        old, new = plan.slots[step.inputs[operand]], plan.slots[step.outputs[result]]
        if step.op in ("add_at", "set_at"):
            return operand == 0
        if step.op == "fused":
            same = old == new
            return same and may_overwrite(step, step.inputs[operand], step.outputs[result])
        return (
            step.op in SCALARS
            and not PRIMITIVES[step.op].rereads
            and old.shape == new.shape
            and old.dtype == new.dtype
        )

    def constant(self, array: Array) -> Array:
        """A constant as the source names it."""
        return array

    # What the table of calls uses

    def bind(self, name: str, value: Any) -> str:
        """Make `value` known to the source under that name."""
        self.scope[name] = value
        return name

    def dtype(self, dtype: np.dtype) -> str:
        """The name of a dtype."""
        return self.bind(f"{dtype.name}_" if dtype.isnative else f"{dtype.name}_swapped_", dtype)

    def number(self, slot: int) -> Any:
        """The number in a constant slot without axes, or `None`."""
        found = self.constants.get(slot)
        return None if found is None or found.shape else found[()]

    def view(self, slot: int, name: str, expression: str) -> str:
        """A view of `slot`, made once where the slot is a buffer, else at each run."""
        (self.setup if slot in self.fixed else self.lines).append(f"{name} = {expression}")
        return name

    def typed_arena(self, name: str, dtype: np.dtype) -> None:
        """The whole arena as an array of that dtype, under that name."""
        line = f"{name} = arena.view({self.dtype(dtype)})"
        if line not in self.setup:
            self.setup.append(line)

    # One step

    def _part(self, slot: int) -> str:
        shape, dtype = self.slots[slot].shape, self.dtype(self.slots[slot].dtype)
        return f"s{slot} = part(arena, {self.placement.offsets[slot]}, {shape}, {dtype})"

    def write(self, step: Step) -> None:
        """Lines for one step."""
        if step.op in VIEWS and step.outputs[0] in self.placement.roots:
            slot = step.inputs[0]
            if step.outputs[0] not in self.shown:
                return
            if step.op == "broadcast_to" or slot in self.stretched:
                self.stretched.add(step.outputs[0])
            if slot in self.fixed:
                self.fixed.add(step.outputs[0])
            self.view(slot, f"s{step.outputs[0]}", calls.view_of(self, step))
            return
        if step.op == "fused":
            self._write_tiles(step)
            return
        if step.op == "check_labels":
            self.lines.append(f"check_labels(s{step.inputs[0]}, {step.setting('n')})")
            return
        write = calls.CALLS.get(step.op)
        if write is None:
            self._call_step(step)
            return
        slot = step.outputs[0]
        made = "" if slot in self.placement.offsets else calls.allocating(self, step)
        if made:                                    # by NumPy, in the call that computes it
            self.lines.append(f"s{slot} = {made}")
            return
        self.buffer(slot)
        self.lines += write(self, step, f"s{slot}")

    def _write_tiles(self, step: Step) -> None:
        """Lines for a run in parts, which threads do side by side."""
        for slot in step.outputs:
            self.buffer(slot)
        name = f"tile{step.outputs[0]}"
        tile = Tile(name, step, self.slots, self.number, self.bind)
        self.functions.append(tile.source)
        self.bind("spread", spread)
        self.bind("partial", partial)
        passed = ", ".join([name, *tile.passed])
        self.lines.append(f"spread(partial({passed}), {step.setting('parts')})")

    def buffer(self, slot: int) -> None:
        """Make the memory of a result: its place in the arena, or an array for the caller."""
        if slot in self.placement.offsets:
            self.setup.append(self._part(slot))
            self.fixed.add(slot)
        else:
            spec = self.slots[slot]
            self.lines.append(f"s{slot} = empty({spec.shape}, {self.dtype(spec.dtype)})")

    def _call_step(self, step: Step) -> None:
        """A step without a call of its own: the reference engine runs it, and allocates."""
        made = self.runners.get(step.op)
        if made is None:
            runner: Any = Stepper(step, self.slots, self.xp)
        else:
            runner = made(step, Program)
            self.pools += runner.pools
        name = self.bind(f"step{len(self.spans)}", runner)
        values = ", ".join(f"s{slot}" for slot in step.inputs)
        placed = [slot for slot in step.outputs if slot in self.placement.offsets]
        results = "".join(f"{'r' if slot in placed else 's'}{slot}, " for slot in step.outputs)
        self.lines.append(f"{results}= {name}({values})" if results else f"{name}({values})")
        self.foreign.update(step.outputs)
        for slot in placed:                         # where a donated input or a pack lies
            self.setup.append(self._part(slot))
            self.fixed.add(slot)
            self.lines.append(f"copyto(s{slot}, r{slot})")

    def _allocated(self, step: Step) -> list[int]:
        """The results of a step that allocates, less those that a pack or donated input holds."""
        placement = self.placement
        return [
            slot
            for slot in step.outputs
            if slot not in placement.settled and slot not in placement.roots
        ]

    def _leave_out_allocated(self) -> None:
        """Drop the places of results of steps that allocate: they do not lie in the arena, so that
        nothing is in their place either.
        """
        placement = self.placement
        for step in self.plan.steps:
            if step.op not in VIEWS and self.allocates(step):
                for slot in self._allocated(step):
                    placement.offsets.pop(slot, None)
        for slot, operand in list(placement.reused.items()):
            if operand not in placement.offsets:
                del placement.reused[slot]

    def _move_donated(self) -> None:
        """Copies for outputs that could not be computed in the memory of the input they replace.

        What they write over may be another one's source, or a result: all are read before.
        """
        late = self.placement.unsettled(self.plan)
        if not late:
            return
        for i, result in enumerate(self.results):
            self.results[i] = f"r{i}"
            self.lines.append(f"r{i} = {result}")
        self.lines += [f"m{output} = array(s{output})" for _, output in late[1:]]
        copies = [f"{'m' if i else 's'}{output}" for i, (_, output) in enumerate(late)]
        self.lines += [
            f"copyto(s{slot}, {copy})" for (slot, _), copy in zip(late, copies, strict=True)
        ]

    def _returned(self) -> list[int]:
        """The outputs that replace no input; of equal ones, the first do."""
        return without(self.plan.outputs, [output for _, output in self.plan.donated])

    def _result(self, slot: int) -> str:
        """An array that nobody else holds."""
        root = self.placement.root(slot)
        foreign = root in self.fixed or root in self.plan.inputs or slot in self.stretched
        return f"array(s{slot})" if foreign or self._roots[root] > 1 else f"s{slot}"


def without(outputs: tuple[int, ...], replaced: list[int]) -> list[int]:
    """The outputs but those that replace inputs; of equal ones, the first do."""
    left = []
    for slot in outputs:
        if slot in replaced:
            replaced.remove(slot)
        else:
            left.append(slot)
    return left


def _dropping(given: str, lines: list[str], results: list[str]) -> list[str]:
    """Lines that take the list of inputs apart, and `lines`, with each array that they bind to a
    name dropped after its last use.
    """
    statements = [f"{given} = given", "given.clear()"]
    for line in lines:
        if line[0] == " ":
            statements[-1] += f"\n        {line}"
        else:
            statements.append(line)
    bound = [given, *(match[0] for match in map(_BINDING.match, statements) if match)]
    local = {name for part in bound for name in _NAME.findall(part)}
    local -= {name for result in results for name in _NAME.findall(result)}
    found: list[str] = []
    for line in reversed(statements):
        last = [name for name in dict.fromkeys(_NAME.findall(line)) if name in local]
        local.difference_update(last)
        found += [f"del {', '.join(last)}", line] if last else [line]
    return found[::-1]


def _shown(plan: Plan, placement: Placement, returned: list[int]) -> set[int]:
    """The slots that a step reads, a result is, or a view that is needed shows."""
    shown = {*returned, *(output for _, output in placement.unsettled(plan))}
    for step in reversed(plan.steps):
        is_view = step.op in VIEWS and step.outputs[0] in placement.roots   # else it copies
        if not is_view or not shown.isdisjoint(step.outputs):
            shown.update(step.inputs)
    return shown


class Stepper:
    """A step as a function of its operands. What it returns is no view of them: their memory may be
    given to others next. Nor has it another shape than the slot: what reads it was compiled for it.
    """

    def __init__(self, step: Step, slots: tuple[Slot, ...], xp: Namespace) -> None:
        self.step = step
        self.effect = has_effect(step)              # which may give an operand back
        self.shapes = [slots[slot].shape for slot in step.outputs]
        self.xp = xp

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        results: Any = run_step(self.step, list(values), self.xp)
        found = [y.shape for y in results]
        if found != self.shapes:
            raise ImpureFunction(
                f"{self.step.line}: the shape of what {self.step.op!r} gives depends on values, "
                f"and has changed since it was traced from {self.shapes} to {found}: under "
                "gg.jit, choose elements with gg.where."
            )
        if self.effect:
            return tuple([y.copy() for y in results])
        return tuple([y if y.base is None else y.copy() for y in results])
