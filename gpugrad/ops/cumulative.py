"""Sums and products of all elements so far along an axis."""

from __future__ import annotations

from collections.abc import Callable

from gpugrad.backends import Namespace, is_complex, is_inexact
from gpugrad.backends.axes import counted
from gpugrad.backends.one_place import check_place
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import along, vector_of
from gpugrad.types import Array, DTypeLike

__all__ = [
    "cumulative_prod",
    "cumulative_sum",
]


def _only(shape: tuple[int, ...], axis: int | None) -> int:
    """The axis along which to go: the only one, if none is named."""
    if axis is None and len(shape) > 1:
        raise InvalidArgument(
            f"an operand has shape {shape}: axis= has to say along which of its axes to go."
        )
    return counted(0 if axis is None else axis, len(shape))


def is_whole(dtype: DTypeLike) -> bool:
    """Whether a result was asked for in a dtype that has no gradient."""
    return dtype is not None and not is_inexact(dtype)


def in_dtype(
    f: Callable[..., Array], x: Array, dtype: DTypeLike, xp: Namespace, **settings: object
) -> Array:
    """What `f` finds for `x` in `dtype`; small integers would accumulate in larger ones."""
    if is_complex(x.dtype) and not is_complex(dtype):
        raise InvalidArgument(
            f"dtype={dtype} for complex elements would lose their imaginary parts: take gg.real of "
            "them, or of the result."
        )
    return xp.astype(f(xp.astype(x, dtype), **settings), dtype)


def _sum_rule(
    g: Array,
    x_shape: tuple[int, ...],
    axis: int | None,
    dtype: DTypeLike,
    include_initial: bool,
    xp: Namespace,
) -> Array:
    if is_whole(dtype):
        return xp.zeros(x_shape, dtype=g.dtype)
    axis = _only(x_shape or (1,), axis)
    if include_initial:
        g = xp.getitem(g, along(axis, 1, None))
    return xp.reshape(xp.reverse_cumulative_sum(g, axis=axis), x_shape)


@op(_sum_rule, in_single=True)
def cumulative_sum(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    include_initial: bool = False,
) -> Array:
    """Sums of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 0 comes first. They are in `dtype` if one is given, as in `sum`.
    NumPy's `cumsum`, which takes all elements in order where no axis is named, is there too.

    Raises:
        InvalidArgument: For several axes of which none is named.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.cumulative_sum(x)
        array([1., 3., 6.])
        >>> gg.cumulative_sum(x, include_initial=True)
        array([0., 1., 3., 6.])
        >>> gg.grad(lambda x: gg.sum(gg.cumulative_sum(x)))(x)
        array([3., 2., 1.])
    """
    x = vector_of(x, xp)
    axis = _only(x.shape, axis)
    if dtype is not None:
        return in_dtype(
            xp.cumulative_sum, x, dtype, xp, axis=axis, include_initial=include_initial
        )
    return xp.cumulative_sum(x, axis=axis, include_initial=include_initial)


@op(
    lambda g, axis, xp: xp.cumulative_sum(g, axis=counted(axis, len(g.shape))),
    public=False,
    in_single=True,
)
def reverse_cumulative_sum(xp: Namespace, x: Array, /, *, axis: int = -1) -> Array:
    """Sums of each element and all behind it along `axis`."""
    return xp.reverse_cumulative_sum(x, axis=counted(axis, len(x.shape)))


def moved(x: Array, axis: int, xp: Namespace, back: bool = False) -> Array:
    """`x` with that axis as the last one, or the last one back in its place."""
    order = [a for a in range(len(x.shape)) if a != axis] + [axis]
    if back:
        order = [order.index(a) for a in range(len(order))]
    return xp.permute_dims(x, tuple(order))


def _prod_rule(
    g: Array, x: Array, axis: int | None, dtype: DTypeLike, include_initial: bool, xp: Namespace
) -> Array:
    if is_whole(dtype):
        return xp.zeros(x.shape, dtype=g.dtype)
    x_shape, x = x.shape, vector_of(x if dtype is None else xp.astype(x, dtype), xp)
    axis = _only(x.shape, axis)
    if include_initial:
        g = xp.getitem(g, along(axis, 1, None))
    if x.size == 0:
        return g
    rows, g = (moved(part, axis, xp) for part in (x, g))
    slope = moved(xp.cumulative_prod_slope(rows, g), axis, xp, back=True)
    return xp.reshape(slope, x_shape)


@op(_prod_rule, in_single=True, edges="gradients are exact where elements are 0")
def cumulative_prod(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: DTypeLike | None = None,
    include_initial: bool = False,
) -> Array:
    """Products of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 1 comes first. They are in `dtype` if one is given, as in `sum`. The
    gradient is exact also with zeros.

    Raises:
        InvalidArgument: For several axes of which none is named.

    Example:
        >>> x = np.array([2.0, 0.0, 3.0])
        >>> gg.cumulative_prod(x)
        array([2., 0., 0.])
        >>> gg.grad(lambda x: gg.sum(gg.cumulative_prod(x)))(x)
        array([1., 8., 0.])
    """
    x = vector_of(x, xp)
    axis = _only(x.shape, axis)
    if dtype is not None:
        return in_dtype(
            xp.cumulative_prod, x, dtype, xp, axis=axis, include_initial=include_initial
        )
    return xp.cumulative_prod(x, axis=axis, include_initial=include_initial)


# Of Tensors; the namespaces of arrays have the same, also where a product of some leaves the range.


@add_function
def cumulative_prod_slope(x: Array, g: Array) -> Array:
    """The cotangent of `x` for that of its cumulative products along the last axis.

    Without dividing: with s[i] = g[i] + x[i+1] s[i+1], element i gets s[i] times the product of all
    before it. The recurrence is solved by doubling, in log2(n) steps.
    """
    check_place("cumulative_prod_slope", (x, g))
    n, step = x.shape[-1], 1
    total, factor = g, _earlier(x, 1)
    while step < n:
        total = ops.add(total, _times(factor, _earlier(total, step)))
        factor = _times(factor, _earlier(factor, step))
        step *= 2
    return _times(total, _exclusive(x))


@add_function
def other_products(x: Array) -> Array:
    """For each element the product of all others along the last axis, without dividing."""
    behind = ops.flip(_exclusive(ops.flip(x, axis=-1)), axis=-1)
    return _times(_exclusive(x), behind)


def _earlier(x: Array, step: int) -> Array:
    """`x` with each element `step` places earlier along the last axis, and zeros behind."""
    behind = ops.zeros_like(ops.getitem(x, (..., slice(0, step))))
    return ops.concat([ops.getitem(x, (..., slice(step, None))), behind], axis=-1)


def _exclusive(x: Array) -> Array:
    """The products of all elements before each along the last axis."""
    products = ops.cumulative_prod(x, axis=-1, include_initial=True)
    return ops.getitem(products, (..., slice(0, x.shape[-1])))


def _times(a: Array, b: Array) -> Array:
    """`a * b`, and 0 where one of them is 0 and the other a product that left the range."""
    return ops.where(ops.isfinite(a), ops.scale(a, b), ops.scale(b, a))
