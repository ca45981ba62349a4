"""Optimisers of parameters that all ranks hold, from gradients of each rank's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gpugrad.tree as tree
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import shape_of
from gpugrad.optim.base import Optimizer, needs_whole
from gpugrad.optim.extras import handing, taking
from gpugrad.parallel.buckets import joined, parted
from gpugrad.parallel.exchanges import all_gather, reduce_scatter
from gpugrad.parallel.gradients import mean_gradients
from gpugrad.parallel.worlds import World, given_or_all
from gpugrad.types import Array


def data_parallel(
    opt: Optimizer, world: World | None = None, *, shard_state: bool = False
) -> Optimizer:
    """The optimiser `opt`, with an `update` that first averages the gradients of all ranks.

    All ranks start with the same parameters and call it together, each with its own gradients; they
    end with the same parameters, bit for bit.

    Args:
        opt: An optimiser, as those of `gg.optim`.
        world: The ranks; all by default.
        shard_state: Whether each rank keeps the state only for its share of the parameters, as in
            ZeRO: gradients are summed and split, each rank updates its share, and the updates are
            gathered. This works with optimisers that treat all elements alike, such as
            `gg.optim.adam`, and with parameters of one dtype. `update` then needs the parameters.

    Raises:
        InvalidArgument: With `shard_state`, for an optimiser that is known to compute with whole
            arrays, such as `gg.optim.lamb`, or with a clipped norm or a mask in it; by `init` and
            `update`, for parameters of several dtypes and where they are missing.

    Example:
        >>> opt = gg.parallel.data_parallel(gg.optim.sgd(0.5))
        >>> params = [np.array([1.0])]
        >>> updates, state = opt.update([np.array([2.0])], opt.init(params), params)
        >>> gg.optim.apply_updates(params, updates)
        [array([0.])]
    """
    if shard_state and needs_whole(opt.update):
        raise InvalidArgument(
            f"data_parallel(shard_state=True): {needs_whole(opt.update)} computes with whole "
            "arrays, of which each rank has a share only; leave shard_state out."
        )
    step = handing(opt)

    def init(params: object) -> Any:
        there = given_or_all(world)
        return opt.init([_share(params, there)] if shard_state else params)

    def update(
        grads: Any, state: Any, params: Any, extra: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        there = given_or_all(world)
        if not shard_state:
            return step(mean_gradients(grads, world=there), state, params, extra)
        if params is None:
            raise InvalidArgument(
                "data_parallel(shard_state=True): update(grads, state, params) needs the params."
            )
        leaves, structure = tree.flatten(grads)
        # Divided first, so that no sum is larger than the largest of its terms.
        mean = reduce_scatter(ops.divide(_vector(leaves, there.size), there.size), there)
        (made,), state = step([mean], state, [_share(params, there)], extra)
        parts = parted(all_gather(made, there), list(map(shape_of, leaves)))
        return tree.unflatten(structure, parts), state

    return Optimizer(init, taking([opt], update))


def _vector(leaves: list[Any], size: int) -> Array:
    """All numbers in one vector, with zeros behind so that each rank's share is as long."""
    kinds = {str(x.dtype) for x in leaves}
    if len(kinds) != 1:
        raise InvalidArgument(
            f"data_parallel(shard_state=True): arrays of {', '.join(sorted(kinds)) or 'no'} dtypes;"
            " expected parameters of one dtype."
        )
    vector = joined(leaves)
    missing = -shape_of(vector)[0] % size
    return ops.pad(vector, (0, missing)) if missing else vector


def _share(params: object, there: World) -> Array:
    """This rank's part of all parameters, in one vector."""
    vector = _vector(tree.leaves(params), there.size)
    n = shape_of(vector)[0] // there.size
    return ops.copy(ops.getitem(vector, (slice(there.rank * n, (there.rank + 1) * n),)))
