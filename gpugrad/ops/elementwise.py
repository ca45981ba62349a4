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
    """Elementwise sum of `a` and `b`; shapes broadcast.

    A number of Python leaves the precision of the other operand as it is. The gradient of an
    operand that was repeated is the sum over its copies.

    Example:
        >>> gg.add(np.array([1.0, 2.0]), np.array([[10.0], [20.0]]))
        array([[11., 12.],
               [21., 22.]])
        >>> gg.grad(lambda b: gg.sum(gg.add(np.array([1.0, 2.0]), b)))(10.0)
        array(2.)
    """
    return xp.add(a, b)


@op(lambda g: g, lambda g: -g)
def subtract(xp: Namespace, a: Array, b: Array) -> Array:
    """Elementwise difference `a - b`; shapes broadcast.

    Example:
        >>> gg.subtract(np.array([1.0, 2.0]), 0.5)
        array([0.5, 1.5])
        >>> gg.grad(gg.subtract, argnums=(0, 1))(3.0, 1.0)
        (array(1.), array(-1.))
    """
    return xp.subtract(a, b)


@op(lambda g, b, xp: xp.scale(g, b), lambda g, a, xp: xp.scale(g, a))
def multiply(xp: Namespace, a: Array, b: Array) -> Array:
    """Elementwise product of `a` and `b`; shapes broadcast.

    A factor that is not finite adds nothing to a gradient where the cotangent is 0.

    Example:
        >>> gg.multiply(np.array([1.0, 2.0]), np.array([[3.0], [4.0]]))
        array([[3., 6.],
               [4., 8.]])
        >>> gg.grad(gg.multiply, argnums=(0, 1))(3.0, 5.0)
        (array(5.), array(3.))
    """
    return xp.multiply(a, b)


@op(
    lambda g, b, xp: xp.scale(g, 1 / in_dtype_of(g, b, xp)),
    lambda g, y, b, xp: xp.scale(g, -y / b),
)
def divide(xp: Namespace, a: Array, b: Array) -> Array:
    """Elementwise quotient of `a` and `b`; integers give the default floating dtype.

    Example:
        >>> gg.divide(np.array([1, 2, 3]), 2)
        array([0.5, 1. , 1.5])
        >>> gg.grad(gg.divide, argnums=(0, 1))(3.0, 2.0)
        (array(0.5), array(-0.75))
    """
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
    edges="x**0, x**1, x**2 have exact slopes at 0; by the exponent: 0 at 0**b, NaN if a < 0",
)
def power(xp: Namespace, a: Array, b: Array) -> Array:
    """`a` to the power `b`, element by element; `pow` is another name of it.

    The derivative in `a` is exact for `b` = 0, 1 and 2, also at 0. That in `b` is `a**b * log(a)`:
    0 where `a` is 0 and `b` not negative, NaN where a real `a` is negative.

    Example:
        >>> gg.power(np.array([1.0, 2.0, 3.0]), 2)
        array([1., 4., 9.])
        >>> gg.grad(gg.power)(0.0, 1)
        array(1.)
        >>> gg.grad(gg.power, argnums=1)(2.0, 3.0).round(6)
        np.float64(5.545177)
    """
    return xp.power(a, b)


pow = add_alias("pow", power)


@op(lambda g: -g)
def negative(xp: Namespace, x: Array) -> Array:
    """`-x`, element by element.

    Example:
        >>> gg.negative(np.array([1.0, -2.0]))
        array([-1.,  2.])
        >>> gg.grad(gg.negative)(3.0)
        array(-1.)
    """
    return xp.negative(x)


@op(lambda g: g)
def positive(xp: Namespace, x: Array) -> Array:
    """`x` itself, element by element: what `+x` calls.

    Example:
        >>> gg.positive(np.array([1.0, -2.0]))
        array([ 1., -2.])
        >>> gg.grad(gg.positive)(-2.0)
        array(1.)
    """
    return xp.positive(x)


@op(lambda g, y, xp: xp.scale(g, -y * y))
def reciprocal(xp: Namespace, x: Array) -> Array:
    """`1 / x`, in the dtype of `x`: integers stay integers, and are rounded to 0, as in NumPy.

    Example:
        >>> gg.reciprocal(np.array([2.0, -4.0]))
        array([ 0.5 , -0.25])
        >>> gg.grad(gg.reciprocal)(2.0)
        array(-0.25)
    """
    return xp.reciprocal(x)


def _abs_rule(g: Array, y: Array, x: Array, xp: Namespace) -> Array:
    if not is_complex(x.dtype):
        return xp.scale(g, xp.sign(x))
    return xp.where(y == 0, 0, g * xp.conj(x) / xp.where(y == 0, 1, y))


@op(_abs_rule, edges="slope 0 at 0; so the second derivative of abs(x)**2 there is 0, not 2")
def abs(xp: Namespace, x: Array) -> Array:
    """Absolute value; for complex numbers, the magnitude.

    The derivative at 0 is 0.

    Example:
        >>> gg.abs(np.array([-2.0, 0.0, 3 + 4j]))
        array([2., 0., 5.])
        >>> gg.vmap(gg.grad(gg.abs))(np.array([-2.0, 0.0, 5.0]))
        array([-1.,  0.,  1.])
    """
    return xp.abs(x)


@op(edges="slope 0 everywhere")
def sign(xp: Namespace, x: Array) -> Array:
    """-1, 0 or 1; for complex `x`, `x / |x|`.

    Its gradient counts as 0, also that of complex numbers.

    Example:
        >>> gg.sign(np.array([-3.0, 0.0, 5.0]))
        array([-1.,  0.,  1.])
        >>> gg.grad(gg.sign)(2.0)
        array(0.)
    """
    return special_cases.sign(xp, x)


@op(lambda g, y, xp: xp.scale(g, y))
def exp(xp: Namespace, x: Array) -> Array:
    """Exponential of `x`: e to the power `x`, infinite where this overflows the dtype.

    Example:
        >>> gg.exp(np.array([0.0, 1.0, -1000.0])).round(6)
        array([1.      , 2.718282, 0.      ])
        >>> gg.grad(gg.exp)(1.0).round(6)
        np.float64(2.718282)
    """
    return xp.exp(x)


@op(lambda g, x, xp: xp.scale(g, xp.exp(x)))     # y + 1 would be 0 far below 0
def expm1(xp: Namespace, x: Array) -> Array:
    """`exp(x) - 1`, accurate near 0.

    Example:
        >>> gg.expm1(1e-20)
        array(1.e-20)
        >>> gg.exp(1e-20) - 1
        np.float64(0.0)
        >>> gg.grad(gg.expm1)(0.0)
        array(1.)
    """
    return special_cases.expm1(xp, x)


@op(lambda g, x, xp: xp.scale(g, 1 / x))
def log(xp: Namespace, x: Array) -> Array:
    """Natural logarithm of `x`; -inf at 0, NaN below.

    Of complex `x`, with the imaginary part from -π to π.

    Example:
        >>> gg.log(np.array([1.0, 10.0])).round(6)
        array([0.      , 2.302585])
        >>> gg.grad(gg.log)(4.0)
        array(0.25)
    """
    return xp.log(x)


@op(lambda g, x, xp: xp.scale(g, 1 / (1 + x)))
def log1p(xp: Namespace, x: Array) -> Array:
    """`log(1 + x)`, accurate near 0; -inf at -1, NaN below.

    Example:
        >>> gg.log1p(1e-20)
        array(1.e-20)
        >>> gg.grad(gg.log1p)(1.0)
        array(0.5)
    """
    return xp.log1p(x)


@op(
    lambda g, y, xp: xp.scale(g, 0.5 / y),
    edges="slope infinite at 0, but gradient 0 where the cotangent is 0",
)
def sqrt(xp: Namespace, x: Array) -> Array:
    """Square root of `x`; NaN for negative real numbers.

    The derivative at 0 is infinite, but adds nothing where its cotangent is 0.

    Example:
        >>> gg.sqrt(np.array([0.0, 4.0, 9.0]))
        array([0., 2., 3.])
        >>> gg.grad(gg.sqrt)(4.0)
        array(0.25)
        >>> gg.grad(lambda x: gg.where(x > 0, gg.sqrt(x), 0.0))(0.0)
        array(0.)
    """
    return xp.sqrt(x)


@op(lambda g, y, xp: xp.scale(g, 1 / (3 * y * y)))
def cbrt(xp: Namespace, x: Array) -> Array:
    """Cube root of real `x`, including negative numbers.

    The derivative at 0 is infinite.

    Example:
        >>> gg.cbrt(np.array([-8.0, 27.0])).round(6)
        array([-2.,  3.])
        >>> gg.grad(gg.cbrt)(8.0).round(6)
        np.float64(0.083333)
    """
    return xp.cbrt(xp.floating(x))


@op(lambda g, x, xp: xp.scale(g, 2 * x))
def square(xp: Namespace, x: Array) -> Array:
    """`x * x`, element by element.

    Example:
        >>> gg.square(np.array([1.0, -2.0, 3.0]))
        array([1., 4., 9.])
        >>> gg.grad(gg.square)(-2.0)
        array(-4.)
    """
    return xp.square(x)


@op(lambda g, x, xp: xp.scale(g, xp.cos(x)), kernel="sin")
def sin(xp: Namespace, x: Array) -> Array:
    """Sine of `x`, in radians.

    Example:
        >>> gg.sin(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.841471])
        >>> gg.grad(gg.sin)(0.0)
        array(1.)
        >>> gg.grad(gg.grad(gg.sin))(1.0).round(6)
        np.float64(-0.841471)
    """
    return xp.sin(x)


@op(lambda g, x, xp: xp.scale(g, -xp.sin(x)))
def cos(xp: Namespace, x: Array) -> Array:
    """Cosine of `x`, in radians.

    Example:
        >>> gg.cos(np.array([0.0, 1.0])).round(6)
        array([1.      , 0.540302])
        >>> gg.grad(gg.cos)(1.0).round(6)
        np.float64(-0.841471)
    """
    return xp.cos(x)


@op(lambda g, x, xp: xp.scale(g, xp.tanh_slope(wide(x, xp))))     # 1 - y * y would be 0 far from 0
def tanh(xp: Namespace, x: Array) -> Array:
    """Hyperbolic tangent of `x`, from -1 to 1.

    Its derivative keeps its digits far from 0, where `1 - tanh(x)**2` would be 0.

    Example:
        >>> gg.tanh(np.array([0.0, 1.0, 30.0])).round(6)
        array([0.      , 0.761594, 1.      ])
        >>> gg.grad(gg.tanh)(0.0)
        array(1.)
        >>> gg.grad(gg.tanh)(30.0) > 0
        np.True_
    """
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
    """The larger of `a` and `b`, element by element; NaN if one is.

    Equal operands share the gradient evenly. For the largest element of one array see `max`.

    Example:
        >>> gg.maximum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        array([3., 5.])
        >>> gg.grad(gg.maximum, argnums=(0, 1))(1.0, 3.0)
        (array(0.), array(1.))
        >>> gg.grad(gg.maximum, argnums=(0, 1))(2.0, 2.0)
        (array(0.5), array(0.5))
    """
    return xp.maximum(a, b)


@op(
    vjp=lambda g, a, b, xp: _shared(g, (a <= b) | (a != a), (b <= a) | (b != b), xp),
    edges="ties share the gradient evenly",
)
def minimum(xp: Namespace, a: Array, b: Array) -> Array:
    """The smaller of `a` and `b`, element by element; NaN if one is.

    Equal operands share the gradient evenly. For the smallest element of one array see `min`.

    Example:
        >>> gg.minimum(np.array([1.0, 5.0]), np.array([3.0, 2.0]))
        array([1., 2.])
        >>> gg.grad(gg.minimum, argnums=(0, 1))(1.0, 3.0)
        (array(1.), array(0.))
    """
    return xp.minimum(a, b)


@op(
    None,
    lambda g, condition, xp: xp.where(_truth(condition), g, 0),
    lambda g, condition, xp: xp.where(_truth(condition), 0, g),
    edges="selects: what is not chosen has gradient 0, also where it is not finite",
)
def where(xp: Namespace, condition: Array, x1: Array, x2: Array) -> Array:
    """`x1` where `condition` is true (or a number that is not 0), else `x2`.

    All three broadcast. Elements that are not chosen have gradient 0, even if they are not finite.
    For the indices where a condition holds, see `nonzero`.

    Example:
        >>> x = np.array([-1.0, 0.0, 4.0])
        >>> gg.where(x > 0, x, 0.0)
        array([0., 0., 4.])
        >>> gg.grad(lambda x: gg.sum(gg.where(x > 0, gg.sqrt(x), 0.0)))(np.array([0.0, 4.0]))
        array([0.  , 0.25])
    """
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


@op(vjp=_clip_rule, edges="slope 1 inside and at the bounds; there, the bounds have slope 0")
def clip(xp: Namespace, x: Array, min: Array | None = None, max: Array | None = None) -> Array:
    """`x` limited to between `min` and `max`; either may be left out, and `max` wins over `min`.

    The bounds are numbers, or arrays that broadcast with `x`. The gradient goes to `x` inside and
    at the bounds, and to a bound where `x` lies strictly outside.

    Example:
        >>> gg.clip(np.array([-1.0, 0.5, 3.0]), 0.0, 1.0)
        array([0. , 0.5, 1. ])
        >>> gg.vmap(gg.grad(lambda x: gg.clip(x, 0.0, 1.0)))(np.array([-1.0, 0.5, 1.0, 3.0]))
        array([0., 1., 1., 0.])
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
    """Complex conjugate of `x`; real `x` unchanged.

    Example:
        >>> gg.conj(np.array([1 + 2j, 3.0]))
        array([1.-2.j, 3.-0.j])
        >>> gg.grad(lambda z: gg.real(z * gg.conj(z)))(1 + 2j)
        array(2.+4.j)
    """
    return xp.conj(x)


@op(lambda g: g)
def real(xp: Namespace, x: Array) -> Array:
    """Real part of `x`, in the real dtype of the same precision; real `x` unchanged.

    The gradient of a real result in complex `x` points in the direction of steepest ascent.

    Example:
        >>> gg.real(np.array([1 + 2j, 3 - 1j]))
        array([1., 3.])
        >>> gg.grad(lambda z: gg.real(z * z))(1 + 2j)
        array(2.-4.j)
    """
    return xp.real(x)


@op(lambda g: g * -1j)
def imag(xp: Namespace, x: Array) -> Array:
    """Imaginary part of `x`; zeros for real `x`.

    Example:
        >>> gg.imag(np.array([1 + 2j, 3 - 1j]))
        array([ 2., -1.])
        >>> gg.grad(lambda z: gg.imag(z))(1 + 2j)
        array(0.+1.j)
    """
    return xp.imag(x)


@op(lambda g: g)
def copy(xp: Namespace, x: Array) -> Array:
    """A copy of `x` in new memory: a write to one does not change the other.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> y = gg.copy(x)
        >>> y[0] = 5.0
        >>> x
        array([1., 2.])
        >>> gg.grad(lambda x: gg.sum(gg.copy(x) ** 2))(x)
        array([2., 4.])
    """
    return xp.copy(x)
