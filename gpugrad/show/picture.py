"""What a graph looks like, as data: vertices with values, gradients and their shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from gpugrad.graph import Applied, Node
from gpugrad.printable import printable
from gpugrad.show.notation import Piece

Formulas = tuple[Piece | None, ...]


class NotKept:
    """A value that the graph does not keep and that cannot be computed again from what it keeps."""

    def __repr__(self) -> str:
        return "not kept"


NOT_KEPT: Final = NotKept()

LIMIT = 200
"""How many nodes are shown at most."""


def has_several(node: Node) -> bool:
    """Whether a node has several outputs. The single one of a segment stands for the segment."""
    multiple = node.vjp is not None and node.vjp.op.multiple
    return type(node.dtype) is tuple and (multiple or len(node.dtype) > 1)


@dataclass(frozen=True)
class Operand:
    """One operand of an op: the output of a vertex, or a constant, which needs no gradient.

    A constant has a `value`, which may be `NOT_KEPT`, and a `name` where it is to be written by
    that. Where `left_out`, it is a node that is not shown because the graph is large.
    """

    vertex: Vertex | None = None
    output: int | None = None                       # which one, of a vertex with several
    value: Any = NOT_KEPT
    left_out: bool = False
    name: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether its value is part of formulas."""
        return self.vertex is None and not self.left_out and not self.name


@dataclass(frozen=True)
class Share:
    """What came to a vertex over one edge in the reverse sweep.

    `via` is the vertex that used it, as its operand number `position`; `None` stands for all that
    are not shown, whose shares are summed. `local` is the local derivative, known where `via` is
    a single number. Where `summed`, the operand was broadcast, or is the same for all parts of
    a batch: the value is what the rule gave, summed over the axes that this added or stretched.
    """

    via: Vertex | None
    position: int
    value: Any
    local: object = None
    summed: bool = False


@dataclass(eq=False)
class Vertex:
    """A node with its name, its value, its gradient (`None` if none reached it), and its shares.

    Of a node with several outputs, value and gradient are tuples. For each operand, `locals` holds
    the local derivative as a formula and `pulls` what the rule makes of the gradient; `None` where
    there is none. `keeps` are pairs of a kind and a name: see `keeping.py`.
    """

    name: str
    kind: str                                       # "input", "intermediate" or "output"
    node: Node
    operands: tuple[Operand, ...] = ()
    value: Any = NOT_KEPT
    gradient: Any = None
    shares: list[Share] = field(default_factory=list)
    locals: Formulas = ()
    pulls: Formulas = ()
    keeps: list[tuple[str, str]] = field(default_factory=list)

    @property
    def op(self) -> Applied | None:
        """What computed it; `None` for an input."""
        return None if self.node.vjp is None else self.node.vjp.op

    @property
    def several(self) -> bool:
        """Whether it has several outputs, each of which is shown by its number."""
        return has_several(self.node)


@dataclass(frozen=True)
class Picture:
    """Everything that is shown of a graph: inputs first, then in the order of computation.

    `left_out` counts the nodes that are not shown; they lie between `vertices[gap - 1]` and
    `vertices[gap]`. With `exact`, texts show all digits.
    """

    title: str
    vertices: list[Vertex]
    root: Vertex
    left_out: int
    gap: int
    exact: bool

    @property
    def heading(self) -> str:
        """The title as it stands above tables and drawings."""
        return printable(self.title)

    @property
    def forward(self) -> list[Vertex | None]:
        """The vertices, with `None` in the place of those that are left out."""
        gap = [None] if self.left_out else []
        return [*self.vertices[: self.gap], *gap, *self.vertices[self.gap :]]

    @property
    def backward(self) -> list[Vertex | None]:
        """In the order of the reverse sweep: users before what they used, inputs last."""
        inputs = sum(v.op is None for v in self.vertices)
        if self.gap < inputs:
            inputs += 1                             # the gap lies among them
        return self.forward[inputs:][::-1] + self.forward[:inputs]
