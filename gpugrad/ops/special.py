"""Special functions, which come from SciPy or, for CuPy, from `cupyx.scipy`.

`gpugrad.special` has them under SciPy's names and with its order of arguments.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op
from gpugrad.ops.operands import check_real, in_dtype_of

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfinv",
    "gammaln",
    "log_ndtr",
    "logit",
    "ndtr",
    "ndtri",
    "polygamma",
    "xlog1py",
    "xlogy",
]


def _typed(y: Array, x: Array, xp: Any) -> Array:
    """`y` in the dtype of `x`: the libraries have no float16."""
    return y if y.dtype == x.dtype else xp.astype(y, x.dtype)


@op(lambda g, x, xp: xp.scale(g, 2 / sqrt(pi) * xp.exp(-x * x)))
def erf(xp: Any, x: Array) -> Array:
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`."""
    x = xp.floating(x)
    return _typed(xp.erf(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, -2 / sqrt(pi) * xp.exp(-x * x)))
def erfc(xp: Any, x: Array) -> Array:
    """`1 - erf(x)`, accurate for large `x`."""
    x = xp.floating(x)
    return _typed(xp.erfc(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.exp(-x * x / 2) / sqrt(2 * pi)))
def ndtr(xp: Any, x: Array) -> Array:
    """Distribution function of the standard normal distribution."""
    x = xp.floating(x)
    return _typed(xp.ndtr(x), x, xp)


@op(lambda g, y, x, xp: xp.scale(g, xp.exp(-x * x / 2 - y) / sqrt(2 * pi)))
def log_ndtr(xp: Any, x: Array) -> Array:
    """Logarithm of `ndtr(x)`, accurate for very negative `x`."""
    x = xp.floating(x)
    return _typed(xp.log_ndtr(x), x, xp)


@op(lambda g, y, xp: xp.scale(g, sqrt(pi) / 2 * xp.exp(y * y)))
def erfinv(xp: Any, x: Array) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond."""
    x = xp.floating(x)
    return _typed(xp.erfinv(x), x, xp)


@op(lambda g, y, xp: xp.scale(g, sqrt(2 * pi) * xp.exp(y * y / 2)))
def ndtri(xp: Any, x: Array) -> Array:
    """The inverse of `ndtr`: infinite at 0 and 1, NaN beyond."""
    x = xp.floating(x)
    return _typed(xp.ndtri(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.digamma(x)))
def gammaln(xp: Any, x: Array) -> Array:
    """Logarithm of the size of the gamma function; infinite at 0 and negative integers."""
    x = xp.floating(x)
    return _typed(xp.gammaln(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.polygamma(x, n=1)))
def digamma(xp: Any, x: Array) -> Array:
    """Derivative of `gammaln`, of real numbers."""
    check_real("digamma", x)
    x = xp.floating(x)
    return _typed(xp.digamma(x), x, xp)


@op(lambda g, x, n, xp: xp.scale(g, xp.polygamma(x, n=n + 1)))
def polygamma(xp: Any, x: Array, /, *, n: int) -> Array:
    """Derivative number `n` of `digamma`."""
    x = xp.floating(x)
    return _typed(xp.polygamma(x, n=n), x, xp)


@op(lambda g, x, xp: xp.scale(g, 1 / (x * (1 - x))))
def logit(xp: Any, x: Array) -> Array:
    """`log(x / (1 - x))`, the inverse of `expit`; infinite at 0 and 1, NaN beyond."""
    x = xp.floating(x)
    return _typed(xp.logit(x), x, xp)


def _quotient(g: Array, x: Array, y: Array, xp: Any) -> Array:
    """`g * x / y`, and 0 where `x` is."""
    return xp.where(x == 0, 0, xp.scale(g, x / xp.where(x == 0, 1, y)))


@op(
    lambda g, z, xp: xp.scale(g, xp.log(in_dtype_of(g, z, xp))),
    lambda g, x, z, xp: _quotient(g, x, z, xp),
)
def xlogy(xp: Any, x: Array, z: Array) -> Array:
    """`x * log(z)`, and 0 where `x` is 0."""
    x, z = xp.floating(x), xp.floating(z)
    return xp.xlogy(x, z)


@op(
    lambda g, z, xp: xp.scale(g, xp.log1p(in_dtype_of(g, z, xp))),
    lambda g, x, z, xp: _quotient(g, x, 1 + in_dtype_of(g, z, xp), xp),
)
def xlog1py(xp: Any, x: Array, z: Array) -> Array:
    """`x * log(1 + z)`, and 0 where `x` is 0."""
    x, z = xp.floating(x), xp.floating(z)
    return xp.xlog1py(x, z)


@op(lambda g, x, xp: xp.scale(g, -1 - xp.log(x)))
def entr(xp: Any, x: Array) -> Array:
    """`-x * log(x)`: 0 at 0, where its slope is infinite, and -inf below."""
    x = xp.floating(x)
    return _typed(xp.entr(x), x, xp)
