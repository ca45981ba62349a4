"""The table: what writes each primitive, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from gpugrad.interop.onnx.agreed import Program, Sized
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.plan.interpret import fill
from gpugrad.plan.plan import Step
from gpugrad.plan.primitives import PRIMITIVES


@dataclass(frozen=True)
class Use:
    """One step: its operands, what these are, and what it makes.

    Of an operand that is a constant, `constants` has the array, and `None` of any other. `write`
    writes the program of a branch or loop into a graph, given the values of its inputs.
    """

    step: Step
    values: tuple[Value, ...]
    operands: tuple[Sized, ...]
    made: tuple[Sized, ...]
    constants: tuple[np.ndarray | None, ...]
    write: Callable[[Graph, Program, tuple[Value, ...]], list[Value]]

    def setting(self, name: str, default: Any = None) -> Any:
        """A setting of that name; of a called function, also one that was given by its place."""
        settings = dict(self.step.settings)
        if "args" not in settings:
            return settings.get(name, default)
        named = dict(settings["kwargs"])
        if name in named:
            return fill(named[name], self.values)
        call = PRIMITIVES[self.step.op].call
        if call is not None and name in call.settings:
            place = call.arrays + call.settings.index(name)
            if place < len(settings["args"]):
                return fill(settings["args"][place], self.values)
        return default

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Those of a called function: values, and numbers as they are."""
        found: tuple[Any, ...] = fill(self.step.setting("args"), self.values)
        return found

    @property
    def axis(self) -> int:
        """The setting `axis` of the first operand, counted from the front."""
        axis: int = self.setting("axis", -1)
        return axis % len(self.operands[0].lengths)


Row: TypeAlias = "Callable[[Graph, Use], Value | list[Value]]"

ROWS: dict[str, Row] = {}
"""What writes each primitive, by its name."""


def row(*names: str) -> Callable[[Row], Row]:
    """Put a function into the table, as what writes these primitives."""

    def put(function: Row) -> Row:
        for name in names:
            assert name not in ROWS, name
            ROWS[name] = function
        return function

    return put
