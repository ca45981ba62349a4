"""exp and expm1, by x = k log(2) + r with a whole k and |r| <= log(2)/2.

log(2) is the sum of two numbers (W. J. Cody and W. Waite, 1980). The first ends in so many zeros
that its product with k is exact, so contracting to FMA changes no more than a rounding.
The polynomials are minimax (Remez), of (exp(r) - 1 - r) / r**2 with the weight of the result.
"""

from __future__ import annotations

from gpugrad.codegen.elementary.building_blocks import (
    itself_where_tiny,
    nearest,
    polynomial,
    power_of_two,
)
from gpugrad.codegen.elementary.notation import Writer, X

LOG2_E = 1.4426950408889634
LOG_2 = {
    "float32": (0.693359375, -2.12194440e-4),
    "float64": (6.93147180369123816490e-01, 1.90821492927058770002e-10),
}
"""The parts of log(2)."""

# fmt: off
_TAIL = {
    "float32": (
        0.0013882602797821164, 0.008367184549570084, 0.04166721925139427, 0.16666539013385773,
        0.4999999701976776,
    ),
    "float64": (
        2.505381180095767e-08, 2.762616231879064e-07, 2.755740777307036e-06, 2.48015049766771e-05,
        0.00019841269718423287, 0.00138888889317968, 0.00833333333338993, 0.041666666666576105,
        0.16666666666666588, 0.5000000000000006,
    ),
}
_TAIL_M1 = {
    "float32": (
        0.00019846248324029148, 0.001394165912643075, 0.008333391509950161, 0.04166634753346443,
        0.1666666567325592, 0.5,
    ),
    "float64": (
        2.0875368072683403e-09, 2.5109082413519043e-08, 2.755740281645202e-07,
        2.7557244101337105e-06, 2.4801587171987852e-05, 0.00019841269886210731,
        0.0013888888888962823, 0.008333333333321606, 0.041666666666666505, 0.16666666666666677, 0.5,
    ),
}
# fmt: on

_RANGE = {"float32": (-105.0, 89.0), "float64": (-746.0, 710.0)}
"""Below exp is 0, and above infinite."""
_RANGE_M1 = {"float32": (-20.0, 89.0), "float64": (-40.0, 710.0)}
"""Below expm1 is -1, and above infinite."""


def exp(b: Writer[X], x: X) -> X:
    """e**x."""
    k, r = _split(_held(b, x, _RANGE[x.dtype]))
    return b.scaled(_exp_of_rest(r), k)             # at both ends 2**k is not a number


def exp_inside(b: Writer[X], x: X) -> X:
    """exp, where the result is a normal number: |x| < 87 in float32, 708 in float64."""
    k, r = _split(x)
    return b.scaled(_exp_of_rest(r), k, normal=True)


def expm1(b: Writer[X], x: X) -> X:
    """exp(x) - 1."""
    k, r = _split(_held(b, x, _RANGE_M1[x.dtype]))
    scale = power_of_two(b, k - 1.0)                # not 2**k, which may be too large
    y = polynomial(r, _TAIL_M1[x.dtype]) * (r * r) + r
    y = scale * y + (scale - 0.5)
    return itself_where_tiny(b, x, y + y)


def _held(b: Writer[X], x: X, within: tuple[float, float]) -> X:
    """`x` between two bounds; a NaN stays."""
    lowest, highest = within
    x = b.select(x > highest, highest, x)
    return b.select(x < lowest, lowest, x)


def _split(x: X) -> tuple[X, X]:
    """`k` and `r`."""
    log2_high, log2_low = LOG_2[x.dtype]
    k = nearest(x * LOG2_E)
    return k, (x - k * log2_high) - k * log2_low


def _exp_of_rest(r: X) -> X:
    """exp(r)."""
    return polynomial(r, _TAIL[r.dtype]) * (r * r) + r + 1.0
