"""Reductions of NumPy's arrays along several short axes, such as those of windows.

NumPy goes through one window after the other where these are scattered; this, through the first
element of all windows, then through the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeGuard

import numpy as np

from gpugrad.types import Axis, Shape

WINDOW, ENOUGH = 16, 2**12
"""How many elements a window has at most, and from how many windows on it pays."""


def are_windows(axis: Axis, shape: Shape) -> TypeGuard[tuple[int, ...]]:
    """Whether these axes of an array of that shape are such."""
    if type(axis) is not tuple or len(axis) < 2:
        return False
    if not all(-len(shape) <= a < len(shape) for a in axis):
        return False                                # NumPy says so
    count = prod(shape[a] for a in axis)
    return 1 < count <= WINDOW and prod(shape) >= count * ENOUGH


def joined(
    ufunc: np.ufunc,
    x: np.ndarray,
    axis: Sequence[int],
    out: np.ndarray | None = None,
    keepdims: bool = False,
) -> np.ndarray:
    """`ufunc.reduce` along these axes."""
    axes = [a % x.ndim for a in axis]
    shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
    first, *others = (
        tuple(place[axes.index(a)] if a in axes else slice(None) for a in range(x.ndim))
        for place in np.ndindex(*(x.shape[a] for a in axes))
    )
    kept = x[first]
    found = np.empty(kept.shape, x.dtype) if out is None else out.reshape(kept.shape)
    ufunc(kept, x[others[0]], out=found)
    for place in others[1:]:
        ufunc(found, x[place], out=found)
    return found.reshape(shape) if keepdims else found
