"""What an op says of itself beside its definition: what it means, calls to try, and its edges.

The generated tests, the support page and the table of conventions are made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TypeAlias


class Shape(tuple[int, ...]):
    """The shape of an operand that is filled with values inside of every domain, 0.3 to 0.9."""


def of(*lengths: int) -> Shape:
    """An operand of that shape, whose values do not matter."""
    return Shape(lengths)


@dataclass(frozen=True)
class Call:
    """A call to try: its operands and settings.

    An operand is a shape to fill, an array, a list of numbers, which stands for one, `None`, or a
    tuple of these.
    """

    operands: tuple[object, ...]
    settings: dict[str, object] = field(default_factory=dict)


def call(*operands: object, **settings: object) -> Call:
    """A call with these operands and settings."""
    return Call(operands, settings)


@dataclass(frozen=True)
class Edges:
    """What holds where formulas leave it open: a sentence, and a call that shows it.

    `at` are the operands, lists of numbers; `value` is the result there, and `slopes` the gradients
    for cotangents of ones, one for each operand. Without `at`, the sentence stands alone.
    """

    sentence: str
    at: tuple[object, ...] = ()
    value: object = None
    slopes: tuple[object, ...] = ()


Reference: TypeAlias = "str | Callable[..., object]"
"""A function of NumPy arrays that computes the same; a name such as `"scipy.special.erf"` is
imported where it is used.
"""


@dataclass(frozen=True)
class OpInfo:
    """What is known of an op or a function of ops, beside what it computes.

    Only rules and other functions use what is not `public`.
    """

    reference: Reference | None = None
    examples: tuple[Call, ...] = ()
    edges: Edges | None = None
    public: bool = True

    @property
    def meaning(self) -> Callable[..., object] | None:
        """The reference as a function, if there is one."""
        if not isinstance(self.reference, str):
            return self.reference
        module, _, name = self.reference.rpartition(".")
        function: Callable[..., object] = getattr(import_module(module), name)
        return function


def info(
    reference: Reference | None,
    example: Call | Sequence[Call],
    edges: str | Edges | None,
    public: bool,
) -> OpInfo:
    """The same from the arguments of `@op`."""
    examples = (example,) if isinstance(example, Call) else tuple(example)
    return OpInfo(reference, examples, Edges(edges) if isinstance(edges, str) else edges, public)
