"""Products of small matrices: what a BLAS spends on packing and threads, they need not.

Each element is a sum over k in order, whatever the sizes and whichever kernel computes it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
from numba import types
from numba.core.dispatcher import Dispatcher
from numpy import empty

from gpugrad.engines.native.product_kernels import ROWS, kernel, lanes, turn

# Without signatures: they are compiled when a module is, not when its code is read from the cache.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


@cache
def _columns(vectors: int, dtype: types.Float) -> Dispatcher:
    """All rows of a block of columns."""
    six, four, two, one = (kernel(rows, vectors, dtype) for rows in ROWS)
    size = dtype.bitwidth // 8

    @numba.njit(**OPTIONS)
    def columns(  # type: ignore[no-untyped-def]
        a, row, step, b, b_row, c, c_row, m, depth, extent
    ):
        down, c_down = row * size, c_row * size
        for _ in range(m // 6):
            six(a, row, step, b, b_row, c, c_row, depth, extent)
            a += 6 * down
            c += 6 * c_down
        rest = m % 6
        if rest >= 4:
            four(a, row, step, b, b_row, c, c_row, depth, extent)
            a += 4 * down
            c += 4 * c_down
        if rest % 4 >= 2:
            two(a, row, step, b, b_row, c, c_row, depth, extent)
            a += 2 * down
            c += 2 * c_down
        if rest % 2:
            one(a, row, step, b, b_row, c, c_row, depth, extent)

    return columns  # type: ignore[no-any-return]


@cache
def make_product(dtype: types.Float) -> object:
    """`product(a, b, c, row, step, m, n, depth)` for matrices of that dtype: `c = a @ b`.

    `a`, `b` and `c` are addresses: functions of arrays would take a third of a second to compile at
    each call. The left matrix has the element (i, k) at `i * row + k * step` of `a`; `b` and `c`
    lie in rows.
    """
    two, one = (_columns(vectors, dtype) for vectors in (2, 1))
    size, width = dtype.bitwidth // 8, lanes(dtype)

    @numba.njit(**OPTIONS)
    def product(a, b, c, row, step, m, n, depth):  # type: ignore[no-untyped-def]
        apart = min(n - width, width)
        j = 0
        while n - j >= width:                       # the last once more for some columns
            at = min(j, n - width - apart) * size
            two(a, row, step, b + at, n, c + at, n, m, depth, apart)
            j += 2 * width
        if j < n:
            at = j * size
            one(a, row, step, b + at, n, c + at, n, m, depth, n - j)

    return product


@cache
def make_turned_product(dtype: types.Float) -> object:
    """The same for a right matrix whose transpose lies in rows.

    It is turned as many columns at a time as a kernel reads, which stay in the nearest cache.
    """
    two, one = (_columns(vectors, dtype) for vectors in (2, 1))
    turned = turn(dtype)
    size, width = dtype.bitwidth // 8, lanes(dtype)

    @numba.njit(**OPTIONS)
    def turned_product(a, b, c, row, step, m, n, depth):  # type: ignore[no-untyped-def]
        panel = empty(2 * width * depth, dtype)  # type: ignore[call-overload]
        place = numba.int64(panel.ctypes.data)
        apart = min(n - width, width)
        j = 0
        while n - j >= width:
            at = min(j, n - width - apart)
            for v in range(2):
                line = b + (at + v * apart) * depth * size
                turned(line, depth, width, place + v * apart * size, width + apart, depth)
            two(a, row, step, place, width + apart, c + at * size, n, m, depth, apart)
            j += 2 * width
        if j < n:
            turned(b + j * depth * size, depth, n - j, place, width, depth)
            one(a, row, step, place, width, c + j * size, n, m, depth, n - j)
        return panel[0]                             # a use after the product keeps it alive

    return turned_product
