"""The exponential of matrices by scaling and squaring, of the functions of any namespace."""

from __future__ import annotations

from math import factorial

import numpy as np

from gpugrad.types import Array, Functions

DEGREE = 13
"""Of the Padé approximation; up to a norm of `THETA` it is exact in float64, so in float32 too.

N. Higham, "The scaling and squaring method for the matrix exponential revisited" (2005), table 2.3.
"""

THETA = 5.371920351148152

COEFFICIENTS = [
    factorial(2 * DEGREE - k)
    * factorial(DEGREE)
    / (factorial(2 * DEGREE) * factorial(DEGREE - k) * factorial(k))
    for k in range(DEGREE + 1)
]


def expm(xp: Functions, x: Array) -> Array:
    """The exponential of square matrices.

    Each is halved as often as its own norm asks for, and the result squared as often. It looks at
    the norms, so on a device it waits for them.
    """
    if not x.size:
        return xp.copy(x)
    with xp.quiet():
        norms = xp.to_numpy(xp.max(xp.sum(xp.abs(x), axis=-2), axis=-1))
        with np.errstate(all="ignore"):
            steps = np.ceil(np.log2(norms.astype(float) / THETA))
        steps = np.where(np.isfinite(steps), np.maximum(steps, 0), 0)[..., None, None]
        y = _near_zero(xp, x * xp.from_numpy((0.5**steps).astype(norms.dtype), x))
        for k in range(int(steps.max())):
            squared = xp.matmul(y, y)
            y = xp.where(xp.from_numpy(k < steps, x), squared, y) if k >= steps.min() else squared
    return y


def _near_zero(xp: Functions, x: Array) -> Array:
    """The Padé approximation, in six products and a solution."""
    b = COEFFICIENTS
    eye = xp.one_hot(xp.arange(x.shape[-1]), x.shape[-1], x.dtype)
    x2 = xp.matmul(x, x)
    x4 = xp.matmul(x2, x2)
    x6 = xp.matmul(x4, x2)

    def series(k: int) -> Array:
        high = b[k + 12] * x6 + b[k + 10] * x4 + b[k + 8] * x2
        return xp.matmul(x6, high) + b[k + 6] * x6 + b[k + 4] * x4 + b[k + 2] * x2 + b[k] * eye

    odd, even = xp.matmul(x, series(1)), series(0)
    return xp.solve(even - odd, even + odd)
