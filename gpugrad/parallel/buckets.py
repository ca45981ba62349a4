"""Buckets: arrays that travel together, as one vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from math import prod
from typing import Any

from gpugrad.core.registry import namespace as ops
from gpugrad.ops.operands import shape_of
from gpugrad.types import Shape

LARGE = 2**22
"""Bytes from which arrays travel in more than one bucket, and one alone."""


def together(leaves: Sequence[Any], call: Callable[[Any], Any]) -> list[Any]:
    """What `call` makes of arrays that it is given as one vector for each dtype.

    Axes that it adds stand in front.
    """
    return _by_buckets(leaves, _by_dtype(leaves), call)


def in_buckets(leaves: Sequence[Any], call: Callable[[Any], Any]) -> list[Any]:
    """The same in several calls where arrays are large, the last arrays first.

    So gradients, which the reverse sweep makes in this order, travel while others are computed.
    """
    buckets: list[list[int]] = []
    for places in _by_dtype(leaves):
        sizes = {i: prod(shape_of(leaves[i])) * leaves[i].dtype.itemsize for i in places}
        if sum(sizes.values()) < LARGE:
            buckets.append(places)
            continue
        small: list[int] = []
        for i in reversed(places):
            if sizes[i] >= LARGE:
                buckets.append([i])                 # as it is, without a copy
                continue
            small.append(i)
            if sum(map(sizes.__getitem__, small)) >= LARGE:
                buckets.append(small)
                small = []
        if small:
            buckets.append(small)
    return _by_buckets(leaves, buckets, call)


def _by_dtype(leaves: Sequence[Any]) -> list[list[int]]:
    """Where the arrays of each dtype are."""
    found: dict[str, list[int]] = {}
    for i, x in enumerate(leaves):
        found.setdefault(str(x.dtype), []).append(i)
    return list(found.values())


def _by_buckets(
    leaves: Sequence[Any], buckets: Sequence[Sequence[int]], call: Callable[[Any], Any]
) -> list[Any]:
    found: list[Any] = [None] * len(leaves)
    for places in buckets:
        if len(places) == 1:
            found[places[0]] = call(leaves[places[0]])
            continue
        shapes = [shape_of(leaves[i]) for i in places]
        made = call(joined([leaves[i] for i in places]))
        for i, part in zip(places, parted(made, shapes), strict=True):
            found[i] = part
    return found


def joined(leaves: Sequence[Any]) -> Any:
    """All numbers in one vector.

    Here and in `parted` there are no views, which would keep gg.jit from using memory that is given
    up for its results.
    """
    return ops.concat([ops.reshape(x, (-1,), copy=True) for x in leaves], axis=0)


def parted(vector: Any, shapes: Sequence[Shape]) -> list[Any]:
    """Arrays of these shapes of what lies along the last axis, one behind the other.

    What is left there belongs to none.
    """
    ends = accumulate(map(prod, shapes), initial=0)
    batch = shape_of(vector)[:-1]
    return [
        ops.reshape(vector[..., a:b], (*batch, *shape), copy=True)
        for shape, (a, b) in zip(shapes, pairwise(ends), strict=True)
    ]
