"""The formulas of Student's distribution, in which the point is `z` and `w = z / sqrt(df)`."""

from __future__ import annotations

from math import log, pi

import gpugrad.special as special
from gpugrad.core.registry import namespace as ops
from gpugrad.stats.distribution import Formula
from gpugrad.types import Array

_CENTRE = 1e-3
"""How far from 0 two terms of the series are exact to rounding."""

_MANY, _MANY_INSIDE = 1e4, 200.0
"""Degrees of freedom from which on the normal distribution, corrected, is exact to rounding: in the
tails too, and without them.
"""

_FAR = 1e15
"""How far out the first term of the tail is exact to rounding."""

_LARGE = 20.0
"""From which on the series of `log_half_step` is exact to rounding."""


def or_normal(formula: Formula, normal: Formula) -> Formula:
    """A formula of a number and `df`, with that of the normal distribution for infinite `df`."""

    def either(x: Array, df: Array) -> Array:
        endless = ops.isinf(df)
        return ops.where(endless, normal(x), formula(x, ops.where(endless, 1.0, df)))

    return either


def log_half_step(x: Array) -> Array:
    """`gammaln(x + 1/2) - gammaln(x) - log(x) / 2`, whose terms cancel where `x` is large."""
    large = x > _LARGE
    near, far = ops.where(large, 1.0, x), ops.where(large, x, _LARGE)
    u = 1.0 / (far * far)
    series = (1 / 8 - u * (1 / 192 - u * (1 / 640 - u * (17 / 14336 - u * 31 / 18432)))) / far
    direct = special.gammaln(near + 0.5) - special.gammaln(near) - 0.5 * ops.log(near)
    return ops.where(large, -series, direct)


def student_log_density(z: Array, df: Array) -> Array:
    """The logarithm of the density."""
    w = z / ops.sqrt(df)
    far = ops.abs(w) > 1e8                          # where the square could overflow
    near = ops.where(far, 0.0, w)
    log_kernel = ops.where(
        far,
        (df + 1.0) * ops.log(ops.abs(ops.where(far, w, 1.0))),
        0.5 * (df + 1.0) * ops.log1p(near * near),
    )
    return log_half_step(0.5 * df) - 0.5 * log(2 * pi) - log_kernel


def _log_peak(df: Array) -> Array:
    """The logarithm of the density at 0, of z / sqrt(df)."""
    return log_half_step(0.5 * df) + 0.5 * ops.log(0.5 / pi * df)


def _is_many(df: Array, inside: Array) -> Array:
    return (df > _MANY) | ((df > _MANY_INSIDE) & inside)


def _normal_point(z: Array, df: Array) -> Array:
    """The point of the normal distribution with the probability of a `z` that is not 0.

    For a large `df`: exact to `df**-5` (G. W. Hill, Communications of the ACM 13, 617-619, 1970).
    """
    z = ops.clip(z, -1e3, 1e3)                      # beyond, nothing is left of the tail
    a = df - 0.5
    b = 48.0 * a * a
    y = a * ops.log1p(z / df * z)
    last = (((4.0 * y + 33.0) * y + 240.0) * y + 855.0) / (10.0 * b * (b + 0.8 * y * y + 100.0))
    return ops.sign(z) * ops.sqrt(y) * (1.0 + (y + 3.0) / b - last)


def student_cdf(z: Array, df: Array) -> Array:
    """The probability of at most `z`.

    By the incomplete beta function: of the share `w**2 / (1 + w**2)` in the middle, and of its rest
    in the tails. By a series around 0, where slopes of that are lost; and by the normal
    distribution for a large `df`, where the share has no digits of the rest.
    """
    w = z / ops.sqrt(df)
    series = (ops.abs(z) < _CENTRE) & (ops.abs(w) < _CENTRE)
    many = ~series & _is_many(df, ops.abs(z) < 3.0)
    square, below = w * w, z < 0
    inner = (square < 1.0) & (ops.abs(z) < 1.0)
    few = ops.where(many, 1.0, df) + ops.zeros_like(z)
    half, shape = ops.full_like(few, 0.5), 0.5 * few
    share = ops.where(inner, square, 1.0) / (1.0 + square)
    part = 0.5 * special.betainc(
        ops.where(inner, half, shape),
        ops.where(inner, shape, half),
        ops.where(series | many, 0.25, share),
    )
    far = ops.abs(w) > _FAR
    size = ops.where(far, ops.abs(w), _FAR)
    part = ops.where(far, ops.exp(_log_peak(few) - ops.log(few) - few * ops.log(size)), part)
    side = ops.where(inner, ops.where(below, 0.5 - part, 0.5 + part),
                     ops.where(below, part, 1.0 - part))  # fmt: skip
    normal = special.ndtr(_normal_point(ops.where(many, z, 1.0), ops.where(many, df, _MANY)))
    v = ops.where(series, w, 0.0)
    terms = 1.0 - (df + 1.0) * v * v * (1.0 / 6 - (df + 3.0) * v * v / 40)
    near = 0.5 + ops.exp(_log_peak(df)) * v * terms
    return ops.where(series, near, ops.where(many, normal, side))


def student_ppf(q: Array, df: Array) -> Array:
    """The inverse of `student_cdf`, in the same parts."""
    away = q - 0.5
    first = away / ops.exp(_log_peak(df))           # of z / sqrt(df), the series by its first term
    series = ops.abs(first) * ops.sqrt(df + 1.0) < _CENTRE
    many = ~series & _is_many(df, ops.abs(away) < 0.49)
    lower, inner = away < 0, ops.abs(away) < 0.25
    tail = 2.0 * ops.where(lower, q, 1.0 - q)
    few = ops.where(many, 1.0, df) + ops.zeros_like(q)
    half, shape = ops.full_like(few, 0.5), 0.5 * few
    share = special.betaincinv(
        ops.where(inner, half, shape),
        ops.where(inner, shape, half),
        ops.where(series | many, 0.5, ops.where(inner, 2.0 * ops.abs(away), tail)),
    )
    near = share > _FAR**-2
    some = ops.where(near, share, 0.5)
    odds = ops.where(inner, some / (1.0 - some), (1.0 - some) / some)
    size = ops.sqrt(ops.where(series, 1.0, odds))
    beyond = ops.exp((_log_peak(few) - ops.log(0.5 * few * ops.where(near, 0.5, tail))) / few)
    size = ops.sqrt(few) * ops.where(near | inner, size, beyond)
    side = ops.where(lower, -size, size)
    normal = _normal_inverse(ops.where(many, q, 0.75), ops.where(many, df, _MANY))
    v = ops.where(series, first, 0.0)
    terms = v * (1.0 + (df + 1.0) * v * v * (1.0 / 6 + (7.0 * df + 1.0) * v * v / 120))
    return ops.where(series, ops.sqrt(df) * terms, ops.where(many, normal, side))


def _normal_inverse(q: Array, df: Array) -> Array:
    """The `z` with `ndtr(_normal_point(z, df)) = q`, for a large `df`."""
    wanted = special.ndtri(q)
    z = wanted
    for _ in range(3):                              # Newton's steps, which end at rounding
        found = _normal_point(z, df)
        log_slope = student_log_density(z, df) + 0.5 * found * found + 0.5 * log(2 * pi)
        z = z - (found - wanted) * ops.exp(-log_slope)
    return z
