"""Moments that there are for a part of the parameters only."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from gpugrad.core.registry import namespace as ops
from gpugrad.types import Array


def above(
    bound: float, x: Array, formula: Callable[[Array], Array], otherwise: float = inf
) -> Array:
    """`formula(x)` where `x` is above the bound."""
    exists = x > bound
    return ops.where(exists, formula(ops.where(exists, x, bound + 1.0)), otherwise)
