"""Real `cupy.ndarray` objects over host memory: dispatch is tested on them without a GPU.

Shape, strides, views and `type(x)` are as on a device; CuPy refuses any launch or copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def from_host(x: np.ndarray[Any, Any]) -> Any:
    """A CuPy array over the memory of `x`, with its strides."""
    import cupy

    # The size is not checked by anything: a view may run backwards from its first element.
    memory = cupy.cuda.UnownedMemory(x.ctypes.data, max(x.nbytes, 1), x, device_id=0)
    pointer = cupy.cuda.MemoryPointer(memory, 0)
    return cupy.ndarray(x.shape, x.dtype, memptr=pointer, strides=x.strides)


def is_cupy(x: Any) -> bool:
    """Whether `x` is a plain CuPy array."""
    import cupy

    return type(x) is cupy.ndarray


class _Memory:
    """NumPy's array interface for the memory behind a CuPy array, which it keeps alive."""

    def __init__(self, x: Any) -> None:
        self.array = x
        self.__array_interface__ = {
            "data": (x.data.ptr, False),
            "shape": x.shape,
            "strides": x.strides,
            "typestr": x.dtype.str,
            "version": 3,
        }


def to_host(x: Any) -> np.ndarray[Any, Any]:
    """The host memory behind an array of `from_host`, as a view."""
    return np.asarray(_Memory(x))
