"""Rates and other numbers of an optimiser: checked, and such that they widen no array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from operator import mul
from typing import Any, TypeAlias

import gpugrad.tree as tree
from gpugrad.backends import StandIn, home_of, namespace_of, within
from gpugrad.context import holding
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import GpugradError, InvalidArgument
from gpugrad.ops.operands import is_weak, setting_of
from gpugrad.settings import settled
from gpugrad.types import Array

Number: TypeAlias = "Array | float"
"""A rate or what is made of it: of Python, or without axes."""

Schedule: TypeAlias = Callable[[int], float]
"""The learning rate of a step, which is given as the number of updates before it."""


def scaled(arrays: Sequence[Array], factor: Number) -> list[Array]:
    """`x * factor` for each array. As an array, the factor costs half of what a number would."""
    dtype, typed, multiply = None, None, mul
    results = []
    for x in arrays:
        if x.dtype is not dtype:
            dtype, typed = x.dtype, like(factor, x)
            if typed is factor:
                xp = namespace_of(x)
                typed, multiply = xp.scalar(typed, dtype, x), xp.multiply
        y = multiply(x, typed)
        results.append(y if y.shape else whole(y))
    return results


def whole(x: Array) -> Array:
    """`x` as an array where NumPy gave a scalar, because arithmetic on 0-d arrays does."""
    return x if x.shape else namespace_of(x).as_array(x)


def double(x: Any) -> Any:
    """A number as an array of float64; one of Python stays as it is."""
    if not hasattr(x, "dtype"):
        return x
    xp = namespace_of(x)
    return whole(xp.astype(x, xp.float64))


def schedule_of(
    lr: float | Schedule, name: str = "lr", low: float = 0.0
) -> Callable[[int, Sequence[Array]], Number]:
    """`lr` as a function of the step and the arrays that it is for, in whose library it computes.

    A number is checked now, a function when it is called: neither may be less than `low`.
    """
    if any(getattr(x, "shape", ()) for x in tree.leaves(lr)):
        raise InvalidArgument(
            f"{name} is of type {type(lr).__name__}; expected a number or a function of the step. "
            "The parameters go to init: opt = gg.optim.adam(1e-3), then state = opt.init(params)."
        )
    if not callable(lr):
        rate = checked(name, lr, low)
        return lambda step, arrays: rate

    def at(step: int, arrays: Sequence[Array]) -> Number:
        try:
            with holding(within, home_of(arrays)):
                return _rate(lr(step), step, low)
        except TypeError as error:
            if isinstance(error, GpugradError) or not isinstance(step, Tensor):
                raise
            raise step._value.refusal(f"Python arithmetic in a schedule ({error})") from error

    return at


def _rate(found: Any, step: object, low: float) -> Number:
    """What a schedule gave: a number of Python, or what is traced, tracked or on a device."""
    if isinstance(found, Tensor) and found._edge is None and not isinstance(found._value, StandIn):
        found = found._value
    rate: Number = settled(found)
    if getattr(rate, "shape", None) != () or getattr(rate, "dtype", None) is None:
        return checked(f"the rate at step {step}", rate, low)
    return rate


def like(number: Any, x: Array) -> Any:
    """`number` such that it does not widen `x`: an array without axes in the dtype of `x`."""
    if not hasattr(number, "dtype") or is_weak(number):
        return number
    if isinstance(number, Tensor):
        return ops.astype(number, x.dtype)
    return namespace_of(number).astype(number, x.dtype)


def checked(name: str, value: Any, low: float, below: float = inf) -> float:
    """`value` as a float, or `InvalidArgument` unless it is finite and `low ≤ value < below`."""
    value = setting_of(name, settled(value))
    if not isinstance(value, int | float) or not (isfinite(value) and low <= value < below):
        limit = "" if below == inf else f" and below {below:g}"
        wanted = "finite number" if low == -inf else f"number of at least {low:g}{limit}"
        raise InvalidArgument(f"{name} is {value}; expected a {wanted}")
    return float(value)


def counted(name: str, value: Any, least: int) -> int:
    """`value` as an integer, or `InvalidArgument` unless it is one of at least `least`."""
    found = settled(value)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise InvalidArgument(f"{name} is {value}; expected a whole number of at least {least}")
    return found
