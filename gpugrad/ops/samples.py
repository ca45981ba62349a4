"""Averages, covariances, slopes of samples, and polynomials, as NumPy has them."""

from __future__ import annotations

from gpugrad.backends import is_complex
from gpugrad.core.half import in_single
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.joining import atleast_2d, ravel
from gpugrad.ops.operands import (
    along,
    arrays,
    arrays_or_numbers,
    axes_of,
    dtype_of,
    floating,
    number_of,
    shape_of,
)
from gpugrad.settings import settled
from gpugrad.types import Array, ArrayFunction, Axis, DTypeLike, Value

__all__ = [
    "average",
    "corrcoef",
    "cov",
    "cumprod",
    "cumsum",
    "gradient",
    "polyval",
    "ptp",
    "vander",
]


def _in_order(name: str, x: Array, axis: int | None, **settings: object) -> Array:
    function: ArrayFunction = getattr(ops, name)
    return function(x if axis is not None else ravel(x), axis=axis, **settings)


@add_function
def cumsum(
    x: Array,
    /,
    axis: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    include_initial: bool = False,
) -> Array:
    """`cumulative_sum` along `axis`; without one, of all elements in order."""
    return _in_order("cumulative_sum", x, axis, dtype=dtype, include_initial=include_initial)


@add_function
def cumprod(
    x: Array,
    /,
    axis: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    include_initial: bool = False,
) -> Array:
    """`cumulative_prod` along `axis`; without one, of all elements in order."""
    return _in_order("cumulative_prod", x, axis, dtype=dtype, include_initial=include_initial)


@add_function
def ptp(x: Array, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """The largest element along `axis` less the smallest."""
    ends = (f(x, axis=axis, keepdims=keepdims) for f in (ops.max, ops.min))
    return ops.subtract(*ends)


@add_function
@in_single
def average(
    x: Array, /, axis: Axis = None, weights: Array | None = None, *, keepdims: bool = False
) -> Array:
    """Mean along `axis`, or with `weights` the sum of products with these divided by their sum.

    `weights` have the shape of `x`, or of its axes `axis`.
    """
    if weights is None:
        return ops.mean(x, axis=axis, keepdims=keepdims)
    x, weights = arrays(x, weights)
    shape, given = shape_of(x), shape_of(weights)
    places = axes_of(axis, len(shape), "average")
    if given != shape:
        if given != tuple(shape[a] for a in places):
            raise InvalidArgument(
                f"average: weights have shape {given} for an array of shape {shape} along axis "
                f"{axis}; wanted are those of the array or of the axis."
            )
        order = sorted(range(len(places)), key=lambda i: places[i])
        weights = ops.permute_dims(weights, tuple(order))
        wide = tuple(n if a in places else 1 for a, n in enumerate(shape))
        weights = ops.broadcast_to(ops.reshape(weights, wide), shape)
    weights = floating(weights)
    shares = ops.divide(weights, ops.sum(weights, axis=axis, keepdims=True))
    return ops.sum(ops.multiply(x, shares), axis=axis, keepdims=keepdims)


@add_function
@in_single
def cov(
    x: Array,
    y: Array | None = None,
    /,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
) -> Array:
    """The covariances of variables, which are the rows of `x` and of `y`, or with `rowvar=False`
    the columns.

    Sums are divided by the number of samples less `ddof`, which is 1, or with `bias` 0.
    """
    centred = _centred(x, y, rowvar)
    n = shape_of(centred)[1] - (int(not bias) if ddof is None else settled(ddof))
    return ops.squeeze(ops.divide(_with_each_other(centred), float(max(n, 0))))


def _centred(x: Array, y: Array | None, rowvar: bool) -> Array:
    """The samples less their means, each variable in a row."""
    found = []
    for part in arrays(x) if y is None else arrays(x, y):
        vector = len(shape_of(part)) < 2
        matrix = atleast_2d(part)
        found.append(matrix if rowvar or vector else ops.matrix_transpose(matrix))
    samples = ops.concat(found, axis=0) if len(found) > 1 else found[0]
    samples = floating(samples)
    return ops.subtract(samples, ops.mean(samples, axis=1, keepdims=True))


def _with_each_other(rows: Array) -> Array:
    """The products of each row with each, which is conjugated."""
    other = ops.conj(rows) if is_complex(dtype_of(rows)) else rows
    return ops.matmul(rows, ops.matrix_transpose(other))


@add_function
@in_single
def corrcoef(x: Array, y: Array | None = None, /, rowvar: bool = True) -> Array:
    """The correlations of variables: their covariances divided by the deviations of both.

    NaN with what does not vary.
    """
    centred = _centred(x, y, rowvar)
    rows = ops.divide(centred, ops.euclidean_norm(centred, axis=1, keepdims=True))
    return ops.squeeze(_with_each_other(rows))


# Slopes


@add_function
@in_single
def gradient(
    f: Array, /, *spacing: Value, axis: Axis = None
) -> Array | tuple[Array, ...]:
    """The slopes of samples `f` along each axis, or along those that `axis` names: a tuple, or of
    one axis an array.

    `spacing` is how far the samples are apart, or a vector with where they are; one for all axes or
    one for each. Inside, slopes are exact for parabolas, at the ends for straight lines. For the
    gradient of a function see `gg.grad`.
    """
    shape = shape_of(f)
    places = axes_of(axis, len(shape), "gradient")
    steps: tuple[Value, ...] = tuple(map(number_of, spacing)) or (1.0,)
    if len(steps) == 1:
        steps = steps * len(places)
    if len(steps) != len(places) or any(shape[a] < 2 for a in places):
        raise InvalidArgument(
            f"gradient: {len(spacing)} spacings for the axes {places} of shape {shape}; wanted is "
            "one for all or one for each, and at least two samples along each."
        )
    found = tuple(_slopes(f, step, a) for a, step in zip(places, steps, strict=True))
    return found[0] if len(found) == 1 else found


def _slopes(f: Array, step: Value, axis: int) -> Array:
    f, step = map(floating, arrays_or_numbers(f, step))
    rise = ops.diff(f, axis=axis)
    run = step
    if len(shape_of(step)) == 1:
        if shape_of(step)[0] != shape_of(f)[axis]:
            raise InvalidArgument(
                f"gradient: {shape_of(step)[0]} places for {shape_of(f)[axis]} samples along axis "
                f"{axis}; wanted are as many."
            )
        behind = (1,) * (len(shape_of(f)) - axis - 1)
        run = ops.reshape(ops.diff(step), (-1, *behind))
    slope = ops.divide(rise, run)
    ends = [ops.getitem(slope, along(axis, *place)) for place in ((None, 1), (-1, None))]
    before, behind_ = (
        ops.getitem(slope, along(axis, *place)) for place in ((None, -1), (1, None))
    )
    if len(shape_of(step)) == 1:                    # each counts as much as the other one is long
        left, right = (
            ops.getitem(run, (slice(*place), ...)) for place in ((None, -1), (1, None))
        )
        total = ops.add(ops.multiply(before, right), ops.multiply(behind_, left))
        inside = ops.divide(total, ops.add(left, right))
    else:
        inside = ops.multiply(ops.add(before, behind_), 0.5)
    return ops.concat([ends[0], inside, ends[1]], axis=axis)


# Polynomials


@add_function
@in_single
def polyval(p: Array, x: Array, /) -> Array:
    """The polynomial with coefficients `p`, that of the highest power first, at `x`."""
    p, x = arrays(p, x)
    if len(shape_of(p)) != 1:
        raise InvalidArgument(f"polyval: p has shape {shape_of(p)}; wanted is a vector.")
    found = ops.zeros_like(x)
    for i in range(shape_of(p)[0]):
        found = ops.add(ops.multiply(found, x), ops.getitem(p, (i,)))
    return found


@add_function
def vander(x: Array, /, N: int | None = None, increasing: bool = False) -> Array:
    """The powers of each element of a vector in a row, `N` or as many as there are elements.

    The highest comes first, unless they are `increasing`. Those of integers are of 64 bits.
    """
    if len(shape_of(x)) != 1:
        raise InvalidArgument(f"vander: x has shape {shape_of(x)}; wanted is a vector.")
    n = shape_of(x)[0] if N is None else settled(N)
    x = ops.astype(x, ops.result_type(dtype_of(x), "int64"), copy=False)
    powers = [ops.ones_like(x)]
    while len(powers) < n:
        powers.append(ops.multiply(powers[-1], x))
    found = ops.stack(powers[:n], axis=1) if n else ops.zeros_like(ops.getitem(x, (slice(0),)))
    return found if increasing else ops.flip(found, axis=1)
