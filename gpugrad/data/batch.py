"""The order in which rows are visited: a function of seed and epoch, to be resumed anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BATCH_STREAM = 2  # of the seed: the batches must not share their draws with the split
KEY_STREAM = 3


def epoch_order(rows: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """A permutation of `rows` row numbers; seed and epoch are its whole random state."""
    return np.random.default_rng((seed, BATCH_STREAM, epoch)).permutation(rows)


def epoch_keys(rows: int, seed: int, epoch: int) -> NDArray[np.uint32]:
    """A key of `gg.random` for each row, (rows, 2), with the same random state."""
    rng = np.random.default_rng((seed, KEY_STREAM, epoch))
    return rng.integers(0, 2**32, (rows, 2), np.uint32)


def batch_bounds(rows: int, batch_size: int) -> Iterator[tuple[int, int]]:
    """Start and stop of each batch; the last one holds what is left and may be smaller."""
    for start in range(0, rows, batch_size):
        yield start, min(start + batch_size, rows)


def bounds_of_parts(n: int, parts: int) -> list[int]:
    """Where `parts` parts of `n` begin, and the last one ends: the first ones have one more."""
    return [i * (n // parts) + min(i, n % parts) for i in range(parts + 1)]
