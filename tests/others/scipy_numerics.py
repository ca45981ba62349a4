"""scipy.differentiate, scipy.integrate, scipy.linalg and scipy.optimize."""

from __future__ import annotations

from typing import Any

from case import Case, N, P, like, rising, xp_of


def _decay(x: Any, rate: Any) -> Any:
    return xp_of(rate).exp(-rate * x)


DIFFERENTIATE = [
    Case("scipy.differentiate.derivative", P(3),
         call=lambda f, x: f(lambda x: xp_of(x).exp(x), x).df),
    Case("scipy.differentiate.hessian", P(2),
         call=lambda f, x: f(lambda x: xp_of(x).sum(x**3, axis=0), x).ddf),
    Case("scipy.differentiate.jacobian", P(3),
         call=lambda f, x: f(lambda x: xp_of(x).exp(x) * x[0, ...], x).df),
]

INTEGRATE = [
    *(
        Case(f"scipy.integrate.{name}", N(7), rising(7), call=lambda f, y, x: f(y, x=x))
        for name in ("cumulative_simpson", "cumulative_trapezoid", "trapezoid")
    ),
    Case("scipy.integrate.cubature", [0.0], [1.0],
         call=lambda f, a, b: f(lambda x: xp_of(x).exp(-x[:, 0]), a, b).estimate),
    Case("scipy.integrate.fixed_quad", P(), call=lambda f, a: f(lambda x: x**3, a, a + 1)[0]),
    Case("scipy.integrate.nsum", P(2),
         call=lambda f, a: f(lambda k, a: 1 / (k + a) ** 2, like(a, 1.0), like(a, 20.0),
                             args=(a,)).sum),
    Case("scipy.integrate.romb", N(9)),
    Case("scipy.integrate.tanhsinh", P(2), P(2),
         call=lambda f, a, rate: f(_decay, a, a + 1, args=(rate,)).integral),
]

LINALG = [
    Case("scipy.linalg.block_diag", N(2, 2), N(2, 3)),
    Case("scipy.linalg.fiedler", N(4)),
    Case("scipy.linalg.orthogonal_procrustes", N(4, 3), N(4, 3)),
]

OPTIMIZE = [
    *(Case(f"scipy.optimize.{name}", N(4)) for name in ("rosen", "rosen_der", "rosen_hess")),
    Case("scipy.optimize.rosen_hess_prod", N(4), N(4)),
    Case("scipy.optimize.elementwise.bracket_minimum", P(3),
         call=lambda f, p: f(lambda x, p: (x - p) ** 2, 0 * p + 5, args=(p,)).f_bracket),
    Case("scipy.optimize.elementwise.bracket_root", P(3),
         call=lambda f, p: f(lambda x, p: x**3 - p, 0 * p, args=(p,)).f_bracket),
    Case("scipy.optimize.elementwise.find_minimum", P(3),
         call=lambda f, p: f(lambda x, p: (x - p) ** 2 + x**4, (0 * p - 2, 0 * p, 0 * p + 2),
                             args=(p,)).f_x),
    Case("scipy.optimize.elementwise.find_root", P(3),
         call=lambda f, p: f(lambda x, p: x**3 - p, (0 * p, 0 * p + 2), args=(p,)).x),
]
