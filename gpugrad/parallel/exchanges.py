"""Collectives of arrays and of trees of them, with derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import WIDER, default, is_complex, kind_of
from gpugrad.backends.collectives import (
    BROADCAST,
    EXCHANGE,
    GATHER,
    MAX,
    MIN,
    PERMUTE,
    REDUCE,
    SCATTER,
    SUM,
    VARY,
    Collective,
)
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.ops.operands import axis_of, floating
from gpugrad.parallel.buckets import in_buckets
from gpugrad.parallel.worlds import World, given_or_all
from gpugrad.tracing.tracer import tracers

__all__ = [
    "all_gather", "all_to_all", "broadcast", "permute", "pmax", "pmean", "pmin", "psum", "pvary",
    "reduce", "reduce_scatter",
]  # fmt: skip


def psum(x: Any, world: World | None = None) -> Any:
    """Sum of `x` over all ranks, on all of them.

    `x` is an array or a tree of arrays; those of one dtype are sent together. Under `gg.jit`, trees
    of 4 MiB and more are sent in parts, the last arrays first, while others are computed. Each rank
    has its own `x`; the sum is the same on all ranks, and so is its cotangent, which is that of
    each rank's term. Booleans are counted. Sums of float16 and bfloat16 are
    computed in single precision.

    Example:
        >>> x = np.array([1.0, 2.0])
        >>> gg.parallel.psum(x)                     # of four such ranks it is array([4., 8.])
        array([1., 2.])
        >>> gg.parallel.psum({"loss": 0.5, "right": np.array(True)})
        {'loss': array(0.5), 'right': array(1)}
    """
    if type(x) is np.ndarray and not tracers and x.dtype.char != "?":   # nobody looks on
        there = given_or_all(world)
        return (there.sums.get((x.dtype, x.shape)) or there.summing(x.dtype, x.shape))(x)
    if hasattr(x, "dtype"):
        return _called(_counted(x), SUM, world, "psum")
    leaves, structure = tree.flatten(x)
    leaves = [as_array(_counted(leaf)) for leaf in leaves]
    return tree.unflatten(structure, in_buckets(leaves, lambda x: _called(x, SUM, world, "psum")))


def pmean(x: Any, world: World | None = None) -> Any:
    """Mean of `x` over all ranks, on all of them: of an array, or of each in a tree.

    All ranks count the same, however many rows each has; `mean_gradients` weighs them. The mean is
    floating, and of float16 and bfloat16 is computed in single precision.

    Example:
        >>> gg.parallel.pmean(np.array([1, 2]))
        array([1., 2.])
    """
    n, given = given_or_all(world).size, tree.map(_floating, x)
    summed = psum(tree.map(wider, given), world)
    return tree.map(
        lambda y, g: ops.astype(ops.divide(y, n), getattr(g, "dtype", y.dtype)), summed, given
    )


def pvary(x: Any, world: World | None = None) -> Any:
    """A value `x` common to all ranks, as each rank's own: cotangents are summed.

    What each rank computes of common parameters begins so: the gradient is then that of all ranks,
    the same on each. `x` is an array or a tree of them.

    Example:
        >>> x = np.array([1.0, 2.0])                # this rank's rows
        >>> def loss(w):
        ...     return gg.parallel.psum(gg.sum(gg.parallel.pvary(w) * x))
        >>> gg.grad(loss)(3.0)                      # the sum of all ranks' rows
        array(3.)
    """
    return tree.map(lambda x: _called(x, VARY, world, "pvary"), x)


def pmax(x: Any, world: World | None = None) -> Any:
    """Largest of all ranks' `x`, element by element, on all of them; it has no gradient.

    Raises:
        UnsupportedOperand: For complex numbers, which have no order.

    Example:
        >>> gg.parallel.pmax({"seconds": np.array([0.1, 0.2])})
        {'seconds': array([0.1, 0.2])}
    """
    return tree.map(lambda x: _called(_ordered(x, "pmax"), MAX, world, "pmax"), x)


def pmin(x: Any, world: World | None = None) -> Any:
    """Smallest of all ranks' `x`, element by element, on all of them; it has no gradient.

    Raises:
        UnsupportedOperand: For complex numbers, which have no order.

    Example:
        >>> gg.parallel.pmin(np.array([0.1, 0.2]))
        array([0.1, 0.2])
    """
    return tree.map(lambda x: _called(_ordered(x, "pmin"), MIN, world, "pmin"), x)


def all_gather(x: Any, world: World | None = None, *, axis: int = 0) -> Any:
    """Arrays of all ranks, of one shape, joined along `axis` in their order, on all of them.

    Numbers make a vector. The cotangent of each rank's array is the sum of what the ranks' copies
    of it get.

    Example:
        >>> world = gg.parallel.world()
        >>> gg.parallel.all_gather(float(world.rank))       # with three ranks: array([0., 1., 2.])
        array([0.])
    """
    return tree.map(lambda x: _along(x, GATHER, world, "all_gather", axis), x)


def reduce_scatter(x: Any, world: World | None = None, *, axis: int = 0) -> Any:
    """Sum over all ranks, split along `axis`; each rank gets its own part.

    Raises:
        InvalidArgument: Where the length of the axis is no multiple of the number of ranks.

    Example:
        >>> gg.parallel.reduce_scatter(np.array([1.0, 2.0]))    # with two ranks, one number each
        array([1., 2.])
    """
    return tree.map(lambda x: _along(_counted(x), SCATTER, world, "reduce_scatter", axis), x)


def broadcast(x: Any, world: World | None = None, *, root: int = 0) -> Any:
    """Array of rank `root`, or a tree of them, on all ranks.

    The other ranks give arrays of the same shape and dtype, whose values do not matter.

    Raises:
        InvalidArgument: Where there is no rank `root`.

    Example:
        >>> model = gg.nn.MLP([2, 8, 1], rng=gg.parallel.world().rank)
        >>> model = gg.parallel.broadcast(model)            # all ranks go on with that of rank 0
    """
    return tree.map(lambda x: _called(x, BROADCAST, world, "broadcast", root=root), x)


def reduce(x: Any, world: World | None = None, *, root: int = 0) -> Any:
    """Sum over all ranks on rank `root`, and zeros on the others.

    Raises:
        InvalidArgument: Where there is no rank `root`.

    Example:
        >>> gg.parallel.reduce(np.array([1.0, 2.0]), root=0)
        array([1., 2.])
    """
    return tree.map(lambda x: _called(_counted(x), REDUCE, world, "reduce", root=root), x)


def all_to_all(
    x: Any, world: World | None = None, *, split_axis: int = 0, concat_axis: int = 0
) -> Any:
    """Exchange of parts: `x` is split along `split_axis` into one part for each rank.

    What all ranks had for this one is joined along `concat_axis` in the order of ranks.

    Raises:
        InvalidArgument: Where the length of the axis is no multiple of the number of ranks.

    Example:
        >>> rows = np.arange(6.0).reshape(2, 3)
        >>> gg.parallel.all_to_all(rows, split_axis=1, concat_axis=0).shape     # with three: (6, 1)
        (2, 3)
    """
    return tree.map(
        lambda x: _along(x, EXCHANGE, world, "all_to_all", split_axis, other=concat_axis), x
    )


def permute(
    x: Any, pairs: Sequence[tuple[int, int]], world: World | None = None
) -> Any:
    """Array of the rank that sends to this one by `pairs` of ranks (from, to), or zeros.

    Raises:
        InvalidArgument: Where a rank sends or receives twice, or is not there.

    Example:
        >>> world, x = gg.parallel.world(), np.array([1.0, 2.0])
        >>> ring = [(rank, (rank + 1) % world.size) for rank in range(world.size)]
        >>> gg.parallel.permute(x, ring)                    # what the rank before has
        array([1., 2.])
        >>> gg.parallel.permute(x, [])
        array([0., 0.])
    """
    given = tuple((int(a), int(b)) for a, b in pairs)
    size = given_or_all(world).size
    for side in zip(*given, strict=True):
        if len(set(side)) < len(side) or not all(0 <= rank < size for rank in side):
            raise InvalidArgument(
                f"gg.parallel.permute: pairs are {given} in a world of {size} ranks; expected "
                f"ranks from 0 to {size - 1}, each at most once on either side."
            )
    return tree.map(lambda x: _called(x, PERMUTE, world, "permute", pairs=given), x)


def _called(x: Any, kind: str, world: World | None, name: str, **settings: Any) -> Any:
    """The op with these settings, once they and its operand are looked at."""
    there, x = given_or_all(world), as_array(x)
    root = settings["root"] = checked(settings.get("root", 0), f"gg.parallel.{name}", "root")
    if root >= there.size:
        raise InvalidArgument(
            f"gg.parallel.{name}: root is {root} in a world of {there.size} ranks; expected one "
            f"from 0 to {there.size - 1}."
        )
    return ops.communicate(x, call=Collective(kind, there, **settings))


def _along(
    x: Any, kind: str, world: World | None, name: str, axis: int, other: int | None = None
) -> Any:
    """The same along an axis, counted from the end."""
    x = as_array(x)
    x = x if x.shape else ops.reshape(x, (1,))
    n, size = len(x.shape), given_or_all(world).size
    place = axis_of(axis, n, f"gg.parallel.{name}")
    if kind != GATHER and x.shape[place] % size:
        raise InvalidArgument(
            f"gg.parallel.{name}: axis {axis} has length {x.shape[place]}; expected a multiple of "
            f"the number of ranks, {size}."
        )
    further = {} if other is None else {"other": axis_of(other, n, f"gg.parallel.{name}") - n}
    return _called(x, kind, world, name, axis=place - n, **further)


def as_array(x: Any) -> Any:
    """`x`, or a number as an array; raises `UnsupportedOperand` where it holds no numbers."""
    x = x if hasattr(x, "dtype") else default().asarray(x)
    if kind_of(x.dtype) not in "biufc":
        raise UnsupportedOperand(
            f"gg.parallel: an operand has dtype {x.dtype}; expected numbers. Other objects are "
            "exchanged by the methods `share` and `each` of a world."
        )
    return x


def wider(x: Any) -> Any:
    """`x`; float16 and bfloat16 as float32, in which sums of them fit."""
    dtype = WIDER[x.dtype] if hasattr(x, "dtype") else None
    return x if dtype is None else ops.astype(x, dtype)


def checked(n: Any, name: str, what: str) -> int:
    """`n` as a whole number from 0 on."""
    try:
        found = index(n)
    except TypeError:
        found = -1
    if found < 0:
        raise InvalidArgument(f"{name}: {what} is {n!r}; expected a whole number from 0 on.")
    return found


def _floating(x: Any) -> Any:
    return floating(x) if hasattr(x, "dtype") else float(x)


def _counted(x: Any) -> Any:
    """`x`, or its booleans as integers, as NumPy sums them."""
    if isinstance(x, bool) or (hasattr(x, "dtype") and kind_of(x.dtype) == "b"):
        return ops.astype(x, np.int64) if hasattr(x, "dtype") else int(x)
    return x


def _ordered(x: Any, name: str) -> Any:
    if hasattr(x, "dtype") and is_complex(x.dtype):
        raise UnsupportedOperand(
            f"gg.parallel.{name}: an operand has dtype {x.dtype}; complex numbers have no order."
        )
    return x
