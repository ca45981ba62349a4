"""For which dtypes onnxruntime computes an operator on the CPU, as it was found out by trying.

tests/test_onnx.py tries it again. What it computes for others is computed in a wider dtype that it
has, and cast. Of float16 it does so itself; for bfloat16 it has next to nothing.
"""

from __future__ import annotations

import numpy as np

_MOVES = frozenset(
    "Cast Concat Expand Flatten Gather GatherElements GatherND Identity If Loop Pad Reshape Scan "
    "ScatterElements ScatterND Shape Size Slice Split Squeeze Transpose Unsqueeze".split()
)
"""Operators that take any dtype, as they only move elements."""

_COMPARES = frozenset("Equal Greater GreaterOrEqual Less LessOrEqual".split())

_SINGLE_ONLY = frozenset(
    "Acos Acosh Asin Asinh Atan Atanh AveragePool Conv ConvTranspose Cosh Erf Sinh Tan".split()
)
"""Operators without kernels for float64."""

_WIDE_INTEGERS = frozenset("CumSum Pow ReduceMax ReduceMin ReduceProd ReduceSum".split())
_LOGICAL = frozenset("And Not Or Xor".split())


def computed_in(op: str, dtype: np.dtype) -> np.dtype:
    """The dtype in which onnxruntime computes that operator for operands of `dtype`."""
    if op in _MOVES or op in _LOGICAL:
        return dtype
    kind = dtype.kind
    if kind == "V" or dtype.name == "bfloat16":
        return np.dtype(np.float32)
    if kind == "f":
        if dtype == np.float64 and op in _SINGLE_ONLY:
            return np.dtype(np.float32)
        return np.dtype(np.float32) if dtype == np.float16 and op == "IsInf" else dtype
    if kind == "b":
        return dtype if op == "Equal" else np.dtype(np.uint8 if op == "Where" else np.int32)
    few = dtype.itemsize < 4 or dtype == np.uint32
    if op in _WIDE_INTEGERS or op in ("MatMul", "ArgMax", "ArgMin", "TopK"):
        return np.dtype(np.int64) if few else dtype
    if op in ("Max", "Min", "Where", "Sign", "Mod"):
        return np.dtype(np.int64) if few else dtype
    return dtype
