"""Elementwise primitives as instructions, made from the expressions of the table of primitives."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from gpugrad.codegen.body import Body
from gpugrad.codegen.by_lane import by_lane
from gpugrad.codegen.elementary import FUNCTIONS
from gpugrad.codegen.ir import FLOATS, HALVES, WIDTHS, Value
from gpugrad.plan.nest import REDUCE
from gpugrad.plan.primitive import Scalar
from gpugrad.plan.primitives import PRIMITIVES, REDUCTIONS, SCALARS, SUMS

_INTRINSICS = {"sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc", "round": "rint",
               "abs": "fabs", "copysign": "copysign"}  # fmt: skip
"""Functions of floats for which processors have an instruction."""


_MOVING = frozenset(("copy", "positive", "where"))
"""What gives one of its operands as it is."""


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text.format("x0", "x1", "x2"), mode="eval").body


def elementwise(b: Body, op: str, operands: Sequence[Value], dtype: str) -> Value:
    """The result, of `dtype`, of a primitive of these operands.

    Those of 16 bits are computed in float32, and what they make is rounded once.
    """
    scalar = SCALARS[op]
    if dtype in HALVES or any(x.dtype in HALVES for x in operands):
        if op not in _MOVING or any(x.dtype != dtype for x in operands[-2:]):
            wide = [b.convert(x, "float32") if x.dtype in HALVES else x for x in operands]
            made = elementwise(b, op, wide, "float32" if dtype in HALVES else dtype)
            return b.convert(made, dtype)
    argument = operands[0].dtype
    values = [b.convert(x, _taken(scalar, i, x, operands, dtype)) for i, x in enumerate(operands)]
    kind = "b" if argument == "bool" else "f" if argument in FLOATS else "i"
    return b.convert(_Reader(b, values, dtype, op).read(_tree(scalar.of(kind))), dtype)


def _taken(scalar: Scalar, i: int, x: Value, operands: Sequence[Value], dtype: str) -> str:
    """The dtype in which the primitive takes that operand."""
    if scalar.takes == "result":
        return dtype
    if scalar.takes == "select":
        return "bool" if i == 0 else dtype
    if scalar.takes == "common":
        return max((v.dtype for v in operands), key=lambda d: (d in FLOATS, WIDTHS[d]))
    return x.dtype


def joined(b: Body, reduction: str, x: Value, total: Value) -> Value:
    """A value taken into what is reduced so far, as the table of primitives joins two."""
    if total.dtype == "bool" and reduction in SUMS:
        return total | x
    if total.dtype in HALVES:
        wide = joined(b, reduction, b.convert(x, "float32"), b.convert(total, "float32"))
        return b.convert(wide, total.dtype)
    reader = _Reader(b, [x, total], total.dtype, reduction)
    return b.convert(reader.read(_tree(REDUCTIONS[reduction].join)), total.dtype)


def of_node(b: Body, op: str, values: Sequence[Value], dtype: str) -> Value:
    """The result of a node of straight-line code.

    That is what is reduced so far, with one more value taken in, or what a primitive makes.
    """
    if op.startswith(REDUCE):
        return joined(b, op.split()[1], values[1], values[0])
    return elementwise(b, op, values, dtype)


class _Reader:
    """Makes instructions from an expression."""

    def __init__(self, b: Body, operands: list[Value], dtype: str, op: str) -> None:
        self.b = b
        self.operands = operands
        self.dtype = dtype
        self.op = op

    def read(self, node: ast.expr) -> Any:
        """The value of an expression; a plain number where one stands there."""
        return getattr(self, f"_{type(node).__name__}")(node)

    def _Name(self, node: ast.Name) -> Value:
        return self.operands[int(node.id[1:])]

    def _Constant(self, node: ast.Constant) -> Any:
        return node.value

    def _BinOp(self, node: ast.BinOp) -> Value:
        word = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
                ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor"}[type(node.op)]  # fmt: skip
        return self.b.binary(word, self.read(node.left), self.read(node.right))

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        x = self.read(node.operand)
        if isinstance(node.op, ast.Not):
            return ~self._truth(x)
        return ~x if isinstance(node.op, ast.Invert) else -x

    def _BoolOp(self, node: ast.BoolOp) -> Value:
        found, *rest = (self._truth(self.read(value)) for value in node.values)
        for x in rest:
            found = found & x if isinstance(node.op, ast.And) else found | x
        return found

    def _Compare(self, node: ast.Compare) -> Value:
        sign = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==",
                ast.NotEq: "!="}[type(node.ops[0])]  # fmt: skip
        return self.b.compare(sign, self.read(node.left), self.read(node.comparators[0]))

    def _IfExp(self, node: ast.IfExp) -> Value:
        condition = self._truth(self.read(node.test))
        return self.b.select(condition, self.read(node.body), self.read(node.orelse))

    def _Call(self, node: ast.Call) -> Value:
        given = [self.read(x) for x in node.args]
        if isinstance(node.func, ast.Name):
            dtype = self.dtype if node.func.id == "T" else "uint64"
            (x,) = given
            return self.b.convert(x, dtype) if isinstance(x, Value) else self.b.constant(dtype, x)
        assert isinstance(node.func, ast.Attribute)
        return function(self.b, node.func.attr, self.b.same(*given))

    def _truth(self, x: Value) -> Value:
        return x if x.dtype == "bool" else x != 0


def function(b: Body, name: str, x: Sequence[Value]) -> Value:
    """A function of the table's expressions, of operands of one dtype."""
    dtype = x[0].dtype
    if name in _OWN:
        return _OWN[name](b, *x)
    if name in _INTRINSICS:
        return b.intrinsic(_INTRINSICS[name], *x)
    found = FUNCTIONS.get((name, dtype))
    if found is None:
        return by_lane(b, name, x)
    if b.calls and x[0].lanes:
        return b.call(symbol_of(name, dtype, x[0].lanes), x, dtype, x[0].lanes)
    y = found.describe(b, x[0])
    return y if found.limit is None else _beyond(b, name, x[0], y, found.limit)


def symbol_of(name: str, dtype: str, lanes: int) -> str:
    """The name of an elementary function of vectors that kernels call."""
    return f"gpugrad_{name}_{dtype}_{lanes}"


def print_function(symbol: str, name: str, dtype: str, lanes: int, wide: bool) -> str:
    """The text of a module with an elementary function of vectors."""
    b = Body(wide=wide)
    y = function(b, name, [Value(b, "%x", dtype, lanes)])
    b.act(f"ret {y.typed}")
    head = f"define {y.type} @{symbol}({y.type} %x) {{\nentry:"
    return "\n\n".join(["\n".join([head, *b.lines, "}"]), *b.helpers.values(),
                        *b.declared.values(), ""])  # fmt: skip


@cache
def elementary_in(op: str, dtype: str) -> tuple[str, ...]:
    """The elementary functions that a primitive of operands of that dtype is made of."""
    text = SCALARS[op].expression if op in SCALARS else ""
    names = dict.fromkeys(re.findall(r"\bf\.(\w+)", text))
    return tuple(name for name in names if (name, dtype) in FUNCTIONS)


def _beyond(b: Body, name: str, x: Value, y: Value, limit: float) -> Value:
    """`y`, but where `x` is beyond the limit what the C library says."""
    beyond = b.intrinsic("fabs", x) > limit
    some = b.some(beyond)
    before, slow, after = b.block, b.name("beyond"), b.name("within")
    b.rarely(some, slow, after)
    b.label(slow)
    with b.scope():
        exact = b.select(beyond, by_lane(b, name, [x]), y)
    end = b.block
    b.act(f"br label %{after}")
    b.label(after)
    return b.read(f"phi {y.type} [{y.text}, %{before}], [{exact.text}, %{end}]", y.dtype, y.lanes)


def _scale(b: Body, a: Value, d: Value) -> Value:
    return b.select((a == 0) & (d - d != 0), 0, a * d)


def _sign(b: Body, x: Value) -> Value:
    return b.select(x > 0, b.select(x > 0, 1, x), b.select(x < 0, -1, b.select(x == x, 0, x)))


def _left_shift(b: Body, x: Value, n: Value) -> Value:
    """As NumPy: by a negative number, or by more than there are bits, all are moved out."""
    inside = (n >= 0) & (n < WIDTHS[x.dtype])
    return b.select(inside, x << b.select(inside, n, 0), 0)


def _right_shift(b: Body, x: Value, n: Value) -> Value:
    inside = (n >= 0) & (n < WIDTHS[x.dtype])
    return x >> b.select(inside, n, WIDTHS[x.dtype] - 1)


_OWN: dict[str, Callable[..., Value]] = {
    "scale": _scale,
    "sign": _sign,
    "signbit": lambda b, x: b.bits(x) < 0,
    "isfinite": lambda b, x: x - x == 0,
    "isinf": lambda b, x: (x - x != 0) & (x == x),
    "left_shift": _left_shift,
    "right_shift": _right_shift,
}
"""Functions that are a few instructions."""


def obstacle(op: str, dtypes: Sequence[str]) -> str:
    """Why a primitive of operands of these dtypes has no instructions; empty where it has."""
    if op == "power" and not {*FLOATS, *HALVES}.issuperset(dtypes):
        return "a power of integers"
    *given, made = dtypes
    if op in SUMS and made in HALVES:
        return f"a sum in {made}"
    if made == "float16" and "float64" in given:
        return "float64 rounded to float16"         # by way of float32 it would be rounded twice
    return "" if op in PRIMITIVES else f"{op} is no primitive"
