"""What rules of HIPS autograd for functions that broadcast are written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpugrad.core.registry import namespace as ops


def unbroadcast(x: Any, target_meta: tuple[tuple[int, ...], int, Any, bool]) -> Any:
    """`x` summed to the shape in the metadata of the target, and real if that is."""
    shape, _, _, iscomplex = target_meta
    x = ops.sum(x, axis=tuple(range(np.ndim(x) - len(shape))))
    ones = tuple(i for i, n in enumerate(shape) if n == 1)
    x = ops.sum(x, axis=ones, keepdims=True)
    return x if iscomplex else ops.real(x)


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`f`, and what it returns summed to the shape of `target`."""
    meta = metadata(target)
    return lambda g: unbroadcast(f(g), meta)


def metadata(A: Any) -> tuple[tuple[int, ...], int, Any, bool]:
    """Shape, number of axes, dtype, and whether it is complex."""
    dtype = np.dtype(getattr(A, "dtype", type(A)))
    return np.shape(A), np.ndim(A), dtype, dtype.kind == "c"
