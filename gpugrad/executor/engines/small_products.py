"""Products of small matrices: what a BLAS spends on packing and threads, they need not.

A kernel computes a block of the result, some rows by some vectors, in registers: for each k, a row
of the right matrix times a number of the left one for each row of the block. The left matrix is
read with any strides, so it may be a transpose; the right one in rows.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped
from numba.extending import intrinsic
from numpy import empty

cgutils: Any = untyped

ROWS = (6, 4, 2, 1)
"""Rows of a block: twelve vectors of results, two of operands and a number fill the registers."""

# Without signatures: they are compiled when a module is, not when its code is read from the cache.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


@cache
def _kernel(rows: int, vectors: int, dtype: Any) -> Any:
    """The kernel for a block of that many rows, and vectors of 32 bytes.

    `kernel(a, row, step, b, b_row, c, c_row, depth)`: addresses, and strides in elements.
    """
    signature = types.void(*[types.int64] * 8)
    name = f"gpugrad_product_{dtype}_{rows}_{vectors}"

    @intrinsic
    def kernel(  # type: ignore[no-untyped-def]
        typingctx, a, row, step, b, b_row, c, c_row, depth
    ):
        def codegen(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
            function = builder.module.globals.get(name)
            if function is None:                    # once in a module, whoever calls it
                kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)] * 8)
                function = ir.Function(builder.module, kind, name)
                function.linkage = "linkonce_odr"
                function.attributes.add("noinline")
                _write(function, rows, vectors, dtype)
            builder.call(function, arguments)
            return context.get_dummy_value()

        return signature, codegen

    return kernel


def _write(function: Any, rows: int, vectors: int, dtype: Any) -> None:
    """The body of a kernel."""
    builder: Any = ir.IRBuilder(function.append_basic_block("entry"))
    number: Any = ir.FloatType() if dtype is numba.float32 else ir.DoubleType()
    size = dtype.bitwidth // 8
    lanes = 32 // size
    unit: Any = ir.VectorType(number, lanes)
    a, row, step, b, b_row, c, c_row, depth = function.args
    left, right, result = (builder.inttoptr(x, number.as_pointer()) for x in (a, b, c))

    def at(base: Any, start: Any, offset: int) -> Any:
        index = builder.add(start, ir.Constant(ir.IntType(64), offset))
        return builder.bitcast(builder.gep(base, [index]), unit.as_pointer())

    sums = [[cgutils.alloca_once(builder, unit) for _ in range(vectors)] for _ in range(rows)]
    for line in sums:
        for place in line:
            builder.store(ir.Constant(unit, None), place)
    downs = [builder.mul(row, ir.Constant(ir.IntType(64), r)) for r in range(rows)]
    with cgutils.for_range(builder, depth) as loop:
        start = builder.mul(loop.index, b_row)
        along = builder.mul(loop.index, step)
        operands = [builder.load(at(right, start, v * lanes)) for v in range(vectors)]
        for operand in operands:
            operand.align = size
        for line, down in zip(sums, downs, strict=True):
            factor = builder.load(builder.gep(left, [builder.add(along, down)]))
            factors = _spread(builder, factor, unit, lanes)
            for place, operand in zip(line, operands, strict=True):
                # One instruction where the processor has it.
                part = builder.fmul(factors, operand, flags=("contract",))
                total = builder.fadd(builder.load(place), part, flags=("contract",))
                builder.store(total, place)
    for r, line in enumerate(sums):
        down = builder.mul(c_row, ir.Constant(ir.IntType(64), r))
        for v, place in enumerate(line):
            builder.store(builder.load(place), at(result, down, v * lanes)).align = size
    builder.ret_void()


def _spread(builder: Any, number: Any, unit: Any, lanes: int) -> Any:
    """A vector with `number` in each lane."""
    first = builder.insert_element(
        ir.Constant(unit, ir.Undefined), number, ir.Constant(ir.IntType(32), 0)
    )
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes), None)
    return builder.shuffle_vector(first, ir.Constant(unit, ir.Undefined), zeros)


@cache
def _columns(vectors: int, dtype: Any) -> Any:
    """All rows of a block of columns."""
    six, four, two, one = (_kernel(rows, vectors, dtype) for rows in ROWS)
    size = dtype.bitwidth // 8

    @numba.njit(**OPTIONS)
    def columns(  # type: ignore[no-untyped-def]
        a, row, step, b, b_row, c, c_row, m, depth
    ):
        i = 0
        while i + 6 <= m:
            six(a + i * row * size, row, step, b, b_row, c + i * c_row * size, c_row, depth)
            i += 6
        if i + 4 <= m:
            four(a + i * row * size, row, step, b, b_row, c + i * c_row * size, c_row, depth)
            i += 4
        if i + 2 <= m:
            two(a + i * row * size, row, step, b, b_row, c + i * c_row * size, c_row, depth)
            i += 2
        if i < m:
            one(a + i * row * size, row, step, b, b_row, c + i * c_row * size, c_row, depth)

    return columns


@cache
def make_product(dtype: Any) -> Any:
    """`product(a, b, c, row, step, m, n, depth)` for matrices of that dtype: `c = a @ b`.

    `a`, `b` and `c` are addresses: functions of arrays would take a third of a second to compile at
    each call. The left matrix has the element (i, k) at `i * row + k * step` of `a`; `b` and `c`
    lie in rows, of at least as many columns as a vector has elements.
    """
    wide, narrow = (_columns(vectors, dtype) for vectors in (2, 1))
    size = dtype.bitwidth // 8
    lanes = 32 // size

    @numba.njit(**OPTIONS)
    def product(a, b, c, row, step, m, n, depth):  # type: ignore[no-untyped-def]
        # Unsigned, as arrays give it, an address and an offset would add up to a float.
        left, right, result = numba.int64(a), numba.int64(b), numba.int64(c)
        j = 0
        while j + 2 * lanes <= n:
            wide(left, row, step, right + j * size, n, result + j * size, n, m, depth)
            j += 2 * lanes
        if j + lanes <= n:
            narrow(left, row, step, right + j * size, n, result + j * size, n, m, depth)
            j += lanes
        if j < n:                                   # once more for some columns: they stay equal
            j = n - lanes
            narrow(left, row, step, right + j * size, n, result + j * size, n, m, depth)

    return product


@cache
def make_turned_product(dtype: Any) -> Any:
    """The same for a right matrix that is the transpose of the flat array `b`."""
    product = make_product(dtype)

    @numba.njit(**OPTIONS)
    def turned_product(a, b, c, row, step, m, n, depth):  # type: ignore[no-untyped-def]
        turned = empty(n * depth, dtype)
        for j in range(n):
            line = b[j * depth : j * depth + depth]
            place = turned[j:]
            for k in range(depth):
                place[k * n] = line[k]
        product(a, turned.ctypes.data, c, row, step, m, n, depth)
        return turned[0]                            # a use after the product keeps it alive

    return turned_product


@cache
def make_narrow_product(dtype: Any) -> Any:
    """The same for flat arrays, and results of fewer columns than a vector has elements."""

    @numba.njit(**OPTIONS)
    def narrow_product(  # type: ignore[no-untyped-def]
        a, b, c, row, step, b_step, m, n, depth
    ):
        b_row = n if b_step == 1 else 1
        for i in range(m):
            for j in range(n):
                total = a[i * row] * b[j * b_step]
                for k in range(1, depth):
                    total += a[i * row + k * step] * b[k * b_row + j * b_step]
                c[i * n + j] = total

    return narrow_product
