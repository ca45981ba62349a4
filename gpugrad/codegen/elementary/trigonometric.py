"""sin, cos and tan, by x = k pi/2 + r with a whole k and |r| <= pi/4.

pi/2 is the sum of three numbers of full width, each product with k is subtracted with one rounding:
the first difference is exact, and the other two keep what cancellation brings up. `fma` is spelt
out, since two roundings in place of one lose it. The functions share all but the last choice, so
that a loop which needs several pays once.
The polynomials are minimax (Remez) in r**2, of what follows the terms of lowest power.
"""

from __future__ import annotations

from gpugrad.codegen.elementary.building_blocks import itself_where_tiny, polynomial
from gpugrad.codegen.elementary.formats import FORMATS
from gpugrad.codegen.elementary.notation import Writer, X

LIMIT = {"float32": 2.0**19, "float64": 2.0**40}
"""Up to where k is right; beyond, 1/pi is needed to more digits than a number holds."""

_PER_TURN = 0.6366197723675814
"""2/pi."""

# fmt: off
_HALF_PI = {
    "float32": (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15),
    "float64": (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
}
_SIN = {
    "float32": (-0.00019495419110171497, 0.00833201315253973, -0.16666652262210846),
    "float64": (
        1.589543312506121e-10, -2.5050734386969508e-08, 2.7557313538504357e-06,
        -0.00019841269829358514, 0.00833333333332184, -0.1666666666666663,
    ),
}
_COS = {
    "float32": (
        2.4411438062088564e-05, -0.0013887126697227359, 0.04166664183139801, -0.5, 1.0,
    ),
    "float64": (
        -1.135861698203944e-11, 2.08757031391988e-09, -2.7557314203077555e-07,
        2.4801587288965227e-05, -0.0013888888888873307, 0.041666666666666595, -0.5, 1.0,
    ),
}
# fmt: on


def sin(b: Writer[X], x: X) -> X:
    """The sine of x in radians."""
    k, sin_r, cos_r = _turn(b, x)
    y = _signed(b, b.select(_odd(k), cos_r, sin_r), k)
    return itself_where_tiny(b, x, y)


def cos(b: Writer[X], x: X) -> X:
    """The cosine of x in radians."""
    k, sin_r, cos_r = _turn(b, x)
    return _signed(b, b.select(_odd(k), sin_r, cos_r), k + 1)


def tan(b: Writer[X], x: X) -> X:
    """The tangent of x in radians."""
    k, sin_r, cos_r = _turn(b, x)
    odd = _odd(k)
    y = b.select(odd, -cos_r, sin_r) / b.select(odd, sin_r, cos_r)
    return itself_where_tiny(b, x, y)


def _turn(b: Writer[X], x: X) -> tuple[X, X, X]:
    """`k` modulo 4 in the lowest bits of an integer, `sin(r)`, and `cos(r)`."""
    magic = FORMATS[x.dtype].magic
    shifted = x * _PER_TURN + magic
    k = shifted - magic
    r = x
    for part in _HALF_PI[x.dtype]:
        r = b.intrinsic("fma", k, -part, r)
    square = r * r
    sin_r = polynomial(square, _SIN[x.dtype]) * (square * r) + r
    return b.bits(shifted), sin_r, polynomial(square, _COS[x.dtype])


def _odd(k: X) -> X:
    return (k & 1) > 0


def _signed(b: Writer[X], y: X, k: X) -> X:
    """`-y` where k is 2 or 3 modulo 4."""
    return b.bits(b.bits(y) ^ ((k & 2) << (FORMATS[y.dtype].width - 2)))
