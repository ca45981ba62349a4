"""sin, cos and tan, by x = k pi/2 + r with a whole k and |r| <= pi/4.

pi/2 is the sum of three numbers of full width, each product with k is subtracted with one rounding:
the first difference is exact, and the other two keep what cancellation brings up. `fma` is spelt
out, since two roundings in place of one lose it. The functions share all but the last choice, so
that a loop which needs several pays once.
The polynomials are minimax (Remez) in r**2, of what follows the terms of lowest power.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from gpugrad.engines.native.vector_math.building_blocks import Scalar, bits, fma, polynomial, scalar
from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE, Format

LIMIT_F32 = 2.0**19
LIMIT_F64 = 2.0**40
"""Up to where k is right; beyond, 1/pi is needed to more digits than a number holds."""

# fmt: off
_HALF_PI = {
    SINGLE: SINGLE.reals(1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15),
    DOUBLE: DOUBLE.reals(1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
}
_SIN = {
    SINGLE: SINGLE.reals(-0.00019495419110171497, 0.00833201315253973, -0.16666652262210846),
    DOUBLE: DOUBLE.reals(
        1.589543312506121e-10, -2.5050734386969508e-08, 2.7557313538504357e-06,
        -0.00019841269829358514, 0.00833333333332184, -0.1666666666666663,
    ),
}
_COS = {
    SINGLE: SINGLE.reals(
        2.4411438062088564e-05, -0.0013887126697227359, 0.04166664183139801, -0.5, 1.0,
    ),
    DOUBLE: DOUBLE.reals(
        -1.135861698203944e-11, 2.08757031391988e-09, -2.7557314203077555e-07,
        2.4801587288965227e-05, -0.0013888888888873307, 0.041666666666666595, -0.5, 1.0,
    ),
}
# fmt: on


@cache
def _make_turn(of: Format) -> Scalar:
    """`turn(x)`: k modulo 4 in the lowest bits of an integer, sin(r), and cos(r)."""
    first, second, third = of.reals(*(-part for part in _HALF_PI[of]))
    per_turn, magic = of.real(0.6366197723675814), of.magic
    sin_tail, cos_all = _SIN[of], _COS[of]

    @scalar
    def turn(x: float) -> object:
        shifted = x * per_turn + magic
        k = shifted - magic
        r = fma(k, third, fma(k, second, fma(k, first, x)))
        square = r * r
        sin = polynomial(square, sin_tail) * (square * r) + r
        return bits(shifted), sin, polynomial(square, cos_all)

    return turn


def _make_exact(function: Scalar, of: Format) -> Scalar:
    """The C library's function, in float64: right for every argument."""
    real = of.real

    @scalar
    def exact(x: float) -> object:
        return real(function(np.float64(x)))

    return exact


def make_sin(of: Format) -> Scalar:
    turn, whole, zero = _make_turn(of), of.whole, of.real(0)
    to_sign = 8 * whole(0).nbytes - 2

    @scalar
    def sin(x: float) -> float:
        k, sin_r, cos_r = turn(x)
        y = cos_r if k & 1 else sin_r
        y = bits(whole(bits(y) ^ ((k & 2) << to_sign)))
        return x if x == zero else y            # keeps -0.0

    return sin


def make_cos(of: Format) -> Scalar:
    turn, whole = _make_turn(of), of.whole
    to_sign = 8 * whole(0).nbytes - 2

    @scalar
    def cos(x: float) -> object:
        k, sin_r, cos_r = turn(x)
        y = sin_r if k & 1 else cos_r
        return bits(whole(bits(y) ^ (((k + 1) & 2) << to_sign)))

    return cos


def make_tan(of: Format) -> Scalar:
    turn, zero = _make_turn(of), of.real(0)

    @scalar
    def tan(x: float) -> float:
        k, sin_r, cos_r = turn(x)
        odd = (k & 1) != 0
        y = (-cos_r if odd else sin_r) / (sin_r if odd else cos_r)
        return x if x == zero else y            # keeps -0.0

    return tan


sin_f32, cos_f32, tan_f32 = make_sin(SINGLE), make_cos(SINGLE), make_tan(SINGLE)
sin_f64, cos_f64, tan_f64 = make_sin(DOUBLE), make_cos(DOUBLE), make_tan(DOUBLE)

sin_exact_f32, cos_exact_f32, tan_exact_f32 = (
    _make_exact(function, SINGLE) for function in (math.sin, math.cos, math.tan)
)
sin_exact_f64, cos_exact_f64, tan_exact_f64 = (
    _make_exact(function, DOUBLE) for function in (math.sin, math.cos, math.tan)
)
