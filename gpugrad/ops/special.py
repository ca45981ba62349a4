"""Special functions, which come from SciPy or, for CuPy, from `cupyx.scipy`.

`gpugrad.special` has them under SciPy's names and with its order of arguments.
"""

from __future__ import annotations

from math import pi, sqrt

from gpugrad.backends import Array, Namespace
from gpugrad.backends.slopes import FAR
from gpugrad.core.op import op
from gpugrad.ops.operands import check_real, in_dtype_of, typed, wide

__all__ = [
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
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


@op(
    lambda g, x, xp: xp.scale(g, 2 / sqrt(pi) * xp.exp(-x * x)),
    edges="complex numbers on NumPy alone",
    reference="scipy.special.erf",
)
def erf(xp: Namespace, x: Array) -> Array:
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`."""
    x = xp.floating(x)
    return typed(xp.erf(x), x, xp)


@op(
    lambda g, x, xp: xp.scale(g, -2 / sqrt(pi) * xp.exp(-x * x)),
    edges="complex numbers on NumPy alone",
    reference="scipy.special.erfc",
)
def erfc(xp: Namespace, x: Array) -> Array:
    """`1 - erf(x)`, accurate for large `x`."""
    x = xp.floating(x)
    return typed(xp.erfc(x), x, xp)


@op(
    lambda g, x, xp: xp.scale(g, xp.exp(-x * x / 2) / sqrt(2 * pi)),
    edges="complex numbers on NumPy alone",
    reference="scipy.special.ndtr",
)
def ndtr(xp: Namespace, x: Array) -> Array:
    """Distribution function of the standard normal distribution."""
    x = xp.floating(x)
    return typed(xp.ndtr(x), x, xp)


_DEPTH, _DIRECT = 80, 2.0
"""How deep the continued fraction goes, and from how far below 0 on it is needed."""


def _tail(t: Array, xp: Namespace) -> Array:
    """`t + 2 / (t + 3 / (t + ...))` for `t` from `_DIRECT` on."""
    t = xp.maximum(t, _DIRECT)
    fraction = 0.5 * t + xp.sqrt(0.25 * t * t + (_DEPTH + 1))      # about what is left out
    for k in range(_DEPTH, 1, -1):
        fraction = t + k / fraction
    return fraction


def _log_ndtr_bend(g: Array, x: Array, y: Array, xp: Namespace) -> Array:
    # -y * (x + y), which cancels far below 0: there x + y is 1 / _tail(-x), of positive terms.
    fraction = _tail(xp.minimum(-x, FAR), xp)
    bend = xp.where(x < -_DIRECT, xp.minimum(y, FAR) / fraction, xp.scale(y, x + y))
    return xp.scale(g, -bend)


@op(_log_ndtr_bend, public=False)
def log_ndtr_slope(xp: Namespace, x: Array) -> Array:
    """The slope of `log_ndtr`: the density of the standard normal distribution over `ndtr(x)`."""
    x = xp.floating(x)
    return typed(xp.log_ndtr_slope(wide(x, xp)), x, xp)


@op(
    lambda g, x, xp: xp.scale(g, xp.log_ndtr_slope(wide(x, xp))),
    edges="complex numbers on NumPy alone",
    reference="scipy.special.log_ndtr",
)
def log_ndtr(xp: Namespace, x: Array) -> Array:
    """Logarithm of `ndtr(x)`, accurate for very negative `x`."""
    x = xp.floating(x)
    return typed(xp.log_ndtr(x), x, xp)


def _erfcx_rule(g: Array, x: Array, y: Array, xp: Namespace) -> Array:
    # 2 * x * y - 2 / sqrt(pi), which cancels far above 0: there it is -y over a fraction.
    wide_x, wide_y = wide(x, xp), wide(y, xp)
    above = wide_x > _DIRECT
    slope = xp.where(
        above,
        -sqrt(2) * wide_y / _tail(sqrt(2) * wide_x, xp),
        2 * xp.where(above, 0, wide_x) * wide_y - 2 / sqrt(pi),
    )
    return xp.scale(g, slope)


@op(_erfcx_rule, reference="scipy.special.erfcx")
def erfcx(xp: Namespace, x: Array) -> Array:
    """`exp(x * x) * erfc(x)` of real numbers, which is small far above 0 and never 0."""
    check_real("erfcx", x)
    x = xp.floating(x)
    return typed(xp.erfcx(x), x, xp)


@op(lambda g, y, xp: xp.scale(g, sqrt(pi) / 2 * xp.exp(y * y)), reference="scipy.special.erfinv")
def erfinv(xp: Namespace, x: Array) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond."""
    check_real("erfinv", x)
    x = xp.floating(x)
    return typed(xp.erfinv(x), x, xp)


@op(lambda g, y, x, xp: xp.scale(g, xp.ndtri(x) * y * y), public=False)
def ndtri_slope(xp: Namespace, x: Array) -> Array:
    """The slope of `ndtri`: 1 over the density of the normal distribution at `ndtri(x)`."""
    x = xp.floating(x)
    return typed(xp.ndtri_slope(wide(x, xp)), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.ndtri_slope(wide(x, xp))), reference="scipy.special.ndtri")
def ndtri(xp: Namespace, x: Array) -> Array:
    """The inverse of `ndtr`: infinite at 0 and 1, NaN beyond."""
    check_real("ndtri", x)
    x = xp.floating(x)
    return typed(xp.ndtri(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.digamma(x)), reference="scipy.special.gammaln")
def gammaln(xp: Namespace, x: Array) -> Array:
    """Logarithm of the size of the gamma function; infinite at 0 and negative integers."""
    check_real("gammaln", x)
    x = xp.floating(x)
    return typed(xp.gammaln(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.polygamma(x, n=1)), reference="scipy.special.digamma")
def digamma(xp: Namespace, x: Array) -> Array:
    """Derivative of `gammaln`, of real numbers."""
    check_real("digamma", x)
    x = xp.floating(x)
    return typed(xp.digamma(x), x, xp)


@op(lambda g, x, n, xp: xp.scale(g, xp.polygamma(x, n=n + 1)))
def polygamma(xp: Namespace, x: Array, /, *, n: int) -> Array:
    """Derivative number `n` of `digamma`."""
    check_real("polygamma", x)
    x = xp.floating(x)
    return typed(xp.polygamma(x, n=n), x, xp)


def _logit_rule(g: Array, x: Array, xp: Namespace) -> Array:
    x = wide(x, xp)
    return xp.scale(g, 1 / x + 1 / (1 - x))


@op(_logit_rule, reference="scipy.special.logit")
def logit(xp: Namespace, x: Array) -> Array:
    """`log(x / (1 - x))`, the inverse of `expit`; infinite at 0 and 1, NaN beyond."""
    check_real("logit", x)
    x = xp.floating(x)
    return typed(xp.logit(x), x, xp)


def _quotient(g: Array, x: Array, y: Array, xp: Namespace) -> Array:
    """`g * x / y`, and 0 where both are: the slope in `x` is `1 / y` also where `x` is 0."""
    return xp.scale(g, xp.where((x == 0) & (y == 0), 0, x / y))


@op(
    lambda g, z, xp: xp.scale(g, xp.log(in_dtype_of(g, z, xp))),
    lambda g, x, z, xp: _quotient(g, x, in_dtype_of(g, z, xp), xp),
    edges="the second derivatives are exact where the first operand is 0",
    reference="scipy.special.xlogy",
)
def xlogy(xp: Namespace, x: Array, z: Array) -> Array:
    """`x * log(z)`, and 0 where `x` is 0."""
    x, z = xp.floating(x), xp.floating(z)
    return xp.xlogy(x, z)


@op(
    lambda g, z, xp: xp.scale(g, xp.log1p(in_dtype_of(g, z, xp))),
    lambda g, x, z, xp: _quotient(g, x, 1 + in_dtype_of(g, z, xp), xp),
    reference="scipy.special.xlog1py",
)
def xlog1py(xp: Namespace, x: Array, z: Array) -> Array:
    """`x * log(1 + z)`, and 0 where `x` is 0."""
    x, z = xp.floating(x), xp.floating(z)
    return xp.xlog1py(x, z)


@op(lambda g, x, xp: xp.scale(g, -1 - xp.log(x)), reference="scipy.special.entr")
def entr(xp: Namespace, x: Array) -> Array:
    """`-x * log(x)`: 0 at 0, where its slope is infinite, and -inf below."""
    check_real("entr", x)
    x = xp.floating(x)
    return typed(xp.entr(x), x, xp)
