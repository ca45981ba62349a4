"""What the rules of autograd's own primitives are written with."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import autograd.numpy as np


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`f`, and its result summed to the shape of `target`."""
    shape = np.shape(target)

    def summed(g: Any) -> Any:
        x = f(g)
        x = np.sum(x, axis=tuple(range(np.ndim(x) - len(shape))))
        return np.sum(x, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)

    return summed


def repeat_to_match_shape(
    g: Any, shape: tuple[int, ...], dtype: Any, axis: Any, keepdims: bool
) -> tuple[Any, int]:
    """`g`, of a sum along `axis`, repeated along it, and how often."""
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = [a % len(shape) for a in axes]
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return np.reshape(g, kept) + np.zeros(shape, dtype), prod(shape[a] for a in axes)
