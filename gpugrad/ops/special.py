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
    """Error function: 2/√π times the integral of `exp(-t²)` from 0 to `x`.

    It rises from -1 to 1. On NumPy, `x` may be complex.

    Example:
        >>> gg.erf(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.842701])
        >>> gg.grad(gg.erf)(0.0).round(6)
        np.float64(1.128379)
    """
    x = xp.floating(x)
    return typed(xp.erf(x), x, xp)


@op(
    lambda g, x, xp: xp.scale(g, -2 / sqrt(pi) * xp.exp(-x * x)),
    edges="complex numbers on NumPy alone",
    reference="scipy.special.erfc",
)
def erfc(xp: Namespace, x: Array) -> Array:
    """Complementary error function, `1 - erf(x)`, accurate for large `x`.

    On NumPy, `x` may be complex.

    Example:
        >>> x = np.array([10.0])
        >>> gg.log(gg.erfc(x)).round(4), 1 - gg.erf(x)
        (array([-102.8799]), array([0.]))
    """
    x = xp.floating(x)
    return typed(xp.erfc(x), x, xp)


@op(
    lambda g, x, xp: xp.scale(g, xp.exp(-x * x / 2) / sqrt(2 * pi)),
    edges="complex numbers on NumPy alone",
    reference="scipy.special.ndtr",
)
def ndtr(xp: Namespace, x: Array) -> Array:
    """Cumulative distribution function of the standard normal distribution.

    On NumPy, `x` may be complex. The gradient is the density.

    Example:
        >>> gg.ndtr(np.array([0.0, 1.96])).round(4)
        array([0.5  , 0.975])
        >>> gg.grad(gg.ndtr)(0.0).round(6)
        np.float64(0.398942)
    """
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
    """Logarithm of `ndtr(x)`, accurate for very negative `x`, where `ndtr(x)` rounds to 0.

    On NumPy, `x` may be complex.

    Example:
        >>> x = np.array([-100.0])
        >>> gg.log_ndtr(x).round(4), gg.ndtr(x)
        (array([-5005.5242]), array([0.]))
        >>> gg.grad(gg.log_ndtr)(-100.0).round(4)
        np.float64(100.01)
    """
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
    """Scaled complementary error function, `exp(x * x) * erfc(x)`, which is never 0.

    Far above 0 it is small, about 1/(√π x); far below it overflows.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.erfcx(np.array([0.0, 100.0])).round(6)
        array([1.      , 0.005642])
        >>> gg.grad(gg.erfcx)(0.0).round(6)
        np.float64(-1.128379)
    """
    check_real("erfcx", x)
    x = xp.floating(x)
    return typed(xp.erfcx(x), x, xp)


@op(lambda g, y, xp: xp.scale(g, sqrt(pi) / 2 * xp.exp(y * y)), reference="scipy.special.erfinv")
def erfinv(xp: Namespace, x: Array) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.erfinv(np.array([0.0, 0.5, 1.0])).round(6)
        array([0.      , 0.476936,      inf])
        >>> gg.grad(gg.erfinv)(0.0).round(6)
        np.float64(0.886227)
    """
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
    """The inverse of `ndtr`, the quantiles of the standard normal distribution.

    It is infinite at 0 and 1, and NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.ndtri(np.array([0.5, 0.975])).round(4)
        array([0.  , 1.96])
        >>> gg.grad(gg.ndtri)(0.5).round(6)
        np.float64(2.506628)
    """
    check_real("ndtri", x)
    x = xp.floating(x)
    return typed(xp.ndtri(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.digamma(x)), reference="scipy.special.gammaln")
def gammaln(xp: Namespace, x: Array) -> Array:
    """Logarithm of the absolute value of the gamma function; infinite at 0 and negative integers.

    Its gradient is `digamma`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.gammaln(np.array([1.0, 5.0, -0.5])).round(6)
        array([0.      , 3.178054, 1.265512])
        >>> gg.exp(gg.gammaln(np.array([5.0]))).round(6)
        array([24.])
    """
    check_real("gammaln", x)
    x = xp.floating(x)
    return typed(xp.gammaln(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, xp.polygamma(x, n=1)), reference="scipy.special.digamma")
def digamma(xp: Namespace, x: Array) -> Array:
    """The derivative of `gammaln`.

    It is -inf at 0 and NaN at negative integers, and its own slope is `polygamma(x, n=1)`.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.digamma(np.array([1.0, 2.0])).round(6)
        array([-0.577216,  0.422784])
        >>> gg.grad(gg.digamma)(1.0).round(6)
        np.float64(1.644934)
    """
    check_real("digamma", x)
    x = xp.floating(x)
    return typed(xp.digamma(x), x, xp)


@op(lambda g, x, n, xp: xp.scale(g, xp.polygamma(x, n=n + 1)))
def polygamma(xp: Namespace, x: Array, /, *, n: int) -> Array:
    """The `n`-th derivative of `digamma`.

    The function `gg.special.polygamma(n, x)` is the same with SciPy's order of arguments.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.polygamma(np.array([1.0, 2.0]), n=1).round(6)
        array([1.644934, 0.644934])
        >>> gg.grad(lambda x: gg.polygamma(x, n=1))(1.0).round(6)
        np.float64(-2.404114)
    """
    check_real("polygamma", x)
    x = xp.floating(x)
    return typed(xp.polygamma(x, n=n), x, xp)


def _logit_rule(g: Array, x: Array, xp: Namespace) -> Array:
    x = wide(x, xp)
    return xp.scale(g, 1 / x + 1 / (1 - x))


@op(_logit_rule, reference="scipy.special.logit")
def logit(xp: Namespace, x: Array) -> Array:
    """The inverse of `sigmoid`, `log(x / (1 - x))`; infinite at 0 and 1, NaN beyond.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.logit(np.array([0.5, 0.9])).round(6)
        array([0.      , 2.197225])
        >>> gg.grad(gg.logit)(0.5)
        array(4.)
    """
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
    """`x * log(z)`, and 0 where `x` is 0, also for `z = 0`.

    Example:
        >>> gg.xlogy(np.array([2.0, 0.0]), np.array([np.e, 0.0]))
        array([2., 0.])
        >>> gg.grad(gg.xlogy, argnums=(0, 1))(0.0, 1.0)
        (array(0.), array(0.))
    """
    x, z = xp.floating(x), xp.floating(z)
    return xp.xlogy(x, z)


@op(
    lambda g, z, xp: xp.scale(g, xp.log1p(in_dtype_of(g, z, xp))),
    lambda g, x, z, xp: _quotient(g, x, 1 + in_dtype_of(g, z, xp), xp),
    reference="scipy.special.xlog1py",
)
def xlog1py(xp: Namespace, x: Array, z: Array) -> Array:
    """`x * log(1 + z)`, accurate for small `z`, and 0 where `x` is 0, also for `z = -1`.

    Example:
        >>> gg.xlog1py(np.array([2.0, 0.0]), np.array([1.0, -1.0])).round(6)
        array([1.386294, 0.      ])
        >>> gg.grad(gg.xlog1py, argnums=1)(2.0, 0.0)
        array(2.)
    """
    x, z = xp.floating(x), xp.floating(z)
    return xp.xlog1py(x, z)


@op(lambda g, x, xp: xp.scale(g, -1 - xp.log(x)), reference="scipy.special.entr")
def entr(xp: Namespace, x: Array) -> Array:
    """The entropy of a probability, `-x * log(x)`.

    It is 0 at 0, where its slope is infinite, and -inf below.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.entr(np.array([0.0, 0.5])).round(6)
        array([0.      , 0.346574])
        >>> gg.grad(gg.entr)(1.0)
        array(-1.)
    """
    check_real("entr", x)
    x = xp.floating(x)
    return typed(xp.entr(x), x, xp)
