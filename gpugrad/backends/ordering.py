"""Order statistics and permutations by the sorts of any namespace."""

from __future__ import annotations

from collections.abc import Sequence

from gpugrad.backends.axes import counted
from gpugrad.backends.dtypes import is_inexact
from gpugrad.types import Array, Functions


def order_statistics(xp: Functions, x: Array, places: Sequence[int], axis: int) -> Array:
    """The elements at `places` in order along `axis`; NaN where an element is."""
    ordered = xp.sort(x, axis=axis)
    found = _at(xp, ordered, places, axis)
    if not is_inexact(x.dtype):
        return found
    last = _at(xp, ordered, (x.shape[axis] - 1,), axis)
    return xp.where(xp.isnan(last), last, found)


def ordered_places(xp: Functions, x: Array, places: Sequence[int], axis: int) -> Array:
    """The indices of the elements that a stable sort brings to `places`.

    Where an element is NaN, all are that of the last such one.
    """
    order = xp.argsort(x, axis=axis)
    found = _at(xp, order, places, axis)
    if not is_inexact(x.dtype):
        return found
    bad = xp.any(xp.isnan(x), axis=axis, keepdims=True)
    return xp.where(bad, _at(xp, order, (x.shape[axis] - 1,), axis), found)


def _at(xp: Functions, x: Array, places: Sequence[int], axis: int) -> Array:
    before = (slice(None),) * counted(axis, len(x.shape))
    parts = [xp.getitem(x, (*before, slice(place, place + 1), ...)) for place in places]
    return xp.concat(parts, axis=axis) if len(parts) > 1 else parts[0]


def inverse_take(xp: Functions, x: Array, order: Array, axis: int) -> Array:
    """`x` with each element where `order`, a permutation along `axis`, says."""
    return xp.take_along_axis(x, xp.argsort(order, axis=axis), axis=axis)
