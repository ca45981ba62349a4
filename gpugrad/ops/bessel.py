"""Bessel functions and their kin under SciPy's names; the order has no gradient."""

from __future__ import annotations

from collections.abc import Callable

from gpugrad.backends import Array, Namespace
from gpugrad.core.op import op
from gpugrad.core.op_info import call, of
from gpugrad.errors import NotDifferentiable
from gpugrad.ops.operands import check_real, typed

__all__ = [
    "exp1",
    "expi",
    "expn",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "j0",
    "j1",
    "jv",
    "kv",
    "y0",
    "y1",
    "yv",
    "zeta",
]


def refused(name: str, operand: str) -> Callable[[Array], Array]:
    """The rule of an operand by which there is no derivative that we know."""

    def rule(g: Array) -> Array:
        raise NotDifferentiable(
            f"{name} has no derivative in {operand} here: detach it with gg.stop_gradient, or give "
            "the function a rule of your own with gg.custom_vjp."
        )

    return rule


def _over(y: Array, x: Array, xp: Namespace) -> Array:
    """`y / x` for a function of slope 1/2 at 0."""
    zero = x == 0
    return xp.where(zero, 0.5, y / xp.where(zero, 1, x))


@op(lambda g, x, xp: xp.scale(g, xp.i1(x)), reference="scipy.special.i0")
def i0(xp: Namespace, x: Array) -> Array:
    """The modified Bessel function of the first kind and order 0.

    Its slope is `i1`. For large numbers, where it overflows, see `i0e`.

    Example:
        >>> gg.special.i0(np.array([0.0, 1.0])).round(6)
        array([1.      , 1.266066])
        >>> gg.grad(gg.special.i0)(1.0).round(6)
        np.float64(0.565159)
    """
    check_real("i0", x)
    x = xp.floating(x)
    return typed(xp.i0(x), x, xp)


def _i1_rule(g: Array, x: Array, y: Array, xp: Namespace) -> Array:
    # i0 - y / x, both of which end at infinity.
    return xp.scale(g, xp.where(xp.isinf(y), xp.abs(y), xp.i0(x) - _over(y, x, xp)))


@op(_i1_rule, reference="scipy.special.i1")
def i1(xp: Namespace, x: Array) -> Array:
    """The modified Bessel function of the first kind and order 1.

    For large numbers, where it overflows, see `i1e`.

    Example:
        >>> gg.special.i1(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.565159])
        >>> gg.grad(gg.special.i1)(0.0)
        array(0.5)
    """
    check_real("i1", x)
    x = xp.floating(x)
    return typed(xp.i1(x), x, xp)


@op(
    lambda g, x, y, xp: xp.scale(g, xp.i1e(x) - xp.sign(x) * y), reference="scipy.special.i0e"
)
def i0e(xp: Namespace, x: Array) -> Array:
    """`exp(-abs(x)) * i0(x)`, which does not overflow.

    Example:
        >>> gg.special.i0e(np.array([0.0, 1000.0])).round(6)
        array([1.      , 0.012617])
        >>> gg.grad(gg.special.i0e)(1.0).round(6)
        np.float64(-0.257849)
    """
    check_real("i0e", x)
    x = xp.floating(x)
    return typed(xp.i0e(x), x, xp)


@op(
    lambda g, x, y, xp: xp.scale(g, xp.i0e(x) - _over(y, x, xp) - xp.sign(x) * y),
    reference="scipy.special.i1e",
)
def i1e(xp: Namespace, x: Array) -> Array:
    """`exp(-abs(x)) * i1(x)`, which does not overflow.

    Example:
        >>> gg.special.i1e(np.array([0.0, 1000.0])).round(6)
        array([0.      , 0.012611])
        >>> gg.grad(gg.special.i1e)(0.0)
        array(0.5)
    """
    check_real("i1e", x)
    x = xp.floating(x)
    return typed(xp.i1e(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, -xp.j1(x)), reference="scipy.special.j0")
def j0(xp: Namespace, x: Array) -> Array:
    """The Bessel function of the first kind and order 0.

    Its slope is `-j1`.

    Example:
        >>> gg.special.j0(np.array([0.0, 1.0])).round(6)
        array([1.      , 0.765198])
        >>> gg.grad(gg.special.j0)(1.0).round(6)
        np.float64(-0.440051)
    """
    check_real("j0", x)
    x = xp.floating(x)
    return typed(xp.j0(x), x, xp)


@op(lambda g, x, y, xp: xp.scale(g, xp.j0(x) - _over(y, x, xp)), reference="scipy.special.j1")
def j1(xp: Namespace, x: Array) -> Array:
    """The Bessel function of the first kind and order 1.

    Example:
        >>> gg.special.j1(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.440051])
        >>> gg.grad(gg.special.j1)(0.0)
        array(0.5)
    """
    check_real("j1", x)
    x = xp.floating(x)
    return typed(xp.j1(x), x, xp)


@op(lambda g, x, xp: xp.scale(g, -xp.y1(x)), reference="scipy.special.y0")
def y0(xp: Namespace, x: Array) -> Array:
    """The Bessel function of the second kind and order 0, of positive numbers.

    -inf at 0, NaN below. Its slope is `-y1`.

    Example:
        >>> gg.special.y0(np.array([1.0, 2.0])).round(6)
        array([0.088257, 0.510376])
        >>> gg.grad(gg.special.y0)(1.0).round(6)
        np.float64(0.781213)
    """
    check_real("y0", x)
    x = xp.floating(x)
    return typed(xp.y0(x), x, xp)


def _y1_rule(g: Array, x: Array, y: Array, xp: Namespace) -> Array:
    # y0 - y / x, which at 0 is an infinity less another.
    return xp.scale(g, xp.where(xp.isinf(y), -y, xp.y0(x) - y / x))


@op(_y1_rule, reference="scipy.special.y1")
def y1(xp: Namespace, x: Array) -> Array:
    """The Bessel function of the second kind and order 1, of positive numbers.

    -inf at 0, NaN below.

    Example:
        >>> gg.special.y1(np.array([1.0, 2.0])).round(6)
        array([-0.781213, -0.107032])
        >>> gg.grad(gg.special.y1)(1.0).round(6)
        np.float64(0.86947)
    """
    check_real("y1", x)
    x = xp.floating(x)
    return typed(xp.y1(x), x, xp)


@op(
    refused("jv", "its order"),
    lambda g, v, x, xp: xp.scale(g, (xp.jv(v - 1, x) - xp.jv(v + 1, x)) * 0.5),
    reference="scipy.special.jv",
    edges="no gradient in the order",
    example=call([1, 2, 0], of(3)),
)
def jv(xp: Namespace, v: Array, x: Array) -> Array:
    """The Bessel function of the first kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.jv(0.5, np.array([1.0, 2.0])).round(6)
        array([0.671397, 0.513016])
        >>> gg.grad(gg.special.jv, argnums=1)(0.5, 1.0).round(6)
        np.float64(0.095401)
    """
    check_real("jv", v, x)
    v, x = xp.floating(v), xp.floating(x)
    return typed(xp.jv(v, x), x, xp)


@op(
    refused("yv", "its order"),
    lambda g, v, x, xp: xp.scale(g, (xp.yv(v - 1, x) - xp.yv(v + 1, x)) * 0.5),
    reference="scipy.special.yv",
    edges="no gradient in the order",
    example=call([1, 2, 0], of(3)),
)
def yv(xp: Namespace, v: Array, x: Array) -> Array:
    """The Bessel function of the second kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.yv(0.5, np.array([1.0, 2.0])).round(6)
        array([-0.431099,  0.234786])
        >>> gg.grad(gg.special.yv, argnums=1)(0.5, 1.0).round(6)
        np.float64(0.886946)
    """
    check_real("yv", v, x)
    v, x = xp.floating(v), xp.floating(x)
    return typed(xp.yv(v, x), x, xp)


@op(
    refused("iv", "its order"),
    lambda g, v, x, xp: xp.scale(g, (xp.iv(v - 1, x) + xp.iv(v + 1, x)) * 0.5),
    reference="scipy.special.iv",
    edges="no gradient in the order",
    example=call([1, 2, 0], of(3)),
)
def iv(xp: Namespace, v: Array, x: Array) -> Array:
    """The modified Bessel function of the first kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.iv(0.5, np.array([1.0, 2.0])).round(6)
        array([0.937675, 2.046237])
        >>> gg.grad(gg.special.iv, argnums=1)(0.5, 1.0).round(6)
        np.float64(0.762363)
    """
    check_real("iv", v, x)
    v, x = xp.floating(v), xp.floating(x)
    return typed(xp.iv(v, x), x, xp)


@op(
    refused("kv", "its order"),
    lambda g, v, x, xp: xp.scale(g, (xp.kv(v - 1, x) + xp.kv(v + 1, x)) * -0.5),
    reference="scipy.special.kv",
    edges="no gradient in the order",
    example=call([1, 2, 0], of(3)),
)
def kv(xp: Namespace, v: Array, x: Array) -> Array:
    """The modified Bessel function of the second kind and real order `v`.

    Of CuPy's arrays it is computed by SciPy, on the host.

    Raises:
        NotDifferentiable: For a gradient in the order.

    Example:
        >>> gg.special.kv(0.5, np.array([1.0, 2.0])).round(6)
        array([0.461069, 0.119938])
        >>> gg.grad(gg.special.kv, argnums=1)(0.5, 1.0).round(6)
        np.float64(-0.691603)
    """
    check_real("kv", v, x)
    v, x = xp.floating(v), xp.floating(x)
    return typed(xp.kv(v, x), x, xp)


@op(
    refused("zeta", "its exponent"),
    lambda g, x, q, xp: xp.scale(g, -x * xp.zeta(x + 1, q)),
    reference="scipy.special.zeta",
    edges="no gradient in the exponent",
    example=call([2, 3, 4], of(3)),
)
def zeta(xp: Namespace, x: Array, q: Array) -> Array:
    """The Hurwitz zeta function: the sum of `(q + k)**-x` over `k` from 0 on.

    Infinite at `x = 1`. With `q = 1` it is Riemann's.

    Raises:
        NotDifferentiable: For a gradient in the exponent `x`.

    Example:
        >>> gg.special.zeta(2.0, np.array([1.0, 2.0])).round(6)
        array([1.644934, 0.644934])
        >>> gg.grad(gg.special.zeta, argnums=1)(2.0, 1.0).round(6)
        np.float64(-2.404114)
    """
    check_real("zeta", x, q)
    x, q = xp.floating(x), xp.floating(q)
    return typed(xp.zeta(x, q), q, xp)


@op(lambda g, x, xp: xp.scale(g, -xp.exp(-x) / x), reference="scipy.special.exp1")
def exp1(xp: Namespace, x: Array) -> Array:
    """The exponential integral: that of `exp(-t) / t` from `x` on, of positive numbers.

    Infinite at 0.

    Example:
        >>> gg.special.exp1(np.array([0.5, 1.0])).round(6)
        array([0.559774, 0.219384])
        >>> gg.grad(gg.special.exp1)(1.0).round(6)
        np.float64(-0.367879)
    """
    check_real("exp1", x)
    x = xp.floating(x)
    return typed(xp.exp1(x), x, xp)


def _expi_rule(g: Array, x: Array, xp: Namespace) -> Array:
    half = xp.exp(0.5 * x)                          # exp(x) may overflow where exp(x) / x does not
    return xp.scale(g, xp.where(xp.isinf(half), half, half / x * half))


@op(_expi_rule, reference="scipy.special.expi")
def expi(xp: Namespace, x: Array) -> Array:
    """The exponential integral: the principal value of that of `exp(t) / t` from -inf to `x`.

    -inf at 0.

    Example:
        >>> gg.special.expi(np.array([-1.0, 1.0])).round(6)
        array([-0.219384,  1.895118])
        >>> gg.grad(gg.special.expi)(1.0).round(6)
        np.float64(2.718282)
    """
    check_real("expi", x)
    x = xp.floating(x)
    return typed(xp.expi(x), x, xp)


def _expn_rule(g: Array, n: Array, x: Array, xp: Namespace) -> Array:
    before = xp.where(n < 1, xp.exp(-x) * (1 / x + 1) / x, xp.expn(xp.where(n < 1, 1, n) - 1, x))
    return xp.scale(g, -before)


@op(
    refused("expn", "its order"),
    _expn_rule,
    reference="scipy.special.expn",
    edges="no gradient in the order",
    example=call([1, 2, 3], of(3)),
)
def expn(xp: Namespace, n: Array, x: Array) -> Array:
    """The integral of `exp(-x * t) / t**n` from `t = 1` on, for whole numbers `n` from 0.

    Raises:
        NotDifferentiable: For a gradient in the order `n`.

    Example:
        >>> gg.special.expn(2, np.array([0.0, 1.0])).round(6)
        array([1.      , 0.148496])
        >>> gg.grad(lambda x: gg.special.expn(2, x))(1.0).round(6)
        np.float64(-0.219384)
    """
    check_real("expn", n, x)
    n, x = xp.floating(n), xp.floating(x)
    return typed(xp.expn(n, x), x, xp)
