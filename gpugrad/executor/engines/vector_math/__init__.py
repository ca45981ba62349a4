"""Elementary functions of one number whose loops become vector instructions.

A call of the C library in a loop keeps it scalar. Each function here is arithmetic and choices, so
that `for i in range(n): y[i] = sin_f32(x[i])`, alone or among other arithmetic, becomes vector
instructions under `fastmath={"contract"}`, and stays right without. `FUNCTIONS` names them all.

A function whose `limit` is not None is right only up to that size of its argument; infinity and NaN
are right too. Beyond, `exact` has to be called, outside the loop which is to be vectorised:

    beyond = False
    for i in range(start, stop):
        beyond |= abs(x[i]) > limit
        y[i] = function(x[i])
    if beyond:
        for i in range(start, stop):
            y[i] = exact(x[i])

Zeros keep their sign, overflow gives infinity, and what is too small for a normal number comes out
as a denormal one. Importing this package imports Numba.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.executor.engines.vector_math.error_function import erf_f32, erf_f64
from gpugrad.executor.engines.vector_math.exponential import (
    exp_f32,
    exp_f64,
    expm1_f32,
    expm1_f64,
)
from gpugrad.executor.engines.vector_math.hyperbolic import (
    sigmoid_f32,
    sigmoid_f64,
    tanh_f32,
    tanh_f64,
)
from gpugrad.executor.engines.vector_math.logarithm import (
    log1p_f32,
    log1p_f64,
    log_f32,
    log_f64,
)
from gpugrad.executor.engines.vector_math.primitives import Scalar
from gpugrad.executor.engines.vector_math.trigonometric import (
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
    ("sin", "float32"): VectorFunction(sin_f32, LIMIT_F32, sin_exact_f32),
    ("sin", "float64"): VectorFunction(sin_f64, LIMIT_F64, sin_exact_f64),
    ("cos", "float32"): VectorFunction(cos_f32, LIMIT_F32, cos_exact_f32),
    ("cos", "float64"): VectorFunction(cos_f64, LIMIT_F64, cos_exact_f64),
    ("tanh", "float32"): VectorFunction(tanh_f32, None, tanh_f32),
    ("tanh", "float64"): VectorFunction(tanh_f64, None, tanh_f64),
    ("sigmoid", "float32"): VectorFunction(sigmoid_f32, None, sigmoid_f32),
    ("sigmoid", "float64"): VectorFunction(sigmoid_f64, None, sigmoid_f64),
    ("erf", "float32"): VectorFunction(erf_f32, None, erf_f32),
    ("erf", "float64"): VectorFunction(erf_f64, None, erf_f64),
}
"""By the name of the primitive and of the dtype."""
