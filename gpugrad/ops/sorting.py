"""Sorting and searching. Where elements go has no gradient; the elements that went there have."""

from __future__ import annotations

from gpugrad.backends import Namespace
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import vector_of
from gpugrad.types import Array

__all__ = [
    "argsort",
    "searchsorted",
    "sort",
]


def _lines(x: Array, axis: int | None, xp: Namespace) -> tuple[Array, int]:
    """`x`, or all of its elements in order where there is no axis; and the axis of that."""
    return (xp.reshape(x, (-1,)), 0) if axis is None else (x, axis)


def _sort_rule(
    g: Array, x: Array, axis: int | None, descending: bool, stable: bool, xp: Namespace
) -> Array:
    lines, axis = _lines(x, axis, xp)
    order = xp.argsort(lines, axis=axis, descending=descending, stable=stable)
    return xp.reshape(xp.inverse_take(g, order, axis=axis), x.shape)


@op(_sort_rule, edges="stable: of equal elements each gets its own gradient")
def sort(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: int | None = -1,
    descending: bool = False,
    stable: bool = True,
) -> Array:
    """The array `x` sorted along `axis`, smallest first unless `descending`; NaN last.

    With `axis=None`, all elements are sorted, as a vector. Gradients go back to where the elements
    came from. With `stable`, equal elements keep their order, which only their gradients show.

    Example:
        >>> x = np.array([3.0, 1.0, 2.0])
        >>> gg.sort(x)
        array([1., 2., 3.])
        >>> gg.sort(x, descending=True)
        array([3., 2., 1.])
        >>> gg.grad(lambda x: gg.sum(gg.sort(x) * np.array([1.0, 10.0, 100.0])))(x)
        array([100.,   1.,  10.])
    """
    x, axis = _lines(x, axis, xp)
    return xp.sort(x, axis=axis, descending=descending, stable=stable)


@op()
def argsort(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: int | None = -1,
    descending: bool = False,
    stable: bool = True,
) -> Array:
    """Indices that sort `x` along `axis`; if `stable`, equal elements keep their order.

    With `axis=None`, they are those of all elements, in order, as a vector.

    Example:
        >>> x = np.array([3.0, 1.0, 2.0])
        >>> gg.argsort(x)
        array([1, 2, 0])
        >>> x[gg.argsort(x, descending=True)]
        array([3., 2., 1.])
    """
    x, axis = _lines(vector_of(x, xp), axis, xp)
    return xp.argsort(x, axis=axis, descending=descending, stable=stable)


@op(
    lambda g, order, axis, xp: xp.take_along_axis(g, order, axis=axis),
    None,
    public=False,
)
def inverse_take(xp: Namespace, x: Array, order: Array, /, *, axis: int = -1) -> Array:
    """`x` with each element where `order`, a permutation along `axis`, says."""
    if order.shape != x.shape:
        raise InvalidArgument(
            f"inverse_take: the order has shape {order.shape}; expected {x.shape}, that of the "
            "elements."
        )
    return xp.inverse_take(x, order, axis=axis)


@op(
    lambda g, x, places, axis, x_shape, xp: xp.add_along_axis(
        g, xp.ordered_places(x, places=places, axis=axis), axis=axis, shape=x_shape
    ),
    public=False,
    in_single=True,
    edges="stable: of equal elements the one that comes to the place",
)
def order_statistics(
    xp: Namespace, x: Array, /, *, places: tuple[int, ...], axis: int = -1
) -> Array:
    """The elements at `places` in order along `axis`; NaN where an element is."""
    return xp.order_statistics(x, places=places, axis=axis)


@op(public=False)
def ordered_places(
    xp: Namespace, x: Array, /, *, places: tuple[int, ...], axis: int = -1
) -> Array:
    """The indices of the elements that a stable sort along `axis` brings to `places`.

    Where an element is NaN, all are that of the last such one.
    """
    return xp.ordered_places(x, places=places, axis=axis)


@op(public=False)
def sorted_places(xp: Namespace, x1: Array, x2: Array, /, *, side: str = "left") -> Array:
    """Where in the sorted vector `x1` each of `x2` belongs, before its equals or after them."""
    return xp.searchsorted(x1, x2, side=side)


@add_function
def searchsorted(
    x1: Array, x2: Array, /, *, side: str = "left", sorter: Array | None = None
) -> Array:
    """Where elements of `x2` fit into the sorted vector `x1`, before or after equal ones.

    The result has the shape of `x2`.

    Args:
        x1: A vector in rising order, or any with a `sorter`.
        x2: What is looked for.
        side: "left", before its equals, or "right", after them.
        sorter: The indices that sort `x1`, as from `argsort`.

    Example:
        >>> edges = np.array([0.0, 1.0, 2.0])
        >>> gg.searchsorted(edges, np.array([0.5, 1.0, 5.0]))
        array([1, 1, 3])
        >>> gg.searchsorted(edges, np.array([0.5, 1.0, 5.0]), side="right")
        array([1, 2, 3])
    """
    ordered = x1 if sorter is None else ops.take(x1, sorter)
    return ops.sorted_places(ordered, x2, side=side)
