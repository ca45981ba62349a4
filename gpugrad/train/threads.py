"""How many threads a matrix product gets: in small networks, sharing the work costs time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

SMALL_PRODUCT = 2**22  # multiplications: about 0.2 ms on one core


def fitting_threads(sizes: Sequence[int], rows: int) -> AbstractContextManager[Any]:
    """Inside, NumPy's products run on one thread if those of a step on `rows` rows are all small.

    One thread trains such networks faster, many times so on a busy machine, and gives the same bits
    on machines with different numbers of cores. Larger networks use all threads.
    """
    largest = rows * max(before * after for before, after in pairwise(sizes))
    return threadpool_limits(1, user_api="blas") if largest <= SMALL_PRODUCT else nullcontext()
