"""Sorting and searching. Where elements go has no gradient; the elements that went there have."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op

__all__ = [
    "argsort",
    "searchsorted",
    "sort",
]


def _sort_rule(g: Array, x: Array, axis: int, descending: bool, stable: bool, xp: Any) -> Array:
    order = xp.argsort(x, axis=axis, descending=descending, stable=stable)
    return xp.take_along_axis(g, xp.argsort(order, axis=axis), axis=axis)


@op(_sort_rule)
def sort(
    xp: Any, x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Array:
    """`x` in order along `axis`, the smallest first unless `descending`; NaN last."""
    return xp.sort(x, axis=axis, descending=descending, stable=stable)


@op()
def argsort(
    xp: Any, x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> Array:
    """Indices that bring `x` in order along `axis`; of equal ones the first first if `stable`."""
    return xp.argsort(x, axis=axis, descending=descending, stable=stable)


@op()
def searchsorted(
    xp: Any, x1: Array, x2: Array, /, *, side: str = "left", sorter: Any = None
) -> Array:
    """Where in the sorted vector `x1` each of `x2` belongs, before its equals or after them."""
    return xp.searchsorted(x1, x2, side=side, sorter=sorter)
