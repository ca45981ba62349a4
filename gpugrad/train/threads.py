"""How many threads a matrix product gets: in small networks, sharing the work costs time."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_info, threadpool_limits

from gpugrad.engines.blas_threads import SMALL


def fitting_threads(largest: int, rows: int) -> int:
    """1 if NumPy's products in a step on `rows` rows are all small, else what they get anyway.

    `largest` is how many products of numbers the largest of them has for a row. One thread trains
    such networks faster, many times so on a busy machine.
    """
    if largest * rows <= SMALL:
        return 1
    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(pools, default=1)


def product_threads(number: int) -> AbstractContextManager[object]:
    """Inside, NumPy's products run on that many threads: their sums depend on it to the bit."""
    return threadpool_limits(number, user_api="blas")  # type: ignore[no-any-return]
