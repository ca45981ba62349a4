"""For which dtypes onnxruntime computes an operator on the CPU, as it was found out by trying.

What it does not compute for a dtype is computed in a wider one, and cast. Of float16 it does so
itself; for bfloat16, and for narrow and unsigned integers in some versions, it has next to nothing.
tests/test_onnx.py runs each for each dtype.
"""

from __future__ import annotations

import numpy as np

_MOVES = frozenset(
    "Cast Concat Gather GatherElements GatherND Identity If Loop Reshape Scan ScatterND Shape "
    "Slice Squeeze Transpose Unsqueeze".split()
)
"""Operators that take any dtype, as they only move elements."""

_SINGLE_ONLY = frozenset(
    "Acos Acosh Asin Asinh Atan Atanh AveragePool Conv ConvTranspose Cos Cosh Erf Sinh Tan".split()
)
"""Operators without kernels for float64. Nothing asks for one of these: it would lose digits."""

_LOGICAL = frozenset("And Not Or Xor".split())

def computed_in(op: str, dtype: np.dtype) -> np.dtype:
    """The dtype in which onnxruntime computes that operator for operands of `dtype`."""
    if op in _MOVES or op in _LOGICAL:
        return dtype
    if dtype.name == "bfloat16" or (op == "IsInf" and dtype == np.float16):
        return np.dtype(np.float32)
    if dtype == np.float64:
        assert op not in _SINGLE_ONLY, op
    if dtype.kind == "b" and op not in ("Equal", "Expand"):
        return np.dtype(np.int32)
    narrow = dtype.kind in "iu" and dtype.name not in ("int32", "int64")
    return np.dtype(np.int64) if narrow and op != "Expand" else dtype
