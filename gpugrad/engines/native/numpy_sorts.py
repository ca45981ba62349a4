"""NumPy's own sorts, by the table of its C interface, for kernels to call.

The table and what it leads to are laid out as NumPy's headers say, for all versions of one binary
interface. Each sort is tried before it is used; where there is none, NumPy itself runs the step.
"""

from __future__ import annotations

import ctypes
from functools import cache
from importlib import import_module

import numpy as np

from gpugrad.codegen.sorted_rows import DTYPES, symbol_of

INTERFACE = 0x02000000
"""The version of NumPy's binary interface of which this is known (`NPY_ABI_VERSION`)."""

_VERSION, _FUNCTIONS = 0, 365
"""Where in the table `PyArray_GetNDArrayCVersion` and `_PyDataType_GetArrFuncs` are."""

_SORT = 33
"""Which of the pointers of `PyArray_ArrFuncs` is the sort without a promise: 21 casts and 12 other
functions come before it.
"""


@cache
def addresses() -> dict[str, int]:
    """Where the sort of each dtype is, by its symbol; of those that there are."""
    table = _table()
    if table is None:
        return {}
    found = {dtype: _address(table, np.dtype(dtype)) for dtype in DTYPES}
    return {symbol_of(dtype): at for dtype, at in found.items() if at and _sorts(at, dtype)}


def _table() -> ctypes.Array[ctypes.c_size_t] | None:
    """The table of NumPy's C interface, as `import_array` finds it."""
    try:
        module = import_module("numpy._core._multiarray_umath")
    except ImportError:
        return None
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    capsule = getattr(module, "_ARRAY_API", None)
    if type(capsule).__name__ != "PyCapsule":
        return None
    address = pointer_of(capsule, None)
    table = (ctypes.c_size_t * (_FUNCTIONS + 1)).from_address(address)
    version = ctypes.CFUNCTYPE(ctypes.c_uint)(table[_VERSION])()
    return table if version == INTERFACE else None


def _address(table: ctypes.Array[ctypes.c_size_t], dtype: np.dtype) -> int:
    functions_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(table[_FUNCTIONS])
    functions = functions_of(dtype)
    if not functions:
        return 0
    return (ctypes.c_size_t * (_SORT + 1)).from_address(functions)[_SORT]


def _sorts(address: int, dtype: str) -> bool:
    """Whether that function sorts numbers of that dtype."""
    x = np.array([3, -1, 2, 0, 7, -5, 1], dtype)
    sort = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_void_p)
    return sort(address)(x.ctypes.data, x.size, None) == 0 and bool((x[1:] > x[:-1]).all())
