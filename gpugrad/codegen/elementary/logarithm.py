"""log, log2, log10 and log1p, by x = 2**k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2).

With s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - f**2/2 + s (f**2/2 + R(s**2)), as in fdlibm's
e_log.c (Sun Microsystems, 1993). R is minimax (Remez), of 2 atanh(s)/s - 2 in s**2.
"""

from __future__ import annotations

from math import inf, nan

from gpugrad.codegen.elementary.building_blocks import itself_where_tiny, polynomial, power_of_two
from gpugrad.codegen.elementary.exp_functions import LOG2_E, LOG_2
from gpugrad.codegen.elementary.formats import FORMATS
from gpugrad.codegen.elementary.notation import Writer, X

LOG10_E = 0.4342944819032518
LOG10_2 = {
    "float32": (0.301025390625, 4.605039e-06),
    "float64": (0.301029995663157, 8.241712586023572e-13),
}
"""log10(2) as a sum, of which the first ends in so many zeros that its product with k is exact."""

# fmt: off
_R = {
    "float32": (0.2987079620361328, 0.39977583289146423, 0.6666677594184875),
    "float64": (
        0.147956220189428, 0.1531408585929277, 0.18183562816598847, 0.22222198605609664,
        0.2857142874202406, 0.3999999999941665, 0.6666666666666734,
    ),
}
# fmt: on


def log(b: Writer[X], x: X) -> X:
    """The natural logarithm."""
    return _special(b, x, x, _natural(*_split_any(b, x)))


def log2(b: Writer[X], x: X) -> X:
    """The logarithm to base 2, which is whole where it should be."""
    k, f = _split_any(b, x)
    return _special(b, x, x, _of_mantissa(f) * LOG2_E + k)


def log10(b: Writer[X], x: X) -> X:
    """The logarithm to base 10."""
    high, low = LOG10_2[x.dtype]
    k, f = _split_any(b, x)
    return _special(b, x, x, _of_mantissa(f) * LOG10_E + k * low + k * high)


def log1p(b: Writer[X], x: X) -> X:
    """log(1 + x), without the digits which that sum loses."""
    most = float(FORMATS[x.dtype].bias)
    u = x + 1.0
    lost = b.select(x > 1.0, 1.0 - (u - x), x - (u - 1.0))
    k, f = _split(b, u)
    y = _natural(k, f + lost * power_of_two(b, -b.select(k > most, most, k)))
    return itself_where_tiny(b, x, _special(b, x, u, y))


def _special(b: Writer[X], x: X, u: X, y: X) -> X:
    """The logarithm `y` of `u`, or what it is where `u`, and `x` with it, is not a positive number.

    Infinity and NaN are their own logarithms.
    """
    y = b.select(u > 0.0, y, -inf)
    y = b.select(u < 0.0, nan, y)
    return b.select(x < inf, y, x)


def _split_any(b: Writer[X], x: X) -> tuple[X, X]:
    """`k` and `f` of a positive `x`, which may be denormal."""
    of = FORMATS[x.dtype]
    up = of.mantissa + 1
    tiny = x < of.smallest_normal
    k, f = _split(b, b.select(tiny, x * 2.0**up, x))
    return b.select(tiny, k - float(up), k), f


def _split(b: Writer[X], x: X) -> tuple[X, X]:
    """`k` and `f` of a positive normal `x`."""
    of = FORMATS[x.dtype]
    low = of.pattern(0.5**0.5)
    mask, exponents = (1 << of.mantissa) - 1, 2 * of.bias + 1
    # 2**mantissa + n has the whole number n in its lowest bits: no instruction turns it to a float.
    to_whole = of.pattern(2.0**of.mantissa)
    from_whole = 2.0**of.mantissa + of.bias
    raised = b.bits(x) + (of.pattern(1.0) - low)
    k = b.bits(((raised >> of.mantissa) & exponents) | to_whole) - from_whole
    return k, b.bits((raised & mask) + low) - 1.0


def _natural(k: X, f: X) -> X:
    """`k log(2) + log(1 + f)`."""
    high, low = LOG_2[f.dtype]
    rest, half_square = _series(f)
    return k * high + (f + ((rest + k * low) - half_square))


def _of_mantissa(f: X) -> X:
    """log(1 + f)."""
    rest, half_square = _series(f)
    return f + (rest - half_square)


def _series(f: X) -> tuple[X, X]:
    """`s (f**2/2 + R(s**2))` and `f**2/2`."""
    s = f / (2.0 + f)
    square = s * s
    half_square = 0.5 * f * f
    return s * (half_square + polynomial(square, _R[f.dtype]) * square), half_square
