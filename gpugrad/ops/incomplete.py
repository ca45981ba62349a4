"""Gamma and beta functions, complete and incomplete, and their inverses, under SciPy's names."""

from __future__ import annotations

from gpugrad.backends import DOUBLE, Array, Namespace
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.ops.bessel import refused
from gpugrad.ops.operands import check_real, floating, typed

__all__ = [
    "beta",
    "betainc",
    "betaincinv",
    "betaln",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
]


@op(lambda g, x, y, xp: xp.scale(g, y * xp.digamma(x)), reference="scipy.special.gamma")
def gamma(xp: Namespace, x: Array) -> Array:
    """The gamma function of real numbers: `(x - 1)!` of whole ones.

    Its logarithm is `gammaln`, which is finite where this one leaves the range of the dtype.

    Example:
        >>> gg.special.gamma(np.array([0.5, 3.0, 5.0])).round(6)
        array([ 1.772454,  2.      , 24.      ])
        >>> gg.grad(gg.special.gamma)(1.0).round(6)
        np.float64(-0.577216)
    """
    check_real("gamma", x)
    x = xp.floating(x)
    return typed(xp.gamma(x), x, xp)


_LARGE = 100.0
"""From which on the series of a difference of `digamma` is exact to rounding."""


def _betaln_rule(g: Array, a: Array, b: Array, xp: Namespace) -> Array:
    # digamma(a) - digamma(a + b), whose terms cancel where a is large.
    large = (a > _LARGE) & (b > 0)
    far = xp.where(large, a, _LARGE)
    more = xp.where(large, b, 1)
    u, w = 1 / far, 1 / (far + more)
    u2, w2 = u * u, w * w
    terms = 1 / 12 - (u2 + w2) / 120 + (u2 * u2 + u2 * w2 + w2 * w2) / 252
    apart = u * w * more                            # u - w
    series = -xp.log1p(more * u) - apart / 2 - apart * (u + w) * terms
    return xp.scale(g, xp.where(large, series, xp.digamma(a) - xp.digamma(a + b)))


@op(
    _betaln_rule,
    lambda g, a, b, xp: _betaln_rule(g, b, a, xp),
    reference="scipy.special.betaln",
)
def betaln(xp: Namespace, a: Array, b: Array) -> Array:
    """The logarithm of the absolute value of the beta function.

    It is finite where the beta function itself leaves the range of the dtype.

    Example:
        >>> gg.special.betaln(1000.0, 1000.0).round(6)
        np.float64(-1388.482602)
        >>> gg.grad(gg.special.betaln, argnums=(0, 1))(1.0, 1.0)
        (array(-1.), array(-1.))
    """
    check_real("betaln", a, b)
    a, b = xp.floating(a), xp.floating(b)
    return typed(xp.betaln(a, b), a, xp)


@composed(reference="scipy.special.beta", example=call(of(3), of(3)))
def beta(a: Array, b: Array, /) -> Array:
    """The beta function: `gamma(a) * gamma(b) / gamma(a + b)`.

    Example:
        >>> gg.special.beta(2.0, 3.0).round(6)
        np.float64(0.083333)
        >>> gg.grad(gg.special.beta)(2.0, 3.0).round(6)
        np.float64(-0.090278)
    """
    log = ops.betaln(a, b)
    sign = ops.multiply(ops.multiply(_gamma_sign(a), _gamma_sign(b)), _gamma_sign(ops.add(a, b)))
    return ops.multiply(ops.where(ops.isinf(log), 1.0, sign), ops.exp(log))


def _gamma_sign(x: Array) -> Array:
    """The sign of `gamma(x)`: below 0 it is another one from each whole number to the next."""
    below = ops.minimum(ops.floor(floating(x)), 0.0)
    return ops.subtract(1.0, ops.multiply(2.0, ops.remainder(below, 2.0)))


# The gamma function

def _gamma_density(a: Array, x: Array, xp: Namespace) -> Array:
    """The slope of `gammainc` in `x`, in double precision: its logarithm is of large numbers."""
    a, x = xp.astype(a, DOUBLE), xp.astype(x, DOUBLE)
    at_zero = xp.where(a < 1, float("inf"), xp.where(a == 1, 1.0, 0.0))
    inside = x > 0
    safe = xp.where(inside, x, 1)
    found = xp.exp((a - 1) * xp.log(safe) - safe - xp.gammaln(a))
    return xp.where(inside, found, xp.where(x == 0, at_zero, float("nan")))


@op(
    refused("the slope of gammainc", "a"),
    lambda g, a, x, xp: xp.scale(
        g, _gamma_density(a, x, xp) * (xp.log(xp.where(x > 0, x, 1)) - xp.digamma(a))
    ),
    public=False,
)
def gammainc_slope(xp: Namespace, a: Array, x: Array) -> Array:
    """The derivative of `gammainc` in `a`."""
    check_real("gammainc_slope", a, x)
    a, x = xp.floating(a), xp.floating(x)
    return typed(xp.gammainc_slope(a, x), x, xp)


@op(
    lambda g, a, x, xp: xp.scale(g, xp.gammainc_slope(a, x)),
    lambda g, a, x, xp: xp.scale(g, _gamma_density(a, x, xp)),
    reference="scipy.special.gammainc",
)
def gammainc(xp: Namespace, a: Array, x: Array) -> Array:
    """The regularized lower incomplete gamma function, for positive `a` and `x` from 0 on.

    NaN where one is negative. Its derivative in `a` is a series; that has none in `a` again.

    Example:
        >>> gg.special.gammainc(2.0, np.array([0.0, 1.0, 10.0])).round(6)
        array([0.      , 0.264241, 0.999501])
        >>> gg.grad(gg.special.gammainc, argnums=1)(1.0, 0.0)
        array(1.)
        >>> gg.grad(gg.special.gammainc)(2.0, 1.0).round(6)
        np.float64(-0.276196)
    """
    check_real("gammainc", a, x)
    a, x = xp.floating(a), xp.floating(x)
    return typed(xp.gammainc(a, x), x, xp)


@op(
    lambda g, a, x, xp: xp.scale(g, -xp.gammainc_slope(a, x)),
    lambda g, a, x, xp: xp.scale(g, -_gamma_density(a, x, xp)),
    reference="scipy.special.gammaincc",
)
def gammaincc(xp: Namespace, a: Array, x: Array) -> Array:
    """`1 - gammainc(a, x)`, accurate where that is small.

    Example:
        >>> 1 - gg.special.gammainc(2.0, 50.0)
        np.float64(0.0)
        >>> gg.special.gammaincc(2.0, 50.0) > 0
        np.True_
        >>> gg.grad(gg.special.gammaincc, argnums=1)(1.0, 1.0).round(6)
        np.float64(-0.367879)
    """
    check_real("gammaincc", a, x)
    a, x = xp.floating(a), xp.floating(x)
    return typed(xp.gammaincc(a, x), x, xp)


@op(
    lambda g, a, y, xp: xp.scale(g, -xp.gammainc_slope(a, y) / _gamma_density(a, y, xp)),
    lambda g, a, y, xp: xp.scale(g, 1 / _gamma_density(a, y, xp)),
    reference="scipy.special.gammaincinv",
)
def gammaincinv(xp: Namespace, a: Array, p: Array) -> Array:
    """The `x` with `gammainc(a, x) = p`, for `p` from 0 to 1; NaN elsewhere.

    Example:
        >>> x = gg.special.gammaincinv(2.0, 0.5)
        >>> gg.special.gammainc(2.0, x).round(6)
        np.float64(0.5)
        >>> gg.grad(gg.special.gammaincinv, argnums=1)(1.0, 0.5).round(6)
        np.float64(2.0)
    """
    check_real("gammaincinv", a, p)
    a, p = xp.floating(a), xp.floating(p)
    return typed(xp.gammaincinv(a, p), p, xp)


@op(
    lambda g, a, y, xp: xp.scale(g, -xp.gammainc_slope(a, y) / _gamma_density(a, y, xp)),
    lambda g, a, y, xp: xp.scale(g, -1 / _gamma_density(a, y, xp)),
    reference="scipy.special.gammainccinv",
)
def gammainccinv(xp: Namespace, a: Array, p: Array) -> Array:
    """The `x` with `gammaincc(a, x) = p`, accurate where `p` is small.

    Example:
        >>> gg.special.gammainccinv(1.0, 1e-30).round(6)
        np.float64(69.077553)
        >>> gg.grad(gg.special.gammainccinv, argnums=1)(1.0, 0.5).round(6)
        np.float64(-2.0)
    """
    check_real("gammainccinv", a, p)
    a, p = xp.floating(a), xp.floating(p)
    return typed(xp.gammainccinv(a, p), p, xp)


# The beta function

_SMALL = 1e-4
"""How far from 0 three terms of the series are exact to rounding."""


def _beta_density(a: Array, b: Array, x: Array, xp: Namespace) -> Array:
    """The slope of `betainc` in `x`, in double precision."""
    a, b, x = (xp.astype(v, DOUBLE) for v in (a, b, x))
    inf, nan = float("inf"), float("nan")
    at_zero = xp.where(a < 1, inf, xp.where(a == 1, b, 0.0))
    at_one = xp.where(b < 1, inf, xp.where(b == 1, a, 0.0))
    inside = (x > 0) & (x < 1)
    z = xp.where(inside, x, 0.5)
    found = xp.exp((a - 1) * xp.log(z) + (b - 1) * xp.log1p(-z) - xp.betaln(a, b))
    at_end = xp.where(x == 0, at_zero, xp.where(x == 1, at_one, nan))
    return xp.where(inside, found, at_end)


@op(
    refused("the slope of betainc", "a"),
    refused("the slope of betainc", "b"),
    lambda g, a, b, x, xp: xp.scale(
        g,
        _beta_density(a, b, x, xp)
        * (xp.log(xp.where((x > 0) & (x < 1), x, 0.5)) - xp.digamma(a) + xp.digamma(a + b)),
    ),
    public=False,
)
def betainc_slope(xp: Namespace, a: Array, b: Array, x: Array) -> Array:
    """The derivative of `betainc` in `a`."""
    check_real("betainc_slope", a, b, x)
    a, b, x = xp.floating(a), xp.floating(b), xp.floating(x)
    return typed(xp.betainc_slope(a, b, x), x, xp)


def _slope_in_b(a: Array, b: Array, x: Array, xp: Namespace) -> Array:
    """The derivative of `betainc` in `b`."""
    # That in a of the other side, unless 1 - x has lost the digits of x: there by the first terms
    # of the hypergeometric series in x.
    small = (x > 0) & (x * (1 + b) < _SMALL)
    z, q = xp.where(small, x, 0.25 * _SMALL), xp.where(small, b, 1)
    first, second, third = z / (a + 1), z * z / (a + 2), z * z * z / (a + 3)
    total = 1 + a * (1 - q) * (first + (2 - q) * (second / 2 + (3 - q) * third / 6))
    slope = -a * (first + (3 - 2 * q) * second / 2 + ((3 * q - 12) * q + 11) * third / 6)
    near = xp.digamma(a + q) - xp.digamma(q) + slope / total
    return xp.where(small, xp.betainc(a, q, z) * near, -xp.betainc_slope(b, a, 1 - x))


@op(
    lambda g, a, b, x, xp: xp.scale(g, xp.betainc_slope(a, b, x)),
    lambda g, a, b, x, xp: xp.scale(g, _slope_in_b(a, b, x, xp)),
    lambda g, a, b, x, xp: xp.scale(g, _beta_density(a, b, x, xp)),
    reference="scipy.special.betainc",
)
def betainc(xp: Namespace, a: Array, b: Array, x: Array) -> Array:
    """The regularized incomplete beta function, for positive `a` and `b` and `x` from 0 to 1.

    NaN for other `x`. Its derivatives in `a` and `b` are series; these have none in them again.

    Example:
        >>> gg.special.betainc(2.0, 2.0, np.array([0.0, 0.25, 1.0])).round(6)
        array([0.     , 0.15625, 1.     ])
        >>> gg.grad(gg.special.betainc, argnums=2)(2.0, 2.0, 0.5).round(6)
        np.float64(1.5)
        >>> gg.grad(gg.special.betainc)(1.0, 1.0, 0.5).round(6)
        np.float64(-0.346574)
    """
    check_real("betainc", a, b, x)
    a, b, x = xp.floating(a), xp.floating(b), xp.floating(x)
    return typed(xp.betainc(a, b, x), x, xp)


@op(
    lambda g, a, b, y, xp: xp.scale(
        g, -xp.betainc_slope(a, b, y) / _beta_density(a, b, y, xp)
    ),
    lambda g, a, b, y, xp: xp.scale(
        g, -_slope_in_b(a, b, y, xp) / _beta_density(a, b, y, xp)
    ),
    lambda g, a, b, y, xp: xp.scale(g, 1 / _beta_density(a, b, y, xp)),
    reference="scipy.special.betaincinv",
)
def betaincinv(xp: Namespace, a: Array, b: Array, p: Array) -> Array:
    """The `x` with `betainc(a, b, x) = p`, for `p` from 0 to 1; NaN elsewhere.

    Example:
        >>> gg.special.betaincinv(2.0, 2.0, 0.5).round(6)
        np.float64(0.5)
        >>> gg.grad(gg.special.betaincinv, argnums=2)(2.0, 2.0, 0.5).round(6)
        np.float64(0.666667)
    """
    check_real("betaincinv", a, b, p)
    a, b, p = xp.floating(a), xp.floating(b), xp.floating(p)
    return typed(xp.betaincinv(a, b, p), p, xp)
