"""Gamma and beta functions, complete and incomplete, and their inverses, under SciPy's names."""

from __future__ import annotations

from gpugrad.backends import DOUBLE, Array, Namespace
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.ops.bessel import refused
from gpugrad.ops.operands import check_real, typed

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
    """The gamma function, that of real numbers: `(x - 1)!` of whole ones."""
    check_real("gamma", x)
    x = xp.floating(x)
    return typed(xp.gamma(x), x, xp)


def _betaln_rule(g: Array, a: Array, b: Array, xp: Namespace) -> Array:
    return xp.scale(g, xp.digamma(a) - xp.digamma(a + b))


@op(
    _betaln_rule,
    lambda g, a, b, xp: _betaln_rule(g, b, a, xp),
    reference="scipy.special.betaln",
)
def betaln(xp: Namespace, a: Array, b: Array) -> Array:
    """The logarithm of the size of the beta function."""
    check_real("betaln", a, b)
    a, b = xp.floating(a), xp.floating(b)
    return typed(xp.betaln(a, b), a, xp)


@composed(reference="scipy.special.beta", example=call(of(3), of(3)))
def beta(a: Array, b: Array, /) -> Array:
    """The beta function of positive numbers: `gamma(a) * gamma(b) / gamma(a + b)`."""
    return ops.exp(ops.betaln(a, b))


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

    Its derivative in `a` is a series; that has none in `a` again.
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
    """`1 - gammainc(a, x)`, accurate where that is small."""
    check_real("gammaincc", a, x)
    a, x = xp.floating(a), xp.floating(x)
    return typed(xp.gammaincc(a, x), x, xp)


@op(
    lambda g, a, y, xp: xp.scale(g, -xp.gammainc_slope(a, y) / _gamma_density(a, y, xp)),
    lambda g, a, y, xp: xp.scale(g, 1 / _gamma_density(a, y, xp)),
    reference="scipy.special.gammaincinv",
)
def gammaincinv(xp: Namespace, a: Array, p: Array) -> Array:
    """The `x` with `gammainc(a, x) = p`."""
    check_real("gammaincinv", a, p)
    a, p = xp.floating(a), xp.floating(p)
    return typed(xp.gammaincinv(a, p), p, xp)


@op(
    lambda g, a, y, xp: xp.scale(g, -xp.gammainc_slope(a, y) / _gamma_density(a, y, xp)),
    lambda g, a, y, xp: xp.scale(g, -1 / _gamma_density(a, y, xp)),
    reference="scipy.special.gammainccinv",
)
def gammainccinv(xp: Namespace, a: Array, p: Array) -> Array:
    """The `x` with `gammaincc(a, x) = p`, accurate where `p` is small."""
    check_real("gammainccinv", a, p)
    a, p = xp.floating(a), xp.floating(p)
    return typed(xp.gammainccinv(a, p), p, xp)


# The beta function


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


@op(
    lambda g, a, b, x, xp: xp.scale(g, xp.betainc_slope(a, b, x)),
    lambda g, a, b, x, xp: xp.scale(g, -xp.betainc_slope(b, a, 1 - x)),
    lambda g, a, b, x, xp: xp.scale(g, _beta_density(a, b, x, xp)),
    reference="scipy.special.betainc",
)
def betainc(xp: Namespace, a: Array, b: Array, x: Array) -> Array:
    """The regularized incomplete beta function, for positive `a` and `b` and `x` from 0 to 1.

    Its derivatives in `a` and `b` are series; these have none in them again.
    """
    check_real("betainc", a, b, x)
    a, b, x = xp.floating(a), xp.floating(b), xp.floating(x)
    return typed(xp.betainc(a, b, x), x, xp)


@op(
    lambda g, a, b, y, xp: xp.scale(
        g, -xp.betainc_slope(a, b, y) / _beta_density(a, b, y, xp)
    ),
    lambda g, a, b, y, xp: xp.scale(
        g, xp.betainc_slope(b, a, 1 - y) / _beta_density(a, b, y, xp)
    ),
    lambda g, a, b, y, xp: xp.scale(g, 1 / _beta_density(a, b, y, xp)),
    reference="scipy.special.betaincinv",
)
def betaincinv(xp: Namespace, a: Array, b: Array, p: Array) -> Array:
    """The `x` with `betainc(a, b, x) = p`."""
    check_real("betaincinv", a, b, p)
    a, b, p = xp.floating(a), xp.floating(b), xp.floating(p)
    return typed(xp.betaincinv(a, b, p), p, xp)
