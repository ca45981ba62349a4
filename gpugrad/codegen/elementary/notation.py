"""What the functions are written in: numbers that know their operators, and a writer.

A Python number beside a `Number` takes its dtype. Nothing may be rearranged: a writer may contract
a product and the sum which it goes into to FMA, and no more.
"""

from __future__ import annotations

from typing import Protocol, Self, TypeVar


class Number(Protocol):
    """A number in code that is being written: a float, an integer as wide, or a mask."""

    @property
    def dtype(self) -> str:
        """By its name: of a float `float32` or `float64`."""

    def __add__(self, other: Self | float) -> Self: ...
    def __radd__(self, other: float) -> Self: ...
    def __sub__(self, other: Self | float) -> Self: ...
    def __rsub__(self, other: float) -> Self: ...
    def __mul__(self, other: Self | float) -> Self: ...
    def __rmul__(self, other: float) -> Self: ...
    def __truediv__(self, other: Self | float) -> Self: ...
    def __rtruediv__(self, other: float) -> Self: ...
    def __neg__(self) -> Self: ...

    def __and__(self, other: Self | int) -> Self: ...
    def __or__(self, other: Self | int) -> Self: ...
    def __xor__(self, other: Self | int) -> Self: ...
    def __lshift__(self, other: Self | int) -> Self: ...

    def __rshift__(self, other: Self | int) -> Self:
        """The sign of the integer moves in from the left."""

    def __lt__(self, other: Self | float) -> Self:
        """A mask, false where one of them is NaN."""

    def __gt__(self, other: Self | float) -> Self: ...


X = TypeVar("X", bound=Number)


class Writer(Protocol[X]):
    """What Python has no operator for."""

    def select(self, condition: X, a: X | float, b: X | float) -> X:
        """`a` where the condition holds, else `b`; one of them at least is a `Number`."""

    def bits(self, x: X) -> X:
        """The bits of a float as a signed integer; of an integer as a float."""

    def scaled(self, x: X, k: X, normal: bool = False) -> X:
        """`x 2**k`, rounded once, for a whole number `k` and `x` near 1.

        `normal` says that `2**k` is a normal number, and it need not be one otherwise.
        """

    def intrinsic(self, name: str, *operands: X | float) -> X:
        """`fabs` of x; `copysign` of a size and what has the sign; `fma`: a b + c rounded once."""


class Description(Protocol):
    """A function of one number. Its name is that of the primitive."""

    @property
    def __name__(self) -> str: ...

    def __call__(self, b: Writer[X], x: X) -> X: ...
