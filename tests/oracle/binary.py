"""The real elementwise functions of two operands as the oracle computes them.

Each is value, both first derivatives, and the second ones xx, xy, yy. Conventions of gpugrad (a tie
of `maximum` is left out, the slope of `copysign` at 0 is 0) are here what they are there.
"""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from oracle import parts as p
from oracle.precision import Reference

Real = Any

def _extreme(f: Any, turn: int) -> Reference:
    return Reference(
        (
            f,
            lambda x, y: p.larger(turn * x, turn * y)[0],
            lambda x, y: p.larger(turn * x, turn * y)[1],
            p.zero,
            p.zero,
            p.zero,
        ),
        lambda x, y: x != y,
    )


def _softer(scale: Any) -> Reference:
    """`log(b**x + b**y) / log(b)` with `scale` = log(b)."""

    def f(x: Real, y: Real) -> Real:
        c = scale()
        high, low = max(x, y), min(x, y)
        return high + mp.log1p(p.exp(c * (low - high))) / c

    def bend(x: Real, y: Real) -> Real:
        return scale() * p.bell(scale() * (x - y))

    return Reference(
        (
            f,
            lambda x, y: p.logistic(scale() * (x - y)),
            lambda x, y: p.logistic(scale() * (y - x)),
            bend,
            lambda x, y: -bend(x, y),
            bend,
        ),
        lambda x, y: p.finite(x, y),
    )


def _multiple_log(shift: int) -> Reference:
    def log(y: Real) -> Real:
        return mp.log(y + shift)

    return Reference(
        (
            lambda x, y: p.ZERO if x == 0 else x * log(y),
            lambda x, y: log(y),
            lambda x, y: p.ZERO if x == 0 else x / (y + shift),
            p.zero,
            lambda x, y: 1 / (y + shift),
            lambda x, y: p.ZERO if x == 0 else -x / (y + shift) ** 2,
        ),
        lambda x, y: y > -shift and p.finite(x, y),
    )


BINARY: dict[str, Reference] = {
    "add": Reference((lambda x, y: x + y, p.one, p.one, p.zero, p.zero, p.zero), p.finite),
    "subtract": Reference(
        (lambda x, y: x - y, p.one, lambda x, y: mpf(-1), p.zero, p.zero, p.zero), p.finite
    ),
    "multiply": Reference(
        (lambda x, y: x * y, lambda x, y: y, lambda x, y: x, p.zero, p.one, p.zero), p.finite
    ),
    "divide": Reference(
        (
            lambda x, y: x / y,
            lambda x, y: 1 / y,
            lambda x, y: -x / y**2,
            p.zero,
            lambda x, y: -1 / y**2,
            lambda x, y: 2 * x / y**3,
        ),
        lambda x, y: y != 0 and p.finite(x, y),
    ),
    "power": Reference(
        (
            p.power,
            p.power_x,
            lambda x, y: mp.log(x) * x**y,
            p.power_xx,
            lambda x, y: x ** (y - 1) * (1 + y * mp.log(x)),
            lambda x, y: mp.log(x) ** 2 * x**y,
        ),
        lambda x, y: x > 0 and p.finite(x, y),
    ),
    "maximum": _extreme(max, 1),
    "minimum": _extreme(min, -1),
    "fmax": _extreme(max, 1),
    "fmin": _extreme(min, -1),
    "hypot": Reference(
        (
            p.hypotenuse,
            lambda x, y: x / p.hypotenuse(x, y),
            lambda x, y: y / p.hypotenuse(x, y),
            lambda x, y: y * y / p.hypotenuse(x, y) ** 3,
            lambda x, y: -x * y / p.hypotenuse(x, y) ** 3,
            lambda x, y: x * x / p.hypotenuse(x, y) ** 3,
        ),
        lambda x, y: (x != 0 or y != 0) and (p.finite(x) or p.finite(y)),
    ),
    "atan2": Reference(
        (
            mp.atan2,
            lambda x, y: y / (x * x + y * y),
            lambda x, y: -x / (x * x + y * y),
            lambda x, y: -2 * x * y / (x * x + y * y) ** 2,
            lambda x, y: (x * x - y * y) / (x * x + y * y) ** 2,
            lambda x, y: 2 * x * y / (x * x + y * y) ** 2,
        ),
        lambda x, y: (x != 0 or y != 0) and p.finite(x, y),
    ),
    "logaddexp": _softer(lambda: mpf(1)),
    "logaddexp2": _softer(lambda: mp.log(2)),
    "copysign": Reference(
        (
            lambda x, y: abs(x) * (1 if y >= 0 else -1),
            lambda x, y: p.sign(x) * (1 if y >= 0 else -1),
            p.zero,
            p.zero,
            p.zero,
            p.zero,
        )
    ),
    "remainder": Reference(
        (
            lambda x, y: p.rest(x, y, mp.floor),
            p.one,
            lambda x, y: -mp.floor(x / y),
            p.zero,
            p.zero,
            p.zero,
        ),
        lambda x, y: y != 0 and p.finite(x, y),
    ),
    "fmod": Reference(
        (
            lambda x, y: p.rest(x, y, p.trunc),
            p.one,
            lambda x, y: -p.trunc(x / y),
            p.zero,
            p.zero,
            p.zero,
        ),
        lambda x, y: y != 0 and p.finite(x, y),
    ),
    "xlogy": _multiple_log(0),
    "xlog1py": _multiple_log(1),
    "heaviside": Reference(
        (
            lambda x, y: y if x == 0 else mpf(x > 0),
            p.zero,
            lambda x, y: mpf(x == 0),
            p.zero,
            p.zero,
            p.zero,
        ),
        lambda x, y: p.finite(y),
    ),
}
