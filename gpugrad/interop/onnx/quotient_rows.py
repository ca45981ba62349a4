"""Rows of quotients and remainders, rounded down as Python's are."""

from __future__ import annotations

import numpy as np

from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.row_table import Use, row
from gpugrad.interop.onnx.written_numbers import Number


@row("remainder", "floor_divide")
def _floored(g: Graph, use: Use) -> Value:
    dtype = use.made[0].dtype
    a, b = (
        Number(g, g.cast(x, dtype) if isinstance(x, Value) else g.constant(np.asarray(x, dtype)))
        for x in use.arguments
    )
    rest, quotient = _of_integers(a, b) if dtype.kind in "iu" else _of_floats(a, b)
    return (rest if use.step.op == "remainder" else quotient).value


def _of_floats(a: Number, b: Number) -> tuple[Number, Number]:
    g = a.graph
    rest = Number(g, g("Mod", a.value, b.value, fmod=1))
    turned = ~rest.equals(0) & ((rest < 0) ^ (b < 0))
    rest = turned.select(rest + b, rest)
    exact = (a - rest) / b
    down = exact("Floor")
    nearest = (exact - down > 0.5).select(down + 1, down)
    return rest, b.equals(0).select(a / b, nearest)


def _of_integers(a: Number, b: Number) -> tuple[Number, Number]:
    """By 0 both are 0, as in NumPy."""
    none = b.equals(0)
    by = none.select(1, b)
    towards_zero = a / by
    rest = a - towards_zero * by
    turned = ~rest.equals(0) & ((rest < 0) ^ (by < 0))
    rest = turned.select(rest + by, rest)
    quotient = turned.select(towards_zero - 1, towards_zero)
    return none.select(0, rest), none.select(0, quotient)


@row("reciprocal")
def _reciprocal(g: Graph, use: Use) -> Value:
    return g("Div", g.number(1, use.values[0]), use.values[0])


@row("searchsorted")
def _searchsorted(g: Graph, use: Use) -> Value:
    """How many of the sorted numbers are before each of the others."""
    ordered, x = use.arguments[:2]
    dtype = np.result_type(ordered.dtype, x.dtype)
    ordered, x = g.cast(ordered, dtype), g.cast(x, dtype)
    ndim = len(use.made[0].lengths)
    each = g("Unsqueeze", x, g.integers(ndim))
    op = "Less" if use.setting("side", "left") == "left" else "LessOrEqual"
    before = g.cast(g(op, ordered, each), np.int64)
    return g("ReduceSum", before, g.integers(ndim), keepdims=0)
