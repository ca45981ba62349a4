"""Operations that act on each element alone.

In every rule, `g` is the cotangent of the output (it has the shape of `y`), `y` the output and
`xp` the namespace. Where a local derivative can be infinite or NaN, the rule returns `xp.scale(g,
d)`.
"""

from __future__ import annotations

from gpugrad.backends import DOUBLE, SINGLE, Array, Namespace, is_complex, kind_of
from gpugrad.core.op import op
from gpugrad.core.registry import add_alias
from gpugrad.ops import special_cases
from gpugrad.ops.operands import in_dtype_of, wide

__all__ = [
    "abs",
    "add",
    "cbrt",
    "clip",
    "conj",
    "copy",
    "cos",
    "divide",
    "exp",
    "expm1",
    "imag",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "positive",
    "pow",
    "power",
    "real",
    "reciprocal",
    "sign",
    "sin",
    "sqrt",
    "square",
    "subtract",
    "tanh",
    "where",
]


@op(lambda g: g, lambda g: g)
def add(xp: Namespace, a: Array, b: Array) -> Array:
    """Sum of `a` and `b`."""
    return xp.add(a, b)


@op(lambda g: g, lambda g: -g)
def subtract(xp: Namespace, a: Array, b: Array) -> Array:
    """`a` less `b`."""
    return xp.subtract(a, b)


@op(lambda g, b, xp: xp.scale(g, b), lambda g, a, xp: xp.scale(g, a))
def multiply(xp: Namespace, a: Array, b: Array) -> Array:
    """Product of `a` and `b`."""
    return xp.multiply(a, b)


@op(
    lambda g, b, xp: xp.scale(g, 1 / in_dtype_of(g, b, xp)),
    lambda g, y, b, xp: xp.scale(g, -y / b),
)
def divide(xp: Namespace, a: Array, b: Array) -> Array:
    """Quotient of `a` and `b`; integers give the default floating dtype."""
    return xp.divide(a, b)


def _power_base(g: Array, a: Array, b: Array, xp: Namespace) -> Array:
    # Where b == 0 and a is 0 or NaN, b * a ** (b - 1) would be NaN; the base 1 makes it 0.
    a, b = wide(in_dtype_of(g, a, xp), xp), wide(in_dtype_of(g, b, xp), xp)
    flat = (b == 0) & ((a == 0) | (a != a))
    return xp.scale(g, b * xp.power(xp.where(flat, 1, a), b - 1))


def _power_exponent(g: Array, a: Array, b: Array, xp: Namespace) -> Array:
    a, b = in_dtype_of(g, a, xp), in_dtype_of(g, b, xp)     # complex where y is: so is log(-1)
    return xp.scale(g, xp.power_slope(wide(a, xp), wide(b, xp)))


def _power_slope_base(g: Array, a: Array, b: Array, xp: Namespace) -> Array:
    flat = (a == 0) & (b >= 0)
    safe = xp.where(flat, 1, a)
    bend = xp.scale(xp.power(safe, b - 1), 1 + b * xp.log(safe))
    return xp.scale(g, xp.where(flat, 0, bend))


def _power_slope_exponent(g: Array, y: Array, a: Array, b: Array, xp: Namespace) -> Array:
    flat = (a == 0) & (b >= 0)
    return xp.scale(g, y * xp.log(xp.where(flat, 1, a)))


@op(_power_slope_base, _power_slope_exponent, public=False)
def power_slope(xp: Namespace, a: Array, b: Array) -> Array:
    """The slope of `power` in its exponent: `a**b * log(a)`; 0 where `a` is 0 and `b` not negative.

    An op of its own, because its slope in `a` may be finite where `a**b` is not.
    """
    return xp.power_slope(a, b)


@op(
    _power_base, _power_exponent,
    edges="x**0, x**1, x**2 exact at 0; by the exponent: 0 at 0**b, NaN at a base below 0",
)
def power(xp: Namespace, a: Array, b: Array) -> Array:
    """`a` to the power `b`. d/da is exact for b = 0, 1, 2; d/db of a negative base is NaN."""
    return xp.power(a, b)


pow = add_alias("pow", power)


@op(lambda g: -g)
def negative(xp: Namespace, x: Array) -> Array:
    """`x` with the other sign."""
    return xp.negative(x)


@op(lambda g: g)
def positive(xp: Namespace, x: Array) -> Array:
    """`x`."""
    return xp.positive(x)


@op(lambda g, y, xp: xp.scale(g, -y * y))
def reciprocal(xp: Namespace, x: Array) -> Array:
    """`1 / x`."""
    return xp.reciprocal(x)


def _abs_rule(g: Array, y: Array, x: Array, xp: Namespace) -> Array:
    if not is_complex(x.dtype):
        return xp.scale(g, xp.sign(x))
    return xp.where(y == 0, 0, g * xp.conj(x) / xp.where(y == 0, 1, y))


@op(_abs_rule, edges="0 at 0, as the second derivative of its square")
def abs(xp: Namespace, x: Array) -> Array:
    """Absolute value. The derivative at 0 is 0."""
    return xp.abs(x)


@op(edges="0 everywhere")
def sign(xp: Namespace, x: Array) -> Array:
    """-1, 0 or 1; `x / |x|` for complex `x`. Its gradient counts as 0."""
    return special_cases.sign(xp, x)


@op(lambda g, y, xp: xp.scale(g, y))
def exp(xp: Namespace, x: Array) -> Array:
    """Exponential of `x`."""
    return xp.exp(x)


@op(lambda g, x, xp: xp.scale(g, xp.exp(x)))     # y + 1 would be 0 far below 0
def expm1(xp: Namespace, x: Array) -> Array:
    """`exp(x) - 1`, accurate near 0."""
    return special_cases.expm1(xp, x)


@op(lambda g, x, xp: xp.scale(g, 1 / x))
def log(xp: Namespace, x: Array) -> Array:
    """Natural logarithm of `x`; -inf at 0, NaN below."""
    return xp.log(x)


@op(lambda g, x, xp: xp.scale(g, 1 / (1 + x)))
def log1p(xp: Namespace, x: Array) -> Array:
    """`log(1 + x)`, accurate near 0."""
    return xp.log1p(x)


@op(lambda g, y, xp: xp.scale(g, 0.5 / y), edges="infinite at 0, but 0 where its cotangent is 0")
def sqrt(xp: Namespace, x: Array) -> Array:
    """Square root of `x`. The derivative at 0 is infinite."""
    return xp.sqrt(x)


@op(lambda g, y, xp: xp.scale(g, 1 / (3 * y * y)))
def cbrt(xp: Namespace, x: Array) -> Array:
    """Cube root of real `x`, also where it is negative. The derivative at 0 is infinite."""
    return xp.cbrt(xp.floating(x))


@op(lambda g, x, xp: xp.scale(g, 2 * x))
def square(xp: Namespace, x: Array) -> Array:
    """`x * x`."""
    return xp.square(x)


@op(lambda g, x, xp: xp.scale(g, xp.cos(x)), kernel="sin")
def sin(xp: Namespace, x: Array) -> Array:
    """Sine of `x`, in radians."""
    return xp.sin(x)


@op(lambda g, x, xp: xp.scale(g, -xp.sin(x)))
def cos(xp: Namespace, x: Array) -> Array:
    """Cosine of `x`, in radians."""
    return xp.cos(x)


@op(lambda g, x, xp: xp.scale(g, xp.tanh_slope(wide(x, xp))))     # 1 - y * y would be 0 far from 0
def tanh(xp: Namespace, x: Array) -> Array:
    """Hyperbolic tangent of `x`."""
    if x.dtype is DOUBLE or x.dtype is SINGLE:      # the shortest way for what networks use
        return xp.tanh(x)
    return special_cases.tanh(xp, x)


def _shared(g: Array, from_a: Array, from_b: Array, xp: Namespace) -> tuple[Array, Array]:
    """`g` to the operand that the result came from, halves to equal ones; NaNs count as such."""
    share = xp.where(from_a & from_b, g * 0.5, g)
    return xp.where(from_a, share, 0), xp.where(from_b, share, 0)


@op(
    vjp=lambda g, a, b, xp: _shared(g, (a >= b) | (a != a), (b >= a) | (b != b), xp),
    edges="ties share the gradient evenly",
)
def maximum(xp: Namespace, a: Array, b: Array) -> Array:
    """The larger of `a` and `b`; NaN if one is. Equal operands share the gradient evenly."""
    return xp.maximum(a, b)


@op(
    vjp=lambda g, a, b, xp: _shared(g, (a <= b) | (a != a), (b <= a) | (b != b), xp),
    edges="ties share the gradient evenly",
)
def minimum(xp: Namespace, a: Array, b: Array) -> Array:
    """The smaller of `a` and `b`; NaN if one is. Equal operands share the gradient evenly."""
    return xp.minimum(a, b)


@op(
    None,
    lambda g, condition, xp: xp.where(_truth(condition), g, 0),
    lambda g, condition, xp: xp.where(_truth(condition), 0, g),
    edges="selects: what is not chosen has 0, also where it is not finite",
)
def where(xp: Namespace, condition: Array, x1: Array, x2: Array) -> Array:
    """`x1` where `condition` is true (or a number that is not 0), else `x2`."""
    return xp.where(condition, x1, x2)


def _truth(condition: Array) -> Array:
    return condition if kind_of(condition.dtype) == "b" else condition != 0


def _clip_rule(
    g: Array, x: Array, min: Array | None, max: Array | None, needs: tuple[bool, ...], xp: Namespace
) -> tuple[Array | None, ...]:
    # Where min > max, max wins: then min has no say.
    above = None if max is None else (x > max) if min is None else (x > max) | (min > max)
    below = None if min is None else (x < min) if max is None else (x < min) & (min <= max)
    to_x = g
    if above is not None:
        to_x = xp.where(above, 0, to_x)
    if below is not None:
        to_x = xp.where(below, 0, to_x)
    return (
        xp.where(x == x, to_x, 0),
        xp.where(below, g, 0) if needs[1] else None,
        xp.where(above, g, 0) if needs[2] else None,
    )


@op(vjp=_clip_rule, edges="1 inside and at the bounds, which have 0 there")
def clip(xp: Namespace, x: Array, min: Array | None = None, max: Array | None = None) -> Array:
    """`x` held between `min` and `max`; either may be left out, and `max` wins over `min`.

    The gradient goes to `x` inside and at the bounds, to a bound where `x` lies strictly outside.
    """
    if min is not None:
        x = xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


@op(
    lambda g, d, xp: xp.scale(g, d),
    lambda g, a, xp: xp.scale(g, a),
    public=False,
)
def scale(xp: Namespace, a: Array, d: Array) -> Array:
    """`a * d`, but 0 where `a == 0` and `d` is not finite.

    Rules use it for a cotangent `a` and a local derivative `d`: where no cotangent arrives, an
    infinite slope contributes nothing, so that `where(x > 0, sqrt(x), 0)` has gradient 0 at 0.
    """
    return xp.scale(a, d)


@op(lambda g, xp: xp.conj(g))
def conj(xp: Namespace, x: Array) -> Array:
    """Complex conjugate of `x`."""
    return xp.conj(x)


@op(lambda g: g)
def real(xp: Namespace, x: Array) -> Array:
    """Real part of `x`."""
    return xp.real(x)


@op(lambda g: g * -1j)
def imag(xp: Namespace, x: Array) -> Array:
    """Imaginary part of `x`."""
    return xp.imag(x)


@op(lambda g: g)
def copy(xp: Namespace, x: Array) -> Array:
    """An array of its own with the values of `x`."""
    return xp.copy(x)
