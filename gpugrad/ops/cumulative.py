"""Sums and products of all elements so far along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpugrad.backends import Array, is_complex, is_inexact
from gpugrad.errors import InvalidArgument
from gpugrad.op import op
from gpugrad.ops.operands import along, fitted

__all__ = [
    "cumulative_prod",
    "cumulative_sum",
]


def _only(shape: tuple[int, ...], axis: int | None) -> int:
    """The axis along which to go: the only one, if none is named."""
    return 0 if axis is None else axis % max(len(shape), 1)


def is_whole(dtype: Any) -> bool:
    """Whether a result was asked for in a dtype that has no gradient."""
    return dtype is not None and not is_inexact(dtype)


def in_dtype(f: Callable[..., Array], x: Array, dtype: Any, xp: Any, **settings: Any) -> Array:
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
    dtype: Any,
    include_initial: bool,
    xp: Any,
) -> Array:
    if is_whole(dtype):
        return xp.zeros(x_shape, dtype=g.dtype)
    axis = _only(x_shape, axis)
    if include_initial:
        g = xp.getitem(g, along(axis, 1, None))
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


@op(_sum_rule, in_single=True)
def cumulative_sum(
    xp: Any,
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Array:
    """Sums of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 0 comes first. They are in `dtype` if one is given, as in `sum`.
    """
    settings = {"axis": axis, "include_initial": include_initial}
    if dtype is not None:
        return in_dtype(xp.cumulative_sum, x, dtype, xp, **settings)
    return xp.cumulative_sum(x, **settings)


def _earlier(x: Array, axis: int, step: int, xp: Any) -> Array:
    """`x` with each element `step` places earlier along `axis`, and zeros behind."""
    return fitted(xp.getitem(x, along(axis, step, None)), x.shape[axis], axis, xp)


def exclusive_products(x: Array, axis: int, xp: Any) -> Array:
    """The products of all elements before each along `axis`."""
    products = xp.cumulative_prod(x, axis=axis, include_initial=True)
    return xp.getitem(products, along(axis, None, -1))


def _prod_rule(
    g: Array, x: Array, axis: int | None, dtype: Any, include_initial: bool, xp: Any
) -> Array:
    """Without dividing: with s[i] = g[i] + x[i+1] s[i+1], element i gets s[i] times the product of
    all before it. The recurrence is solved by doubling, in log2(n) steps.
    """
    if is_whole(dtype):
        return xp.zeros(x.shape, dtype=g.dtype)
    x = x if dtype is None else xp.astype(x, dtype)
    axis = _only(x.shape, axis)
    if include_initial:
        g = xp.getitem(g, along(axis, 1, None))
    n = x.shape[axis]
    if x.size == 0:
        return g
    total, factor, step = g, _earlier(x, axis, 1, xp), 1
    while step < n:
        total = total + factor * _earlier(total, axis, step, xp)
        factor = factor * _earlier(factor, axis, step, xp)
        step *= 2
    return total * exclusive_products(x, axis, xp)


@op(_prod_rule, in_single=True)
def cumulative_prod(
    xp: Any,
    x: Array,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Array:
    """Products of the elements up to each along `axis`, which may be left out for a vector.

    With `include_initial`, a 1 comes first. They are in `dtype` if one is given, as in `sum`. The
    gradient is exact also with zeros.
    """
    settings = {"axis": axis, "include_initial": include_initial}
    if dtype is not None:
        return in_dtype(xp.cumulative_prod, x, dtype, xp, **settings)
    return xp.cumulative_prod(x, **settings)
