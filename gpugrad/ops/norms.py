"""Norms of vectors. None has an intermediate result that leaves the range where it does not itself.

At 0 a norm has no slope; its gradient there is 0. Where elements are infinite, the gradient goes to
these alone, as in the limit where there is one; several share it as if they were equal.
"""

from __future__ import annotations

from math import inf, nan

from gpugrad.backends import Array, Namespace, conjugate, is_complex
from gpugrad.core.op import op
from gpugrad.ops.operands import check_real
from gpugrad.ops.reduction import count_of, spread, without
from gpugrad.types import Axis


@op(
    lambda g, x, axis, keepdims, xp: xp.scale(
        spread(g, x.shape, axis, keepdims, xp), conjugate(xp.unit_vector(x, axis=axis), xp)
    ),
    in_single=True,
    public=False,
)
def euclidean_norm(
    xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False
) -> Array:
    """Root of the sum of the squared sizes of the elements. The gradient at 0 is 0."""
    return xp.euclidean_norm(xp.floating(x), axis=axis, keepdims=keepdims)


def _unit_rule(g: Array, y: Array, x: Array, axis: Axis, xp: Namespace) -> Array:
    norm = xp.euclidean_norm(x, axis=axis, keepdims=True)
    along = xp.sum(g * y, axis=axis, keepdims=True)
    if is_complex(y.dtype):
        along = xp.real(along)
    across = g - conjugate(y, xp) * along
    return xp.where(norm == 0, 0, across / xp.where(norm == 0, 1, norm))


@op(_unit_rule, in_single=True, public=False)
def unit_vector(xp: Namespace, x: Array, /, *, axis: Axis = None) -> Array:
    """`x` divided by its euclidean norm along `axis`; 0, and so is the gradient, where that is 0.

    Of infinite elements each counts as equally large, and the others as 0.
    """
    return xp.unit_vector(xp.floating(x), axis=axis)


def _raised(x: Array, power: float, xp: Namespace) -> Array:
    return xp.power(x, xp.full_like(x, power))


def _ratio(a: Array, b: Array, power: float, xp: Namespace) -> Array:
    """`(a / b) ** power`; a small power may be in range where the quotient is not."""
    ratio = a / b
    if abs(power) > 1:
        return _raised(ratio, power, xp)
    near = (ratio > 1e-30) & (ratio < 1e30)
    apart = _raised(a, power, xp) / _raised(b, power, xp)
    return xp.where(near, _raised(xp.where(near, ratio, 1), power, xp), apart)


def _power_rule(
    g: Array, y: Array, x: Array, axis: Axis, keepdims: bool, ord: float, xp: Namespace
) -> Array:
    """Each element has a share of the norm to the power `ord - 1`."""
    g, y = (spread(part, x.shape, axis, keepdims, xp) for part in (g, y))
    size = xp.abs(x)
    none, far = (size == 0) | (y == 0), (size == inf) & (y == inf)
    hits = xp.sum(xp.astype(far, size.dtype), axis=axis, keepdims=True)
    share = _ratio(xp.where(none, 1, size), xp.where(none, 1, y), ord - 1, xp)
    share = xp.where(far, _raised(xp.where(hits == 0, 1, hits), (1 - ord) / ord, xp), share)
    turn = conjugate(x, xp) / xp.where(none, 1, size) if is_complex(x.dtype) else xp.sign(x)
    return xp.scale(g, xp.where(none, 0, share)) * turn


@op(_power_rule, in_single=True, public=False)
def power_norm(
    xp: Namespace, x: Array, /, *, ord: float, axis: Axis = None, keepdims: bool = False
) -> Array:
    """`sum(|x| ** ord) ** (1 / ord)`, where `ord` is finite and not 0.

    The gradient at 0 is 0, that of elements which are 0 too.
    """
    size = xp.abs(xp.floating(x))
    if 0 in x.shape:
        return xp.sum(size, axis=axis, keepdims=keepdims)
    leading = xp.max if ord > 0 else xp.min         # whose power is the largest
    most = leading(size, axis=axis, keepdims=True)
    most = xp.where((most > 0) & (most < inf), most, xp.ones_like(most))
    total = xp.sum(_raised(size / most, ord, xp), axis=axis, keepdims=True)
    found = _raised(total, 1 / ord, xp) * most
    return found if keepdims else xp.reshape(found, without(x.shape, axis))


def _mean_square_rule(g: Array, y: Array, x: Array, axis: Axis, xp: Namespace) -> Array:
    turn = xp.where(y == 0, 0, x / xp.where(y == 0, 1, y))
    return xp.scale(g / (count_of(x.shape, axis) or 1), turn)


@op(_mean_square_rule, in_single=True, public=False)
def root_mean_square(xp: Namespace, x: Array, /, *, axis: Axis = None, eps: float = 0.0) -> Array:
    """Root of the mean of the squares of real `x` along `axis`, which stays, and `eps`."""
    check_real("root_mean_square", x)
    x = xp.floating(x)
    if eps:
        return xp.root_mean_square(x, axis=axis, eps=eps)
    root: float = (count_of(x.shape, axis) or nan) ** 0.5
    return xp.euclidean_norm(x, axis=axis, keepdims=True) / root
