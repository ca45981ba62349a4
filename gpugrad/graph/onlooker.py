"""Who looks on while nodes are made, in this thread or task: what a graph does not keep is seen so.

Ops look for one on their general way alone, which they take while somebody stands among the tracers
(`gpugrad.tracing.tracer.tracers`): outside of that nothing is slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Protocol

from gpugrad.graph.node import Node
from gpugrad.types import Array


class Onlooker(Protocol):
    """Is told of each op that made a node: its operands, constants too, and what it gave."""

    def applied(self, node: Node, operands: Sequence[object], y: Array | tuple[Array, ...]) -> None:
        """`node` was made by an op that was given `operands` and gave `y`."""


looking_on: ContextVar[Onlooker | None] = ContextVar("gpugrad_looking_on", default=None)
