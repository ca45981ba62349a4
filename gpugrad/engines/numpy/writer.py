"""What the NumPy engine writes for a plan: NumPy calls into planned buffers.

The source has two levels. `make(arena)` binds each buffer, and each view of one, to a name, once;
the function `run` inside it, which a call runs, has only the calls that compute:

    def make(arena):
        s9 = arena[p9].view(float32_).reshape(z9)
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

from collections.abc import Callable
from functools import partial
from math import inf
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.backends.collectives import WAITS
from gpugrad.engines.lines import Line, ProgramSource, assigned, called, dropping
from gpugrad.engines.numpy import calls
from gpugrad.engines.numpy.into_buffers import FUNCTIONS
from gpugrad.engines.numpy.tiles import may_overwrite, write_tile
from gpugrad.engines.writer import Writer
from gpugrad.plan.effects import COMMUNICATE, part_of
from gpugrad.plan.plan import Plan, Step
from gpugrad.plan.primitives import PRIMITIVES, SCALARS, VIEWS

if TYPE_CHECKING:
    from gpugrad.engines.control import Compile

LARGEST_KEPT = 2**17
"""Bytes: in a run that drops its inputs, what is larger is allocated and dropped like these."""

Given: TypeAlias = "int | tuple[Given, ...] | None"
"""Where inputs are in what a run is given: the slot of an array, or the parts of a sequence."""


class NumpyWriter(Writer):
    """Writes the source for a plan; `compile_plan` compiles those that its steps hold.

    With `given`, a run takes one list that holds the inputs, and empties it.
    """

    made_with = "arena"
    broadcast_to = staticmethod(np.broadcast_to)

    def __init__(self, plan: Plan, compile_plan: Compile, given: Given = None) -> None:
        super().__init__(plan, inf if given is None else LARGEST_KEPT)
        self.compile_plan = compile_plan
        self.given = given
        self.scope |= FUNCTIONS
        self.foreign: set[int] = set()              # arrays that the library made, in any order

    def joined(self) -> ProgramSource:
        source = super().joined()
        if self.given is None:
            return source
        bound = tuple(map(self.parameter, self.parameters))
        body = [
            Line(f"{_target(self.given)} = given", bound, ("given",)),
            Line("given.clear()", reads=("given",)),
            *source.body,
        ]
        body = dropping(body, source.results)
        return source._replace(parameters=("given",), body=tuple(body))

    def allocates(self, step: Step) -> bool:
        return step.op not in calls.CALLS and not step.body

    @staticmethod
    def in_place(plan: Plan, step: Step, operand: int, result: int) -> bool:
        """Whether NumPy may write that result of `step` over that operand while it reads it."""
        old, new = plan.slots[step.inputs[operand]], plan.slots[step.outputs[result]]
        if step.op in ("add_at", "set_at"):
            return operand == 0
        if step.op == COMMUNICATE:                  # which comes there, if it is waited for
            return operand == 0 and part_of(step) == WAITS
        if step.op == "fused":
            same = old == new
            return same and may_overwrite(step, step.inputs[operand], step.outputs[result])
        return (
            step.op in SCALARS
            and not PRIMITIVES[step.op].rereads
            and old.shape == new.shape
            and old.dtype == new.dtype
        )

    def write_steps(self) -> None:
        for step in self.plan.steps:
            self.write(step)
            self.end((step,))

    def write(self, step: Step) -> None:
        """Lines for one step."""
        if step.op in VIEWS and step.outputs[0] in self.placement.roots:
            self.write_view(step)
        elif step.op in _STEPS:
            _STEPS[step.op](self, step)
        elif step.op in calls.CALLS:
            self._write_call(step)
        else:
            self._call_step(step)

    def _write_call(self, step: Step) -> None:
        (slot,) = step.outputs
        name = f"s{slot}"
        made = None if slot in self.placement.offsets else calls.allocating(self, step)
        if made is not None:                        # by NumPy, in the call that computes it
            self.lines.append(Line(f"{name} = {made.text}", (name,), made.reads))
            return
        self.buffer(slot)
        self.lines += calls.CALLS[step.op](self, step, name)

    def _write_check(self, step: Step) -> None:
        self.lines.append(calls.check_of_labels(step))

    def _write_tiles(self, step: Step) -> None:
        """Lines for a run in parts, which threads do side by side."""
        # Imported now, as what `_call_step` needs is: most plans have no such steps.
        from gpugrad.engines.thread_pool import spread

        for slot in step.outputs:
            self.buffer(slot)
        name = f"tile{step.outputs[0]}"
        tile = write_tile(name, step, self.slots, self.number, self.bind)
        self.functions.append(tile.function)
        self.bind("spread", spread)
        self.bind("partial", partial)
        passed = ", ".join([name, *(line.text for line in tile.passed)])
        reads = tuple(name for line in tile.passed for name in line.reads)
        text = f"spread(partial({passed}), {step.setting('parts')})"
        self.lines.append(Line(text, reads=reads))

    def _call_step(self, step: Step) -> None:
        """A step without a call of its own: the reference engine runs it, and allocates."""
        from gpugrad.engines.control import RUNNERS
        from gpugrad.engines.stepper import Stepper

        made = RUNNERS.get(step.op)
        if made is None:
            runner: object = Stepper(step, self.slots, numpy_namespace)
        else:
            runner = made(step, self.compile_plan)
            self.pools += runner.pools
        function = self.bind(f"step{len(self.spans)}", runner)
        placed = [slot for slot in step.outputs if slot in self.placement.offsets]
        results = tuple(f"{'r' if slot in placed else 's'}{slot}" for slot in step.outputs)
        call = called(function, *(f"s{slot}" for slot in step.inputs))
        self.lines.append(assigned(results, call))
        self.foreign.update(step.outputs)
        for slot in placed:                         # where a donated input or a pack lies
            self.setup.append(self.part(slot))
            self.fixed.add(slot)
            self.lines.append(called("copyto", f"s{slot}", f"r{slot}"))


_STEPS: dict[str, Callable[[NumpyWriter, Step], None]] = {
    "check_labels": NumpyWriter._write_check,
    "fused": NumpyWriter._write_tiles,
}
"""What writes the steps that are more or less than a call into a buffer (see `calls.CALLS`)."""


def _target(given: Given) -> str:
    """The target of an assignment that takes apart what is given."""
    if isinstance(given, tuple):
        return f"[{', '.join(map(_target, given))}]"
    return "_" if given is None else f"s{given}"
