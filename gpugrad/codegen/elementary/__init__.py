"""Elementary functions of one number, each described once for all that print code.

A description is arithmetic and choices between two values already computed, without calls and
without jumps, so that a loop over it is vector instructions. It is given a writer and a number, and
gives the number that comes out; which language that is in, and how many lanes it has, is the
writer's own. `FUNCTIONS` names them all; none is off by more than 2 ulp, but `expm1` and `sigmoid`
by 2.5, `tan` by 4 and `tanh_slope` by 5, on processors without FMA too.

Where `limit` is not None, a function is right for |x| up to it, for NaN and for infinity. Beyond,
the C library's function of that name has to be called, in float64. In a loop of its own, since the
call would keep the first one scalar: the first one notes whether any |x| was beyond.

Zeros keep their sign, overflow gives infinity, and what is too small for a normal number comes out
as a denormal one.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.codegen.elementary.error_function import erf
from gpugrad.codegen.elementary.exp_functions import exp, expm1
from gpugrad.codegen.elementary.formats import FORMATS
from gpugrad.codegen.elementary.hyperbolic import sigmoid, tanh, tanh_slope
from gpugrad.codegen.elementary.logarithm import log, log1p, log2, log10
from gpugrad.codegen.elementary.notation import Description, Number, Writer
from gpugrad.codegen.elementary.trigonometric import LIMIT, cos, sin, tan

__all__ = ["FUNCTIONS", "Description", "Elementary", "Number", "Writer"]


@dataclass(frozen=True)
class Elementary:
    """A function of one number; beyond `limit` the C library's has to be called."""

    describe: Description
    limit: float | None


_EVERYWHERE: tuple[Description, ...] = (
    exp, expm1, log, log1p, log2, log10, tanh, tanh_slope, sigmoid, erf,
)  # fmt: skip
_WITHIN_A_LIMIT: tuple[Description, ...] = (sin, cos, tan)

FUNCTIONS: dict[tuple[str, str], Elementary] = {
    (describe.__name__, dtype): Elementary(describe, limit)
    for dtype in FORMATS
    for descriptions, limit in ((_EVERYWHERE, None), (_WITHIN_A_LIMIT, LIMIT[dtype]))
    for describe in descriptions
}
"""By the name of the primitive and of the dtype."""
