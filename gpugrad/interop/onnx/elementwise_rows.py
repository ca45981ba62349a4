"""Rows of elementwise primitives: an operator, or the expression of the table of primitives.

An expression is made of functions, `f.NAME`, of which some have no operator of the same accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log, nan, pi, sqrt

import numpy as np

from gpugrad.codegen.elementary.error_function import BEYOND, NEAR, NEAR_ZERO, START
from gpugrad.errors import UnsupportedOperand
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.row_table import Use, row
from gpugrad.interop.onnx.written_numbers import Number, read
from gpugrad.plan.primitives import SCALARS

MOST_FACTORS = 63
"""The highest power of integers: most others leave their range."""

_OPERATORS = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "maximum": "Max",
    "minimum": "Min", "negative": "Neg", "abs": "Abs", "where": "Where", "equal": "Equal",
    "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
}  # fmt: skip
"""What one operator does for numbers of any kind; booleans follow the expression."""

_ALIKE = {
    "acos": "Acos", "asin": "Asin", "atan": "Atan", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh",
    "acosh": "Acosh", "asinh": "Asinh", "atanh": "Atanh", "abs": "Abs", "erf": "Erf", "exp": "Exp",
    "floor": "Floor", "isinf": "IsInf", "log": "Log", "power": "Pow", "round": "Round",
    "sigmoid": "Sigmoid", "sin": "Sin", "sinh": "Sinh", "sqrt": "Sqrt", "tan": "Tan",
    "tanh": "Tanh",
}  # fmt: skip
"""Functions of floating numbers that are operators."""


def _write(g: Graph, use: Use) -> Value:
    """An elementwise primitive."""
    op, made = use.step.op, use.made[0].dtype
    dtype = use.values[-1].dtype
    if op == "power" and dtype.kind in "iu":
        return _integer_power(g, use)
    if op == "maximum" and dtype.kind == "f":
        for value, sized, other in zip(
            use.values, use.operands, use.constants[::-1], strict=True
        ):
            if other is not None and not other.any() and sized.lengths == use.made[0].lengths:
                return g("Relu", value)
    if op == "negative" and dtype.kind == "u":
        return g("Sub", 0, use.values[0])
    if op in _OPERATORS and (dtype.kind != "b" or op == "equal"):
        return g(_OPERATORS[op], *use.values)
    if op in ("maximum", "minimum"):
        return g("Or" if op == "maximum" else "And", *use.values)
    scalar = SCALARS[op]
    kind = "i" if dtype.kind == "u" else dtype.kind
    x = [Number(g, value) for value in use.values]
    text = scalar.of(kind).replace("U(", "T(")
    return read(text, x, made, _function).astype(made).value


def _integer_power(g: Graph, use: Use) -> Value:
    """A product: onnxruntime computes powers of integers as those of floats, and loses digits."""
    known = use.constants[1]
    if known is None or known.size != 1 or not 0 <= int(known.item()) <= MOST_FACTORS:
        raise UnsupportedOperand(
            f"{use.step.line}: gg.interop.to_onnx: a power of integers is exported for a constant "
            f"exponent from 0 to {MOST_FACTORS}; convert the base, as in gg.astype(x, 'float64')."
        )
    exponent, square = int(known.item()), use.values[0]
    found = g("Expand", g.number(1, square), g("Shape", square))
    while exponent:
        if exponent % 2:
            found = g("Mul", found, square)
        exponent //= 2
        square = g("Mul", square, square) if exponent else square
    return g.expand(found, use.made[0].lengths)


def _function(name: str, x: Sequence[Number]) -> Number:
    """What an expression calls `f.name`."""
    if name in _FORMULAS and (name not in _ALIKE or x[0].dtype == np.float64):
        return _FORMULAS[name](*x)
    return x[0](_ALIKE[name], *x[1:])


def _expm1(x: Number) -> Number:
    """W. Kahan's: what rounding does to `exp(x)` it does to its logarithm, too."""
    e = x("Exp")
    near = (e - 1) * (x / e("Log"))                 # of which no part overflows
    found = e.equals(1).select(x, (e - 1).equals(-1).select(e - 1, near))
    return e.equals(inf).select(e, found)


def _log1p(x: Number) -> Number:
    """W. Kahan's, as above."""
    u = x + 1
    near = u("Log") * (x / (u - 1))
    return (u.equals(1) | u.equals(inf)).select(x, near)


def _with_sign(size: Number, of: Number) -> Number:
    return (of < 0).select(-size, size)


def _atan(x: Number) -> Number:
    """From a first value of single precision: the tangent of the rest is its sine and cosine."""
    size = x("Abs")
    far = size > 1
    z = far.select(1 / size, size)
    first = z.astype(np.float32)("Atan").astype(np.float64)
    sine, cosine = first("Sin"), _function("cos", [first])
    near = first - (sine - z * cosine) / (cosine + z * sine)
    return _with_sign(far.select(pi / 2 - near, near), x)


def _atan2(y: Number, x: Number) -> Number:
    """The angle, with the signs of zeros told apart, which IEEE 754 gives to infinities."""
    a, b = y("Abs"), x("Abs")
    both = a.equals(inf) & b.equals(inf)
    a, b = both.select(1.0, a), both.select(1.0, b)
    steep = a > b
    ratio = steep.select(b, a) / steep.select(a, b)
    none = a.equals(0) & b.equals(0)
    angle = _function("atan", [none.select(0.0, ratio)])
    angle = steep.select(pi / 2 - angle, angle)
    angle = _is_negative(x).select(pi - angle, angle)
    return _is_negative(y).select(-angle, angle)


def _is_negative(x: Number) -> Number:
    """Whether the sign is negative, also of zero; of NaN it is taken to be positive."""
    return (x < 0) | (x.equals(0) & (1 / x < 0))


def _hypot(x: Number, y: Number) -> Number:
    a, b = x("Abs"), y("Abs")
    large, small = a("Max", b), a("Min", b)
    ratio = small / large.equals(0).select(1.0, large)
    found = large * (1 + ratio * ratio)("Sqrt")
    return (a.equals(inf) | b.equals(inf)).select(inf, found)


def _erf(x: Number) -> Number:
    """As in gpugrad.codegen.elementary, which has the coefficients."""
    size = x("Abs")
    size = (size > 6.0).select(6.0, size)
    inside = _polynomial(size * size, NEAR_ZERO["float64"]) * size + size
    outside = 1 - (-_polynomial(size - START, BEYOND["float64"]))("Exp")
    return _with_sign((size < NEAR).select(inside, outside), x)


def _polynomial(x: Number, coefficients: Sequence[float]) -> Number:
    total = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def _sinh(x: Number) -> Number:
    size = x("Abs")
    root, less = (size * 0.5)("Exp"), _expm1(size)
    far = 0.5 * root * root - 0.5 / root / root
    return _with_sign((size > 1).select(far, (less + less / (less + 1)) * 0.5), x)


def _cosh(x: Number) -> Number:
    root = (x("Abs") * 0.5)("Exp")
    return 0.5 * root * root + 0.5 / root / root


def _asinh(x: Number) -> Number:
    size = x("Abs")
    square = size * size
    near = _log1p(size + square / (1 + (square + 1)("Sqrt")))
    return _with_sign((size > 1e8).select(size("Log") + log(2), near), x)


def _acosh(x: Number) -> Number:
    more = x - 1
    near = _log1p(more + (2 * more + more * more)("Sqrt"))
    found = (x > 1e8).select(x("Log") + log(2), near)
    return (x < 1).select(nan, found)


def _atanh(x: Number) -> Number:
    size = x("Abs")
    return _with_sign(0.5 * _log1p(2 * size / (1 - size)), x)


def _squared(x: Number) -> Number:
    return x * x


def _tanh_slope(x: Number) -> Number:
    small = (-2 * x("Abs"))("Exp")
    both = small + 1
    return 4 * small / (both * both)


def _isfinite(x: Number) -> Number:
    return (x - x).equals(0)


_FORMULAS: dict[str, Callable[..., Number]] = {
    "acos": lambda x: 2 * _atan(((1 - x) / (1 + x))("Sqrt")),
    "acosh": _acosh,
    "asin": lambda x: _atan(x / ((1 - x) * (1 + x))("Sqrt")),
    "asinh": _asinh,
    "atan": _atan,
    "atan2": _atan2,
    "atanh": _atanh,
    "cos": lambda x: 1 - 2 * _squared((0.5 * x)("Sin")),
    "copysign": lambda x, y: (_is_negative(x) ^ _is_negative(y)).select(-x, x),
    "cosh": _cosh,
    "erf": _erf,
    "erfc": lambda x: 1 - _function("erf", [x]),
    "expm1": _expm1,
    "hypot": _hypot,
    "isfinite": _isfinite,
    "log10": lambda x: x("Log") * (1 / log(10)),
    "log1p": _log1p,
    "log2": lambda x: x("Log") * (1 / log(2)),
    "ndtr": lambda x: 0.5 * (1 + _function("erf", [x * sqrt(0.5)])),
    "scale": lambda a, d: (a.equals(0) & ~_isfinite(d)).select(0.0, a * d),
    "sign": lambda x: x.equals(x).select(x("Sign"), x),
    "signbit": _is_negative,
    "sinh": _sinh,
    "tan": lambda x: x("Sin") / _function("cos", [x]),
    "tanh_slope": _tanh_slope,
    "trunc": lambda x: (x < 0).select(x("Ceil"), x("Floor")),
}
"""Functions that are several operators; of those with an operator, for float64 alone."""

for _name in SCALARS:
    if _name not in ("astype", "bitwise_left_shift", "bitwise_right_shift", "gammaln"):
        row(_name)(_write)


@row("astype")
def _astype(g: Graph, use: Use) -> Value:
    return g.cast(use.values[0], use.made[0].dtype)
