"""Buckets: arrays that travel together, as one vector for each dtype."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from math import prod
from typing import Any

from gpugrad.core.registry import namespace as ops
from gpugrad.ops.operands import shape_of


def together(leaves: Sequence[Any], call: Callable[[Any], Any]) -> list[Any]:
    """What `call` makes of arrays that it is given as one vector for each dtype. Axes that it adds
    stand in front.
    """
    found: list[Any] = [None] * len(leaves)
    by_dtype: dict[str, list[int]] = {}
    for i, x in enumerate(leaves):
        by_dtype.setdefault(str(x.dtype), []).append(i)
    for places in by_dtype.values():
        if len(places) == 1:
            found[places[0]] = call(leaves[places[0]])
            continue
        shapes = [shape_of(leaves[i]) for i in places]
        # No views, which would keep gg.jit from using memory that is given up for its results.
        parts = [ops.reshape(leaves[i], (-1,), copy=True) for i in places]
        vector = ops.concat(parts, axis=0)
        made = call(vector)
        ends = accumulate(map(prod, shapes), initial=0)
        for i, shape, (a, b) in zip(places, shapes, pairwise(ends), strict=True):
            shape = (*shape_of(made)[:-1], *shape)
            found[i] = ops.reshape(made[..., a:b], shape, copy=True)
    return found
