"""float16 by way of float32: no counts, squares or sums are formed that float16 cannot hold.

What is computed in float32 is also recorded in it, between two casts, so that gradients of any
order have its range and digits too. The operands are the rounded ones, and the result is rounded
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec, TypeVar

from gpugrad.backends import DOUBLE, HALF, SINGLE, kind_of
from gpugrad.core.registry import namespace as ops

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def is_half(operands: Iterable[object]) -> bool:
    """Whether the floating arrays among the operands are of float16, and there is one."""
    found = False
    for x in operands:
        dtype = getattr(x, "dtype", None)
        if dtype is HALF:
            found = True
        elif dtype is SINGLE or dtype is DOUBLE or (dtype is not None and kind_of(dtype) in "fc"):
            return False
    return found


def raised(x: T) -> T:
    """`x`, of float16 as float32."""
    return ops.cast(x, SINGLE) if getattr(x, "dtype", None) is HALF else x  # type: ignore[return-value]


def rounded(y: T) -> T:
    """A result or several, of float32 as float16."""
    if isinstance(y, tuple):
        return tuple(map(rounded, y))  # type: ignore[return-value]
    return ops.cast(y, HALF) if getattr(y, "dtype", None) is SINGLE else y  # type: ignore[return-value]


def in_single(f: Callable[P, R]) -> Callable[P, R]:
    """`f`, which is made of ops, with all of them in float32 where its arrays are of float16."""
    of_any: Callable[..., R] = f

    @wraps(f)
    def function(*args: P.args, **kwargs: P.kwargs) -> R:
        if not is_half((*args, *kwargs.values())):
            return f(*args, **kwargs)
        return rounded(of_any(*map(raised, args), **{k: raised(x) for k, x in kwargs.items()}))

    return function
