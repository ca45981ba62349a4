"""Numbers taken apart and put together: fractions, exponents, powers, and phases without jumps."""

from __future__ import annotations

from math import pi

import numpy as np

from gpugrad.backends import finfo, is_complex, is_inexact, kind_of
from gpugrad.backends.one_place import check_library
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import UnsupportedOperand
from gpugrad.ops.joining import ravel
from gpugrad.ops.operands import (
    along,
    array,
    arrays,
    axis_of,
    check_real,
    dtype_of,
    floating,
    moved_to,
    number_of,
    plain,
    shape_of,
)
from gpugrad.types import Array, Operand, Value

__all__ = [
    "ediff1d",
    "float_power",
    "frexp",
    "ldexp",
    "modf",
    "real_if_close",
    "unwrap",
]


@composed(reference=np.float_power, example=call(of(3), of(3)))
def float_power(x1: Array, x2: Array, /) -> Array:
    """The power `x1 ** x2`, computed in float64, or complex128 for complex operands.

    Operands of other dtypes are converted first, so that integers may have negative exponents.

    Example:
        >>> gg.float_power(np.array([1, 2, 4]), -1)
        array([1.  , 0.5 , 0.25])
        >>> gg.grad(gg.float_power)(2.0, 3.0)
        array(12.)
    """
    check_library("float_power", (x1, x2))
    x1, x2 = arrays(x1, x2)
    wide = np.complex128 if any(is_complex(dtype_of(x)) for x in (x1, x2)) else np.float64
    return ops.power(ops.astype(x1, wide, copy=False), ops.astype(x2, wide, copy=False))


@composed(reference=np.modf, example=call([1.25, -2.75, 0.5]))
def modf(x: Array, /) -> tuple[Array, Array]:
    """The fractional and the integer part, both with the sign of `x`.

    The whole part has gradient 0. The fraction of an infinity is 0.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.modf(np.array([1.25, -2.75]))
        (array([ 0.25, -0.75]), array([ 1., -2.]))
    """
    x = floating(x)
    check_real("modf", x)
    whole = ops.trunc(x)
    rest = ops.subtract(x, ops.where(ops.isinf(x), 0, whole))
    fraction = ops.where(ops.isinf(x), 0, rest)
    zero = ops.copysign(ops.zeros_like(x), x)       # has the sign of x, as that of NumPy
    return ops.where(ops.equal(fraction, 0), ops.add(fraction, zero), fraction), whole


@composed(reference=np.ldexp, example=call(of(3), np.array([1, 0, -2])))
def ldexp(x1: Array, x2: Operand, /) -> Array:
    """The product `x1 * 2**x2` for integers `x2`, exact unless it leaves the range.

    Raises:
        UnsupportedOperand: For exponents that are no integers.

    Example:
        >>> gg.ldexp(np.array([0.75, 3.0]), np.array([2, -1]))
        array([3. , 1.5])
        >>> gg.grad(gg.ldexp)(np.float64(0.75), np.array(2))
        array(4.)
    """
    check_library("ldexp", (x1, x2))
    x1, x2 = arrays(floating(x1), x2)
    if kind_of(x2.dtype) not in "iu":
        raise UnsupportedOperand(
            f"ldexp: the exponents have dtype {x2.dtype}; expected integers."
        )
    # In two steps, because 2**x2 alone may leave the range where the result does not.
    half = ops.floor_divide(x2, 2)
    first = ops.exp2(ops.astype(half, x1.dtype))
    second = ops.exp2(ops.astype(ops.subtract(x2, half), x1.dtype))
    return ops.multiply(ops.multiply(x1, first), second)


@composed(reference=np.frexp, example=call([1.25, -2.75, 0.625]))
def frexp(x: Array, /) -> tuple[Array, Array]:
    """The mantissa of each number, from 0.5 to 1, and the power of 2 that goes with it.

    `ldexp` puts them together again. The mantissa of a negative number is negative, and that of 0
    is 0. Values must be known: it does not go into a trace.

    Raises:
        UnsupportedOperand: For complex numbers.

    Example:
        >>> gg.frexp(np.array([8.0, 0.75]))
        (array([0.5 , 0.75]), array([4, 0], dtype=int32))
    """
    x = floating(x)
    check_real("frexp", x)
    _, exponent = np.frexp(plain(x))
    known = moved_to(exponent, x)
    scaled = ops.ldexp(x, ops.negative(known))
    return ops.where(ops.isfinite(x), scaled, x), ops.astype(known, np.int32)


@composed(reference=np.real_if_close, example=call(of(3)))
def real_if_close(x: Array, /, tol: float = 100) -> Array:
    """The real part of complex numbers whose imaginary parts are all nearly 0, else `x`.

    They are if they are less than `tol`, in units of the rounding error if it is larger than 1.

    Example:
        >>> gg.real_if_close(np.array([1.0 + 1e-15j, 2.0]))
        array([1., 2.])
        >>> gg.real_if_close(np.array([1.0 + 0.5j, 2.0]))
        array([1.+0.5j, 2.+0.j ])
    """
    if not is_complex(dtype_of(x)):
        return x
    tol = float(number_of(tol))
    if tol > 1:
        tol *= float(finfo(x.dtype).eps)
    return ops.real(x) if bool(np.all(np.abs(plain(x).imag) < tol)) else x


@composed(
    reference=lambda x: np.unwrap(x), example=call([0.0, 3.0, -3.0, 2.5])
)
def unwrap(
    p: Array, /, discont: float | None = None, axis: int = -1, *, period: float = 2 * pi
) -> Array:
    """Phases without jumps along `axis`: whole periods are added after a jump.

    Neighbours then differ by at most half a period, or by less than `discont` if that is more.

    Args:
        p: The phases.
        discont: Which distance of neighbours counts as a jump; half a period by default, and at
            least.
        axis: The axis along which they are neighbours.
        period: How long a period is.

    Example:
        >>> degrees = np.array([350.0, 355.0, 0.0, 5.0])
        >>> gg.unwrap(degrees, period=360.0)
        array([350., 355., 360., 365.])
    """
    (p,) = arrays(p)
    axis = axis_of(axis, len(shape_of(p)), "unwrap")
    if not is_inexact(dtype_of(p)):
        p = floating(p)
    period = number_of(period)
    limit = period / 2 if discont is None else number_of(discont)
    step = ops.diff(p, axis=axis)
    low, high = -period / 2, period / 2
    wrapped = ops.add(ops.remainder(ops.subtract(step, low), period), low)
    at_end = ops.logical_and(ops.equal(wrapped, low), ops.greater(step, 0))
    wrapped = ops.where(at_end, high, wrapped)
    correction = ops.where(ops.less(ops.abs(step), limit), 0, ops.subtract(wrapped, step))
    first = ops.getitem(p, along(axis, None, 1))
    rest = ops.add(
        ops.getitem(p, along(axis, 1, None)), ops.cumulative_sum(correction, axis=axis)
    )
    return ops.concat([first, rest], axis=axis)


@composed(reference=np.ediff1d, example=call(of(4)))
def ediff1d(
    x: Array, /, to_end: Value | None = None, to_begin: Value | None = None
) -> Array:
    """The differences of neighbours in order, with values to put before and after them.

    `x` is flattened first; `to_begin` and `to_end` are put before and behind.

    Example:
        >>> gg.ediff1d(np.array([1.0, 4.0, 9.0]))
        array([3., 5.])
        >>> gg.ediff1d(np.array([1.0, 4.0, 9.0]), to_begin=0.0)
        array([0., 3., 5.])
    """
    (x,) = arrays(ravel(x))
    ends = [
        None if end is None else ops.astype(ravel(array(end, x)), x.dtype)
        for end in (to_begin, to_end)
    ]
    parts = [ends[0], ops.diff(x), ends[1]]
    return ops.concat([part for part in parts if part is not None], axis=0)
