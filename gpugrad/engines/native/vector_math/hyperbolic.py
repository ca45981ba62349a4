"""tanh with its slope, and the logistic function, which is (1 + tanh(x/2)) / 2.

Near 0, where 1 - 2 / (exp(2x) + 1) cancels, tanh(x) = x + x**3 T(x**2) with a minimax T (Remez).
"""

from __future__ import annotations

from gpugrad.engines.native.vector_math.building_blocks import (
    Scalar,
    polynomial,
    scalar,
    with_sign,
)
from gpugrad.engines.native.vector_math.exp_functions import exp_f32, exp_f64, make_exp_inside
from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE, Format

NEAR = 0.625

# fmt: off
_TANH = {
    SINGLE: SINGLE.reals(
        -0.0056922961957752705, 0.02062816731631756, -0.05373651534318924, 0.13331405818462372,
        -0.3333328068256378,
    ),
    DOUBLE: DOUBLE.reals(
        -1.60692043926054e-05, 7.713749637134178e-05, -0.0002285581746698993,
        0.0005863135549986421, -0.0014549579656886952, 0.0035919889958308275,
        -0.008863220980515911, 0.021869487574402317, -0.053968253931193665, 0.13333333333261932,
        -0.33333333333332854,
    ),
}
# fmt: on


def make_tanh(of: Format, one_beyond: float) -> Scalar:
    """tanh, whose size is 1 to the last bit from `one_beyond` on."""
    exp, tail = make_exp_inside(of), _TANH[of]
    one, two, near, one_beyond = of.reals(1, 2, NEAR, one_beyond)

    @scalar
    def tanh(x: float) -> float:
        size = abs(x)
        size = one_beyond if size > one_beyond else size    # a NaN stays
        square = size * size
        inside = polynomial(square, tail) * (square * size) + size
        outside = one - two / (exp(size + size) + one)
        return with_sign(inside if size < near else outside, x)  # type: ignore[no-any-return]

    return tanh


def make_sigmoid(of: Format, exp: Scalar) -> Scalar:
    """1 / (1 + exp(-x)), by that exponential of x and -x which is at most 1."""
    zero, one = of.reals(0, 1)

    @scalar
    def sigmoid(x: float) -> object:
        small = exp(-abs(x))
        return (small if x < zero else one) / (small + one)

    return sigmoid


def make_tanh_slope(of: Format, exp: Scalar) -> Scalar:
    """1 / cosh(x)**2, by exp(-2|x|)."""
    one, two, four = of.reals(1, 2, 4)

    @scalar
    def tanh_slope(x: float) -> object:
        small = exp(-two * abs(x))
        both = small + one
        return four * small / (both * both)

    return tanh_slope


tanh_slope_f32, tanh_slope_f64 = make_tanh_slope(SINGLE, exp_f32), make_tanh_slope(DOUBLE, exp_f64)
tanh_f32, tanh_f64 = make_tanh(SINGLE, 10.0), make_tanh(DOUBLE, 20.0)
sigmoid_f32, sigmoid_f64 = make_sigmoid(SINGLE, exp_f32), make_sigmoid(DOUBLE, exp_f64)
