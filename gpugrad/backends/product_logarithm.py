"""The real branches of the inverse of `w * exp(w)`, by an iteration of the fourth order.

Source: F. N. Fritsch, R. E. Shafer, W. P. Crowley, Solution of the transcendental equation
w * exp(w) = x, Communications of the ACM 16 (1973).
"""

from __future__ import annotations

from math import e, inf, nan

from gpugrad.backends.dtypes import DOUBLE
from gpugrad.types import Array, Functions

_MEET, _REST = 0.36787944117144233, -1.2428753672788363e-17
"""1/e in two parts: below its negative there is no real solution, and there the branches meet."""

_SERIES = (
    1, -1 / 3, 11 / 72, -43 / 540, 769 / 17280, -221 / 8505, 680863 / 43545600, -1963 / 204120,
    226287557 / 37623398400,
)  # fmt: skip
"""Of `w + 1` in powers of `sqrt(2 * (e * x + 1))`, or its negative for branch -1."""

_NEAR = 0.05
"""Below it, the series has all digits, and the iteration loses some."""


def real(xp: Functions, x: Array, k: int) -> Array:
    """Branch 0 or -1 for real `x`, computed in double precision."""
    given, x = x, xp.astype(x, DOUBLE)
    square = 2 * e * ((xp.minimum(x, 1.0) + _MEET) + _REST)
    inside = (square >= 0) & (x != 0) & xp.isfinite(x)
    if k:
        inside = inside & (x < 0)
    x = xp.where(inside, x, -0.2)
    p = xp.sqrt(xp.where(inside, square, 1.0))
    p = -p if k else p
    series = xp.zeros_like(p)
    for factor in reversed(_SERIES):
        series = p * (factor + series)
    series = series - 1
    log = xp.log(-x) if k else xp.log1p(x)
    if k:
        beyond = xp.where(x < -0.25, -2.0, log)
        w = xp.where(x < -0.25, series, beyond - xp.log(-beyond) + xp.log(-beyond) / beyond)
    else:
        w = xp.where(x < -0.3, series, log * (1 - xp.log1p(log) / (2 + log)))
    near = xp.abs(p) < _NEAR
    w = xp.where(near, -0.5, w)
    for _ in range(4):
        rest = (log - xp.log(-w) if k else xp.log(x / w)) - w
        turn = 2 * (1 + w) * (1 + w + 2 / 3 * rest)
        w = w * (1 + rest / (1 + w) * (turn - rest) / (turn - 2 * rest))
    w = xp.where(near, series, w)
    if k:
        ends = xp.where(given == 0, -inf, nan)
    else:
        ends = xp.where((given == 0) | (given == inf), given, nan)
    return xp.astype(xp.where(inside, w, ends), given.dtype)
