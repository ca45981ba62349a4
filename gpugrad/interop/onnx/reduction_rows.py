"""Rows of reductions, and of totals and orders along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np

from gpugrad.interop.onnx.idioms import MEAN
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.row_table import Use, row
from gpugrad.types import Axis

_REDUCED = {
    "sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin", MEAN: "ReduceMean",
    "mean": "ReduceMean", "prod": "ReduceProd", "all": "ReduceMin", "any": "ReduceMax",
    "count_nonzero": "ReduceSum",
}  # fmt: skip


@row("sum", "max", "min", MEAN)
def _reduction(g: Graph, use: Use) -> Value:
    x, made = use.values[0], use.made[0].dtype
    axes = use.setting("axes")
    if use.step.op == "sum":
        x = g.cast(x, made)
    found = _reduce(g, use, x, axes)
    if use.step.op in ("max", "min") and axes and x.dtype.kind not in "iub":
        some = _any(g, _are_nan(g, x), axes, int(use.setting("keepdims", False)))
        return g("Where", some, nan, found)         # which onnxruntime leaves out
    return found


@row("mean", "prod")
def _called(g: Graph, use: Use) -> Value:
    return _reduce(g, use, g.cast(use.values[0], use.made[0].dtype), _axes(use))


@row("all", "any", "count_nonzero")
def _counted(g: Graph, use: Use) -> Value:
    """Of truths as integers."""
    x = g.cast(g.cast(use.values[0], bool), np.int64)
    return g.cast(_reduce(g, use, x, _axes(use)), use.made[0].dtype)


def _axes(use: Use) -> tuple[int, ...]:
    axis: Axis = use.setting("axis")
    ndim = len(use.operands[0].lengths)
    axes: Sequence[int] = range(ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    return tuple(i % ndim for i in axes)


def _reduce(g: Graph, use: Use, x: Value, axes: Sequence[int]) -> Value:
    op, keepdims = _REDUCED[use.step.op], int(use.setting("keepdims", False))
    if not axes:
        return x
    if x.dtype == bool:
        found = g(op, g.cast(x, np.int64), g.integers(*axes), keepdims=keepdims)
        return g.cast(found, bool)
    return g(op, x, g.integers(*axes), keepdims=keepdims)


def _are_nan(g: Graph, x: Value) -> Value:
    """1 for each element that is NaN, else 0."""
    return g.cast(g("Not", g("Equal", x, x)), np.int32)


def _any(g: Graph, x: Value, axes: Sequence[int], keepdims: int) -> Value:
    """Whether there is a 1 along the axes."""
    return g.cast(g("ReduceMax", x, g.integers(*axes), keepdims=keepdims), bool)


@row("argmax", "argmin")
def _place(g: Graph, use: Use) -> Value:
    """The first place of the largest or smallest; a NaN is that, as in NumPy."""
    x, axis = use.values[0], use.setting("axis")
    lengths = use.operands[0].lengths
    if axis is None:
        x, axis = g("Reshape", x, g.integers(-1)), 0
    op = "ArgMax" if use.step.op == "argmax" else "ArgMin"
    axis %= max(len(lengths), 1)
    keepdims = int(use.setting("keepdims", False))
    if x.dtype == bool:
        x = g.cast(x, np.int32)
    found = g(op, x, axis=axis, keepdims=1)
    if x.dtype.kind not in "iu":
        bad = _are_nan(g, x)
        first = g("ArgMax", bad, axis=axis, keepdims=1)
        found = g("Where", _any(g, bad, [axis], 1), first, found)
    if use.setting("axis") is None:
        return g.reshape(found, (1,) * len(lengths) if keepdims else ())
    return found if keepdims else g("Squeeze", found, g.integers(axis))


@row("cumulative_sum")
def _running(g: Graph, use: Use) -> Value:
    x, axis = g.cast(use.values[0], use.made[0].dtype), use.axis
    found = g("CumSum", x, g.constant(np.array(axis, np.int64)))
    if not use.setting("include_initial", False):
        return found
    lengths = list(use.operands[0].lengths)
    lengths[axis] = 1
    none = g.expand(g.constant(np.zeros((), found.dtype)), tuple(lengths))
    return g("Concat", none, found, axis=axis)


@row("sort", "argsort")
def _ordered(g: Graph, use: Use) -> Value:
    """All elements, or their places, as the largest or smallest ones; equal ones in their order."""
    axis = use.axis
    count = g.shape((use.operands[0].lengths[axis],))
    largest = int(use.setting("descending", False))
    values, places = g.several(
        "TopK", use.values[0], count, dtypes=[None, np.dtype(np.int64)], axis=axis, largest=largest
    )
    return values if use.step.op == "sort" else places
