"""A run of a function that is watched: every value, and which call of the program made it.

A graph keeps only what its reverse rules need. Whoever looks on while it is made sees the rest:
what a sum was given, constants, and the functions of the program that were at work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os.path import join
from types import CodeType, FrameType

from gpugrad.context import holding, listed
from gpugrad.core.tensor import Tensor
from gpugrad.graph import Node, enable_grad, looking_on
from gpugrad.show.values import Constants, Known, argument_places
from gpugrad.tracing.frames import PACKAGE, is_of_program, program_line
from gpugrad.tracing.tracer import tracers
from gpugrad.types import Array

Calls = tuple[FrameType, ...]
"""The calls that are at work, the outermost first, without that of the function itself."""

_LAYERS = join(PACKAGE, "nn", "")
"""Calls of gpugrad's own layers are shown as those of the program."""

_UNNAMED = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>", "<module>")


@dataclass
class Watched:
    """What was seen: values by edge, constants by node and operand, and where nodes were made."""

    values: Known = field(default_factory=dict)
    constants: Constants = field(default_factory=dict)
    lines: dict[Node, str] = field(default_factory=dict)
    calls: dict[Node, Calls] = field(default_factory=dict)

    def applied(self, node: Node, operands: Sequence[object], y: Array | tuple[Array, ...]) -> None:
        """Note what an op was given and gave, and where."""
        for i, part in enumerate(y if isinstance(y, tuple) else (y,)):
            self.values[node, i] = part
        assert node.vjp is not None                 # it is of an op
        given = dict(zip(node.vjp.op.arrays, operands, strict=True))
        for position, (name, i, nested) in enumerate(argument_places(node)):
            if node.edges[position] is None:
                whole = given[name]
                self.constants[node, position] = whole[i] if nested else whole  # type: ignore[index]
        self.calls[node], self.lines[node] = _calls(), program_line()


def watch(run: Callable[[], Tensor]) -> tuple[Tensor, Watched]:
    """The result of `run`, and what was seen of it."""
    watched = Watched()
    with enable_grad(), listed(tracers, watched), holding(looking_on, watched):
        return _called(run), watched


def _called(run: Callable[[], Tensor]) -> Tensor:
    """`run()`. The frame of this function is where `_calls` ends."""
    return run()


_BELOW: CodeType = _called.__code__


def _calls() -> Calls:
    """The calls of the program between the function that is shown and the op at work."""
    found: list[FrameType] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code is not _BELOW:
        code = frame.f_code
        shown = is_of_program(frame) or code.co_filename.startswith(_LAYERS)
        if shown and code.co_name not in _UNNAMED:
            found.append(frame)
        frame = frame.f_back
    if found and is_of_program(found[-1]):
        found.pop()                                 # the function itself, or what calls it
    return tuple(reversed(found))
