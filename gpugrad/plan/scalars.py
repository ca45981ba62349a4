"""The elementwise primitives: for each, one scalar expression, from which engines make code.

An expression is over `{0}`, `{1}`, ... In it, `f.NAME` stands for the engine's own function of the
dtype, and `T(...)` for a number of the result's dtype. What is compared with NaN says so. Integers
wrap around, as NumPy's do: a compiler takes it that signed ones never would, so what could is
written in unsigned ones of 64 bits, `U(...)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log


@dataclass(frozen=True, slots=True)
class Scalar:
    """An elementwise primitive.

    `operands` says of which dtypes the operands are: `"result"` all that of the result, `"common"`
    all one dtype, that of none named, as in comparisons; `"select"` a boolean and two of the
    result's; `"own"` whatever it is. `wrapping` is the expression of integers, if they may wrap.
    """

    expression: str
    operands: str = "result"
    count: int = 1
    wrapping: str = ""

    def of(self, kind: str) -> str:
        """The expression for a result of that kind of dtype."""
        return self.wrapping if self.wrapping and kind == "i" else self.expression


SCALARS: dict[str, Scalar] = {
    "add": Scalar("({0} + {1})", count=2, wrapping="T(U({0}) + U({1}))"),
    "subtract": Scalar("({0} - {1})", count=2, wrapping="T(U({0}) - U({1}))"),
    "multiply": Scalar("({0} * {1})", count=2, wrapping="T(U({0}) * U({1}))"),
    "divide": Scalar("({0} / {1})", count=2),
    "power": Scalar("f.power({0}, {1})", count=2),
    "maximum": Scalar("({0} if {0} > {1} or {0} != {0} else {1})", count=2),
    "minimum": Scalar("({0} if {0} < {1} or {0} != {0} else {1})", count=2),
    "scale": Scalar("(T(0) if {0} == 0 and not f.isfinite({1}) else {0} * {1})", count=2),
    "negative": Scalar("(-{0})", wrapping="T(U(0) - U({0}))"),
    "positive": Scalar("{0}"),
    "copy": Scalar("{0}"),
    "square": Scalar("({0} * {0})", wrapping="T(U({0}) * U({0}))"),
    "sqrt": Scalar("f.sqrt({0})"),
    "exp": Scalar("f.exp({0})"),
    "exp2": Scalar("f.power(T(2), {0})"),
    "expm1": Scalar("f.expm1({0})"),
    "log": Scalar("f.log({0})"),
    "log1p": Scalar("f.log1p({0})"),
    "log2": Scalar("f.log2({0})"),
    "log10": Scalar("f.log10({0})"),
    "logaddexp": Scalar(
        f"({{0}} + T({log(2)}) if {{0}} == {{1}} else "
        "({0} if {0} > {1} else {1}) + f.log1p(f.exp(-f.abs({0} - {1}))))",
        count=2,
    ),
    "logaddexp2": Scalar(
        "(({0} + T(1)) if {0} == {1} else ({0} if {0} > {1} else {1}) + "
        f"f.log1p(f.power(T(2), -f.abs({{0}} - {{1}}))) * T({1 / log(2)}))",
        count=2,
    ),
    "sin": Scalar("f.sin({0})"),
    "cos": Scalar("f.cos({0})"),
    "tan": Scalar("f.tan({0})"),
    "asin": Scalar("f.asin({0})"),
    "acos": Scalar("f.acos({0})"),
    "atan": Scalar("f.atan({0})"),
    "atan2": Scalar("f.atan2({0}, {1})", count=2),
    "hypot": Scalar("f.hypot({0}, {1})", count=2),
    "sinh": Scalar("f.sinh({0})"),
    "cosh": Scalar("f.cosh({0})"),
    "tanh": Scalar("f.tanh({0})"),
    "tanh_slope": Scalar("f.tanh_slope({0})"),
    "asinh": Scalar("f.asinh({0})"),
    "acosh": Scalar("f.acosh({0})"),
    "atanh": Scalar("f.atanh({0})"),
    "sigmoid": Scalar("f.sigmoid({0})"),
    "logit": Scalar(
        "(f.log({0} / (T(1) - {0})) if {0} < T(0.3) or {0} > T(0.65) else "
        "T(2) * f.atanh({0} - T(0.5) + ({0} - T(0.5))))"
    ),
    "erf": Scalar("f.erf({0})"),
    "erfc": Scalar("f.erfc({0})"),
    "ndtr": Scalar("f.ndtr({0})"),
    "gammaln": Scalar("f.gammaln({0})"),
    "xlogy": Scalar("(T(0) if {0} == 0 and {1} == {1} else {0} * f.log({1}))", count=2),
    "xlog1py": Scalar("(T(0) if {0} == 0 and {1} == {1} else {0} * f.log1p({1}))", count=2),
    "entr": Scalar("(f.log(T(0)) if {0} < 0 else T(0) if {0} == 0 else -{0} * f.log({0}))"),
    "floor": Scalar("f.floor({0})"),
    "ceil": Scalar("f.ceil({0})"),
    "trunc": Scalar("f.trunc({0})"),
    "round": Scalar("f.round({0})"),
    "abs": Scalar(
        "f.abs({0})", "own", wrapping="({0} if {0} >= 0 else T(U(0) - U({0})))"
    ),
    "sign": Scalar("f.sign({0})"),
    "signbit": Scalar("f.signbit({0})", "own"),
    "copysign": Scalar("f.copysign({0}, {1})", count=2),
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
    "bitwise_left_shift": Scalar("f.left_shift({0}, {1})", count=2),
    "bitwise_right_shift": Scalar("f.right_shift({0}, {1})", count=2),
    "logical_not": Scalar("(not {0})", "own"),
    "logical_and": Scalar("({0} and {1})", "own", 2),
    "logical_or": Scalar("({0} or {1})", "own", 2),
    "logical_xor": Scalar("(({0} != 0) != ({1} != 0))", "own", 2),
    "isnan": Scalar("({0} != {0})", "own"),
    "isfinite": Scalar("f.isfinite({0})", "own"),
    "isinf": Scalar("f.isinf({0})", "own"),
}
"""Every elementwise primitive by its name in the namespace."""
