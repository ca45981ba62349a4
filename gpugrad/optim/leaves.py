"""What an optimiser takes for a leaf: an array of floating or complex numbers, and nothing else."""

from __future__ import annotations

from typing import Any

import gpugrad.tree as tree
from gpugrad.backends import is_inexact, namespace_of
from gpugrad.backends.one_place import are_plain_arrays
from gpugrad.backends.refusals import instead
from gpugrad.core.tensor import Tensor
from gpugrad.errors import UnsupportedOperand
from gpugrad.types import NUMBERS, Array

STEPS = "an optimiser steps along arrays of floating or complex numbers"


def params_of(params: object, name: str = "params", expected: str = STEPS) -> list[Array]:
    """The leaves of what is to be trained.

    Raises `UnsupportedOperand` for one that no gradient can be taken by, under its path, which says
    the `name` of all and what is `expected`.
    """
    leaves = tree.leaves(params)
    for place, p in enumerate(leaves):
        if not _is_array(p) or not is_inexact(p.dtype):
            raise _refused(name, tree.paths(params)[place], p, expected)
    return leaves


def check_arrays(name: str, values: object, leaves: list[Any]) -> None:
    """Raise `UnsupportedOperand` for one of the `leaves` of `values` that is no array.

    Plain arrays cost next to nothing.
    """
    if not are_plain_arrays(leaves):
        for place, x in enumerate(leaves):
            if not _is_array(x):
                raise _refused(name, tree.paths(values)[place], x)


def _is_array(x: object) -> bool:
    try:
        return isinstance(x, Tensor) or namespace_of(x) is not None
    except UnsupportedOperand:
        return False


def _refused(name: str, path: str, x: Any, expected: str = STEPS) -> UnsupportedOperand:
    """The error about a leaf, with the ways to train it and to keep it as it is."""
    kind = type(x)
    ways = []
    if kind in NUMBERS:
        found = f"{x!r}, a number of Python"
        number = x if kind is complex else float(x)
        ways.append(f"To train it, make it an array: np.asarray({number!r}).")
    elif _is_array(x):
        found = f"an array of dtype {x.dtype}"
        ways.append("To train it, make it floating: x.astype('float64').")
    elif isinstance(x, str | bytes):
        found = repr(x)
    else:
        found = f"of type {kind.__module__}.{kind.__qualname__}"
        ways.append(instead(x))
    attribute = path.rpartition(".")[2]
    static = f'name it in @gg.tree.register(static=["{attribute}"]) above its class, or '
    ways.append(
        f"To keep it as it is, {static if attribute.isidentifier() else ''}take it out with "
        "gg.tree.partition."
    )
    return UnsupportedOperand(f"{name}{path} is {found}; {expected}. {' '.join(ways)}")
