"""Arithmetic that writes operators, and the expressions of the table of primitives in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from gpugrad.interop.onnx.onnx_graph import Graph, Value

Functions: TypeAlias = "Callable[[str, Sequence[Number]], Number]"
"""What `f.NAME` of an expression makes of numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A value that knows its operators; a Python number beside it takes its dtype."""

    graph: Graph
    value: Value

    @property
    def dtype(self) -> np.dtype:
        return self.value.dtype

    def __call__(self, op: str, *others: Number | float) -> Number:
        """The result of that operator with it as the first operand."""
        given = [x.value if isinstance(x, Number) else x for x in others]
        return Number(self.graph, self.graph(op, self.value, *given))

    def _reversed(self, op: str, other: float) -> Number:
        return Number(self.graph, self.graph(op, other, self.value))

    def __add__(self, other: Number | float) -> Number:
        return self("Add", other)

    def __radd__(self, other: float) -> Number:
        return self("Add", other)

    def __sub__(self, other: Number | float) -> Number:
        return self("Sub", other)

    def __rsub__(self, other: float) -> Number:
        return self._reversed("Sub", other)

    def __mul__(self, other: Number | float) -> Number:
        return self("Mul", other)

    def __rmul__(self, other: float) -> Number:
        return self("Mul", other)

    def __truediv__(self, other: Number | float) -> Number:
        return self("Div", other)

    def __rtruediv__(self, other: float) -> Number:
        return self._reversed("Div", other)

    def __neg__(self) -> Number:
        return self("Neg")

    def __and__(self, other: Number) -> Number:
        return self("And" if self.dtype == bool else "BitwiseAnd", other)

    def __or__(self, other: Number) -> Number:
        return self("Or" if self.dtype == bool else "BitwiseOr", other)

    def __xor__(self, other: Number) -> Number:
        return self("Xor" if self.dtype == bool else "BitwiseXor", other)

    def __invert__(self) -> Number:
        return self("Not" if self.dtype == bool else "BitwiseNot")

    def __lt__(self, other: Number | float) -> Number:
        return self("Less", other)

    def __le__(self, other: Number | float) -> Number:
        return self("LessOrEqual", other)

    def __gt__(self, other: Number | float) -> Number:
        return self("Greater", other)

    def __ge__(self, other: Number | float) -> Number:
        return self("GreaterOrEqual", other)

    def equals(self, other: Number | float) -> Number:
        """Where both are equal; `==` compares these objects."""
        return self("Equal", other)

    def select(self, a: Number | float, b: Number | float) -> Number:
        """`a` where it is true, else `b`; one of them at least is a `Number`."""
        if isinstance(a, Number) and isinstance(b, Number) and a.dtype == b.dtype == bool:
            return (self & a) | (~self & b)         # for which onnxruntime has no kernel
        return self("Where", a, b)

    def astype(self, dtype: Any) -> Number:
        return Number(self.graph, self.graph.cast(self.value, dtype))


@lru_cache
def _parsed(expression: str) -> ast.expr:
    named = expression.replace("{", "x").replace("}", "")
    return ast.parse(named, mode="eval").body


def read(expression: str, operands: Sequence[Number], dtype: np.dtype, f: Functions) -> Number:
    """An expression of the table of primitives (see `Scalar`) of these operands."""
    found: Number = _Reader(operands, dtype, f).read(_parsed(expression))
    return found


class _Reader:
    def __init__(self, operands: Sequence[Number], dtype: np.dtype, f: Functions) -> None:
        self.operands, self.dtype, self.f = operands, dtype, f

    def read(self, node: ast.expr) -> Any:
        return getattr(self, f"_{type(node).__name__}")(node)

    def _Name(self, node: ast.Name) -> Number:
        return self.operands[int(node.id[1:])]

    def _Constant(self, node: ast.Constant) -> Any:
        return node.value

    def _BinOp(self, node: ast.BinOp) -> Any:
        a, b = self.read(node.left), self.read(node.right)
        return _BINARY[type(node.op)](a, b)

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        x = self.read(node.operand)
        if isinstance(node.op, ast.USub):
            return -x
        return ~(_truth(x) if isinstance(node.op, ast.Not) else x)

    def _BoolOp(self, node: ast.BoolOp) -> Number:
        found, *rest = (_truth(self.read(value)) for value in node.values)
        for x in rest:
            found = found & x if isinstance(node.op, ast.And) else found | x
        return found

    def _Compare(self, node: ast.Compare) -> Number:
        a, b = self.read(node.left), self.read(node.comparators[0])
        return _COMPARES[type(node.ops[0])](a, b)

    def _IfExp(self, node: ast.IfExp) -> Number:
        return _truth(self.read(node.test)).select(self.read(node.body), self.read(node.orelse))

    def _Call(self, node: ast.Call) -> Any:
        given = [self.read(x) for x in node.args]
        if isinstance(node.func, ast.Name):         # T(...), the number in the dtype of the result
            (x,) = given
            if isinstance(x, Number):
                return x.astype(self.dtype)
            g = self.operands[0].graph
            return Number(g, g.constant(np.asarray(x, self.dtype)))
        assert isinstance(node.func, ast.Attribute)
        return self.f(node.func.attr, given)


def _truth(x: Number) -> Number:
    return x if x.dtype == bool else ~x.equals(0)


_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.BitAnd: lambda a, b: a & b, ast.BitOr: lambda a, b: a | b,
    ast.BitXor: lambda a, b: a ^ b,
}  # fmt: skip

_COMPARES: dict[type, Callable[[Any, Any], Number]] = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b, ast.Eq: lambda a, b: a.equals(b),
    ast.NotEq: lambda a, b: ~a.equals(b),
}  # fmt: skip
