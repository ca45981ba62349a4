"""The scalar expressions of the elementwise primitives as CUDA C++.

The table of primitives is written as Python expressions, which are parsed and written out again:
`(T(0) if {0} == 0 and {1} == {1} else {0} * f.log({1}))` becomes
`(((a == 0) && (b == b)) ? float(0) : (a * ::log(b)))`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from gpugrad.plan.primitive import Reduction
from gpugrad.plan.primitives import PRIMITIVES, SCALARS

TYPES = {
    "bool": "bool",
    "int32": "int",
    "int64": "long long",
    "float32": "float",
    "float64": "double",
}
"""The C++ type of each dtype that a kernel computes with."""

_OPERATORS: dict[type[object], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.And: "&&", ast.Or: "||", ast.USub: "-", ast.Not: "!", ast.Invert: "~",
}  # fmt: skip

_OPERAND = "operand"
_MOST_OPERANDS = max(scalar.arity for scalar in SCALARS.values())


def type_of(dtype: np.dtype) -> str:
    """The C++ type for elements of that dtype."""
    return TYPES[dtype.name]


def expression(op: str, argument: np.dtype, result: np.dtype, operands: Sequence[str]) -> str:
    """The value, of that dtype, of an elementwise primitive of these operands.

    The first operand has the dtype `argument`.
    """
    if op == "astype" and result.kind == "b":
        return f"({operands[0]} != 0)"
    if op == "astype" and result.kind == "i" and argument.kind == "f":
        return f"gpugrad::to_integer<{type_of(result)}>({operands[0]})"
    text = _translated(SCALARS[op].of(argument.kind))
    for number, operand in enumerate(operands):
        text = text.replace(f"{_OPERAND}{number}", operand)
    text = text.replace("TYPE(", f"{_cast(type_of(result))}(")
    return text.replace("UNSIGNED(", "(unsigned long long)(")


def joined(reduction: Reduction, kind: str) -> str:
    """How a reduction joins `a` and `b`, which are of that type."""
    text = _translated(reduction.join)
    for number, operand in enumerate("ab"):
        text = text.replace(f"{_OPERAND}{number}", operand)
    return text.replace("TYPE(", f"{_cast(kind)}(")


def number(value: Any, dtype: np.dtype) -> str:
    """A number as a literal of the type of that dtype."""
    kind = type_of(dtype)
    if dtype.kind == "b":
        return "true" if value else "false"
    if dtype.kind == "i":
        # The smallest integer has no literal of its own: the sign is an operator.
        low = int(value) == np.iinfo(dtype).min
        literal = f"{_cast(kind)}({int(value) + low}LL)"
        return f"({literal} - 1)" if low else literal
    if not np.isfinite(value):
        name = "nan" if np.isnan(value) else "infinity"
        return f"{'-' if value < 0 else ''}gpugrad::{name}<{kind}>()"
    return f"{kind}({float(value).hex()})"


def _cast(kind: str) -> str:
    """A type as it may stand before a parenthesis."""
    return "(long long)" if kind == "long long" else kind


@cache
def _translated(scalar: str) -> str:
    names = [f"{_OPERAND}{i}" for i in range(_MOST_OPERANDS)]
    return _write(ast.parse(scalar.format(*names), mode="eval").body)


def _write(node: ast.expr) -> str:
    """The C++ of one node of an expression."""
    match node:
        case ast.IfExp():
            return f"({_write(node.test)} ? {_write(node.body)} : {_write(node.orelse)})"
        case ast.BoolOp():
            return f"({f' {_OPERATORS[type(node.op)]} '.join(map(_write, node.values))})"
        case ast.BinOp():
            return f"({_write(node.left)} {_OPERATORS[type(node.op)]} {_write(node.right)})"
        case ast.Compare():
            (operator,), (right,) = node.ops, node.comparators
            return f"({_write(node.left)} {_OPERATORS[type(operator)]} {_write(right)})"
        case ast.UnaryOp():
            return f"{_OPERATORS[type(node.op)]}({_write(node.operand)})"
        case ast.Call(func=ast.Attribute(attr=name)):
            row = PRIMITIVES.get(name)
            function = f"::{row.c}" if row is not None and row.c else f"gpugrad::{name}"
            return f"{function}({', '.join(map(_write, node.args))})"
        case ast.Call(func=ast.Name(id=name)):
            kind = "UNSIGNED" if name == "U" else "TYPE"
            return f"{kind}({', '.join(map(_write, node.args))})"
        case ast.Name():
            return node.id
        case ast.Constant(value=bool()):
            return "true" if node.value else "false"
        case ast.Constant():
            return repr(node.value)
    raise NotImplementedError(ast.dump(node))
