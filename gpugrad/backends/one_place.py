"""What meets must be in one place: arrays of one library and, of several devices, on one.

Ops ask for their operands. The functions here are for what takes arrays in another way, such as the
arguments of transforms that hand them on, or cotangents. NumPy's scalars are numbers: they go with
any array.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import wraps
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import ParamSpec, TypeVar

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import Namespace, is_numpy_scalar, mixed, namespace_of
from gpugrad.backends.devices import HERE, beside, device_of, of_several
from gpugrad.backends.dtypes import NUMBER_KINDS, is_bfloat16
from gpugrad.backends.standin import behind
from gpugrad.errors import UnsupportedOperand
from gpugrad.types import NUMBERS, Array

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_NO_ARRAYS = frozenset((
    *NUMBERS, *np.sctypeDict.values(), str, type(None),
    FunctionType, BuiltinFunctionType, MethodType,
))  # fmt: skip
"""Types of what stands beside arrays; it is not looked at."""

_ARRAYS: set[type] = {np.ndarray}
"""Types of plain arrays that were met so far."""


def are_plain_arrays(leaves: Collection[object]) -> bool:
    """Whether all are arrays of types that were met already, so that none is a tree of others."""
    return _ARRAYS.issuperset(map(type, leaves))


def check_library(name: str, operands: Collection[object]) -> None:
    """Raise `MixedBackends` if there are arrays of several libraries among the operands of `name`.

    What is no array of numbers does not count.
    """
    # Most often all are plain arrays of one type, or stand for such.
    kinds = set(map(type, operands)) - _NO_ARRAYS
    if len(kinds) < 2 and kinds <= _ARRAYS:
        return
    kinds = set(map(type, map(behind, operands))) - _NO_ARRAYS
    if len(kinds) < 2 and kinds <= _ARRAYS:
        return
    found: dict[Namespace, Array] = {}
    for x in operands:
        value = behind(x)
        if not hasattr(value, "dtype") or not hasattr(value, "shape") or is_numpy_scalar(value):
            continue
        if getattr(value.dtype, "kind", "f") not in NUMBER_KINDS and not is_bfloat16(value.dtype):
            continue
        try:
            found.setdefault(namespace_of(value), x)  # type: ignore[arg-type]  # it has a shape
        except UnsupportedOperand:                  # of a library that nobody computes with here
            continue
        _ARRAYS.add(type(value))
    if len(found) > 1:
        raise mixed(name, found.values())


def check_place(name: str, operands: Collection[object]) -> None:
    """As `check_library`, and also if they are on several devices."""
    check_library(name, operands)
    if of_several():
        device_of(name, operands)


def together(name: str, operands: Collection[object]) -> AbstractContextManager[object]:
    """Inside, the device of the operands, which must be in one place, is the current one."""
    check_library(name, operands)
    return beside(name, operands) if of_several() else HERE


def called_together(
    name: str,
    operands: Collection[object],
    f: Callable[P, R],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """`f(*args, **kwargs)` inside of that, for less where there is one device."""
    check_library(name, operands)
    if not of_several():
        return f(*args, **kwargs)
    with beside(name, operands):
        return f(*args, **kwargs)


def in_one_place(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator for a function whose arguments hold arrays in one place.

    It runs on the device of these arrays; arguments are trees. Errors call it `name`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            leaves = tree.leaves((args, kwargs) if kwargs else args)
            return called_together(name, leaves, function, *args, **kwargs)

        return call

    return decorate


def check_result(name: str, operands: object, results: object) -> None:
    """Raise `MixedBackends` unless an op's results are where its operands are; both are trees."""
    check_place(f"operands and result of {name}", tree.leaves((operands, results)))


def check_shares(name: str, g: object, shares: T) -> T:
    """The cotangents that the rule of an op returned; raise unless they are where `g` is."""
    check_place(f"the cotangent given to the rule of {name}, and what it returned",
                tree.leaves((g, shares)))  # fmt: skip
    return shares
