"""Cores that several ranks of a machine share: each computes on its part of them.

Otherwise each would have as many threads as there are cores, and they would keep each other from
their work.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from gpugrad.engines.thread_pool import VARIABLE

BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
"""What says how many threads matrix products get, for the libraries that NumPy may have."""


def share_cores(local: Any) -> None:
    """Give this process its part of the cores that the ranks of its machine have in common.

    `local` is a communicator of these ranks. Whoever set one of the variables has decided already.
    All ranks call it.
    """
    mine = _cores()
    n = part(local.allgather(mine), mine)
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = str(n)               # for processes that this one starts, too
    if any(name in os.environ for name in BLAS):
        return
    os.environ[BLAS[0]] = str(n)                    # for libraries that are loaded later
    if find_spec("threadpoolctl") is not None:
        from threadpoolctl import threadpool_limits

        threadpool_limits(n, user_api="blas")


def part(all_of_them: Sequence[Sequence[int]], mine: Sequence[int]) -> int:
    """How many threads keep those cores busy which a process may use, as others may use theirs.

    Where each is bound to cores of its own these are all of them.
    """
    users = Counter(core for cores in all_of_them for core in cores)
    return max(int(sum(Fraction(1, users[core]) for core in mine)), 1)


def _cores() -> list[int]:
    """The numbers of those that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))
