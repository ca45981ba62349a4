"""erf: near 0 it is x + x E(x**2), and beyond 1 - exp(-Q(|x|)).

Q is -log(erfc), whose error counts less the further it is from 0. Both are minimax (Remez) with the
weight of the result.
"""

from __future__ import annotations

from gpugrad.codegen.elementary.building_blocks import polynomial
from gpugrad.codegen.elementary.exp_functions import exp_inside
from gpugrad.codegen.elementary.notation import Writer, X

NEAR = 0.9375
START = 0.875
"""Q is a polynomial in |x| - START."""

# fmt: off
NEAR_ZERO = {
    "float32": (
        8.267460361821577e-05, -0.0008118075202219188, 0.005198829807341099, -0.02685849741101265,
        0.1128367930650711, -0.37612631916999817, 0.12837916612625122,
    ),
    "float64": (
        -8.219857180731615e-10, 1.392930911491041e-08, -1.6253040844485227e-07,
        1.6452780583934794e-06, -1.4925136106350042e-05, 0.00012055313985586438,
        -0.0008548326559859956, 0.005223977618249024, -0.026866170644470964, 0.11283791670951986,
        -0.3761263890318369, 0.12837916709551256,
    ),
}
BEYOND = {
    "float32": (
        -0.0001949423603946343, 0.0020102043636143208, -0.011156189255416393, 0.04680686444044113,
        0.8265637159347534, 2.4302175045013428, 1.5328245162963867,
    ),
    "float64": (
        6.412313467062596e-12, -1.6620543503786925e-10, 1.958239634031e-09,
        -1.3717760179903563e-08, 6.127961654960813e-08, -1.5800549248910637e-07,
        1.2456660329258185e-09, 2.214288776747041e-06, -1.2333992014909907e-05,
        3.949874546930899e-05, -5.9354170460995194e-05, -0.00020075858173105037,
        0.002143989692365869, -0.01132333816259162, 0.04689605437187272, 0.8265416933480951,
        2.430219722954257, 1.5328244365985613,
    ),
}
# fmt: on

_ONE_BEYOND = {"float32": 4.0, "float64": 6.0}
"""From where on the size of erf is 1 to the last bit."""


def erf(b: Writer[X], x: X) -> X:
    """The error function."""
    one_beyond = _ONE_BEYOND[x.dtype]
    size = b.intrinsic("fabs", x)
    size = b.select(size > one_beyond, one_beyond, size)    # a NaN stays
    inside = polynomial(size * size, NEAR_ZERO[x.dtype]) * size + size
    outside = 1.0 - exp_inside(b, -polynomial(size - START, BEYOND[x.dtype]))
    return b.intrinsic("copysign", b.select(size < NEAR, inside, outside), x)
