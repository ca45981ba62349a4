"""The inverse of `w * exp(w)`."""

from __future__ import annotations

import numpy as np

from gpugrad.backends import Array, Namespace, is_complex
from gpugrad.core.op import op
from gpugrad.ops.operands import typed


def _rule(g: Array, x: Array, y: Array, k: int, xp: Namespace) -> Array:
    # exp(-y) / (1 + y) around 0, where y / x is 0 / 0, and y / (x * (1 + y)) far from it, where
    # exp(-y) has fewer digits; that is -1 / abs(x) where y is infinite.
    near, endless = xp.abs(y) < 1, xp.isinf(y)
    small, large = xp.where(near, y, 0), xp.where(near | endless, 1, y)
    away = xp.where(near, 1, x)
    far = xp.where(endless, -1 / xp.abs(away), large / (1 + large) / away)
    return xp.scale(g, xp.where(near, xp.exp(-small) / (1 + small), far))


def _reference(x: np.ndarray, k: int = 0) -> np.ndarray:
    from scipy import special

    found: np.ndarray = special.lambertw(x, k)
    return found if is_complex(x.dtype) else found.real


@op(_rule, public=False, reference=_reference)
def lambertw(xp: Namespace, x: Array, /, *, k: int = 0) -> Array:
    """Branch `k` of the inverse of `w * exp(w)`.

    Of real `x` it is real: branch 0 from -1/e on, and branch -1 from there to 0; elsewhere NaN.

    Example:
        >>> gg.special.lambertw(np.array([0.0, 1.0])).round(6)
        array([0.      , 0.567143])
        >>> gg.grad(gg.special.lambertw)(1.0).round(6)
        np.float64(0.361896)
    """
    x = xp.floating(x)
    return typed(xp.lambertw(x, k=k), x, xp)
