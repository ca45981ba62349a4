"""The real elementwise functions of one operand as the oracle computes them.

Each is value, first and second derivative. Conventions of gpugrad (0 at the kink of `abs`) are here
what they are there.
"""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from oracle import parts as p
from oracle.precision import Reference

Real = Any

def _steps(f: Any) -> Reference:
    return Reference((f, p.zero, p.zero), limits=False)


def _linear(factor: Any) -> Reference:
    return Reference((lambda x: factor() * x, lambda x: factor(), p.zero))


def _logarithm(base: int) -> Reference:
    return Reference(
        (
            lambda x: mp.log(x) / mp.log(base),
            lambda x: 1 / (x * mp.log(base)),
            lambda x: -1 / (x * x * mp.log(base)),
        ),
        lambda x: x >= 0,
    )


UNARY: dict[str, Reference] = {
    "abs": Reference((abs, p.sign, p.zero)),
    "fabs": Reference((abs, p.sign, p.zero)),
    "negative": Reference((lambda x: -x, lambda x: mpf(-1), p.zero)),
    "positive": Reference((lambda x: x, p.one, p.zero)),
    "square": Reference((lambda x: x * x, lambda x: 2 * x, lambda x: mpf(2))),
    "reciprocal": Reference((lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3)),
    "sqrt": Reference(
        (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x))),
        lambda x: x >= 0,
    ),
    "cbrt": Reference(
        (
            p.cbrt,
            lambda x: 1 / (3 * p.cbrt(x) ** 2),
            lambda x: -2 / (9 * x * p.cbrt(x) ** 2),
        )
    ),
    "exp": Reference((p.exp, p.exp, p.exp)),
    "exp2": Reference(
        (
            lambda x: mpf(2) ** x,
            lambda x: mp.log(2) * mpf(2) ** x,
            lambda x: mp.log(2) ** 2 * mpf(2) ** x,
        )
    ),
    "expm1": Reference((lambda x: mp.expm1(x), p.exp, p.exp)),
    "log": Reference((mp.log, lambda x: 1 / x, lambda x: -1 / x**2), lambda x: x >= 0),
    "log2": _logarithm(2),
    "log10": _logarithm(10),
    "log1p": Reference(
        (mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2),
        lambda x: x >= -1,
    ),
    "sin": Reference((mp.sin, mp.cos, lambda x: -mp.sin(x)), limits=False),
    "cos": Reference((mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)), limits=False),
    "tan": Reference(
        (mp.tan, lambda x: mp.sec(x) ** 2, lambda x: 2 * mp.tan(x) * mp.sec(x) ** 2), limits=False
    ),
    "sinc": Reference((p.sinc, p.sinc1, p.sinc2), limits=False),
    "asin": Reference(
        (mp.asin, p.asin_slope, lambda x: x * p.asin_slope(x) ** 3), p.between(-1, 1)
    ),
    "acos": Reference(
        (mp.acos, lambda x: -p.asin_slope(x), lambda x: -x * p.asin_slope(x) ** 3), p.between(-1, 1)
    ),
    "atan": Reference(
        (mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2)
    ),
    "sinh": Reference((mp.sinh, mp.cosh, mp.sinh)),
    "cosh": Reference((mp.cosh, mp.sinh, mp.cosh)),
    "tanh": Reference(
        (mp.tanh, lambda x: 4 * p.bell(2 * x), lambda x: -8 * mp.tanh(x) * p.bell(2 * x))
    ),
    "asinh": Reference(
        (
            mp.asinh,
            lambda x: 1 / mp.sqrt(1 + x * x),
            lambda x: -x / mp.sqrt(1 + x * x) ** 3,
        )
    ),
    "acosh": Reference(
        (
            mp.acosh,
            lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),
            lambda x: -x / mp.sqrt((x - 1) * (x + 1)) ** 3,
        ),
        lambda x: x >= 1,
    ),
    "atanh": Reference(
        (
            mp.atanh,
            lambda x: 1 / ((1 - x) * (1 + x)),
            lambda x: 2 * x / ((1 - x) * (1 + x)) ** 2,
        ),
        p.between(-1, 1),
    ),
    "deg2rad": _linear(lambda: mp.pi / 180),
    "rad2deg": _linear(lambda: 180 / mp.pi),
    "sign": _steps(p.sign),
    "floor": _steps(mp.floor),
    "ceil": _steps(mp.ceil),
    "trunc": _steps(p.trunc),
    "rint": _steps(p.round),
    "round": _steps(p.round),
    "relu": Reference((lambda x: max(x, p.ZERO), lambda x: mpf(x > 0), p.zero)),
    "leaky_relu": Reference(
        (
            lambda x: p.below(x, lambda x: x, lambda x: x * mpf(0.01)),
            lambda x: p.below(x, p.one, lambda x: mpf(0.01)),
            p.zero,
        )
    ),
    "elu": Reference(
        (
            lambda x: p.below(x, lambda x: x, mp.expm1),
            lambda x: p.below(x, p.one, p.exp),
            lambda x: p.below(x, p.zero, p.exp),
        )
    ),
    "sigmoid": Reference(
        (p.logistic, p.bell, lambda x: p.bell(x) * (p.logistic(-x) - p.logistic(x)))
    ),
    "silu": Reference(
        (
            lambda x: x * p.logistic(x),
            lambda x: p.logistic(x) + x * p.bell(x),
            lambda x: p.bell(x) * (2 + x * (p.logistic(-x) - p.logistic(x))),
        )
    ),
    "gelu": Reference(p.gelu_parts()),
    "softplus": Reference((p.softplus, p.logistic, p.bell)),
    "log_sigmoid": Reference(
        (lambda x: -p.softplus(-x), lambda x: p.logistic(-x), lambda x: -p.bell(x))
    ),
    "erf": Reference(
        (
            mp.erf,
            lambda x: 2 / mp.sqrt(mp.pi) * p.exp(-x * x),
            lambda x: -4 * x / mp.sqrt(mp.pi) * p.exp(-x * x),
        )
    ),
    "erfc": Reference(
        (
            p.erfc,
            lambda x: -2 / mp.sqrt(mp.pi) * p.exp(-x * x),
            lambda x: 4 * x / mp.sqrt(mp.pi) * p.exp(-x * x),
        )
    ),
    "ndtr": Reference((p.lower, p.density, lambda x: -x * p.density(x))),
    "log_ndtr": Reference(
        (
            p.log_lower,
            p.log_lower_slope,
            p.log_lower_bend,
        )
    ),
    "erfinv": Reference(
        (
            p.erfinv,
            lambda x: mp.sqrt(mp.pi) / 2 * p.exp(p.erfinv(x) ** 2),
            lambda x: mp.pi / 2 * p.erfinv(x) * p.exp(2 * p.erfinv(x) ** 2),
        ),
        lambda x: -1 < x < 1,
    ),
    "ndtri": Reference(
        (
            p.quantile,
            lambda x: 1 / p.density(p.quantile(x)),
            lambda x: p.quantile(x) / p.density(p.quantile(x)) ** 2,
        ),
        lambda x: 0 < x < 1,
    ),
    "gammaln": Reference(
        (p.log_gamma, mp.digamma, lambda x: mp.psi(1, x)),
        lambda x: x > 0 or (-100 < x < -0.01 and x % 1 != 0),
    ),
    "digamma": Reference(
        (mp.digamma, lambda x: mp.psi(1, x), lambda x: mp.psi(2, x)), lambda x: x > 0
    ),
    "logit": Reference(
        (
            lambda x: mp.log(x / (1 - x)),
            lambda x: 1 / (x * (1 - x)),
            lambda x: (2 * x - 1) / (x * (1 - x)) ** 2,
        ),
        p.between(0, 1),
    ),
    "entr": Reference(
        (lambda x: -x * mp.log(x), lambda x: -1 - mp.log(x), lambda x: -1 / x), lambda x: x >= 0
    ),
}
