"""What HIPS autograd differentiates of `scipy.special`, and `gpugrad.special` has not."""

from __future__ import annotations

from math import log, pi, sqrt
from typing import Any

import gpugrad.special as special

jn, yn = special.jv, special.yv


def erfcinv(y: Any) -> Any:
    """The `x` with `erfc(x) = y`."""
    return special.ndtri(y / 2.0) / -sqrt(2.0)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of `d` dimensions."""
    parts = (special.gammaln(a - 0.5 * i) for i in range(d))
    return sum(parts, 0.25 * d * (d - 1) * log(pi))
