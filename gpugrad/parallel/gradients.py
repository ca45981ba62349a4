"""Gradients of data that lie on several ranks: means, fixed shares, and optimisers of replicas."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.core.registry import namespace as ops
from gpugrad.data.batch import bounds_of_parts
from gpugrad.errors import InvalidArgument, NotDifferentiable
from gpugrad.ops.operands import shape_of
from gpugrad.parallel.buckets import together
from gpugrad.parallel.exchanges import all_gather, as_array, checked, psum, wider
from gpugrad.parallel.worlds import World, given_or_all
from gpugrad.tracing.tracer import tracer_here, user_line
from gpugrad.transforms import jit
from gpugrad.transforms import value_and_grad as _value_and_grad

MICRO_SHARDS = 12
"""Shares of a batch whose gradients are added up in fixed order: 1, 2, 3 and 4 ranks have the same.
"""


def mean_gradients(grads: Any, rows: int | None = None, world: World | None = None) -> Any:
    """Mean of all ranks' gradients, a tree of arrays, on all of them.

    All arrays of a dtype travel together, in one collective.

    Args:
        grads: This rank's gradients.
        rows: Of how many samples they are the mean, by which they count; without it all ranks count
            the same. What a rank without rows has, such as NaN, counts as zeros.
        world: The ranks; all by default.

    Example:
        >>> x = np.linspace(0.0, 1.0, 5)[gg.parallel.rows_of(5)]
        >>> grads = gg.grad(lambda w: gg.mean((w * x - 1.0) ** 2))(0.0)
        >>> gg.parallel.mean_gradients(grads, rows=len(x))      # of all 5 rows, on each rank
        array(-1.)
    """
    there = given_or_all(world)
    if there.size == 1:
        return grads
    if rows is not None:
        weight = checked(rows, "gg.parallel.mean_gradients", "rows")
        share: Any = ops.divide(float(weight), psum(np.float64(weight), there))
        # A number of the host goes with arrays of any library; one that is traced has a dtype.
        known = isinstance(share, np.ndarray | np.generic)

    def part(g: Any) -> Any:
        """What this rank adds to the mean: so no sum is larger than the largest of its terms."""
        g = wider(g)
        if rows is None:
            return ops.divide(g, there.size)
        if not weight:
            return ops.zeros_like(g)
        return ops.multiply(g, float(share) if known else ops.astype(share, g.dtype))

    summed = psum(tree.map(part, grads), there)
    return tree.map(lambda y, g: ops.astype(y, g.dtype), summed, grads)


def rows_of(n: int, world: World | None = None) -> slice:
    """This rank's rows of a batch of `n`: as many as the other ranks', or one more.

    The result is a slice. The parts of all ranks, in the order of ranks, are the batch.

    Raises:
        InvalidArgument: For an `n` that is no whole number from 0 on.

    Example:
        >>> gg.parallel.rows_of(50)                 # on the second of four ranks: slice(13, 26)
        slice(0, 50, None)
    """
    there = given_or_all(world)
    bounds = bounds_of_parts(checked(n, "gg.parallel.rows_of", "n"), there.size)
    return slice(bounds[there.rank], bounds[there.rank + 1])


def value_and_grad(
    f: Callable[..., Any],
    world: World | None = None,
    micro_shards: int = MICRO_SHARDS,
    has_aux: bool = False,
    engine: str = "numpy",
) -> Callable[..., tuple[Any, Any]]:
    """Value and gradient of a mean over a batch, equal in all bits for any number of ranks.

    The function that this returns is called by all ranks with the same `params` and with the whole
    batch, or with indices of its rows. The batch is cut into `micro_shards`, of which each rank
    computes some, and what they give is added up in fixed order.

    Each share is computed by a plan of its own: a plan of several would compute them together, and
    so with other bits.

    Args:
        f: `f(params, *batch)` gives the mean over the rows of arrays that it is given.
        world: The ranks; all by default.
        micro_shards: Into how many shares a batch is cut, or into as many as it has rows.
        has_aux: Whether `f` returns besides a tree of numbers that are sums over its rows; their
            sums are returned with the value.
        engine: What runs the plans, or `"eager"` for none.

    Raises:
        InvalidArgument: For fewer than one share; when it is called, for arrays of different
            numbers of rows, and under another `gg.jit`.
        NotDifferentiable: Where it is differentiated itself.

    Example:
        >>> def loss(w, x):
        ...     return gg.mean((w * x) ** 2)
        >>> gg.parallel.value_and_grad(loss)(2.0, np.arange(4.0))
        (array(14.), array(14.))
    """
    if micro_shards < 1:
        raise InvalidArgument(f"micro_shards is {micro_shards}; expected a positive number.")
    pull: Any = _value_and_grad(f, has_aux=has_aux)
    if engine != "eager":
        pull = jit(pull, engine=engine)
    compiled: set[Any] = set()

    def both(params: Any, *batch: Any) -> tuple[Any, Any]:
        if tracer_here() is not None:
            raise InvalidArgument(
                f"{user_line()}: gg.parallel.value_and_grad compiles each share of the batch by "
                "itself, so that its bits are the same on any number of ranks. Call it outside of "
                "gg.jit, and compile the update alone."
            )
        if any(getattr(x, "requires_grad", False) for x in tree.leaves((params, batch))):
            raise NotDifferentiable(
                "gg.parallel.value_and_grad gives the gradient of all rows, and has none itself: "
                "for derivatives of it, differentiate a loss with gg.parallel.pvary and psum."
            )
        there = given_or_all(world)
        n = _rows(batch)
        parts = min(micro_shards, n)
        bounds, mine = bounds_of_parts(n, parts), bounds_of_parts(parts, there.size)
        counts = [b - a for a, b in pairwise(mine)]

        def rows_of_share(i: int) -> list[Any]:
            return [x[bounds[i] : bounds[i + 1]] for x in batch]

        if engine != "eager":                       # the first ones too are to run by a plan
            kinds = [(shape_of(x), str(x.dtype)) for x in map(as_array, tree.leaves(params))]
            kinds += [(shape_of(x)[1:], str(x.dtype)) for x in batch]
            for i in (0, parts - 1):                # which are as large as any
                key = (bounds[i + 1] - bounds[i], *kinds)
                if key not in compiled:
                    pull.compile(params, *rows_of_share(i))
                    compiled.add(key)

        def share(i: int) -> Any:
            """What part `i` of the batch adds to the value, the gradient and the sums."""
            weight = (bounds[i + 1] - bounds[i]) / n
            value, grads = pull(params, *rows_of_share(i))
            value, aux = value if has_aux else (value, ())
            return tree.map(lambda x: ops.multiply(x, weight), (value, grads)), aux

        made = [share(i) for i in range(mine[there.rank], mine[there.rank + 1])] or [share(0)]
        rows = [tree.leaves(x) for x in made]
        rows += [[ops.zeros_like(x) for x in rows[0]]] * (max(counts) - len(rows))
        stacked = [ops.stack(each, axis=0) for each in zip(*rows, strict=True)]
        gathered = together(stacked, lambda v: all_gather(ops.expand_dims(v, 0), there))
        # In the order of the parts, whoever computed them.
        places = [(rank, k) for rank, count in enumerate(counts) for k in range(count)]
        leaves = [reduce(ops.add, [x[place] for place in places]) for x in gathered]
        (value, grads), aux = tree.unflatten(tree.flatten(made[0])[1], leaves)
        return ((value, aux) if has_aux else value), grads

    return both


def _rows(batch: tuple[Any, ...]) -> int:
    """How many rows the arrays of a batch have."""
    lengths = {shape_of(x)[0] if shape_of(x) else 0 for x in batch}
    if len(lengths) != 1 or not min(lengths):
        raise InvalidArgument(
            f"gg.parallel.value_and_grad: arrays of a batch have {sorted(lengths)} rows; expected "
            "at least one array, all with as many rows, at least one."
        )
    (n,) = lengths
    return n
