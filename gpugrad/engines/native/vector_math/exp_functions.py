"""exp and expm1, by x = k log(2) + r with a whole k and |r| <= log(2)/2.

log(2) is the sum of two numbers (W. J. Cody and W. Waite, 1980). The first ends in so many zeros
that its product with k is exact, so contracting to FMA changes no more than a rounding.
The polynomials are minimax (Remez), of (exp(r) - 1 - r) / r**2 with the weight of the result.
"""

from __future__ import annotations

from functools import cache

from gpugrad.engines.native.vector_math.building_blocks import (
    Scalar,
    nearest,
    polynomial,
    power_of_two,
    scalar,
)
from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE, Format

LOG2_E = 1.4426950408889634
LOG_2 = {
    SINGLE: SINGLE.reals(0.693359375, -2.12194440e-4),
    DOUBLE: DOUBLE.reals(6.93147180369123816490e-01, 1.90821492927058770002e-10),
}
"""The parts of log(2)."""

# fmt: off
_TAIL = {
    SINGLE: SINGLE.reals(
        0.0013882602797821164, 0.008367184549570084, 0.04166721925139427, 0.16666539013385773,
        0.4999999701976776,
    ),
    DOUBLE: DOUBLE.reals(
        2.505381180095767e-08, 2.762616231879064e-07, 2.755740777307036e-06, 2.48015049766771e-05,
        0.00019841269718423287, 0.00138888889317968, 0.00833333333338993, 0.041666666666576105,
        0.16666666666666588, 0.5000000000000006,
    ),
}
_TAIL_M1 = {
    SINGLE: SINGLE.reals(
        0.00019846248324029148, 0.001394165912643075, 0.008333391509950161, 0.04166634753346443,
        0.1666666567325592, 0.5,
    ),
    DOUBLE: DOUBLE.reals(
        2.0875368072683403e-09, 2.5109082413519043e-08, 2.755740281645202e-07,
        2.7557244101337105e-06, 2.4801587171987852e-05, 0.00019841269886210731,
        0.0013888888888962823, 0.008333333333321606, 0.041666666666666505, 0.16666666666666677, 0.5,
    ),
}
# fmt: on


@cache
def _make_split(of: Format) -> Scalar:
    """`split(x)`: k and r."""
    log2_e = of.real(LOG2_E)
    log2_high, log2_low = LOG_2[of]

    @scalar
    def split(x: float) -> object:
        k = nearest(x * log2_e)
        return k, (x - k * log2_high) - k * log2_low

    return split


@cache
def make_exp_inside(of: Format) -> Scalar:
    """exp, where the result is a normal number: |x| < 87 in float32, 708 in float64."""
    split, tail, one = _make_split(of), _TAIL[of], of.real(1)

    @scalar
    def exp(x: float) -> object:
        k, r = split(x)
        return (polynomial(r, tail) * (r * r) + r + one) * power_of_two(k)

    return exp


def make_exp(of: Format, lowest: float, highest: float) -> Scalar:
    """exp, which is 0 below `lowest` and infinite above `highest`."""
    split, tail = _make_split(of), _TAIL[of]
    one, half, lowest, highest = of.reals(1, 0.5, lowest, highest)

    @scalar
    def exp(x: float) -> float:
        x = highest if x > highest else x       # a NaN stays
        x = lowest if x < lowest else x
        k, r = split(x)
        # Two factors: 2**k is not a number at both ends, where the result still is one.
        first = nearest(k * half)
        y = polynomial(r, tail) * (r * r) + r + one
        return y * power_of_two(first) * power_of_two(k - first)  # type: ignore[no-any-return]

    return exp


def make_expm1(of: Format, lowest: float, highest: float) -> Scalar:
    """exp(x) - 1, which is -1 below `lowest` and infinite above `highest`."""
    split, tail = _make_split(of), _TAIL_M1[of]
    one, half, lowest, highest = of.reals(1, 0.5, lowest, highest)
    tiny = of.real(2.0 ** -(of.mantissa + 2))

    @scalar
    def expm1(x: float) -> float:
        held = highest if x > highest else x
        held = lowest if held < lowest else held
        k, r = split(held)
        scale = power_of_two(k - one)           # not 2**k, which may be too large
        y = polynomial(r, tail) * (r * r) + r
        y = scale * y + (scale - half)
        return x if abs(x) < tiny else y + y    # keeps -0.0, and every bit of the smallest

    return expm1


exp_f32 = make_exp(SINGLE, -105.0, 89.0)
exp_f64 = make_exp(DOUBLE, -746.0, 710.0)
expm1_f32 = make_expm1(SINGLE, -20.0, 89.0)
expm1_f64 = make_expm1(DOUBLE, -40.0, 710.0)
