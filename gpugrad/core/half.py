"""float16 and bfloat16 by way of float32: nothing is formed that they cannot hold.

What is computed in float32 is also recorded in it, between two casts, so that gradients of any
order have its range and digits too. The operands are the rounded ones, and the result is rounded
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from gpugrad.backends import SINGLE, WIDER, is_inexact, wider
from gpugrad.backends.dtypes import Wider
from gpugrad.core.registry import namespace as ops
from gpugrad.tracing.tracer import Traced
from gpugrad.types import DType

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

AS_THEY_ARE = frozenset(
    """abs add all any argmax argmin batch_enter batch_leave batch_spread batch_sum broadcast_to
    cast clear_at clear_in_view communicate concat conj copy copysign count_nonzero divide equal
    exp expand_dims filled_like flip getitem greater greater_equal host_call imag isfinite isinf
    isnan less less_equal log logical_and logical_not logical_or logical_xor matrix_transpose max
    maximum min minimum move multiply negative nextafter nonzero not_equal one_hot ones_like
    permute_dims positive real repeated_places reshape roll set_at set_in_view setitem sign signbit
    spacing sqrt square squeeze stack subtract sum take_along_axis unstack where
    zeros_like""".split()
)
"""Ops that take bfloat16 as it is: they move numbers, or compute one function of them.

All others are computed in float32, those of users too.
"""


def narrow_of(operands: Iterable[object], narrow: Wider = WIDER) -> DType | None:
    """The dtype to which a result is rounded, if all floating arrays among the operands have it.

    It is one of `narrow`, or float32 for several of them.
    """
    found: Any = None
    for x in operands:
        dtype = getattr(x, "dtype", None)
        if dtype is None or not is_inexact(dtype) or _is_weak(x):
            continue
        if wider(dtype, narrow) is None:
            return None
        if found is not None and dtype != found:
            return SINGLE
        found = dtype
    return found  # type: ignore[no-any-return]


def raised(x: T) -> T:
    """`x`, of float16 or bfloat16 as float32."""
    dtype = getattr(x, "dtype", None)
    wide = wider(dtype)
    return x if wide is None else ops.cast(x, wide)  # type: ignore[return-value]


def _is_weak(x: object) -> bool:
    """Whether it stands for a number of Python in a trace."""
    value = x._value if hasattr(type(x), "_edge") else x  # type: ignore[attr-defined]  # of a Tensor
    return type(value) is Traced and value.weak is not None


def rounded(y: T, dtype: DType) -> T:
    """A result or several, of float32 in that narrower dtype."""
    if isinstance(y, tuple):
        return tuple(rounded(part, dtype) for part in y)  # type: ignore[return-value]
    return ops.cast(y, dtype) if getattr(y, "dtype", None) is SINGLE is not dtype else y  # type: ignore[return-value]


def in_single(f: Callable[P, R]) -> Callable[P, R]:
    """`f`, which is made of ops, all in float32 where its arrays are of float16 or bfloat16."""
    of_any: Callable[..., R] = f

    @wraps(f)
    def function(*args: P.args, **kwargs: P.kwargs) -> R:
        dtype = narrow_of((*args, *kwargs.values()))
        if dtype is None:
            return f(*args, **kwargs)
        y = of_any(*map(raised, args), **{k: raised(x) for k, x in kwargs.items()})
        return rounded(y, dtype)

    return function
