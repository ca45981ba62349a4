"""Stands in for `cupy.cuda.thrust`, which is compiled code for GPUs: sorts on the host.

What is asked for is queued on the current stream, as it is on a GPU, and done in its turn.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

available = True

_KINDS = "?bBhHiIlLqQefdFD"
_library = ctypes.CDLL("libsorting_on_cpu.so")
_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_size_t
_library.cuda_on_cpu_sort.argtypes = [ctypes.c_char, _POINTER, _SIZE, _SIZE, _POINTER]
_library.cuda_on_cpu_argsort.argtypes = [ctypes.c_char, *[_POINTER] * 2, _SIZE, _SIZE, _POINTER]
_library.cuda_on_cpu_lexsort.argtypes = [ctypes.c_char, *[_POINTER] * 2, _SIZE, _SIZE, _POINTER]


def get_build_version() -> int:
    """Of no Thrust."""
    return 0


def sort(dtype: Any, data: int, keys: int, shape: Sequence[int]) -> None:
    """Sort along the last axis, in place."""
    _call("sort", dtype, NotImplementedError, data, *_rows(shape))


def argsort(dtype: Any, places: int, data: int, keys: int, shape: Sequence[int]) -> None:
    """Write where along the last axis the elements in order are, and sort them."""
    _call("argsort", dtype, NotImplementedError, places, data, *_rows(shape))


def lexsort(dtype: Any, places: int, keys: int, k: int, n: int) -> None:
    """Write where the columns in order are; the last of the `k` rows decides first."""
    _call("lexsort", dtype, TypeError, places, keys, k, n)


def _rows(shape: Sequence[int]) -> tuple[int, int]:
    return math.prod(shape[:-1]), shape[-1]


def _call(name: str, dtype: Any, refusal: type[Exception], *arguments: int) -> None:
    from cupy.cuda import get_current_stream, runtime

    kind = np.dtype(dtype).char
    if kind not in _KINDS:
        raise refusal(f"Sorting arrays with dtype '{dtype}' is not supported")
    function = getattr(_library, f"cuda_on_cpu_{name}")
    status = function(kind.encode(), *arguments, get_current_stream().ptr)
    if status:
        raise runtime.CUDARuntimeError(status)
