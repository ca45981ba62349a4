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
    """Numbers from `start` (or 0) to below `stop` in steps of `step`, as a Tensor.

    How many there are depends on the values, so none of them may be tracked or traced.

    Raises:
        TrackedConversion: For a bound that needs a gradient or is traced.

    Example:
        >>> gg.arange(3)
        Tensor([0, 1, 2], dtype=int64)
        >>> gg.arange(1.0, 2.0, 0.25)
        Tensor([1.  , 1.25, 1.5 , 1.75], dtype=float64)
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
    """`num` evenly spaced numbers from `start` to `stop`.

    Between numbers they are a Tensor, between arrays as these are, and gradients go to both ends.

    Args:
        start: The first, a number or an array.
        stop: The last, or with `endpoint=False` what comes after the last; it broadcasts.
        num: How many there are.
        dtype: Their dtype; a floating one by default.
        device: Where they are.
        endpoint: Whether `stop` is among them.
        retstep: Whether to return the distance between neighbours, too; NaN where there are none.
        axis: Where the new axis is put in, along which those between elements of arrays lie.

    Raises:
        InvalidArgument: For a negative `num`.

    Example:
        >>> gg.linspace(0.0, 1.0, 5)
        Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float64)
        >>> gg.linspace(np.array([0.0, 10.0]), 1.0, 3)
        array([[ 0. , 10. ],
               [ 0.5,  5.5],
               [ 1. ,  1. ]])
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
    """Numbers whose logarithms are evenly spaced: `base` to the power of `linspace(start, stop)`.

    Args:
        start: The first exponent, a number or an array.
        stop: The last exponent, or with `endpoint=False` what comes after the last.
        num: How many there are.
        dtype: Their dtype; a floating one by default.
        device: Where they are.
        endpoint: Whether the power of `stop` is among them.
        base: What is raised, a number or an array; it broadcasts.
        axis: Where the new axis is put in, along which those between elements of arrays lie.

    Raises:
        InvalidArgument: For a negative `num`.

    Example:
        >>> gg.logspace(0, 3, 4)
        Tensor([   1.,   10.,  100., 1000.], dtype=float64)
        >>> gg.logspace(0, 3, 4, base=2.0)
        Tensor([1., 2., 4., 8.], dtype=float64)
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
    """`num` numbers from `start` to `stop` in geometric progression.

    Real ends have the same sign; between others, of complex numbers, lies a spiral.

    Args:
        start: The first, a number or an array.
        stop: The last, or with `endpoint=False` what comes after the last; it broadcasts.
        num: How many there are.
        dtype: Their dtype; a floating one by default.
        device: Where they are.
        endpoint: Whether `stop` is among them.
        axis: Where the new axis is put in, along which those between elements of arrays lie.

    Raises:
        InvalidArgument: For a negative `num`, and for an end that is 0. In a trace, where values
            are not looked at, a 0 gives NaN.

    Example:
        >>> gg.geomspace(1.0, 1000.0, 4)
        Tensor([   1.,   10.,  100., 1000.], dtype=float64)
        >>> gg.geomspace(np.array([1.0, -2.0]), np.array([4.0, -8.0]), 3)
        array([[ 1., -2.],
               [ 2., -4.],
               [ 4., -8.]])
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
        raise InvalidArgument(f"{name}: num is {n}; expected an integer from 0 on.")
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
