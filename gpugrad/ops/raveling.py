"""A tree of arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np

from gpugrad import tree
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import array, shape_of
from gpugrad.types import Array


def ravel(values: Any) -> tuple[Array, Callable[[Array], Any]]:
    """`gg.tree.ravel`."""
    leaves, structure = tree.flatten(values)
    like = next((x for x in leaves if hasattr(x, "dtype")), np.zeros(0))
    leaves = [array(x, like) if hasattr(x, "dtype") else np.asarray(x) for x in leaves]
    shapes, dtypes = [shape_of(x) for x in leaves], [x.dtype for x in leaves]
    ends = list(accumulate(map(prod, shapes), initial=0))
    parts = [ops.reshape(x, (-1,)) for x in leaves]
    vector = ops.concat(parts, axis=0) if parts else np.zeros(0)

    def unravel(vector: Array) -> Any:
        """The tree whose numbers are those of the vector."""
        if shape_of(vector) != (ends[-1],):
            raise InvalidArgument(
                f"unravel: a vector of shape {shape_of(vector)}; wanted is {(ends[-1],)}."
            )
        cut = [
            ops.reshape(ops.getitem(vector, (slice(a, b),)), shape)
            for (a, b), shape in zip(pairwise(ends), shapes, strict=True)
        ]
        typed = [ops.astype(x, d, copy=False) for x, d in zip(cut, dtypes, strict=True)]
        return tree.unflatten(structure, typed)

    return vector, unravel
