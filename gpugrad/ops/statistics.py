"""Order statistics, reductions that leave NaN out, and functions of samples, as NumPy has them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import ceil, floor, inf, nan

import numpy as np

from gpugrad.backends import finfo, is_complex, is_inexact
from gpugrad.core.half import in_single
from gpugrad.core.registry import add_function, composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import GpugradError, InvalidArgument, NotDifferentiable
from gpugrad.ops.arrange import take
from gpugrad.ops.operands import (
    along,
    arrays,
    axes_of,
    axis_of,
    dtype_of,
    floating,
    is_known,
    number_of,
    plain,
    shape_of,
)
from gpugrad.types import Array, ArrayFunction, Axis, DTypeLike, Operand, Value

__all__ = [
    "interp",
    "median",
    "nan_to_num",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "quantile",
    "trapezoid",
]


METHODS: dict[str, Callable[[float], tuple[int, int, float]]] = {
    "linear": lambda p: (floor(p), ceil(p), p - floor(p)),
    "lower": lambda p: (floor(p), floor(p), 0.0),
    "higher": lambda p: (ceil(p), ceil(p), 0.0),
    "nearest": lambda p: (round(p), round(p), 0.0),
    "midpoint": lambda p: (floor(p), ceil(p), 0.5 if p % 1 else 0.0),
}
"""Between which elements in order a place lies, and how far from the first to the second."""


def _lines(x: Array, axis: Axis) -> tuple[Array, tuple[int, ...]]:
    """`x` with the axes `axis` brought together as the last one, and those axes."""
    shape = shape_of(x)
    gone = tuple(axes_of(axis, len(shape), "quantile"))
    kept = [a for a in range(len(shape)) if a not in gone]
    turned = ops.permute_dims(x, (*kept, *gone))
    return ops.reshape(turned, (*(shape[a] for a in kept), -1)), gone


def between(a: Array, b: Array, part: Value) -> Array:
    """The point of the line from `a` to `b` that lies `part`, from 0 to 1, of the way from `a`.

    The difference may leave the range where the point does not, and infinities have none.
    """
    rise, rest = ops.subtract(b, a), 1 - part

    def from_a() -> Array:
        return ops.add(a, ops.multiply(part, rise))

    def from_b() -> Array:
        return ops.subtract(b, ops.multiply(rest, rise))

    if isinstance(part, float):                     # from the end that is nearer, which is met
        line = from_a() if part < 0.5 else from_b()
    else:
        line = ops.where(ops.less(part, 0.5), from_a(), from_b())
    shares = ops.add(ops.scale(rest, a), ops.scale(part, b))
    return ops.where(ops.isfinite(rise), line, shares)


def _shares(name: str, q: Operand, whole: int = 1) -> np.ndarray:
    """The numbers `q` as shares of a whole; they say which elements are taken."""
    try:
        shares = np.asarray(q, dtype=float) / whole
    except GpugradError as error:
        raise NotDifferentiable(
            f"{name}: q needs a gradient or is traced, and says which elements are taken; expected "
            "known numbers. Use gg.stop_gradient(q), or make q a static argument of gg.jit."
        ) from error
    if not ((shares >= 0) & (shares <= 1)).all():
        raise InvalidArgument(f"{name}: q is {q}; expected numbers from 0 to {whole}.")
    return shares


def _check_method(name: str, method: str) -> None:
    if method not in METHODS:
        raise InvalidArgument(f"{name}: method is {method!r}; expected {', '.join(METHODS)}.")


def _of_shares(
    found: list[Array], shares: np.ndarray, x: Array, gone: Collection[int], keepdims: bool
) -> Array:
    """The results for each share, whose axes come first, behind them those that `x` keeps."""
    shape = shape_of(x)
    kept = tuple(1 if i in gone else m for i, m in enumerate(shape) if keepdims or i not in gone)
    return ops.reshape(ops.stack(found, axis=0), (*shares.shape, *kept))


@add_function
@in_single
def quantile(
    x: Array, q: Operand, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """The `q`-quantile along `axis`, with `q` from 0 to 1; NaN if any element is.

    The gradient goes to the elements that are taken.

    Args:
        x: The elements.
        q: A number from 0 to 1, or an array of them, whose axes come first in the result. It must
            be known: not tracked or traced.
        axis: An axis, several, or `None` for all.
        method: What is taken between two elements: a point of the line ("linear"), the "lower",
            the "higher", the "nearest" or the "midpoint".
        keepdims: Whether the axes stay, with length 1.

    Raises:
        InvalidArgument: For a `q` out of range, another method, and no elements.
        NotDifferentiable: For a `q` that is tracked or traced.

    Example:
        >>> x = np.array([1.0, 2.0, 4.0, 9.0])
        >>> gg.quantile(x, [0.25, 0.5])
        array([1.75, 3.  ])
        >>> gg.grad(lambda x: gg.quantile(x, 0.25))(x)
        array([0.25, 0.75, 0.  , 0.  ])
    """
    _check_method("quantile", method)
    shares = _shares("quantile", q)
    lines, gone = _lines(x, axis)
    n = shape_of(lines)[-1]
    if n == 0:
        raise InvalidArgument("quantile of no elements.")
    taken = [METHODS[method](share * (n - 1)) for share in shares.ravel().tolist()]
    places = sorted({place for low, high, _ in taken for place in (low, high)})
    ordered = ops.order_statistics(floating(lines), places=tuple(places), axis=-1)
    found = []
    for low, high, part in taken:
        a, b = (ops.getitem(ordered, (..., places.index(place))) for place in (low, high))
        found.append(a if low == high else between(a, b, part))
    return _of_shares(found, shares, x, gone, keepdims)


@add_function
def percentile(
    x: Array, q: Operand, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """The `q`-th percentile along `axis`; NaN if any element is.

    It is `quantile` with shares from 0 to 100.

    Example:
        >>> gg.percentile(np.array([1.0, 2.0, 4.0, 9.0]), 50)
        array(3.)
    """
    shares = _shares("percentile", q, 100)
    return quantile(x, shares, axis=axis, method=method, keepdims=keepdims)


@composed(edges="the two elements in the middle share the gradient")
def median(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The median along `axis`: the middle element, or the mean of the middle two; NaN if any is.

    The gradient goes to the elements in the middle.

    Example:
        >>> x = np.array([9.0, 1.0, 4.0, 2.0])
        >>> gg.median(x)
        array(3.)
        >>> gg.grad(gg.median)(x)
        array([0. , 0. , 0.5, 0.5])
    """
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


# Without NaN


def _replaced(x: Array, value: float) -> Array:
    return ops.where(ops.isnan(x), value, x) if is_inexact(dtype_of(x)) else x


def _count(x: Array, axis: Axis, keepdims: bool) -> Array:
    """How many numbers there are, in the dtype of `x`."""
    there = ops.astype(ops.logical_not(ops.isnan(x)), dtype_of(ops.abs(x)))
    return ops.sum(there, axis=axis, keepdims=keepdims)


@add_function
def nansum(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Sum along `axis` of the elements that are not NaN; 0 if there are none.

    What is NaN has gradient 0.

    Example:
        >>> x = np.array([1.0, np.nan, 3.0])
        >>> gg.nansum(x)
        array(4.)
        >>> gg.grad(gg.nansum)(x)
        array([1., 0., 1.])
    """
    return ops.sum(_replaced(x, 0.0), axis=axis, keepdims=keepdims)


@add_function
@in_single
def nanprod(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Product along `axis` of the elements that are not NaN; 1 if there are none.

    Example:
        >>> gg.nanprod(np.array([2.0, np.nan, 3.0]))
        array(6.)
    """
    return ops.prod(_replaced(x, 1.0), axis=axis, keepdims=keepdims)


@add_function
@in_single
def nanmean(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Mean along `axis` of the elements that are not NaN; NaN if there are none.

    Example:
        >>> x = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 6.0]])
        >>> gg.nanmean(x, axis=1)
        array([2., 5.])
        >>> gg.grad(gg.nanmean)(x)
        array([[0.2, 0. , 0.2],
               [0.2, 0.2, 0.2]])
    """
    if not is_inexact(dtype_of(x)):
        return ops.mean(x, axis=axis, keepdims=keepdims)
    total = nansum(x, axis=axis, keepdims=keepdims)
    return ops.divide(total, _count(x, axis, keepdims))


@add_function
@in_single
def nanvar(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """Variance along `axis` of the elements that are not NaN; see `var`. NaN if there are too few.

    Example:
        >>> gg.nanvar(np.array([1.0, np.nan, 3.0]))
        array(1.)
    """
    if not is_inexact(dtype_of(x)):
        return ops.var(x, axis=axis, correction=correction, keepdims=keepdims)
    centred, left = _spread(x, axis, correction, keepdims)
    return ops.divide(ops.sum(ops.square(ops.abs(centred)), axis=axis, keepdims=keepdims), left)


def _spread(x: Array, axis: Axis, correction: float, keepdims: bool) -> tuple[Array, Array]:
    """How far what is not NaN is from its mean, else 0, and what to divide the squares by."""
    centred = ops.subtract(x, nanmean(x, axis=axis, keepdims=True))
    left = ops.subtract(_count(x, axis, keepdims), number_of(correction))
    return ops.where(ops.isnan(x), 0, centred), ops.where(ops.greater(left, 0), left, nan)


@add_function
@in_single
def nanstd(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """Standard deviation along `axis` of the elements that are not NaN; see `std` and `nanvar`.

    Example:
        >>> gg.nanstd(np.array([1.0, np.nan, 3.0]))
        array(1.)
    """
    if not is_inexact(dtype_of(x)):
        return ops.std(x, axis=axis, correction=correction, keepdims=keepdims)
    centred, left = _spread(x, axis, correction, keepdims)
    return ops.divide(ops.euclidean_norm(centred, axis=axis, keepdims=keepdims), ops.sqrt(left))


def _extreme(name: str, x: Array, axis: Axis, keepdims: bool) -> Array:
    reduce: ArrayFunction = getattr(ops, name)
    if not is_inexact(dtype_of(x)):
        return reduce(x, axis=axis, keepdims=keepdims)
    found = reduce(_replaced(x, -inf if name == "max" else inf), axis=axis, keepdims=keepdims)
    nothing = ops.all(ops.isnan(x), axis=axis, keepdims=keepdims)
    return ops.where(nothing, nan, found)


@add_function
def nanmax(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Largest element along `axis` that is not NaN; NaN if there is none.

    Example:
        >>> x = np.array([1.0, np.nan, 3.0])
        >>> gg.nanmax(x)
        array(3.)
        >>> gg.grad(gg.nanmax)(x)
        array([0., 0., 1.])
    """
    return _extreme("max", x, axis, keepdims)


@add_function
def nanmin(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Smallest element along `axis` that is not NaN; NaN if there is none.

    Example:
        >>> gg.nanmin(np.array([[1.0, np.nan], [np.nan, np.nan]]), axis=1)
        array([ 1., nan])
    """
    return _extreme("min", x, axis, keepdims)


@add_function
def nan_to_num(
    x: Array, /, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """The array `x` with NaN and infinities replaced by numbers; for complex `x`, in each part.

    What was replaced has gradient 0. Integers are returned as they are.

    Args:
        x: The array.
        nan: What stands for NaN.
        posinf: What stands for infinity; the largest number of the dtype by default.
        neginf: What stands for -infinity; the lowest number of the dtype by default.

    Example:
        >>> x = np.array([1.0, np.nan, -np.inf])
        >>> gg.nan_to_num(x, neginf=-100.0)
        array([   1.,    0., -100.])
        >>> gg.grad(lambda x: gg.sum(gg.nan_to_num(x)))(x)
        array([1., 0., 0.])
    """
    dtype = dtype_of(x)
    if not is_inexact(dtype):
        return x
    if is_complex(dtype):
        real, imag = (
            nan_to_num(part(x), nan=nan, posinf=posinf, neginf=neginf)
            for part in (ops.real, ops.imag)
        )
        return ops.add(real, ops.multiply(imag, 1j))
    limits = finfo(dtype)
    nan, posinf, neginf = number_of(nan), number_of(posinf), number_of(neginf)
    high = float(limits.max) if posinf is None else posinf
    low = float(limits.min) if neginf is None else neginf
    found = ops.where(ops.equal(x, inf), high, _replaced(x, nan))
    return ops.where(ops.equal(x, -inf), low, found)


@add_function
def nancumsum(
    x: Array, /, axis: int | None = None, *, dtype: DTypeLike | None = None
) -> Array:
    """Cumulative sums along `axis`, with 0 for NaN; without an axis, of all elements in order.

    Example:
        >>> gg.nancumsum(np.array([1.0, np.nan, 3.0]))
        array([1., 1., 4.])
    """
    return ops.cumsum(_replaced(x, 0.0), axis=axis, dtype=dtype)


@add_function
def nancumprod(
    x: Array, /, axis: int | None = None, *, dtype: DTypeLike | None = None
) -> Array:
    """Cumulative products along `axis`, with 1 for NaN; without an axis, of all elements in order.

    Example:
        >>> gg.nancumprod(np.array([2.0, np.nan, 3.0]))
        array([2., 2., 6.])
    """
    return ops.cumprod(_replaced(x, 1.0), axis=axis, dtype=dtype)


@add_function
@in_single
def nanquantile(
    x: Array, q: Operand, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """The `q`-quantile of the elements that are not NaN; NaN if there are none.

    The arguments, and what it raises, are those of `quantile`.

    Example:
        >>> gg.nanquantile(np.array([1.0, np.nan, 3.0, 4.0]), [0.25, 0.5])
        array([2., 3.])
    """
    _check_method("nanquantile", method)
    shares = _shares("nanquantile", q)
    if not is_inexact(dtype_of(x)):
        return quantile(x, q, axis=axis, method=method, keepdims=keepdims)
    lines, gone = _lines(x, axis)
    if not shape_of(lines)[-1]:
        raise InvalidArgument("nanquantile of no elements.")
    # NaN comes last, so that what is left of each line stands at its front.
    ordered = ops.sort(lines, axis=-1)
    count = ops.sum(ops.astype(ops.logical_not(ops.isnan(lines)), np.int64), axis=-1)
    last = ops.maximum(ops.subtract(count, 1), 0)
    found = []
    for share in shares.ravel().tolist():
        place = ops.multiply(ops.astype(last, lines.dtype), share)
        low, high, part = _ends(place, method)
        a, b = (
            ops.squeeze(ops.take_along_axis(ordered, ops.expand_dims(end, -1), axis=-1), -1)
            for end in (low, high)
        )
        found.append(between(a, b, part))
    return _of_shares(found, shares, x, gone, keepdims)


def _ends(place: Array, method: str) -> tuple[Array, Array, Array]:
    """Between which elements places lie, and how far on the way; see `METHODS`."""
    low, high = ops.floor(place), ops.ceil(place)
    part = ops.subtract(place, low)
    if method == "lower":
        high, part = low, ops.zeros_like(part)
    elif method == "higher":
        low, part = high, ops.zeros_like(part)
    elif method == "nearest":
        low = high = ops.round(place)
        part = ops.zeros_like(part)
    elif method == "midpoint":
        part = ops.where(ops.greater(part, 0), 0.5, 0.0)
    return ops.astype(low, np.int64), ops.astype(high, np.int64), part


@add_function
def nanpercentile(
    x: Array, q: Operand, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """The `q`-th percentile of the elements that are not NaN; NaN if there are none.

    It is `nanquantile` with shares from 0 to 100.

    Example:
        >>> gg.nanpercentile(np.array([1.0, np.nan, 3.0, 4.0]), 50)
        array(3.)
    """
    shares = _shares("nanpercentile", q, 100)
    return nanquantile(x, shares, axis=axis, method=method, keepdims=keepdims)


@add_function
def nanmedian(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The median of the elements that are not NaN; see `median`.

    Where nothing is left, it is NaN.

    Example:
        >>> gg.nanmedian(np.array([[1.0, np.nan], [2.0, 4.0]]), axis=1)
        array([1., 3.])
    """
    return nanquantile(x, 0.5, axis=axis, keepdims=keepdims)


def _extreme_place(name: str, x: Array, axis: int | None, keepdims: bool) -> Array:
    if is_known(x) and bool(np.isnan(plain(x)).all(axis=axis).any()):
        raise InvalidArgument(f"nan{name}: all elements along the axis are NaN.")
    filled = _replaced(x, -inf if name == "argmax" else inf)
    return getattr(ops, name)(filled, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]


@add_function
def nanargmax(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the largest element along `axis` that is not NaN.

    Without an axis, it is counted through all elements in order.

    Raises:
        InvalidArgument: Where all elements along the axis are NaN, if values are known.

    Example:
        >>> gg.nanargmax(np.array([1.0, np.nan, 3.0]))
        array(2)
    """
    return _extreme_place("argmax", x, axis, keepdims)


@add_function
def nanargmin(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Index of the smallest element along `axis` that is not NaN.

    Without an axis, it is counted through all elements in order.

    Raises:
        InvalidArgument: Where all elements along the axis are NaN, if values are known.

    Example:
        >>> gg.nanargmin(np.array([np.nan, 2.0, 1.0]))
        array(2)
    """
    return _extreme_place("argmin", x, axis, keepdims)


# Samples of functions


@add_function
@in_single
def trapezoid(y: Array, /, x: Array | None = None, *, dx: float = 1.0, axis: int = -1) -> Array:
    """Integral along `axis` of samples `y`, by the trapezoidal rule.

    Args:
        y: The samples.
        x: Where they are: a vector, or an array that broadcasts with them.
        dx: How far they are apart, without an `x`.
        axis: The axis along which they are neighbours.

    Example:
        >>> x = np.array([0.0, 1.0, 3.0])
        >>> gg.trapezoid(x ** 2, x)
        array(10.5)
        >>> gg.grad(lambda y: gg.trapezoid(y, x))(x ** 2)
        array([0.5, 1.5, 1. ])
    """
    if x is not None:
        y, x = arrays(y, x)
    axis = axis_of(axis, len(shape_of(y)), "trapezoid")
    upper, lower = ops.getitem(y, along(axis, 1, None)), ops.getitem(y, along(axis, None, -1))
    width: Value = number_of(dx)
    if x is not None:
        vector = len(shape_of(x)) == 1
        width = ops.diff(x, axis=-1 if vector else axis)
        if vector:
            width = ops.reshape(width, (-1, *(1,) * (len(shape_of(y)) - axis - 1)))
    return ops.sum(ops.multiply(ops.multiply(ops.add(upper, lower), width), 0.5), axis=axis)


@add_function
@in_single
def interp(
    x: Array,
    xp: Array,
    fp: Array,
    /,
    left: Value | None = None,
    right: Value | None = None,
    period: float | None = None,
) -> Array:
    """Linear interpolation at `x` through the points (`xp`, `fp`).

    Gradients go to the places `x` and to the points. At a point, the slope is that of the line
    behind it.

    Args:
        x: Where values are wanted.
        xp: The places of the points, a vector that rises.
        fp: Their heights, a vector of as many.
        left: What comes before the first point; its height by default.
        right: What comes after the last point; its height by default.
        period: What the line repeats itself after. Places are counted in it then, `xp` may come in
            any order, and `left` and `right` do not count.

    Raises:
        InvalidArgument: For points that are not two vectors of equal length, and for a period of 0.

    Example:
        >>> xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 10.0, 20.0])
        >>> gg.interp(np.array([0.5, 2.0, 9.0]), xp, fp)
        array([ 5., 15., 20.])
        >>> gg.grad(gg.interp)(2.0, xp, fp)
        array(5.)
    """
    x, xp, fp = map(floating, arrays(x, xp, fp))
    if period is not None:
        x, xp, fp, left, right = *_wrapped(x, xp, fp, abs(number_of(period))), None, None
    found = _line(x, xp, fp)
    n = shape_of(xp)[0]
    if left is not None:
        found = ops.where(ops.less(x, ops.getitem(xp, (0,))), left, found)
    if right is not None:
        found = ops.where(ops.greater(x, ops.getitem(xp, (n - 1,))), right, found)
    return found


def _wrapped(x: Array, xp: Array, fp: Array, period: float) -> tuple[Array, Array, Array]:
    """The places within one period, and the points in order, with the next one at each end."""
    if not period:
        raise InvalidArgument("interp: the period is 0; expected another number.")
    x, xp = ops.remainder(x, period), ops.remainder(xp, period)
    order = ops.argsort(xp)
    xp, fp = take(xp, order), take(fp, order)
    ends = [ops.getitem(xp, (slice(-1, None),)), ops.getitem(xp, (slice(1),))]
    xp = ops.concat([ops.subtract(ends[0], period), xp, ops.add(ends[1], period)], axis=0)
    parts = [ops.getitem(fp, (slice(-1, None),)), fp, ops.getitem(fp, (slice(1),))]
    return x, xp, ops.concat(parts, axis=0)


def _line(x: Array, xp: Array, fp: Array) -> Array:
    n = (*shape_of(xp), 0)[0]
    if len(shape_of(xp)) != 1 or shape_of(fp) != shape_of(xp) or n == 0:
        raise InvalidArgument(
            f"interp: xp and fp have shapes {shape_of(xp)} and {shape_of(fp)}; expected vectors "
            "of equal length."
        )
    if n == 1:
        return ops.add(ops.zeros_like(x), ops.getitem(fp, (0,)))
    places = ops.subtract(ops.searchsorted(xp, x, side="right"), 1)
    places = ops.minimum(ops.maximum(places, 0), n - 2)
    behind = ops.add(places, 1)
    x0, x1, y0, y1 = (take(v, i) for v in (xp, fp) for i in (places, behind))
    part = _part(x, x0, x1)
    everywhere = ops.logical_and(ops.equal(x0, -inf), ops.equal(x1, inf))
    flat = ops.logical_and(ops.logical_and(everywhere, ops.equal(y0, y1)), ops.isfinite(x))
    return between(y0, y1, ops.where(flat, 0.5, part))


def _part(x: Array, x0: Array, x1: Array) -> Array:
    """How much of the way from `x0` to `x1` lies before `x`: nothing before `x0`, all behind `x1`.

    Of the way from -inf all, of the way to inf nothing, but for the ends themselves.
    """
    width = ops.subtract(x1, x0)
    none = ops.equal(x1, x0)
    part = ops.divide(ops.subtract(x, x0), ops.where(none, 1, width))
    # A width that leaves the range is found again of halves.
    start = ops.multiply(x0, 0.5)
    half = ops.subtract(ops.multiply(x1, 0.5), start)
    halves = ops.divide(ops.subtract(ops.multiply(x, 0.5), start), half)
    part = ops.where(ops.isinf(width), halves, part)
    from_far = ops.logical_and(ops.equal(x0, -inf), ops.less(x1, inf))
    to_far = ops.logical_and(ops.equal(x1, inf), ops.greater(x0, -inf))
    part = ops.where(from_far, 1, ops.where(to_far, 0, part))
    met = ops.logical_or(none, ops.isinf(x))        # of equal ends, or one that is infinite
    part = ops.where(ops.logical_and(met, ops.less_equal(x, x0)), 0, part)
    part = ops.where(ops.logical_and(met, ops.greater_equal(x, x1)), 1, part)
    return ops.clip(ops.where(ops.isnan(x), x, part), 0.0, 1.0)
