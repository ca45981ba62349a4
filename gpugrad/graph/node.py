"""Node: one application of an op, as the reverse sweep needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter
from itertools import count
from typing import Any, Protocol, TypeAlias

from gpugrad.types import Array

Edge: TypeAlias = "tuple[Node, int]"
"""Where an operand came from: a node and which of its outputs."""

Lift: TypeAlias = Callable[[Array, Edge], Array]
"""Makes a tracked array of a raw one and of the edge where it came from."""

now: Callable[[], int] = count().__next__
"""The present as a number: nodes made from here on have a larger `order`, others a smaller."""

ALIAS, ENDED = ("alias",), ("ended",)
"""Settings of a leaf that stands for an argument of a transform, while that runs and afterwards."""


class Applied(Protocol):
    """What a node is one application of: an op, or a segment of a program with a rule of its own.

    A segment has a name alone: its operands are the edges of the node, without names, and its
    `forward` is `None`, because nothing but its rule can run it again.
    """

    @property
    def name(self) -> str: ...

    @property
    def forward(self) -> Callable[..., Any] | None: ...

    @property
    def arrays(self) -> Sequence[str]: ...

    @property
    def nested(self) -> Sequence[str]: ...

    @property
    def settings(self) -> Sequence[str]: ...

    @property
    def parameters(self) -> Sequence[Parameter]: ...

    @property
    def multiple(self) -> bool: ...                 # its one result, if it has but one, is a tuple


class Vjp(Protocol):
    """What a node knows of its op: the reverse rules for the operands that are tracked.

    `needs` says for each array argument whether it is tracked; `keeps` are the names of what a node
    saved, in that order. Both are empty for a segment, whose saved arrays `lift` tells apart.
    """

    needs: tuple[bool, ...]
    keeps: tuple[str, ...]
    spreads: bool                                   # several cotangents come from one rule
    takes_unused: bool                              # `None`, not zeros, for a result nobody used
    leaves_out: bool                                # gives `None` for what a result is not made of
    once: bool                                      # made for one node: no graph has it again
    foreign: tuple[int, ...]                        # what is kept, but of no node: its positions

    @property
    def op(self) -> Applied: ...

    @property
    def pull(self) -> Callable[..., tuple[Array | None, ...]]: ...

    def is_closed(self) -> bool: ...

    def lift(self, node: Node, lift: Lift) -> tuple[object, ...]: ...


class Node:
    """One application of an op. Holds raw arrays, never a Tensor and never a closure.

    `vjp` is `None` for a leaf, whose gradient is `grad`. For an op of one result `shape` and
    `dtype` are those of the result; for an op of several they are tuples of them. `saved` becomes
    `None` when a sweep has freed it. `origin` is there only where `gg.debug` notes it.
    """

    __slots__ = ("dtype", "edges", "grad", "order", "origin", "saved", "settings", "shape", "vjp")

    origin: object

    def __init__(
        self,
        vjp: Vjp | None,
        settings: tuple[object, ...],
        edges: tuple[Edge | None, ...],             # None: that operand needs no gradient
        saved: tuple[Any, ...] | None,
        shape: Any,
        dtype: Any,
    ) -> None:
        self.vjp = vjp
        self.settings = settings
        self.edges = edges
        self.saved = saved
        self.shape = shape
        self.dtype = dtype
        self.order = now()                          # operands are older than results
        self.grad: Array | None = None

    def __repr__(self) -> str:
        name = "leaf" if self.vjp is None else self.vjp.op.name
        return f"<Node {name} {self.shape} {self.dtype}>"
