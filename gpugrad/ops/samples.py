"""Averages, covariances, slopes of samples, and polynomials, as NumPy has them."""

from __future__ import annotations

from math import prod

from gpugrad.backends import is_complex
from gpugrad.core.half import in_single
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.joining import atleast_2d, ravel
from gpugrad.ops.operands import (
    along,
    array,
    arrays,
    arrays_or_numbers,
    axes_of,
    dtype_of,
    floating,
    number_of,
    shape_of,
)
from gpugrad.settings import settled
from gpugrad.types import Array, ArrayFunction, Axis, DTypeLike, Operand, Value

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
    """Cumulative sums along `axis`, or of all elements in order if there is none.

    See `cumulative_sum`, which is the function of the Array API standard.

    Args:
        x: What is summed up.
        axis: The axis; by default, `x` is flattened first.
        dtype: The dtype of the sums.
        include_initial: Whether a 0 comes first.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> gg.cumsum(x)
        array([ 1.,  3.,  6., 10.])
        >>> gg.cumsum(x, axis=0)
        array([[1., 2.],
               [4., 6.]])
    """
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
    """Cumulative products along `axis`, or of all elements in order if there is none.

    See `cumulative_prod`, which is the function of the Array API standard.

    Args:
        x: What is multiplied.
        axis: The axis; by default, `x` is flattened first.
        dtype: The dtype of the products.
        include_initial: Whether a 1 comes first.

    Example:
        >>> x = np.array([2.0, 3.0, 4.0])
        >>> gg.cumprod(x)
        array([ 2.,  6., 24.])
        >>> gg.grad(lambda x: gg.sum(gg.cumprod(x)))(x)
        array([16., 10.,  6.])
    """
    return _in_order("cumulative_prod", x, axis, dtype=dtype, include_initial=include_initial)


@add_function
def ptp(x: Array, /, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """The largest minus the smallest element along `axis` ("peak to peak").

    Example:
        >>> x = np.array([[1.0, 5.0], [2.0, 9.0]])
        >>> gg.ptp(x, axis=1)
        array([4., 7.])
        >>> gg.grad(gg.ptp)(x)
        array([[-1.,  0.],
               [ 0.,  1.]])
    """
    ends = (f(x, axis=axis, keepdims=keepdims) for f in (ops.max, ops.min))
    return ops.subtract(*ends)


@add_function
@in_single
def average(
    x: Array,
    /,
    axis: Axis = None,
    weights: Array | None = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Array | tuple[Array, Array]:
    """Mean along `axis`, weighted by `weights` if they are given.

    Args:
        x: What is averaged.
        axis: An axis, several, or `None` for all.
        weights: How much each element counts: of the shape of `x`, or of its axes `axis`.
        returned: Whether to return the sums of the weights, too.
        keepdims: Whether the axes stay, with length 1.

    Raises:
        InvalidArgument: For weights of another shape.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 6.0]])
        >>> gg.average(x, axis=1, weights=np.array([3.0, 1.0]))
        array([1.25, 3.75])
        >>> gg.average(x, returned=True)
        (array(3.), array(4.))
    """
    if weights is None:
        found = ops.mean(x, axis=axis, keepdims=keepdims)
        if not returned:
            return found
        shape = shape_of(x)
        count = prod(shape[a] for a in axes_of(axis, len(shape), "average"))
        return found, ops.full_like(found, count)
    x, weights = arrays(x, weights)
    shape, given = shape_of(x), shape_of(weights)
    places = axes_of(axis, len(shape), "average")
    if given != shape:
        if given != tuple(shape[a] for a in places):
            raise InvalidArgument(
                f"average: weights have shape {given} for an array of shape {shape} along axis "
                f"{axis}; expected those of the array or of the axis."
            )
        order = sorted(range(len(places)), key=lambda i: places[i])
        weights = ops.permute_dims(weights, tuple(order))
        wide = tuple(n if a in places else 1 for a, n in enumerate(shape))
        weights = ops.broadcast_to(ops.reshape(weights, wide), shape)
    weights = floating(weights)
    whole = ops.sum(weights, axis=axis, keepdims=True)
    shares = ops.divide(weights, whole)
    found = ops.sum(ops.multiply(x, shares), axis=axis, keepdims=keepdims)
    return (found, ops.reshape(whole, shape_of(found))) if returned else found


@add_function
@in_single
def cov(
    x: Array,
    y: Array | None = None,
    /,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Operand | None = None,
    aweights: Operand | None = None,
) -> Array:
    """The covariance matrix of variables; for a single one, its variance.

    Args:
        x: The samples of the variables: one variable in each row, or in a vector.
        y: Further variables, with as many samples.
        rowvar: With `False`, the variables are the columns of matrices.
        bias: Whether sums are divided by the number of samples, instead of one less.
        ddof: What is subtracted from the number of samples, in place of what `bias` says.
        fweights: How often each sample was found.
        aweights: How much each sample counts.

    Raises:
        InvalidArgument: For weights that are not as many as the samples.

    Example:
        >>> x = np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
        >>> gg.cov(x)
        array([[ 1., -1.],
               [-1.,  1.]])
    """
    samples = _samples(x, y, rowvar)
    correction = int(not bias) if ddof is None else settled(ddof)
    if fweights is None and aweights is None:
        centred = _centred(samples)
        n = shape_of(centred)[1] - correction
        return ops.squeeze(ops.divide(_with_each_other(centred), float(max(n, 0))))
    given = [floating(array(w, samples)) for w in (fweights, aweights) if w is not None]
    for w in given:
        if shape_of(w) != shape_of(samples)[1:]:
            raise InvalidArgument(
                f"cov: weights have shape {shape_of(w)} for {shape_of(samples)[1]} samples; "
                "expected a vector of as many."
            )
    weights = given[0] if len(given) == 1 else ops.multiply(*given)
    total = ops.sum(weights)
    mean = ops.divide(ops.sum(ops.multiply(samples, weights), axis=1, keepdims=True), total)
    centred = ops.subtract(samples, mean)
    left = total
    if aweights is None or not correction:
        left = ops.subtract(total, float(correction))
    else:
        squares = ops.sum(ops.multiply(weights, given[-1]))
        left = ops.subtract(total, ops.divide(ops.multiply(squares, float(correction)), total))
    other = ops.conj(centred) if is_complex(dtype_of(centred)) else centred
    products = ops.matmul(ops.multiply(centred, weights), ops.matrix_transpose(other))
    return ops.squeeze(ops.divide(products, ops.maximum(left, 0.0)))


def _samples(x: Array, y: Array | None, rowvar: bool) -> Array:
    """The samples, each variable in a row."""
    found = []
    for part in arrays(x) if y is None else arrays(x, y):
        vector = len(shape_of(part)) < 2
        matrix: Array = atleast_2d(part)  # type: ignore[assignment]  # of one array
        found.append(matrix if rowvar or vector else ops.matrix_transpose(matrix))
    return floating(ops.concat(found, axis=0) if len(found) > 1 else found[0])


def _centred(samples: Array) -> Array:
    """The samples less their means."""
    return ops.subtract(samples, ops.mean(samples, axis=1, keepdims=True))


def _with_each_other(rows: Array) -> Array:
    """The products of each row with each, which is conjugated."""
    other = ops.conj(rows) if is_complex(dtype_of(rows)) else rows
    return ops.matmul(rows, ops.matrix_transpose(other))


@add_function
@in_single
def corrcoef(x: Array, y: Array | None = None, /, rowvar: bool = True) -> Array:
    """The correlation matrix of variables: their covariances divided by both standard deviations.

    The variables are the rows of `x` and of `y`, or with `rowvar=False` the columns. NaN with what
    does not vary.

    Example:
        >>> x = np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
        >>> gg.corrcoef(x).round(6)
        array([[ 1., -1.],
               [-1.,  1.]])
    """
    centred = _centred(_samples(x, y, rowvar))
    rows = ops.divide(centred, ops.euclidean_norm(centred, axis=1, keepdims=True))
    return ops.squeeze(_with_each_other(rows))


# Slopes


@add_function
@in_single
def gradient(
    f: Array, /, *spacing: Value, axis: Axis = None, edge_order: int = 1
) -> Array | tuple[Array, ...]:
    """The gradient of samples `f` by finite differences: a tuple by axis, or an array for one axis.

    Inside, slopes are exact for parabolas, at the ends for straight lines or, with `edge_order=2`,
    for parabolas. For the gradient of a function see `gg.grad`.

    Args:
        f: The samples.
        spacing: How far the samples are apart, or a vector with where they are; one for all axes
            or one for each. It is 1 by default.
        axis: The axes, or one of them; all by default.
        edge_order: 1 or 2, how the slopes at the ends are found.

    Raises:
        InvalidArgument: For another `edge_order`, a number of spacings that does not fit, and axes
            of `edge_order` samples or fewer.

    Example:
        >>> x = np.array([0.0, 1.0, 2.0, 4.0])
        >>> gg.gradient(x ** 2, x)
        array([1., 2., 4., 6.])
        >>> gg.gradient(x ** 2, x, edge_order=2)
        array([0., 2., 4., 8.])
    """
    if edge_order not in (1, 2):
        raise InvalidArgument(f"gradient: edge_order is {edge_order!r}; expected 1 or 2.")
    shape = shape_of(f)
    places = axes_of(axis, len(shape), "gradient")
    steps: tuple[Value, ...] = tuple(map(number_of, spacing)) or (1.0,)
    if len(steps) == 1:
        steps = steps * len(places)
    if len(steps) != len(places) or any(shape[a] < edge_order + 1 for a in places):
        raise InvalidArgument(
            f"gradient: {len(spacing)} spacings for the axes {places} of shape {shape}; expected "
            f"one for all or one for each, and at least {edge_order + 1} samples along each."
        )
    found = tuple(_slopes(f, step, a, edge_order) for a, step in zip(places, steps, strict=True))
    return found[0] if len(found) == 1 else found


def _slopes(f: Array, step: Value, axis: int, edge_order: int) -> Array:
    f, step = map(floating, arrays_or_numbers(f, step))
    rise = ops.diff(f, axis=axis)
    run = step
    if len(shape_of(step)) == 1:
        if shape_of(step)[0] != shape_of(f)[axis]:
            raise InvalidArgument(
                f"gradient: {shape_of(step)[0]} places for {shape_of(f)[axis]} samples along axis "
                f"{axis}; expected as many."
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
    if edge_order == 2:
        ends = [_end(slope, run, axis, at_end) for at_end in (False, True)]
    return ops.concat([ends[0], inside, ends[1]], axis=axis)


def _end(slope: Array, run: Value, axis: int, at_end: bool) -> Array:
    """The slope at an end of the parabola through three samples.

    Of the lines through the two next ones, it is the line between their middles, drawn on to the
    end.
    """
    first, second = ((-1, None), (-2, -1)) if at_end else ((None, 1), (1, 2))
    near, far = (ops.getitem(slope, along(axis, *place)) for place in (first, second))
    share: Value = 0.5
    if len(shape_of(run)):
        a, b = (ops.getitem(run, (slice(*place), ...)) for place in (first, second))
        share = ops.divide(a, ops.add(a, b))
    return ops.add(near, ops.multiply(ops.subtract(near, far), share))


# Polynomials


@add_function
@in_single
def polyval(p: Array, x: Array, /) -> Array:
    """The value at `x` of the polynomial with coefficients `p`, highest power first.

    Raises:
        InvalidArgument: For coefficients that are no vector.

    Example:
        >>> p = np.array([1.0, 0.0, -4.0])
        >>> gg.polyval(p, np.array([0.0, 2.0, 3.0]))
        array([-4.,  0.,  5.])
        >>> gg.grad(gg.polyval, argnums=1)(p, 3.0)
        array(6.)
    """
    p, x = arrays(p, x)
    if len(shape_of(p)) != 1:
        raise InvalidArgument(f"polyval: p has shape {shape_of(p)}; expected a vector.")
    found = ops.zeros_like(x)
    for i in range(shape_of(p)[0]):
        found = ops.add(ops.multiply(found, x), ops.getitem(p, (i,)))
    return found


@add_function
def vander(x: Array, /, N: int | None = None, increasing: bool = False) -> Array:
    """A matrix with the powers of each element of a vector in a row, `N` or as many as elements.

    The highest comes first, unless they are `increasing`. Those of integers are of 64 bits.

    Raises:
        InvalidArgument: For what is no vector.

    Example:
        >>> gg.vander(np.array([1.0, 2.0, 3.0]))
        array([[1., 1., 1.],
               [4., 2., 1.],
               [9., 3., 1.]])
        >>> gg.vander(np.array([2.0, 3.0]), 4, increasing=True)
        array([[ 1.,  2.,  4.,  8.],
               [ 1.,  3.,  9., 27.]])
    """
    if len(shape_of(x)) != 1:
        raise InvalidArgument(f"vander: x has shape {shape_of(x)}; expected a vector.")
    n = shape_of(x)[0] if N is None else settled(N)
    x = ops.astype(x, ops.result_type(dtype_of(x), "int64"), copy=False)
    powers = [ops.ones_like(x)]
    while len(powers) < n:
        powers.append(ops.multiply(powers[-1], x))
    found = ops.stack(powers[:n], axis=1) if n else ops.zeros_like(ops.getitem(x, (slice(0),)))
    return found if increasing else ops.flip(found, axis=1)
