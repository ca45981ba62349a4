"""erf: near 0 it is x + x E(x**2), and beyond 1 - exp(-Q(|x|)).

Q is -log(erfc), whose error counts less the further it is from 0. Both are minimax (Remez) with the
weight of the result.
"""

from __future__ import annotations

from gpugrad.engines.native.vector_math.building_blocks import (
    Scalar,
    polynomial,
    scalar,
    with_sign,
)
from gpugrad.engines.native.vector_math.exp_functions import make_exp_inside
from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE, Format

NEAR = 0.9375
START = 0.875
"""Q is a polynomial in |x| - START."""

# fmt: off
_E = {
    SINGLE: SINGLE.reals(
        8.267460361821577e-05, -0.0008118075202219188, 0.005198829807341099, -0.02685849741101265,
        0.1128367930650711, -0.37612631916999817, 0.12837916612625122,
    ),
    DOUBLE: DOUBLE.reals(
        -8.219857180731615e-10, 1.392930911491041e-08, -1.6253040844485227e-07,
        1.6452780583934794e-06, -1.4925136106350042e-05, 0.00012055313985586438,
        -0.0008548326559859956, 0.005223977618249024, -0.026866170644470964, 0.11283791670951986,
        -0.3761263890318369, 0.12837916709551256,
    ),
}
_Q = {
    SINGLE: SINGLE.reals(
        -0.0001949423603946343, 0.0020102043636143208, -0.011156189255416393, 0.04680686444044113,
        0.8265637159347534, 2.4302175045013428, 1.5328245162963867,
    ),
    DOUBLE: DOUBLE.reals(
        6.412313467062596e-12, -1.6620543503786925e-10, 1.958239634031e-09,
        -1.3717760179903563e-08, 6.127961654960813e-08, -1.5800549248910637e-07,
        1.2456660329258185e-09, 2.214288776747041e-06, -1.2333992014909907e-05,
        3.949874546930899e-05, -5.9354170460995194e-05, -0.00020075858173105037,
        0.002143989692365869, -0.01132333816259162, 0.04689605437187272, 0.8265416933480951,
        2.430219722954257, 1.5328244365985613,
    ),
}
# fmt: on


def make_erf(of: Format, one_beyond: float) -> Scalar:
    """erf, whose size is 1 to the last bit from `one_beyond` on."""
    exp, inner, outer = make_exp_inside(of), _E[of], _Q[of]
    one, near, start, one_beyond = of.reals(1, NEAR, START, one_beyond)

    @scalar
    def erf(x: float) -> float:
        size = abs(x)
        size = one_beyond if size > one_beyond else size    # a NaN stays
        inside = polynomial(size * size, inner) * size + size
        outside = one - exp(-polynomial(size - start, outer))
        return with_sign(inside if size < near else outside, x)  # type: ignore[no-any-return]

    return erf


erf_f32, erf_f64 = make_erf(SINGLE, 4.0), make_erf(DOUBLE, 6.0)
