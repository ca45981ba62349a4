"""Squares of numbers in registers: as many vectors as each has lanes."""

from __future__ import annotations

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import Value


def transposed(b: Body, rows: list[Value]) -> list[Value]:
    """The columns of a square: pairs of rows change halves, then quarters, and so on."""
    n = len(rows)
    half = n // 2
    while half:
        turned = list(rows)
        for i in range(n):
            if i & half:
                continue
            j = i + half
            low = [k if not k & half else n + k - half for k in range(n)]
            high = [k + half if not k & half else n + k for k in range(n)]
            turned[i] = _shuffled(b, rows[i], rows[j], low)
            turned[j] = _shuffled(b, rows[i], rows[j], high)
        rows = turned
        half //= 2
    return rows


def _shuffled(b: Body, x: Value, y: Value, order: list[int]) -> Value:
    places = ", ".join(f"i32 {k}" for k in order)
    text = f"shufflevector {x.typed}, {y.typed}, <{len(order)} x i32> <{places}>"
    return b.emit(text, x.dtype, x.lanes)
