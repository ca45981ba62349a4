"""A data set cut among ranks: each reads its own rows of every batch, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.data import Dataset, batch_bounds, epoch_order
from gpugrad.errors import InvalidArgument
from gpugrad.ops.operands import shape_of
from gpugrad.parallel.gradients import rows_of
from gpugrad.parallel.worlds import World, given_or_all


class Shard:
    """This rank's rows of each batch of a data set, by epoch; made by `shard`.

    `len()` is the number of batches of an epoch, the same on all ranks.

    Example:
        >>> batches = gg.parallel.shard(np.arange(5.0), 2, shuffle=False)
        >>> isinstance(batches, gg.parallel.Shard), len(batches), batches.rows(2)
        (True, 3, 1)
    """

    def __init__(
        self, data: Any, n: int, batch_size: int, seed: int, world: World, shuffle: bool,
        drop_last: bool,
    ) -> None:  # fmt: skip
        self._data, self._n, self._seed, self._world = data, n, seed, world
        self._shuffle = shuffle
        bounds = list(batch_bounds(n, batch_size))
        if drop_last and bounds[-1][1] - bounds[-1][0] < batch_size:
            bounds.pop()
        self._bounds = bounds

    def __len__(self) -> int:
        return len(self._bounds)

    def rows(self, batch: int) -> int:
        """How many rows that batch has on all ranks together."""
        start, stop = self._bounds[batch]
        return stop - start

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """The batches of that epoch, from batch `start` on: a tree like the data, of new arrays.

        Every rank is given as many batches, and calls as many collectives therefore: where a batch
        has fewer rows than there are ranks, some get arrays of no rows.
        """
        if not 0 <= start <= len(self):
            raise InvalidArgument(
                f"gg.parallel.shard: start is batch {start} of an epoch of {len(self)} batches; "
                f"expected one from 0 to {len(self)}."
            )
        return self._batches(epoch, start)

    def _batches(self, epoch: int, start: int) -> Iterator[Any]:
        order = epoch_order(self._n, self._seed, epoch) if self._shuffle else np.arange(self._n)
        for first, end in self._bounds[start:]:
            batch = order[first:end]
            mine = batch[rows_of(len(batch), self._world)]
            yield tree.map(lambda x, mine=mine: x[mine], self._data)


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
    helps if arrays are `numpy.memmap`.

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
    if isinstance(data, Dataset):
        data = (data.x, data.y)
    lengths = {(shape_of(x) or (0,))[0] for x in tree.leaves(data)}
    if len(lengths) != 1 or not min(lengths):
        raise InvalidArgument(
            f"gg.parallel.shard: arrays have {', '.join(map(str, sorted(lengths))) or 'no'} rows; "
            "expected at least one array, all with as many rows, at least one."
        )
    if batch_size < 1:
        raise InvalidArgument(
            f"gg.parallel.shard: batch_size is {batch_size}; expected at least 1."
        )
    (n,) = lengths
    return Shard(data, n, int(batch_size), seed, given_or_all(world), shuffle, drop_last)
