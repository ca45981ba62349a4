"""How many threads a matrix product gets: in small networks, sharing the work costs time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import pairwise

from threadpoolctl import threadpool_info, threadpool_limits

from gpugrad.engines.blas_threads import SMALL


def fitting_threads(sizes: Sequence[int], rows: int) -> int:
    """1 if NumPy's products in a step on `rows` rows are all small, else what they get anyway.

    One thread trains such networks faster, many times so on a busy machine.
    """
    largest = rows * max(before * after for before, after in pairwise(sizes))
    if largest <= SMALL:
        return 1
    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(pools, default=1)


def product_threads(number: int) -> AbstractContextManager[object]:
    """Inside, NumPy's products run on that many threads: their sums depend on it to the bit."""
    return threadpool_limits(number, user_api="blas")  # type: ignore[no-any-return]
