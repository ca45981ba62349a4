"""A tree of arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import is_complex
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import array, shape_of
from gpugrad.types import Array, DType


def ravel(values: Any) -> tuple[Array, Callable[[Array], Any]]:
    """`gg.tree.ravel`."""
    leaves, structure = tree.flatten(values)
    for path, x in zip(tree.paths(values), leaves, strict=True):
        if not hasattr(x, "dtype") and not isinstance(x, bool | int | float | complex):
            raise InvalidArgument(
                f"gg.tree.ravel: the leaf {path or 'itself'} is a {type(x).__name__}; expected "
                "arrays and numbers."
            )
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
                f"unravel: a vector of shape {shape_of(vector)}; expected {(ends[-1],)}."
            )
        cut = [
            ops.reshape(ops.getitem(vector, (slice(a, b),)), shape)
            for (a, b), shape in zip(pairwise(ends), shapes, strict=True)
        ]
        return tree.unflatten(structure, map(_typed, cut, dtypes))

    return vector, unravel


def _typed(x: Array, dtype: DType) -> Array:
    """A part of the vector in the dtype of its leaf: of complex numbers, real leaves have that."""
    x = ops.real(x) if is_complex(x.dtype) and not is_complex(dtype) else x
    return ops.astype(x, dtype, copy=False)
