"""float16 by way of float32: no counts, squares or sums are formed that float16 cannot hold.

What is computed in float32 is also recorded in it, between two casts, so that gradients of any
order have its range and digits too. The operands are the rounded ones, and the result is rounded
once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from gpugrad.backends import DOUBLE, HALF, SINGLE, kind_of
from gpugrad.core.registry import namespace as ops


def is_half(operands: Any) -> bool:
    """Whether the floating arrays among the operands are of float16, and there is one."""
    found = False
    for x in operands:
        dtype = getattr(x, "dtype", None)
        if dtype is HALF:
            found = True
        elif dtype is SINGLE or dtype is DOUBLE or (dtype is not None and kind_of(dtype) in "fc"):
            return False
    return found


def raised(x: Any) -> Any:
    """`x`, of float16 as float32."""
    return ops.cast(x, SINGLE) if getattr(x, "dtype", None) is HALF else x


def rounded(y: Any) -> Any:
    """A result or several, of float32 as float16."""
    if isinstance(y, tuple):
        return tuple(map(rounded, y))
    return ops.cast(y, HALF) if getattr(y, "dtype", None) is SINGLE else y


def in_single(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, which is made of ops, with all of them in float32 where its arrays are of float16."""

    @wraps(f)
    def function(*args: Any, **kwargs: Any) -> Any:
        if not is_half((*args, *kwargs.values())):
            return f(*args, **kwargs)
        return rounded(f(*map(raised, args), **{k: raised(x) for k, x in kwargs.items()}))

    return function
