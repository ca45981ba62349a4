"""Functions that leave the array namespace, for compiled code or for Python's numbers."""

from __future__ import annotations

import numpy as np
from case import Case, N, P, xp_of

COMPILED = [
    Case("scipy.cluster.hierarchy.linkage", P(6, 2)),
    Case("scipy.cluster.vq.vq", P(6, 2), P(3, 2)),
    Case("scipy.fft.dct", N(8)),
    Case("scipy.interpolate.CubicSpline", np.arange(6.0), N(6)),
    Case("scipy.interpolate.make_interp_spline", np.arange(6.0), N(6)),
    Case("scipy.linalg.expm", N(3, 3)),
    Case("scipy.linalg.solve", N(3, 3), N(3)),
    Case("scipy.ndimage.gaussian_filter", N(5, 5), call=lambda f, x: f(x, 1.0)),
    Case("scipy.optimize.minimize", N(3),
         call=lambda f, x: f(lambda x: xp_of(x).sum(x * x), x).x),
    Case("scipy.signal.lfilter", N(3), P(2), N(8)),
    Case("scipy.signal.savgol_filter", N(8), call=lambda f, x: f(x, 5, 2)),
    Case("scipy.special.ellipj", P(4), P(4), call=lambda f, u, m: f(u, m)[0]),
    Case("scipy.special.voigt_profile", P(4), P(4), P(4)),
    Case("scipy.stats.linregress", P(9), P(9)),
    Case("scipy.stats.norm.pdf", P(9)),
]

NUMBERS = [
    Case("scipy.integrate.quad", P(), call=lambda f, rate: f(lambda x: x * rate, 0, 1)[0]),
    Case("scipy.signal.convolve", N(8), N(3)),      # without a method, it looks at the values
    Case("sklearn.metrics.mean_squared_error", P(6), P(6)),
]
