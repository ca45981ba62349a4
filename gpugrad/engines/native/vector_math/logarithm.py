"""log, log2, log10 and log1p, by x = 2**k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2).

With s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - f**2/2 + s (f**2/2 + R(s**2)), as in fdlibm's
e_log.c (Sun Microsystems, 1993). R is minimax (Remez), of 2 atanh(s)/s - 2 in s**2.
"""

from __future__ import annotations

from functools import cache

from gpugrad.engines.native.vector_math.building_blocks import (
    Scalar,
    bits,
    polynomial,
    power_of_two,
    scalar,
)
from gpugrad.engines.native.vector_math.exp_functions import LOG2_E, LOG_2
from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE, Format

LOG10_E = 0.4342944819032518
LOG10_2 = {
    SINGLE: SINGLE.reals(0.301025390625, 4.605039e-06),
    DOUBLE: DOUBLE.reals(0.301029995663157, 8.241712586023572e-13),
}
"""log10(2) as a sum, of which the first ends in so many zeros that its product with k is exact."""

# fmt: off
_R = {
    SINGLE: SINGLE.reals(0.2987079620361328, 0.39977583289146423, 0.6666677594184875, 0.0),
    DOUBLE: DOUBLE.reals(
        0.147956220189428, 0.1531408585929277, 0.18183562816598847, 0.22222198605609664,
        0.2857142874202406, 0.3999999999941665, 0.6666666666666734, 0.0,
    ),
}
# fmt: on


@cache
def _make_split(of: Format) -> Scalar:
    """`split(x)`: k and f of a positive normal x."""
    whole, shift = of.whole, of.mantissa
    low = int(of.real(0.5**0.5).view(whole))
    up = int(of.real(1).view(whole)) - low
    mask, exponents = (1 << shift) - 1, 2 * of.bias + 1
    # 2**mantissa + n has the whole number n in its lowest bits: no instruction turns it to a float.
    to_whole = int(of.real(2.0**shift).view(whole))
    from_whole, one = of.reals(2.0**shift + of.bias, 1)

    @scalar
    def split(x: float) -> object:
        raised = whole(bits(x) + up)
        k = bits(whole(((raised >> shift) & exponents) | to_whole)) - from_whole
        return k, bits(whole((raised & mask) + low)) - one

    return split


@cache
def _make_assemble(of: Format) -> Scalar:
    """`assemble(k, f)`: k log(2) + log(1 + f)."""
    (log2_high, log2_low), r, (half, two) = LOG_2[of], _R[of], of.reals(0.5, 2)

    @scalar
    def assemble(k: float, f: float) -> object:
        s = f / (two + f)
        half_square = half * f * f
        small = s * (half_square + polynomial(s * s, r)) + k * log2_low
        return k * log2_high - ((half_square - small) - f)

    return assemble


@cache
def _make_assemble_log2(of: Format) -> Scalar:
    """`assemble(k, f)`: k + log2(1 + f), which is whole where it should be."""
    natural, zero, log2_e = _make_assemble(of), *of.reals(0, LOG2_E)

    @scalar
    def assemble(k: float, f: float) -> object:
        return natural(zero, f) * log2_e + k

    return assemble


@cache
def _make_assemble_log10(of: Format) -> Scalar:
    """`assemble(k, f)`: k log10(2) + log10(1 + f)."""
    natural, zero, log10_e = _make_assemble(of), *of.reals(0, LOG10_E)
    log10_high, log10_low = LOG10_2[of]

    @scalar
    def assemble(k: float, f: float) -> object:
        return natural(zero, f) * log10_e + k * log10_low + k * log10_high

    return assemble


def make_log(of: Format, assemble: Scalar) -> Scalar:
    """A logarithm, of which `assemble` gives that of 2**k (1 + f)."""
    split = _make_split(of)
    smallest, zero, infinity, nan = of.reals(of.smallest_normal, 0, float("inf"), float("nan"))
    shift, up = of.reals(of.mantissa + 1, 2.0 ** (of.mantissa + 1))

    @scalar
    def log(x: float) -> float:
        tiny = x < smallest
        k, f = split(x * up if tiny else x)
        y = assemble(k - shift if tiny else k, f)
        y = y if x < infinity else x
        return y if x > zero else (-infinity if x == zero else nan)

    return log


def make_log1p(of: Format) -> Scalar:
    split, assemble = _make_split(of), _make_assemble(of)
    zero, one, infinity, nan = of.reals(0, 1, float("inf"), float("nan"))
    tiny, most = of.reals(2.0 ** -(of.mantissa + 2), of.bias)

    @scalar
    def log1p(x: float) -> float:
        u = x + one
        lost = one - (u - x) if x > one else x - (u - one)
        k, f = split(u)
        y = assemble(k, f + lost * power_of_two(-(most if k > most else k)))
        y = y if x < infinity else x
        y = y if u > zero else (-infinity if u == zero else nan)
        return x if abs(x) < tiny else y        # keeps -0.0, and every bit of the smallest

    return log1p


log_f32, log_f64 = (make_log(of, _make_assemble(of)) for of in (SINGLE, DOUBLE))
log2_f32, log2_f64 = (make_log(of, _make_assemble_log2(of)) for of in (SINGLE, DOUBLE))
log10_f32, log10_f64 = (make_log(of, _make_assemble_log10(of)) for of in (SINGLE, DOUBLE))
log1p_f32, log1p_f64 = make_log1p(SINGLE), make_log1p(DOUBLE)
