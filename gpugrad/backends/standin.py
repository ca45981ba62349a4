"""Arrays that stand for others while a function is transformed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gpugrad.types import Array, ArrayFunction, DType, Functions, Operator, Shape


class StandIn:
    """What stands for an array in a transformed function: it has no values to look at.

    `value` is the array that it computes with. Its operators are those of its namespace (see
    `set_operators`).
    """

    __slots__ = ()

    __array_ufunc__ = None                          # NumPy leaves operators to this class
    __array_priority__ = 0

    value: Array
    weights: Array | None = None                    # in the place of a value that is made of them

    if TYPE_CHECKING:
        @property
        def shape(self) -> Shape: ...

        @property
        def ndim(self) -> int: ...

        @property
        def size(self) -> int: ...

        __int__: Callable[[], int]
        __float__: Callable[[], float]
        __complex__: Callable[[], complex]
        __index__: Callable[[], int]
        __neg__: Callable[[], Array]
        __abs__: Callable[[], Array]
        __invert__: Callable[[], Array]
        __add__: Operator
        __radd__: Operator
        __sub__: Operator
        __rsub__: Operator
        __mul__: Operator
        __rmul__: Operator
        __truediv__: Operator
        __rtruediv__: Operator
        __pow__: Operator
        __rpow__: Operator
        __matmul__: Operator
        __rmatmul__: Operator
        __and__: Operator
        __rand__: Operator
        __or__: Operator
        __ror__: Operator
        __lt__: Operator
        __le__: Operator
        __gt__: Operator
        __ge__: Operator
        __eq__: Operator  # type: ignore[assignment]
        __ne__: Operator  # type: ignore[assignment]

    @property
    def beneath(self) -> Array:
        """The value, or the weights in its place."""
        return self.value if self.weights is None else self.weights

    @property
    def dtype(self) -> DType:                       # asked for so often that one call counts
        return (self.value if self.weights is None else self.weights).dtype

    @property
    def device(self) -> object:
        return self.beneath.device

    @property
    def mT(self) -> Array:
        return self.__array_namespace__().matrix_transpose(self)

    def __array_namespace__(self, *, api_version: str | None = None) -> Functions:
        raise NotImplementedError

    def refusal(self, what: str) -> Exception:
        """The error for `what`, which would look at a value."""
        raise NotImplementedError


def behind(x: object) -> object:
    """The array of a library that a Tensor, or what stands for an array, computes with.

    Others' objects are asked for nothing, which may cost or warn.
    """
    x = x._value if hasattr(type(x), "_edge") else x  # type: ignore[attr-defined]
    while isinstance(x, StandIn):
        x = x.beneath
    return x


_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
    "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or",
}  # fmt: skip
"""Operators that may also stand on the right."""

_OTHERS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
    "ne": "not_equal", "neg": "negative", "abs": "abs", "invert": "bitwise_invert",
}  # fmt: skip


def set_operators(kind: type[StandIn], namespace: Functions) -> None:
    """Let the operators of that kind of arrays be the functions of `namespace`."""
    for symbol, name in _BINARY.items():
        setattr(kind, f"__r{symbol}__", _operator(kind, namespace, name, reflected=True))
    for symbol, name in (_BINARY | _OTHERS).items():
        setattr(kind, f"__{symbol}__", _operator(kind, namespace, name))


def _operator(
    kind: type[StandIn], namespace: Functions, name: str, reflected: bool = False
) -> ArrayFunction:
    def method(self: StandIn, *others: object) -> Array:
        for x in others:
            if getattr(x, "__array_priority__", 0) > kind.__array_priority__:
                return NotImplemented  # type: ignore[no-any-return]  # a Tensor, whose operator keeps its history
        operands = (*others, self) if reflected else (self, *others)
        return getattr(namespace, name)(*operands)  # type: ignore[no-any-return]

    return method
