"""Sums and products of all elements so far along an axis."""

from __future__ import annotations

from typing import Any

from gpugrad.backends import Array
from gpugrad.op import op
from gpugrad.ops.operands import along, fitted, in_dtype

__all__ = [
    "cumulative_prod",
    "cumulative_sum",
]


def _only(shape: tuple[int, ...], axis: int | None) -> int:
    """The axis along which to go: the only one, if none is named."""
    return 0 if axis is None else axis % max(len(shape), 1)


def _sum_rule(
    g: Array, x_shape: tuple[int, ...], axis: int | None, include_initial: bool, xp: Any
) -> Array:
    axis = _only(x_shape, axis)
    if include_initial:
        g = xp.getitem(g, along(axis, 1, None))
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


@op(_sum_rule)
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

    With `include_initial`, a 0 comes first. With `dtype`, elements are converted first;
    floating ones do not become integers, nor complex ones real.
    """
    return xp.cumulative_sum(in_dtype(x, dtype, xp), axis=axis, include_initial=include_initial)


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
    x = in_dtype(x, dtype, xp)
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


@op(_prod_rule)
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

    With `include_initial`, a 1 comes first. The gradient is exact also with zeros. With `dtype`,
    elements are converted first; floating ones do not become integers, nor complex ones real.
    """
    return xp.cumulative_prod(in_dtype(x, dtype, xp), axis=axis, include_initial=include_initial)
