"""Which axes a function goes along, counted from the front. Libraries refuse different ones."""

from __future__ import annotations

from operator import index
from typing import SupportsIndex

from gpugrad.errors import InvalidArgument
from gpugrad.types import Axis, Shape


def counted(axis: SupportsIndex, ndim: int) -> int:
    """`axis` of an array of so many axes; raises `InvalidArgument` where there is no such axis."""
    place = index(axis)
    if not -ndim <= place < ndim:
        wanted = f"expected one from {-ndim} to {ndim - 1}" if ndim else "it has none"
        raise InvalidArgument(f"axis {place} is out of bounds for array of {ndim} axes; {wanted}.")
    return place % ndim


def named(axis: Axis | list[int], ndim: int) -> Shape:
    """The axes that `axis` names: one, several, or all for `None`; none of them twice."""
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, tuple | list):
        return (counted(axis, ndim),)
    axes = tuple([counted(a, ndim) for a in axis])
    if len(set(axes)) < len(axes):
        raise InvalidArgument(f"axis={axis} names an axis of an array of {ndim} axes twice.")
    return axes


def reduced(axis: Axis, ndim: int) -> Shape:
    """The axes that a reduction removes: as NumPy has it, 0 and -1 are none of an array without."""
    if axis is None or isinstance(axis, tuple):
        return named(axis, ndim)
    axis = index(axis)
    return () if not ndim and axis in (0, -1) else (counted(axis, ndim),)
