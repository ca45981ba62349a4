"""Special functions of CuPy's arrays, mended where they leave what SciPy finds.

They are those of `cupyx.scipy.special`, and SciPy's own on the host where CuPy has none.

Kernels compute in double precision, whatever the dtype of their operands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpugrad.backends.dtypes import WIDER, result_type
from gpugrad.errors import BackendUnavailable, UnsupportedOperand
from gpugrad.types import ArrayFunction

if TYPE_CHECKING:
    import cupy

REAL = frozenset(
    """
    betainc betaincinv betaln erf erfc erfcx erfinv exp1 expi expn gamma gammainc gammaincc
    gammainccinv gammaincinv gammaln i0 i0e i1 i1e j0 j1 log_ndtr ndtr ndtri y0 y1 zeta
    """.split()
)
"""Functions that are there for real numbers alone; SciPy has some of them of complex ones."""

ON_HOST = frozenset(("iv", "jv", "kv", "yv"))
"""Functions that CuPy has not: SciPy computes them in host memory."""

NAN_OF_TWO = frozenset("gammainc gammaincc xlog1py xlogy".split())
"""Functions that CuPy gives a number at some of the points where an operand is NaN."""

_SCALED_BESSEL = """
double s = fabs((double)x), y_ = 0;
if (s > 50) {
    // The series of descending powers, whose terms are smallest beyond those taken here.
    double term = 1;
    y_ = 1;
    for (int k = 1; k < 16; ++k) {
        term *= ((2. * k - 1) * (2. * k - 1) - 4. * ORDER) / (8. * k * s);
        y_ += term;
    }
    y_ *= 0.3989422804014326779 / sqrt(s);
    if (ORDER && x < 0) y_ = -y_;
} else {
    y_ = exp(-s) * (ORDER ? cyl_bessel_i1((double)x) : cyl_bessel_i0((double)x));
}
y = y_;
"""
"""`exp(-abs(x))` times the modified Bessel function of order 0 or 1, neither of which is formed
where it would be 0 or infinite.
"""

_BETAINC = """
// By its continued fraction, evaluated from its front (Lentz); see NIST DLMF 8.17.22.
__device__ double gpugrad_below_mean(double a, double b, double x, double rest) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < 100000; ++m) {
        double step = m * (b - m) * x / ((a + 2. * m - 1) * (a + 2. * m));
        d = 1 + step * d; d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + step / c; c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        step = -(a + m) * (a + b + m) * x / ((a + 2. * m) * (a + 2. * m + 1));
        d = 1 + step * d; d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + step / c; c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16) break;
    }
    return h;
}

// log(gamma(x)) less (x - 1/2) * log(x) - x + log(2 * pi) / 2, from 10 on
__device__ double gpugrad_stirling(double x) {
    const double r = 1 / (x * x);
    return (1. / 12 + r * (-1. / 360 + r * (1. / 1260 + r * (-1. / 1680 + r * (1. / 1188
        + r * (-691. / 360360 + r * (1. / 156))))))) / x;
}

// log(y) - u for u = y - 1
__device__ double gpugrad_log_less(double y, double u) {
    if (fabs(u) > 0.3) return log(y) - u;
    double power = u, sum = 0;
    for (int k = 2; k < 60; ++k) {
        power *= -u;
        const double next = sum + power / k;
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

// x**a * rest**b / beta(a, b), without the digits that logarithms of large numbers lose
__device__ double gpugrad_beta_density(double a, double b, double x, double rest) {
    const double n = a + b;
    if (a < 10 || b < 10) {
        const double small = fmin(a, b), large = fmax(a, b);
        double of_gammas = lgamma(small);
        if (large < 10) {
            of_gammas += lgamma(large) - lgamma(n);
        } else {
            of_gammas += gpugrad_stirling(large) - gpugrad_stirling(n)
                - (large - 0.5) * log1p(small / large) - small * log(n) + small;
        }
        const double by_x = x > 0.5 ? log1p(-rest) : log(x);
        const double by_rest = rest > 0.5 ? log1p(-x) : log(rest);
        return exp(a * by_x + b * by_rest - of_gammas);
    }
    const double apart = x * b - rest * a;
    const double power = a * gpugrad_log_less(x * (n / a), apart / a)
        + b * gpugrad_log_less(rest * (n / b), -apart / b);
    const double correction = gpugrad_stirling(n) - gpugrad_stirling(a) - gpugrad_stirling(b);
    return exp(power + correction) * sqrt(a / n * b) * 0.3989422804014326779;
}

__device__ double gpugrad_incomplete_beta(double a, double b, double x) {
    const double nan = 0.0 / 0.0;
    if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1)) return nan;
    if ((a == 0 && b == 0) || (isinf(a) && isinf(b))) return nan;
    if (x == 0) return 0;
    if (x == 1) return 1;
    if (a == 0 || isinf(b)) return 1;
    if (b == 0 || isinf(a)) return 0;
    const double rest = 1 - x, front = gpugrad_beta_density(a, b, x, rest);
    if (x <= (a + 1) / (a + b + 2)) return front * gpugrad_below_mean(a, b, x, rest) / a;
    return 1 - front * gpugrad_below_mean(b, a, rest, x) / b;
}
"""

_BETAINCINV = """
const double a = a_, b = b_, wanted = p;
double found = 0.0 / 0.0;
if (a > 0 && b > 0 && isfinite(a) && isfinite(b) && wanted >= 0 && wanted <= 1) {
    // Bisection of the numbers from 0 to 1 in the order of their bits.
    long long low = 0, high = 0x3ff0000000000000ll;
    while (high - low > 1) {
        const long long middle = low + (high - low) / 2;
        if (gpugrad_incomplete_beta(a, b, __longlong_as_double(middle)) < wanted) low = middle;
        else high = middle;
    }
    found = wanted == 0 ? 0 : wanted == 1 ? 1 : __longlong_as_double(high);
}
y = found;
"""


def function(name: str, cupy: Any) -> ArrayFunction:
    """The function of that name of SciPy's, for arrays of CuPy."""
    if name in ON_HOST:
        return on_host(name, cupy)
    import cupyx.scipy.special as module

    found: ArrayFunction
    if name in ("i0e", "i1e"):
        order = f"#define ORDER {name[1]}\n"
        found = _kernel(cupy, "T x", _SCALED_BESSEL, name, order)
    elif name == "betainc":
        formula = "y = gpugrad_incomplete_beta(a_, b_, p);"
        found = _kernel(cupy, "T a_, T b_, T p", formula, name, _BETAINC)
    elif name == "betaincinv":
        found = _kernel(cupy, "T a_, T b_, T p", _BETAINCINV, name, _BETAINC)
    elif name == "expi":
        found = _with_infinity(cupy, module.expi)
    else:
        found = getattr(module, name)
    if name in NAN_OF_TWO:
        found = _nan_of_two(cupy, found)
    return _of_real_numbers(name, found) if name in REAL else found


def on_host(name: str, cupy: Any) -> ArrayFunction:
    """SciPy's function of that name, on the values of its operands in host memory."""
    try:
        import scipy.special
    except ImportError as error:
        raise BackendUnavailable(
            f"{name}: CuPy has no such function, and SciPy, which has it, is not installed: "
            "pip install scipy."
        ) from error
    found = getattr(scipy.special, name)

    def call(*operands: object) -> cupy.ndarray:
        home = next(x for x in operands if isinstance(x, cupy.ndarray))
        given = [cupy.asnumpy(x) if isinstance(x, cupy.ndarray) else x for x in operands]
        with home.device:
            return cupy.asarray(found(*given))

    return call


def _kernel(
    cupy: Any, parameters: str, formula: str, name: str, preamble: str = ""
) -> ArrayFunction:
    """An elementwise kernel of floating numbers of one dtype; float16 and bfloat16 in float32."""
    made = cupy.ElementwiseKernel(parameters, "T y", formula, f"gpugrad_{name}", preamble=preamble)

    def call(*operands: cupy.ndarray) -> cupy.ndarray:
        dtype = result_type(*(x.dtype for x in operands))
        wide = WIDER[dtype] or dtype
        return made(*(x.astype(wide, copy=False) for x in operands)).astype(dtype, copy=False)

    return call


def _with_infinity(cupy: Any, function: ArrayFunction) -> ArrayFunction:
    """A function that is infinite at infinity, where CuPy finds NaN."""

    def call(x: cupy.ndarray) -> cupy.ndarray:
        return cupy.where(x == np.inf, x, function(x))

    return call


def _nan_of_two(cupy: Any, function: ArrayFunction) -> ArrayFunction:
    """A function of two operands that is NaN where one of them is."""

    def call(a: cupy.ndarray, b: cupy.ndarray) -> cupy.ndarray:
        return cupy.where(cupy.isnan(a) | cupy.isnan(b), np.nan, function(a, b))

    return call


def _of_real_numbers(name: str, function: ArrayFunction) -> ArrayFunction:
    """A function that refuses complex numbers."""

    def call(*operands: cupy.ndarray) -> cupy.ndarray:
        for x in operands:
            if x.dtype.kind == "c":
                raise UnsupportedOperand(
                    f"{name}: an operand has dtype {x.dtype}; expected real numbers, of which "
                    "alone CuPy has this function. Move the operand to the CPU, with "
                    "t.to_device('cpu'): SciPy has some of these functions of complex ones."
                )
        return function(*operands)

    return call
