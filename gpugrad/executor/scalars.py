"""The elementwise primitives: for each, one scalar expression, from which engines make code.

An expression is over `{0}`, `{1}`, ... In it, `f.NAME` stands for the engine's own function of the
dtype, and `T(...)` for a number of the result's dtype. What is compared with NaN says so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """An elementwise primitive.

    `operands` says of which dtypes the operands are: `"result"` all that of the result, `"common"`
    all one dtype, that of none named, as in comparisons; `"select"` a boolean and two of the
    result's; `"own"` whatever it is.
    """

    expression: str
    operands: str = "result"
    count: int = 1


SCALARS: dict[str, Scalar] = {
    "add": Scalar("({0} + {1})", count=2),
    "subtract": Scalar("({0} - {1})", count=2),
    "multiply": Scalar("({0} * {1})", count=2),
    "divide": Scalar("({0} / {1})", count=2),
    "power": Scalar("f.power({0}, {1})", count=2),
    "maximum": Scalar("({0} if {0} > {1} or {0} != {0} else {1})", count=2),
    "minimum": Scalar("({0} if {0} < {1} or {0} != {0} else {1})", count=2),
    "scale": Scalar("(T(0) if {0} == 0 and not f.isfinite({1}) else {0} * {1})", count=2),
    "negative": Scalar("(-{0})"),
    "copy": Scalar("{0}"),
    "square": Scalar("({0} * {0})"),
    "sqrt": Scalar("f.sqrt({0})"),
    "exp": Scalar("f.exp({0})"),
    "expm1": Scalar("f.expm1({0})"),
    "log": Scalar("f.log({0})"),
    "log1p": Scalar("f.log1p({0})"),
    "sin": Scalar("f.sin({0})"),
    "cos": Scalar("f.cos({0})"),
    "tanh": Scalar("f.tanh({0})"),
    "sigmoid": Scalar("f.sigmoid({0})"),
    "abs": Scalar("f.abs({0})", "own"),
    "sign": Scalar("f.sign({0})"),
    "conj": Scalar("f.conj({0})"),
    "real": Scalar("f.real({0})", "own"),
    "imag": Scalar("f.imag({0})", "own"),
    "astype": Scalar("T({0})", "own"),
    "where": Scalar("({1} if {0} else {2})", "select", 3),
    "equal": Scalar("({0} == {1})", "common", 2),
    "not_equal": Scalar("({0} != {1})", "common", 2),
    "less": Scalar("({0} < {1})", "common", 2),
    "less_equal": Scalar("({0} <= {1})", "common", 2),
    "greater": Scalar("({0} > {1})", "common", 2),
    "greater_equal": Scalar("({0} >= {1})", "common", 2),
    "bitwise_and": Scalar("({0} & {1})", count=2),
    "bitwise_or": Scalar("({0} | {1})", count=2),
    "bitwise_xor": Scalar("({0} ^ {1})", count=2),
    "bitwise_invert": Scalar("f.invert({0})"),
    "logical_not": Scalar("(not {0})", "own"),
    "logical_and": Scalar("({0} and {1})", "own", 2),
    "logical_or": Scalar("({0} or {1})", "own", 2),
    "isnan": Scalar("({0} != {0})", "own"),
    "isfinite": Scalar("f.isfinite({0})", "own"),
    "isinf": Scalar("f.isinf({0})", "own"),
}
"""Every elementwise primitive by its name in the namespace."""
