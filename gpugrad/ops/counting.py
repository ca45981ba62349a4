"""Which elements there are, where they stand and how many: answers about values.

The answers are whole numbers, or values chosen by them: a gradient goes to the values alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpugrad.backends.one_place import check_library
from gpugrad.core.op_info import call, of
from gpugrad.core.registry import add_function, composed
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.joining import ravel
from gpugrad.ops.operands import array, arrays, axis_of, moved_to, plain, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, Operand

__all__ = [
    "argpartition",
    "argwhere",
    "bincount",
    "digitize",
    "flatnonzero",
    "histogram",
    "intersect1d",
    "lexsort",
    "setdiff1d",
    "setxor1d",
    "union1d",
    "unique",
]


@add_function
def argwhere(x: Array, /) -> Array:
    """The indices of the nonzero elements, one per row.

    Example:
        >>> gg.argwhere(np.array([[0.0, 1.0], [2.0, 0.0]]))
        array([[0, 1],
               [1, 0]])
    """
    return ops.stack(ops.nonzero(x), axis=1)


@add_function
def flatnonzero(x: Array, /) -> Array:
    """The indices of the nonzero elements of the flattened array.

    Example:
        >>> gg.flatnonzero(np.array([[0.0, 1.0], [2.0, 0.0]]))
        array([1, 2])
    """
    (found,) = ops.nonzero(ravel(x))
    return found


@add_function
def argpartition(
    x: Array, kth: int | Sequence[int], /, axis: int | None = -1, kind: str = "introselect"
) -> Array:
    """Indices that put the elements at `kth` along `axis` where sorting would; here they sort all.

    Example:
        >>> gg.argpartition(np.array([3.0, 1.0, 2.0]), 1)
        array([1, 2, 0])
    """
    return ops.argsort(ravel(x) if axis is None else x, axis=-1 if axis is None else axis)


@add_function
def lexsort(keys: Sequence[Operand], /, axis: int = -1) -> Array:
    """Indices that sort by the last of `keys`, then by the one before it, and so on.

    Raises:
        InvalidArgument: If there are no keys.

    Example:
        >>> first, last = np.array([3, 1, 2]), np.array([1, 1, 0])
        >>> gg.lexsort((first, last))
        array([2, 1, 0])
    """
    rows = ops.unstack(keys, axis=0) if hasattr(keys, "shape") and keys.shape else arrays(*keys)
    if not rows:
        raise InvalidArgument("lexsort: there are no keys; expected at least one.")
    numbers = not shape_of(rows[0])                 # which are sorted as vectors of one element
    along = axis_of(axis, 1 if numbers else len(shape_of(rows[0])), "lexsort")
    first, *others = map(ravel, rows) if numbers else rows
    order = ops.argsort(first, axis=along, stable=True)
    for key in others:
        turn = ops.argsort(ops.take_along_axis(key, order, axis=along), axis=along, stable=True)
        order = ops.take_along_axis(order, turn, axis=along)
    return ops.getitem(order, 0) if numbers else order


@add_function
def digitize(x: Array, bins: Operand, /, right: bool = False) -> Array:
    """The number of the bin, between neighbours in the vector `bins`, in which each element lies.

    `bins` rise or fall. A span holds its lower end, or with `right` its upper one; 0 and the number
    of bins are beyond the ends.

    Raises:
        InvalidArgument: For bins that are no vector, or that neither rise nor fall throughout.

    Example:
        >>> gg.digitize(np.array([-1.0, 0.0, 0.5, 7.0]), np.array([0.0, 1.0, 2.0]))
        array([0, 1, 1, 3])
    """
    edges = array(bins, x)
    known = plain(edges)
    steps = np.diff(known) if known.ndim == 1 else None
    rises = steps is not None and bool(np.all(steps >= 0))
    if steps is None or not (rises or np.all(steps <= 0)):
        raise InvalidArgument("digitize: bins are no vector that rises or falls throughout.")
    side = "left" if right else "right"
    if rises:
        return ops.searchsorted(edges, x, side=side)
    back = ops.searchsorted(ops.flip(edges), x, side="right" if right else "left")
    return ops.subtract(known.size, back)


@composed(
    reference=np.bincount,
    example=call(np.array([0, 2, 2]), of(3), 4),
)
def bincount(x: Array, /, weights: Operand | None = None, minlength: int = 0) -> Array:
    """How often each integer from 0 on occurs in the vector `x`, or the sums of its `weights`.

    The numbers must be known. There are at least `minlength` of them. Sums of weights are in
    float64.

    Raises:
        InvalidArgument: For `x` that is no vector of integers from 0 on, and for another number of
            weights.

    Example:
        >>> gg.bincount(np.array([0, 2, 2]))
        array([1, 0, 2])
        >>> x, w = np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0])
        >>> gg.bincount(x, weights=w, minlength=4)
        array([1., 0., 5., 0.])
        >>> gg.grad(lambda w: gg.sum(gg.bincount(x, weights=w) ** 2))(w)
        array([ 2., 10., 10.])
    """
    check_library("bincount", (x, weights))
    numbers = plain(x)
    whole = numbers.dtype.kind in "biu" or not numbers.size
    if numbers.ndim != 1 or not whole or numbers.min(initial=0) < 0:
        raise InvalidArgument(
            f"bincount: of shape {numbers.shape} and dtype {numbers.dtype}; expected a vector of "
            "integers that are not negative."
        )
    n = max(int(numbers.max(initial=-1)) + 1, settled(minlength))
    if weights is None:
        return moved_to(np.bincount(numbers, minlength=n), x)
    given = array(weights, x)
    if shape_of(given) != numbers.shape:
        raise InvalidArgument(
            f"bincount: weights have shape {shape_of(given)} for {numbers.size} numbers; expected "
            "one for each."
        )
    wide = ops.astype(given, np.float64, copy=False)
    return ops.scatter_add(wide, (moved_to(numbers.astype(int), x),), shape=(n,))


@add_function
def histogram(
    x: Array,
    /,
    bins: int | str | Operand = 10,
    range: tuple[float, float] | None = None,
    density: bool | None = None,
    weights: Operand | None = None,
) -> tuple[Array, Array]:
    """The number of elements in each bin, or the sum of their `weights`, and the edges of the bins.

    The elements must be known. Counts have no gradient; sums of weights have one, and so have the
    ends of the bins.

    Args:
        x: The elements, of any shape.
        bins: How many bins of one width, the name of a rule of NumPy for that, or the ends of the
            bins.
        range: The least and the largest end; without it, the least and the largest element.
        density: Whether to divide by the widths of the bins and by the whole.
        weights: What each element counts; without them, 1.

    Example:
        >>> x, w = np.array([1.0, 2.0, 2.5, 4.0]), np.array([1.0, 10.0, 100.0, 1000.0])
        >>> gg.histogram(x, bins=3)
        (array([1, 2, 1]), array([1., 2., 3., 4.]))
        >>> gg.grad(lambda w: gg.histogram(x, bins=3, weights=w)[0][1])(w)
        array([0., 1., 1., 0.])
    """
    check_library("histogram", (x, bins, weights))
    bins = settled(bins)
    values = plain(x).ravel()
    known = bins if isinstance(bins, int | str) else plain(bins)
    ends = np.histogram_bin_edges(values, known, range)
    edges = _edges(x, bins, ends, range)
    if weights is None:
        sums = moved_to(np.histogram(values, ends)[0], x)
    else:
        places = np.searchsorted(ends, values, side="right") - 1
        places[values == ends[-1]] = len(ends) - 2
        inside = np.flatnonzero((places >= 0) & (places < len(ends) - 1))
        chosen = ops.getitem(ravel(array(weights, x)), (moved_to(inside, x),))
        sums = ops.scatter_add(chosen, (moved_to(places[inside], x),), shape=(len(ends) - 1,))
    if density:
        sums = ops.divide(ops.divide(sums, ops.diff(edges)), ops.sum(sums))
    return sums, edges


def _edges(
    x: Array, bins: int | str | Operand, ends: np.ndarray, range: tuple[float, float] | None
) -> Array:
    """The ends of bins, of which the numbers are known, as they depend on the elements."""
    if not isinstance(bins, int | str):
        return array(bins, x)
    values = plain(x)
    if range is not None or not values.size or getattr(x, "_edge", None) is None:
        return moved_to(ends, x)
    spread = float(ends[-1] - ends[0]) - float(values.max() - values.min())
    half = 0.5 if spread > 0.5 else 0.0             # around elements that are all equal
    shares = moved_to(np.linspace(0.0, 1.0, len(ends)).astype(ends.dtype), x)
    first, last = ops.subtract(ops.min(x), half), ops.add(ops.max(x), half)
    return ops.add(first, ops.multiply(shares, ops.subtract(last, first)))


@add_function
def unique(
    x: Array,
    /,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The sorted distinct elements of `x`, or slices along `axis`; `x` must not be traced.

    The gradient of an element goes to the first of its equals.

    Args:
        x: The array.
        return_index: Whether to return also where each comes first.
        return_inverse: Whether to return also which of them each element is.
        return_counts: Whether to return also how many there are of each.
        axis: The axis whose slices are compared; without one, elements.
        equal_nan: Whether NaNs are one, or each its own.
        sorted: Is there for NumPy's sake: they are always sorted.

    Example:
        >>> x = np.array([3.0, 1.0, 3.0, 2.0])
        >>> gg.unique(x)
        array([1., 2., 3.])
        >>> gg.unique(x, return_counts=True)
        (array([1., 2., 3.]), array([1, 1, 2]))
        >>> gg.grad(lambda x: gg.sum(gg.unique(x) ** 2))(x)
        array([6., 2., 0., 4.])
    """
    _, index, inverse, counts = np.unique(
        plain(x), return_index=True, return_inverse=True, return_counts=True, axis=axis,
        equal_nan=equal_nan,
    )  # fmt: skip
    values = ops.take(ravel(x) if axis is None else x, moved_to(index, x), axis=axis or 0)
    more = ((return_index, index), (return_inverse, inverse), (return_counts, counts))
    asked = [moved_to(part, x) for wanted, part in more if wanted]
    return (values, *asked) if asked else values


def _two(name: str, x1: Array, x2: Array) -> list[Array]:
    """Both operands, of one library, though the numbers of both are looked at alone."""
    check_library(name, (x1, x2))
    return arrays(x1, x2)


def _chosen(x: Array, places: np.ndarray) -> Array:
    return ops.take(ravel(x), moved_to(places, x), axis=0)


@add_function
def union1d(x1: Array, x2: Array, /) -> Array:
    """The sorted distinct elements of both, which must not be traced.

    Example:
        >>> gg.union1d(np.array([3.0, 1.0]), np.array([1.0, 2.0]))
        array([1., 2., 3.])
    """
    x1, x2 = arrays(x1, x2)
    return unique(ops.concat([ravel(x1), ravel(x2)], axis=0))  # type: ignore[no-any-return]


@add_function
def intersect1d(
    x1: Array, x2: Array, /, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """The sorted elements that are in both, which must not be traced; the gradient goes to `x1`.

    With `return_indices`, also where they come first in `x1` and in `x2`.

    Example:
        >>> gg.intersect1d(np.array([3.0, 1.0, 2.0]), np.array([2.0, 3.0]))
        array([2., 3.])
        >>> gg.intersect1d(np.array([3.0, 1.0]), np.array([2.0, 3.0]), return_indices=True)
        (array([3.]), array([0]), array([1]))
    """
    x1, x2 = _two("intersect1d", x1, x2)
    _, first, second = np.intersect1d(plain(x1), plain(x2), assume_unique, return_indices=True)
    values = _chosen(x1, first)
    return (values, moved_to(first, x1), moved_to(second, x1)) if return_indices else values


@add_function
def setdiff1d(x1: Array, x2: Array, /, assume_unique: bool = False) -> Array:
    """The sorted elements of `x1` that are not in `x2`; these must not be traced.

    Example:
        >>> gg.setdiff1d(np.array([3.0, 1.0, 2.0]), np.array([2.0]))
        array([1., 3.])
    """
    x1, x2 = _two("setdiff1d", x1, x2)
    values = plain(x1).ravel()
    first = np.arange(values.size) if assume_unique else np.unique(values, return_index=True)[1]
    return _chosen(x1, first[~np.isin(values[first], plain(x2))])


@add_function
def setxor1d(x1: Array, x2: Array, /, assume_unique: bool = False) -> Array:
    """The sorted elements that are in exactly one of both; these must not be traced.

    Example:
        >>> gg.setxor1d(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
        array([1., 3.])
    """
    x1, x2 = _two("setxor1d", x1, x2)
    apart = [setdiff1d(x1, x2, assume_unique), setdiff1d(x2, x1, assume_unique)]
    return ops.sort(ops.concat(apart, axis=0))
