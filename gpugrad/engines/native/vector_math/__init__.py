"""Elementary functions of one number whose loops become vector instructions.

A call of the C library in a loop keeps it scalar. Each function here is arithmetic and choices, so
that `for i in range(n): y[i] = sin_f32(x[i])`, alone or among other arithmetic, becomes vector
instructions under `fastmath={"contract"}`. `FUNCTIONS` names them all; none is off by more than
2 ulp, but `expm1` and `sigmoid` by 2.5 and `tan` by 4, on processors without FMA too.

Where `limit` is not None, a function is right for |x| up to it, for NaN and for infinity. Beyond,
`exact` has to be called, in a second loop, since its call would keep the first one scalar:

    beyond = False
    for i in range(n):
        beyond |= abs(x[i]) > limit
        y[i] = function(x[i])
    if beyond:
        for i in range(n):
            y[i] = exact(x[i])

For long arrays do so block by block, on slices or from an unsigned start: with a signed start,
Numba's wrapping of negative indices keeps the loop scalar, and so does `max` over floats in place
of `|=`. `limit`, as every number in such a loop, has to be of the dtype of `x`.

Zeros keep their sign, overflow gives infinity, and what is too small for a normal number comes out
as a denormal one. Importing this package imports Numba.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.engines.native.vector_math.building_blocks import Scalar
from gpugrad.engines.native.vector_math.error_function import erf_f32, erf_f64
from gpugrad.engines.native.vector_math.exp_functions import (
    exp_f32,
    exp_f64,
    expm1_f32,
    expm1_f64,
)
from gpugrad.engines.native.vector_math.hyperbolic import (
    sigmoid_f32,
    sigmoid_f64,
    tanh_f32,
    tanh_f64,
    tanh_slope_f32,
    tanh_slope_f64,
)
from gpugrad.engines.native.vector_math.logarithm import (
    log1p_f32,
    log1p_f64,
    log2_f32,
    log2_f64,
    log10_f32,
    log10_f64,
    log_f32,
    log_f64,
)
from gpugrad.engines.native.vector_math.trigonometric import (
    LIMIT_F32,
    LIMIT_F64,
    cos_exact_f32,
    cos_exact_f64,
    cos_f32,
    cos_f64,
    sin_exact_f32,
    sin_exact_f64,
    sin_f32,
    sin_f64,
    tan_exact_f32,
    tan_exact_f64,
    tan_f32,
    tan_f64,
)


@dataclass(frozen=True)
class VectorFunction:
    """A compiled function of one number. `exact` is it, or what to call beyond `limit`."""

    function: Scalar
    limit: float | None
    exact: Scalar


FUNCTIONS: dict[tuple[str, str], VectorFunction] = {
    ("exp", "float32"): VectorFunction(exp_f32, None, exp_f32),
    ("exp", "float64"): VectorFunction(exp_f64, None, exp_f64),
    ("expm1", "float32"): VectorFunction(expm1_f32, None, expm1_f32),
    ("expm1", "float64"): VectorFunction(expm1_f64, None, expm1_f64),
    ("log", "float32"): VectorFunction(log_f32, None, log_f32),
    ("log", "float64"): VectorFunction(log_f64, None, log_f64),
    ("log1p", "float32"): VectorFunction(log1p_f32, None, log1p_f32),
    ("log1p", "float64"): VectorFunction(log1p_f64, None, log1p_f64),
    ("log2", "float32"): VectorFunction(log2_f32, None, log2_f32),
    ("log2", "float64"): VectorFunction(log2_f64, None, log2_f64),
    ("log10", "float32"): VectorFunction(log10_f32, None, log10_f32),
    ("log10", "float64"): VectorFunction(log10_f64, None, log10_f64),
    ("sin", "float32"): VectorFunction(sin_f32, LIMIT_F32, sin_exact_f32),
    ("sin", "float64"): VectorFunction(sin_f64, LIMIT_F64, sin_exact_f64),
    ("cos", "float32"): VectorFunction(cos_f32, LIMIT_F32, cos_exact_f32),
    ("cos", "float64"): VectorFunction(cos_f64, LIMIT_F64, cos_exact_f64),
    ("tan", "float32"): VectorFunction(tan_f32, LIMIT_F32, tan_exact_f32),
    ("tan", "float64"): VectorFunction(tan_f64, LIMIT_F64, tan_exact_f64),
    ("tanh", "float32"): VectorFunction(tanh_f32, None, tanh_f32),
    ("tanh", "float64"): VectorFunction(tanh_f64, None, tanh_f64),
    ("tanh_slope", "float32"): VectorFunction(tanh_slope_f32, None, tanh_slope_f32),
    ("tanh_slope", "float64"): VectorFunction(tanh_slope_f64, None, tanh_slope_f64),
    ("sigmoid", "float32"): VectorFunction(sigmoid_f32, None, sigmoid_f32),
    ("sigmoid", "float64"): VectorFunction(sigmoid_f64, None, sigmoid_f64),
    ("erf", "float32"): VectorFunction(erf_f32, None, erf_f32),
    ("erf", "float64"): VectorFunction(erf_f64, None, erf_f64),
}
"""By the name of the primitive and of the dtype."""
