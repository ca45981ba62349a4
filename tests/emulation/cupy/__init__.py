"""An emulation of the part of CuPy 14.2 that gpugrad uses, over host memory; see ../README.md."""

import numpy as _np
from numpy import (
    bool_,
    can_cast,
    complex64,
    complex128,
    complexfloating,
    dtype,
    e,
    finfo,
    float16,
    float32,
    float64,
    floating,
    iinfo,
    inf,
    int8,
    int16,
    int32,
    int64,
    integer,
    intp,
    isdtype,
    issubdtype,
    nan,
    newaxis,
    pi,
    uint8,
    uint16,
    uint32,
    uint64,
)

from cupy._array import ndarray as ndarray
from cupy._functions import FUNCTIONS as _FUNCTIONS

globals().update(_FUNCTIONS)

from cupy import cuda, fft, linalg  # noqa: E402
from cupy._kernels import ElementwiseKernel, RawKernel, RawModule  # noqa: E402

__version__ = "14.2.0"
EMULATED = True

__all__ = [
    "ElementwiseKernel", "RawKernel", "RawModule", "bool_", "can_cast", "complex64", "complex128",
    "complexfloating", "cuda", "dtype", "e", "fft", "finfo", "float16", "float32", "float64",
    "floating", "iinfo", "inf", "int8", "int16", "int32", "int64", "integer", "intp", "isdtype",
    "issubdtype", "linalg", "nan", "ndarray", "newaxis", "pi", "uint8", "uint16", "uint32",
    "uint64", *_FUNCTIONS,
]  # fmt: skip


def __getattr__(name: str) -> _np.generic:
    raise AttributeError(f"module 'cupy' has no attribute {name!r}: it is not emulated")
