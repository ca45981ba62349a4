"""Evenly spaced numbers: between numbers a Tensor, between arrays as these are.

Between Tensors they are differentiated in both ends.
"""

from __future__ import annotations

from math import nan
from operator import index

import numpy as np

from gpugrad.backends import StandIn, kind_of, namespace_of
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument, TrackedConversion
from gpugrad.ops.creation import asarray, made
from gpugrad.ops.operands import arrays, axis_of, is_array, shape_of
from gpugrad.types import Array, DTypeLike, Operand, Value

__all__ = ["arange", "geomspace", "linspace", "logspace"]


@add_function
def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """Numbers from `start` (or 0) up to but not including `stop`, `step` apart.

    How many there are depends on the values, so none of them may be tracked.
    """
    bounds = [_number(x) for x in ((0, start, step) if stop is None else (start, stop, step))]
    return made("arange", *bounds, dtype=dtype, device=device)


def _number(x: Value) -> Value:
    """A bound of `arange`; that of a Tensor is a scalar of NumPy, which has its dtype."""
    if not isinstance(x, Tensor):
        return x
    if x.requires_grad or isinstance(x._value, StandIn):
        raise TrackedConversion(
            "arange: how many numbers there are would depend on the value of a Tensor that needs a "
            "gradient or is traced. Compose it with a known number of them, as in "
            "start + step * gg.arange(n)."
        )
    return namespace_of(x._value).to_numpy(x._value)[()]


@add_function
def linspace(
    start: Operand,
    stop: Operand,
    /,
    num: int = 50,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
    endpoint: bool = True,
    retstep: bool = False,
    axis: int = 0,
) -> Array | tuple[Array, Array]:
    """`num` evenly spaced numbers from `start` to `stop`, which is left out without `endpoint`.

    Those between the elements of arrays, which broadcast, lie along the new axis `axis`. With
    `retstep`, the distances between neighbours come with them; NaN where there are none.
    """
    num = _count("linspace", num)
    start, stop = _ends(start, stop)
    if retstep:
        spaced: Array = linspace(  # type: ignore[assignment]  # without `retstep`
            start, stop, num, dtype=dtype, device=device, endpoint=endpoint, axis=axis
        )
        intervals = num - 1 if endpoint else num
        change = ops.subtract(*(ops.multiply(x, 1.0) for x in (stop, start)))
        return spaced, change / intervals if intervals > 0 else change * nan
    if not (is_array(start) or is_array(stop)):
        axis_of(axis, 1, "linspace")
        return made("linspace", start, stop, num, dtype=dtype, endpoint=endpoint, device=device)
    spaced = _spaced(start, stop, num, endpoint)
    if dtype is not None and kind_of(np.dtype(dtype)) in "iu" and kind_of(spaced.dtype) == "f":
        spaced = ops.floor(spaced)                  # a conversion cuts off
    return ops.moveaxis(_placed(spaced, dtype, device), 0, axis)


@add_function
def logspace(
    start: Operand,
    stop: Operand,
    /,
    num: int = 50,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
    endpoint: bool = True,
    base: Operand = 10.0,
    axis: int = 0,
) -> Array:
    """`base` to the power of each of `num` evenly spaced numbers from `start` to `stop`.

    Arrays among the first two and `base` broadcast; see `linspace`.
    """
    num = _count("logspace", num)
    start, stop, base = (*_ends(start, stop), *_ends(base))
    if is_array(start) or is_array(stop):
        exponents = _spaced(start, stop, num, endpoint)
    else:
        exponents = made("linspace", start, stop, num, endpoint=endpoint, device=device)
    missing = len(shape_of(base)) - len(shape_of(exponents)) + 1
    if missing > 0:
        shape = shape_of(exponents)
        exponents = ops.reshape(exponents, (num, *(1,) * missing, *shape[1:]))
    return ops.moveaxis(_placed(ops.power(base, exponents), dtype, device), 0, axis)


@add_function
def geomspace(
    start: Operand,
    stop: Operand,
    /,
    num: int = 50,
    *,
    dtype: DTypeLike | None = None,
    device: str | None = None,
    endpoint: bool = True,
    axis: int = 0,
) -> Array:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    They are as `linspace` has them otherwise. Neither end may be 0; in a trace, where values
    are not looked at, a 0 gives NaN.
    """
    num = _count("geomspace", num)
    start, stop = _ends(start, stop)
    within = ops.result_type(start, stop, 1.0, *([] if dtype is None else [dtype]))
    if not (is_array(start) or is_array(stop)):
        start = asarray(start, device=device)
    start, stop = (ops.astype(x, within) for x in arrays(start, stop))
    _refuse_zero(start, stop)
    # The path between negative or complex numbers is that between positive ones, turned.
    turn = ops.sign(start)
    exponents = _spaced(ops.log10(start / turn), ops.log10(stop / turn), num, endpoint)
    spaced = ops.power(10.0, exponents) * turn
    at = _ramp(num, ops.add(start, stop))
    spaced = ops.where(at == 0, start, spaced)
    if endpoint and num > 1:
        spaced = ops.where(at == num - 1, stop, spaced)
    return ops.moveaxis(_placed(spaced, dtype, device), 0, axis)


def _count(name: str, num: int) -> int:
    if (n := index(num)) < 0:
        raise InvalidArgument(f"{name}: num is {n}; wanted is how many numbers, from 0 on.")
    return n


def _ends(*ends: Operand) -> tuple[Operand, ...]:
    """The arguments, with Tensors for lists; raises `UnsupportedOperand` for what is no array."""
    found = tuple(asarray(x) if isinstance(x, list | tuple) else x for x in ends)
    for x in found:
        shape_of(x)
    return found


def _spaced(start: Operand, stop: Operand, num: int, endpoint: bool) -> Array:
    """`linspace` of arrays along a new first axis, in the dtype in which it is computed."""
    dtype = ops.result_type(start, stop, 1.0)
    within = ops.result_type(dtype, "float32")      # float16 cannot hold the number of each element
    start, stop = (ops.astype(x, within) for x in arrays(start, stop))
    change = ops.subtract(stop, start)
    places = _ramp(num, change)
    ramp = ops.astype(places, ops.finfo(within).dtype)
    intervals = num - 1 if endpoint else num
    if intervals < 1:
        spaced = start + ramp * change
    else:
        step = change / intervals
        # An interval that underflows is no interval; the ends may differ all the same.
        offset = ops.where(step == 0, ramp / intervals * change, ramp * step)
        spaced = start + offset
        if endpoint:
            spaced = ops.where(places == intervals, stop, spaced)
    return ops.astype(spaced, dtype)


def _ramp(num: int, like: Array) -> Array:
    """0, 1, ... along a new first axis before those of `like`, of its library and kind."""
    value = like._value if isinstance(like, Tensor) else like
    ramp = namespace_of(value).arange(0, num, 1, dtype=np.dtype("int64"))
    ramp = Tensor(ramp) if isinstance(like, Tensor) else ramp
    return ops.reshape(ramp, (num, *(1,) * len(shape_of(like))))


def _placed(x: Array, dtype: DTypeLike | None, device: str | None) -> Array:
    """`x` in a dtype and on a device, where they are named."""
    x = x if dtype is None else ops.astype(x, dtype)
    return x if device is None else ops.to_device(x, device)


def _refuse_zero(*ends: Operand) -> None:
    for x in ends:
        value = x._value if isinstance(x, Tensor) else x
        if not isinstance(value, StandIn) and bool(namespace_of(value).any(value == 0)):
            raise InvalidArgument("geomspace: an end is 0, of which nothing is a multiple.")
