"""CuPy's partitions by sorts, of which each is a partition too.

CuPy's kernels need the 32 threads of a warp to go in step, with no barrier between them. Those of a
GPU mostly do; those on the CPU do not, and CUDA promises it no longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def replace() -> None:
    """Put them in the place of the methods of CuPy's arrays."""
    import cupy

    cupy.ndarray.partition = _partition
    cupy.ndarray.argpartition = _argpartition


def _partition(self: Any, kth: int | Iterable[int], axis: int = -1) -> None:
    _check(kth, self.shape[axis])
    self.sort(axis)


def _argpartition(self: Any, kth: int | Iterable[int], axis: int | None = -1) -> Any:
    _check(kth, self.size if axis is None else self.shape[axis])
    return self.argsort(axis)


def _check(kth: int | Iterable[int], length: int) -> None:
    for k in [kth] if isinstance(kth, int) else kth:
        if not -length <= k < length:
            raise ValueError(f"kth(={k}) out of bounds {length}")
