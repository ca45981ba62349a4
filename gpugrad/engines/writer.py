"""What the writers of all engines have in common: from a plan to the source of its program.

Slot 7 is the array `s7`: bound by `make`, where it is a constant, has its place in the arena or is
a view of one, else by `run`. A writer of an engine says what else its steps become.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar

import numpy as np

from gpugrad.engines.fence import check_source
from gpugrad.engines.lines import Line, ProgramSource
from gpugrad.engines.program import Code, Instances, Span
from gpugrad.plan.observers import show
from gpugrad.plan.passes.memory import place
from gpugrad.plan.placement import Placement
from gpugrad.plan.plan import Operand, Plan, Step, dtype_name
from gpugrad.plan.primitives import VIEWS
from gpugrad.types import ArrayFunction, Key

Array = np.ndarray

LONGEST = 512
"""Lines of a run, but comments, up to which it is one function; of what its memory and its results
take, there may be eight times as many: parts hand arrays on, which costs more where that is all."""


class Writer(ABC):
    """Writes the source for a plan, once.

    `made_with` are the parameters of `make`, `broadcast_to` is the function of the array library,
    and `scope` what the source may name. `setup` are the lines of `make`, `lines` those of `run`,
    `functions` what stands beside them, and `legend` says what the text names without saying it.
    """

    made_with: ClassVar[str]
    broadcast_to: ArrayFunction

    def __init__(self, plan: Plan, largest: float = inf) -> None:
        """What is larger than `largest` bytes is allocated in each run."""
        check_source(plan)
        self.plan = plan
        self.slots = plan.slots
        self.constants = {slot: constant.array() for slot, constant in plan.constants}
        self.placement: Placement = place(plan, plan.steps, self.in_place, largest)
        self._leave_out_allocated()
        self.scope: dict[str, Any] = {}
        self.setup: list[Line] = []
        self.lines: list[Line] = []
        self.results: list[Line] = []
        self.functions: list[Line] = []
        self.legend: list[str] = []
        self.spans: list[Span] = []
        self.pools: list[Instances] = []            # of plans that steps hold
        self._ended = 0                             # lines that belong to a span
        self._roots = Counter(map(self.placement.root, self.returned()))
        self.shown = _shown(plan, self.placement, self.returned())
        given = {slot for slot, _ in plan.donated}
        self.parameters = [slot for slot in plan.inputs if slot not in given]
        self.fixed = set(self.constants) | given    # slots bound by `make`
        self.stretched: set[int] = set()            # views whose elements share memory

    # What an engine says

    @staticmethod
    @abstractmethod
    def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
        """Whether that result of `step` may be written over that operand, both given by number."""

    @abstractmethod
    def allocates(self, step: Step) -> bool:
        """Whether a step, which is no view, makes the memory of its results itself."""

    @abstractmethod
    def write_steps(self) -> None:
        """Lines for all steps."""

    def constant(self, array: Array) -> Array:
        """A constant as the source names it."""
        return array

    def parameter(self, slot: int) -> str:
        """The name of an input in a run."""
        return f"s{slot}"

    # The whole

    def source(self) -> ProgramSource:
        """The source, written."""
        show(self.plan, "the engine", self.placement)
        for slot, array in self.constants.items():
            self.bind(f"s{slot}", self.constant(array))
        for slot, _ in self.plan.donated:
            self.setup.append(self.part(slot))
        self.write_steps()
        self.results = [self.result(slot) for slot in self.returned()]
        self.move_donated()
        return self.joined()

    def code(self) -> Code:
        """The source as code, in parts where it is long."""
        source = self.source()
        beside = len(source.setup) + len(source.results)
        if len(source.body) - len(self.spans) > LONGEST or beside > 8 * LONGEST:
            from gpugrad.engines.program_parts import InParts

            return InParts(source)
        return source.text()

    def joined(self) -> ProgramSource:
        """What was written, as one."""
        return ProgramSource(
            self.made_with,
            tuple(self.setup),
            tuple(map(self.parameter, self.parameters)),
            tuple(self.lines),
            tuple(self.results),
            tuple(f"s{slot}" for slot, _ in self.plan.donated),
            tuple(self.functions),
            tuple(self.legend),
        )

    def end(self, steps: tuple[Step, ...], compiled: str = "", reason: str = "") -> None:
        """Mark that the lines of these steps, which are a span, end here."""
        of_views = VIEWS.issuperset([step.op for step in steps])
        calls = sum([line.launches for line in self.lines[self._ended :]])
        self.end_span(Span(steps, 0 if of_views else calls, compiled, reason))

    def end_span(self, span: Span) -> None:
        """Mark that the lines of a span end here."""
        text = f"# {len(self.spans)}: {' '.join([step.op for step in span.steps])}"
        self.lines.append(Line(text, launches=0, ends=True))
        self.spans.append(span)
        self._ended = len(self.lines)

    # Names

    def bind(self, name: str, value: object) -> str:
        """Make `value` known to the source under that name."""
        self.scope[name] = value
        return name

    def dtype(self, dtype: np.dtype) -> str:
        """The name of a dtype."""
        name = dtype_name(dtype)
        return self.bind(f"{name}_" if dtype.isnative else f"{name}_swapped_", dtype)

    def number(self, slot: int) -> Any:
        """The number in a constant slot without axes, or `None`."""
        found = self.constants.get(slot)
        return None if found is None or found.shape else found[()]

    # Arrays

    def view(self, slot: int, name: str, expression: str) -> str:
        """A view of `slot`, made once where the slot is a buffer, else at each run."""
        line = Line(f"{name} = {expression}", (name,), (f"s{slot}",))
        (self.setup if slot in self.fixed else self.lines).append(line)
        return name

    def write_view(self, step: Step) -> None:
        """The view that a step makes, if something shows it."""
        x, y = step.inputs[0], step.outputs[0]
        if y not in self.shown:
            return
        if step.op == "broadcast_to" or x in self.stretched:
            self.stretched.add(y)
        if x in self.fixed:
            self.fixed.add(y)
        self.view(x, f"s{y}", self.view_of(step))

    def view_of(self, step: Step) -> str:
        """The expression of the view that a step makes."""
        x = f"s{step.inputs[0]}"
        if step.op == "slice":
            return f"{x}[{index_source(step.setting('key'))}]"
        if step.op == "permute_dims" and step.setting("axes") == (1, 0):
            return f"{x}.T"
        if step.op == "permute_dims":
            return f"{x}.transpose({step.setting('axes')})"
        shape = f"z{step.outputs[0]}"
        self.scope[shape] = step.setting("shape")
        if step.op == "broadcast_to":
            return f"{self.bind('broadcast_to', self.broadcast_to)}({x}, {shape})"
        return f"{x}.reshape({shape})"

    def part(self, slot: int) -> Line:
        """A line that binds a slot to its place in the arena.

        It names place and shape, so that plans that differ in sizes alone have one text.
        """
        spec, begin = self.slots[slot], self.placement.offsets[slot]
        end = begin + spec.nbytes
        self.scope[f"p{slot}"], self.scope[f"z{slot}"] = slice(begin, end), spec.shape
        self.legend.append(f"# p{slot} = {begin}:{end}, z{slot} = {spec.shape}")
        text = f"s{slot} = arena[p{slot}].view({self.dtype(spec.dtype)}).reshape(z{slot})"
        return Line(text, (f"s{slot}",))

    def made(self, slot: int, function: str) -> Line:
        """A line that binds a slot to a new array."""
        spec = self.slots[slot]
        self.scope[f"z{slot}"] = spec.shape
        self.legend.append(f"# z{slot} = {spec.shape}")
        text = f"s{slot} = {function}(z{slot}, {self.dtype(spec.dtype)})"
        return Line(text, (f"s{slot}",), launches=0)

    def buffer(self, slot: int) -> None:
        """Make the memory of a result: its place in the arena, or an array for the caller."""
        if slot in self.placement.offsets:
            self.setup.append(self.part(slot))
            self.fixed.add(slot)
        else:
            self.lines.append(self.made(slot, "empty"))

    def _leave_out_allocated(self) -> None:
        """Drop the places of results of steps that allocate.

        They do not lie in the arena, so that nothing is in their place either. Those that a pack or
        a donated input holds stay.
        """
        placement = self.placement
        held = placement.settled, placement.roots
        for step in self.plan.steps:
            if step.op not in VIEWS and self.allocates(step):
                for slot in step.outputs:
                    if not any(slot in holds for holds in held):
                        placement.offsets.pop(slot, None)
        for slot, operand in list(placement.reused.items()):
            if operand not in placement.offsets:
                del placement.reused[slot]

    # Results

    def returned(self) -> list[int]:
        """The outputs that replace no input; of equal ones, the first do."""
        return without(self.plan.outputs, [output for _, output in self.plan.donated])

    def result(self, slot: int) -> Line:
        """An array that nobody else holds: a copy, or the array itself, which calls nothing."""
        root, name = self.placement.root(slot), f"s{slot}"
        foreign = root in self.fixed or root in self.plan.inputs
        if slot in self.stretched:                  # its copy would begin with the axes that it has
            return Line(f'array({name}, order="C")', reads=(name,))
        if foreign or self._roots[root] > 1:
            return Line(f"array({name})", reads=(name,))
        return Line(name, reads=(name,), launches=0)

    def name_result(self, i: int, name: str) -> None:
        """A line that computes a result, which then has a name."""
        result = self.results[i]
        self.lines.append(Line(f"{name} = {result.text}", (name,), result.reads))
        self.results[i] = Line(name, reads=(name,), launches=0)

    def move_donated(self) -> None:
        """Copies for outputs that could not be computed in the memory of the input they replace.

        What they write over may be another one's source, or a result: all are read before.
        """
        late = self.placement.unsettled(self.plan)
        if not late:
            return
        for i in range(len(self.results)):
            self.name_result(i, f"r{i}")
        for _, output in late[1:]:
            moved, name = f"m{output}", f"s{output}"
            self.lines.append(Line(f"{moved} = array({name})", (moved,), (name,)))
        copies = [f"{'m' if i else 's'}{output}" for i, (_, output) in enumerate(late)]
        for (slot, _), copy in zip(late, copies, strict=True):
            self.lines.append(Line(f"copyto(s{slot}, {copy})", reads=(f"s{slot}", copy)))


def without(outputs: tuple[int, ...], replaced: list[int]) -> list[int]:
    """The outputs but those that replace inputs; of equal ones, the first do."""
    left = []
    for slot in outputs:
        if slot in replaced:
            replaced.remove(slot)
        else:
            left.append(slot)
    return left


def index_source(key: Key, names: Sequence[str] = ()) -> str:
    """Source of an index key; at least one axis stays a view, also where all are integers."""
    parts = [_index_part(part, names) for part in key]
    return ", ".join([*parts, "..."] if "..." not in parts else parts)


def _index_part(part: object, names: Sequence[str]) -> str:
    if isinstance(part, Operand):
        return names[part.number]
    if isinstance(part, slice):
        return f"slice({part.start}, {part.stop}, {part.step})"
    return "..." if part is ... else repr(part)


def _shown(plan: Plan, placement: Placement, returned: list[int]) -> set[int]:
    """The slots that a step reads, a result is, or a view that is needed shows."""
    shown = {*returned, *(output for _, output in placement.unsettled(plan))}
    for step in reversed(plan.steps):
        is_view = step.op in VIEWS and step.outputs[0] in placement.roots   # else it copies
        if not is_view or not shown.isdisjoint(step.outputs):
            shown.update(step.inputs)
    return shown
