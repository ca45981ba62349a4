"""Casts of all leaves of a tree, and selection between two trees by one condition."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import dtype_named, kind_of
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import shape_of
from gpugrad.types import Array, DTypeLike

T = TypeVar("T")


def cast(values: T, dtype: DTypeLike) -> T:
    """`gg.tree.cast`."""
    if dtype is None or kind_of(wanted := dtype_named(dtype)) != "f":
        raise InvalidArgument(
            f"gg.tree.cast: the dtype is {dtype}; expected a floating one, such as 'float16'."
        )

    def leaf(x: Any) -> Any:
        if not hasattr(x, "dtype") or kind_of(x.dtype) != "f":
            return x
        return ops.astype(x, wanted, copy=False)

    made: T = tree.map(leaf, values)
    return made


def where(condition: Array | bool, x1: T, x2: T) -> T:
    """`gg.tree.where`."""
    if shape_of(condition) != ():
        raise InvalidArgument(
            f"gg.tree.where: the condition has shape {shape_of(condition)}; expected one without "
            "axes, which selects whole trees."
        )
    known = bool(condition) if isinstance(condition, bool | np.bool | np.ndarray) else None
    ones, structure = tree.flatten(x1)
    others, other_structure = tree.flatten(x2)
    if structure != other_structure:
        raise InvalidArgument(
            "gg.tree.where: the second tree has another structure than the first: "
            f"{tree.difference(other_structure, structure)}."
        )
    picked = []
    for place, (a, b) in enumerate(zip(ones, others, strict=True)):
        if shape_of(a) != shape_of(b):
            raise InvalidArgument(
                f"gg.tree.where: the leaf {tree.paths(x1)[place] or 'itself'} has shape "
                f"{shape_of(a)} in the first tree and {shape_of(b)} in the second."
            )
        are_numbers = not hasattr(a, "dtype") and not hasattr(b, "dtype")
        if are_numbers and (known is not None or a is b):
            picked.append(a if known or a is b else b)      # as they are: a count stays a number
        else:
            picked.append(ops.where(condition, a, b))
    made: T = tree.unflatten(structure, picked)
    return made
