"""Searching for elements. The shapes of the results depend on values: not under `gg.jit`.

Where something lies has no gradient; the values that are found have.
"""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from gpugrad.backends import Namespace
from gpugrad.core.op import op
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.ops.operands import arrays
from gpugrad.types import Array

__all__ = [
    "isin",
    "nonzero",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]

A = TypeVar("A", bound=Array)


class UniqueAllResult(NamedTuple, Generic[A]):
    """What `unique_all` finds."""

    values: A
    indices: A
    inverse_indices: A
    counts: A


class UniqueCountsResult(NamedTuple, Generic[A]):
    """What `unique_counts` finds."""

    values: A
    counts: A


class UniqueInverseResult(NamedTuple, Generic[A]):
    """What `unique_inverse` finds."""

    values: A
    inverse_indices: A


@op(results=None)
def nonzero(xp: Namespace, x: Array) -> tuple[Array, ...]:
    """Indices of the nonzero elements, as one array per axis.

    How many there are depends on values, which are not known under `gg.jit`. There must be one
    axis at least.

    Example:
        >>> x = np.array([[3.0, 0.0], [0.0, 4.0]])
        >>> gg.nonzero(x)
        (array([0, 1]), array([0, 1]))
        >>> x[gg.nonzero(x)]
        array([3., 4.])
    """
    return tuple(xp.nonzero(x))


@add_function
def isin(x1: Array, x2: Array, /, *, invert: bool = False) -> Array:
    """Whether each element of `x1` is among those of `x2`; with `invert`, whether it is not.

    Each is compared with each, which takes memory for all pairs.

    Example:
        >>> gg.isin(np.array([[1, 2], [3, 4]]), np.array([2, 4, 6]))
        array([[False,  True],
               [False,  True]])
    """
    x1, x2 = arrays(x1, x2)
    pairs = ops.equal(ops.expand_dims(x1, axis=-1), ops.reshape(x2, (-1,)))
    found = ops.any(pairs, axis=-1)
    return ops.logical_not(found) if invert else found


@op(public=False)
def repeated_places(xp: Namespace, counts: Array, /, *, n: int) -> Array:
    """The numbers below `n`, each as often as `counts` says."""
    return xp.repeat(xp.arange(n), counts)


@op(results=3, public=False)
def unique_places(xp: Namespace, x: Array) -> tuple[Array, Array, Array]:
    """Where the elements of `x`, counted in order, differ from all before.

    In order of size: the first place of each, for each element the number of its equals, and how
    many these are. NaNs differ from each other.
    """
    _, indices, inverse, counts = xp.unique_all(x)
    return indices, inverse, counts


@add_function
def unique_all(x: Array, /) -> UniqueAllResult[Array]:
    """The sorted distinct elements of `x`, and where they are.

    A named tuple has the `values`; the `indices` of their first places, counted in order;
    `inverse_indices`, of the shape of `x`, which say which value each element is; and the `counts`
    of each. NaNs differ from each other.

    Example:
        >>> found = gg.unique_all(np.array([3.0, 1.0, 3.0, 2.0]))
        >>> found.values, found.counts
        (array([1., 2., 3.]), array([1, 1, 2]))
        >>> found.indices, found.inverse_indices
        (array([1, 3, 0]), array([2, 0, 2, 1]))
    """
    indices, inverse, counts = ops.unique_places(x)
    values = ops.getitem(ops.reshape(x, (-1,)), (indices,))
    return UniqueAllResult(values, indices, inverse, counts)


@add_function
def unique_counts(x: Array, /) -> UniqueCountsResult[Array]:
    """The sorted distinct elements of `x`, and how often each occurs.

    They are the `values` and `counts` of a named tuple. NaNs differ from each other.

    Example:
        >>> values, counts = gg.unique_counts(np.array([3, 1, 3, 2]))
        >>> values, counts
        (array([1, 2, 3]), array([1, 1, 2]))
    """
    found = unique_all(x)
    return UniqueCountsResult(found.values, found.counts)


@add_function
def unique_inverse(x: Array, /) -> UniqueInverseResult[Array]:
    """The sorted distinct elements of `x`, and which of them each element is.

    They are the `values` and `inverse_indices` of a named tuple; these have the shape of `x`. NaNs
    differ from each other.

    Example:
        >>> values, which = gg.unique_inverse(np.array([30, 10, 30]))
        >>> values, which
        (array([10, 30]), array([1, 0, 1]))
        >>> values[which]
        array([30, 10, 30])
    """
    found = unique_all(x)
    return UniqueInverseResult(found.values, found.inverse_indices)


@add_function
def unique_values(x: Array, /) -> Array:
    """The sorted distinct elements of `x`, as a vector. NaNs count as distinct.

    Example:
        >>> gg.unique_values(np.array([[3.0, 1.0], [3.0, 2.0]]))
        array([1., 2., 3.])
        >>> gg.grad(lambda x: gg.sum(gg.unique_values(x)))(np.array([3.0, 1.0, 3.0]))
        array([1., 1., 0.])
    """
    return unique_all(x).values
