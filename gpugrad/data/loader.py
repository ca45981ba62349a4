"""Batches of a data set, in an order that a seed and the number of the epoch decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from copy import copy
from typing import Any, NamedTuple, Protocol

import numpy as np

import gpugrad.tree as tree
from gpugrad.backends import home_of
from gpugrad.data.ahead import ahead
from gpugrad.data.batch import batch_bounds, bounds_of_parts, epoch_keys, epoch_order
from gpugrad.data.dataset import Dataset
from gpugrad.errors import InvalidArgument
from gpugrad.ops.creation import to_device
from gpugrad.settings import settled
from gpugrad.transforms.jit.jit import jit
from gpugrad.transforms.vmap import vmap

READY = 2  # batches, where reading them takes time


class Ranks(Protocol):
    """What `gg.parallel.world()` gives: how many processes there are, and which one this is."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...


class Position(NamedTuple):
    """A place in the sequence of batches: the epoch, and the batch in it that comes next.

    Example:
        >>> from gpugrad import data
        >>> loader = data.Loader(np.arange(10.0), 2)
        >>> batches = iter(loader)
        >>> x, y = next(batches), next(batches)
        >>> loader.state()
        Position(epoch=0, step=2)
    """

    epoch: int
    step: int


class Loader:
    """Batches of arrays, or of what reads rows from files, again and again.

    `for batch in loader` is one epoch, each time the next one: all rows once, in an order that
    depends on the seed and the number of the epoch alone. `loader.epoch(7, start=12)` asks for any
    place. `len(loader)` is the number of batches in an epoch. Equal arguments give batches with the
    same bits, at any `prefetch` and from any position on.

    Args:
        data: A tree of arrays with equally many rows, of NumPy or CuPy, in memory or mapped
            (`np.load(path, mmap_mode="r")`), of `FileRows` and `ImageRows`, or of anything else
            that has a `shape` and gives rows as `x[numbers]`; or a `Dataset`. A batch is a tree
            like it, of new arrays.
        batch_size: The number of rows in a batch; the last one of an epoch may have fewer.
        seed: A whole number from 0 on, from which orders and keys are drawn.
        shuffle: Whether each epoch has another order; otherwise it is that of the data.
        drop_last: Whether a smaller last batch is dropped.
        transform: A function of a batch that is called as soon as it is read. It is a function of
            Python like any other, and runs in the thread that reads ahead.
        device: Where batches are moved to, such as `"cuda"`; by default they stay where they are.
        augment: A function of a key and one row, a tree like the data without their first axis. It
            is mapped over each batch and compiled: `gg.jit(gg.vmap(augment))`. Each row has a key
            of its own in each epoch.
        prefetch: How many batches a thread makes ready before they are asked for; 0 is no thread.
            By default, these are 2 where rows come from files or there is a `transform`, and 0
            where they are in memory, which is faster. The thread reads and transforms. Batches are
            moved and augmented when they are asked for, in the thread that asks.
        world: The ranks of a program of several processes, as `gg.parallel.world()` gives them. A
            batch has `batch_size` rows on all of them together, and each has its own part of it.

    Raises:
        InvalidArgument: For arrays of different numbers of rows, or of none, and for settings that
            do not exist.

    Example:
        >>> from gpugrad import data
        >>> x, y = np.arange(6.0), np.arange(6)
        >>> loader = data.Loader((x, y), 4, seed=0)
        >>> for epoch in range(2):
        ...     print([labels.tolist() for _, labels in loader])
        [[5, 2, 0, 1], [4, 3]]
        [[5, 1, 0, 2], [4, 3]]
    """

    _called = "gg.data.Loader"

    def __init__(
        self,
        data: Any,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
        transform: Callable[[Any], Any] | None = None,
        device: str | None = None,
        augment: Callable[[Any, Any], Any] | None = None,
        prefetch: int | None = None,
        world: Ranks | None = None,
    ) -> None:
        self._data = (data.x, data.y) if isinstance(data, Dataset) else data
        self._n = rows_in(self._data, self._called)
        self._seed = self._whole("seed", seed, 0)
        size = self._whole("batch_size", batch_size, 1)
        self._bounds = list(batch_bounds(self._n, size))
        if drop_last and self._n % size:
            self._bounds.pop()
            if not self._bounds:
                raise InvalidArgument(
                    f"{self._called}: batch_size is {size}, of {self._n} rows, and with drop_last "
                    f"there is no batch; expected at most {self._n}."
                )
        self._shuffle, self._transform, self._device = shuffle, transform, device
        self._augment = None if augment is None else jit(vmap(augment))
        if prefetch is None:
            waits = transform is not None or any(map(_is_elsewhere, tree.leaves(self._data)))
            prefetch = READY if waits else 0
        self._prefetch = self._whole("prefetch", prefetch, 0)
        self._world = world
        self._begin = self._state = Position(0, 0)

    def __len__(self) -> int:
        return len(self._bounds)

    def rows(self, batch: int) -> int:
        """How many rows that batch of an epoch has, on all ranks together."""
        start, stop = self._bounds[batch]
        return stop - start

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """The batches of that epoch, from batch `start` on.

        It knows of no other iteration, and changes no `state()`.

        Raises:
            InvalidArgument: For an epoch or a batch that does not exist.

        Example:
            >>> from gpugrad import data
            >>> loader = data.Loader(np.arange(5), 2, shuffle=False)
            >>> [batch.tolist() for batch in loader.epoch(3, start=1)]
            [[2, 3], [4]]
        """
        epoch, start = self._whole("epoch", epoch, 0), self._whole("start", start, 0)
        if start > len(self):
            raise InvalidArgument(
                f"{self._called}: start is batch {start} of an epoch of {len(self)} batches; "
                f"expected one from 0 to {len(self)}."
            )
        return self._batches(epoch, start)

    def __iter__(self) -> Iterator[Any]:
        epoch, start = self._state = self._begin
        self._begin = Position(epoch + 1, 0)
        for step, batch in enumerate(self.epoch(epoch, start), start + 1):
            self._state = self._begin if step == len(self) else Position(epoch, step)
            yield batch

    def state(self) -> Position:
        """Where `for batch in loader` is: the place of the batch after the last one that it gave.

        To go on from there in another program, keep these two numbers, and ask for `at(*state)`.
        """
        return self._state

    def at(self, epoch: int, step: int = 0) -> Loader:
        """The same loader in that place: its first iteration begins there.

        Example:
            >>> from gpugrad import data
            >>> loader = data.Loader(np.arange(6.0), 2, seed=1)
            >>> first, second, third = loader
            >>> [(x == y).all() for x, y in zip([second, third], loader.at(0, 1))]
            [np.True_, np.True_]
        """
        self.epoch(epoch, step)                     # says what is wrong
        there = copy(self)
        there._begin = there._state = Position(settled(epoch), settled(step))
        return there

    def _batches(self, epoch: int, start: int) -> Iterator[Any]:
        order = epoch_order(self._n, self._seed, epoch) if self._shuffle else np.arange(self._n)
        numbers = [order[first:stop] for first, stop in self._bounds]
        if self._world is not None:
            numbers = [self._mine(batch, self._world) for batch in numbers]

        def read(i: int) -> Any:
            batch = tree.map(lambda x: x[numbers[i]], self._data)
            return batch if self._transform is None else self._transform(batch)

        keys = None if self._augment is None else epoch_keys(self._n, self._seed, epoch)
        with closing(ahead(read, start, len(self), self._prefetch)) as batches:
            for batch, own in zip(batches, numbers[start:], strict=True):
                if self._device is not None:
                    batch = tree.map(self._moved, batch)
                if self._augment is not None and keys is not None:
                    place = home_of(tree.leaves(batch))
                    batch = self._augment(place.asarray(keys[own]), batch)
                yield batch

    def _moved(self, x: Any) -> Any:
        return to_device(x, self._device)  # type: ignore[arg-type]  # it is one

    def _whole(self, name: str, value: Any, least: int) -> int:
        value = settled(value)
        if type(value) is not int or value < least:
            raise InvalidArgument(
                f"{self._called}: {name} is {value!r}; expected a whole number from {least} on."
            )
        return value

    @staticmethod
    def _mine(batch: Any, world: Ranks) -> Any:
        """This rank's part of the numbers of a batch."""
        bounds = bounds_of_parts(len(batch), world.size)
        return batch[bounds[world.rank] : bounds[world.rank + 1]]


def rows_in(data: Any, function: str) -> int:
    """How many rows the leaves of `data` have; `InvalidArgument` unless it is the same for all."""
    leaves = tree.leaves(data)
    for x in leaves:
        if not hasattr(x, "shape") or hasattr(x, "to_numpy"):      # which tables have
            raise InvalidArgument(
                f"{function}: the data have a {type(x).__name__} in them; expected a tree of "
                "arrays, such as np.asarray makes."
            )
        if isinstance(x, np.ma.MaskedArray):
            raise InvalidArgument(
                f"{function}: the data have a masked array in them, and what is made of a batch "
                "does not know of its mask; fill it in, as by x.filled(0), and put the mask beside "
                "it: (x.filled(0), np.ma.getmaskarray(x))."
            )
    lengths = {(*x.shape, 0)[0] for x in leaves}
    if len(lengths) != 1 or not min(lengths):
        raise InvalidArgument(
            f"{function}: arrays have {', '.join(map(str, sorted(lengths))) or 'no'} rows; "
            "expected at least one array, all with as many rows, at least one."
        )
    return int(min(lengths))


def _is_elsewhere(x: Any) -> bool:
    """Whether the rows of `x` are not in memory."""
    if isinstance(x, np.memmap):
        return True
    if isinstance(x, np.ndarray):
        return x.base is not None and _is_elsewhere(x.base)        # which may be a part of one
    return not hasattr(x, "__array_namespace__") and not hasattr(x, "__cuda_array_interface__")
