"""A data set cut among ranks: each reads its own rows of every batch, and no others."""

from __future__ import annotations

from typing import Any

from gpugrad.data.loader import Loader
from gpugrad.parallel.worlds import World, given_or_all


class Shard(Loader):
    """This rank's rows of each batch of a data set, by epoch; made by `shard`.

    It is a `gg.data.Loader` that reads when it is asked.

    Example:
        >>> batches = gg.parallel.shard(np.arange(5.0), 2, shuffle=False)
        >>> isinstance(batches, gg.parallel.Shard), len(batches), batches.rows(2)
        (True, 3, 1)
    """

    _called = "gg.parallel.shard"


def shard(
    data: Any,
    batch_size: int,
    *,
    seed: int = 0,
    world: World | None = None,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Shard:
    """This rank's rows of each batch of `data`, a tree of arrays with equally many rows.

    A batch has `batch_size` rows on all ranks together, and is the same for any number of ranks:
    the rows of all ranks, joined in order, are the batch. Only this rank's rows are read, which
    helps if arrays are `numpy.memmap`. `gg.data.Loader(..., world=gg.parallel.world())` gives the
    same batches, and can also read ahead and augment.

    Args:
        data: A tree of arrays, or a `Dataset` of `gpugrad.data`, whose batches are pairs of
            features and labels.
        batch_size: The number of rows in a batch.
        seed: The order of rows depends only on this and the number of the epoch, as in
            `gpugrad train`. So you can ask for any epoch at any time, from any batch on.
        world: The ranks; all by default.
        shuffle: Whether each epoch has another order of rows.
        drop_last: Whether a smaller last batch is dropped.

    Raises:
        InvalidArgument: For arrays of different numbers of rows, or of none, and for a `batch_size`
            below 1.

    Example:
        >>> batches = gg.parallel.shard((np.arange(5.0), np.arange(5)), 2, shuffle=False)
        >>> [x.tolist() for x, y in batches.epoch(0)]
        [[0.0, 1.0], [2.0, 3.0], [4.0]]
    """
    return Shard(
        data,
        batch_size,
        seed=seed,
        shuffle=shuffle,
        drop_last=drop_last,
        prefetch=0,
        world=given_or_all(world),
    )
