"""tanh with its slope, and the logistic function, which is (1 + tanh(x/2)) / 2.

Near 0, where 1 - 2 / (exp(2x) + 1) cancels, tanh(x) = x + x**3 T(x**2) with a minimax T (Remez).
"""

from __future__ import annotations

from gpugrad.codegen.elementary.building_blocks import polynomial
from gpugrad.codegen.elementary.exp_functions import exp, exp_inside
from gpugrad.codegen.elementary.notation import Writer, X

NEAR = 0.625

# fmt: off
_TANH = {
    "float32": (
        -0.0056922961957752705, 0.02062816731631756, -0.05373651534318924, 0.13331405818462372,
        -0.3333328068256378,
    ),
    "float64": (
        -1.60692043926054e-05, 7.713749637134178e-05, -0.0002285581746698993,
        0.0005863135549986421, -0.0014549579656886952, 0.0035919889958308275,
        -0.008863220980515911, 0.021869487574402317, -0.053968253931193665, 0.13333333333261932,
        -0.33333333333332854,
    ),
}
# fmt: on

_ONE_BEYOND = {"float32": 10.0, "float64": 20.0}
"""From where on the size of tanh is 1 to the last bit."""


def tanh(b: Writer[X], x: X) -> X:
    """The hyperbolic tangent."""
    one_beyond = _ONE_BEYOND[x.dtype]
    size = b.intrinsic("fabs", x)
    size = b.select(size > one_beyond, one_beyond, size)    # a NaN stays
    square = size * size
    inside = polynomial(square, _TANH[x.dtype]) * (square * size) + size
    outside = 1.0 - 2.0 / (exp_inside(b, size + size) + 1.0)
    return b.intrinsic("copysign", b.select(size < NEAR, inside, outside), x)


def tanh_slope(b: Writer[X], x: X) -> X:
    """1 / cosh(x)**2, by exp(-2|x|)."""
    small = exp(b, -2.0 * b.intrinsic("fabs", x))
    both = small + 1.0
    return 4.0 * small / (both * both)


def sigmoid(b: Writer[X], x: X) -> X:
    """1 / (1 + exp(-x)), by that exponential of x and -x which is at most 1."""
    small = exp(b, -b.intrinsic("fabs", x))
    return b.select(x < 0.0, small, 1.0) / (small + 1.0)
