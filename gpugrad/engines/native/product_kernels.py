"""What products of small matrices are made of, as LLVM's instructions: it is they that use vectors.

A kernel computes a block of the result, some rows by one or two vectors, in registers: for each k,
a row of the right matrix times a number of the left one for each row of the block. The left matrix
is read with any strides, so it may be a transpose; the right one in rows. All take addresses, and
strides in elements.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped
from numba.core.base import BaseContext
from numba.extending import intrinsic

cgutils: ModuleType = untyped

ROWS = (6, 4, 2, 1)
"""Rows of a block: twelve vectors of results, two of operands and a number fill the registers."""

_INT = ir.IntType(64)
_SHORT = ir.IntType(32)


def lanes(dtype: types.Float) -> int:
    """Elements of a vector, which has 32 bytes."""
    return 256 // int(dtype.bitwidth)


@cache
def kernel(rows: int, vectors: int, dtype: types.Float) -> Callable[..., object]:
    """The kernel for a block of that many rows and vectors.

    `kernel(a, row, step, b, b_row, c, c_row, depth, extent)`. Of two vectors, `extent` is how far
    apart they begin: what they share is computed twice. Of one, it is how many of its elements are
    columns: no others are read or written.
    """
    name = f"gpugrad_product_{dtype}_{rows}_{vectors}"

    @intrinsic
    def call(  # type: ignore[no-untyped-def]
        typingctx, a, row, step, b, b_row, c, c_row, depth, extent
    ):
        return _call(name, 9, lambda function: _write_kernel(function, rows, vectors, dtype))

    return call


@cache
def turn(dtype: types.Float) -> Callable[..., object]:
    """`turn(x, x_row, count, y, y_row, depth)`: rows become columns, a vector of them.

    Where `count` is less, the last one is read for those that are missing.
    """

    @intrinsic
    def call(typingctx, x, x_row, count, y, y_row, depth):  # type: ignore[no-untyped-def]
        return _call(f"gpugrad_turn_{dtype}", 6, lambda function: _write_turn(function, dtype))

    return call


def _call(name: str, parameters: int, write: Callable[[object], None]) -> tuple[object, object]:
    """Signature and code of a call of the function whose body is written by `write`."""

    def codegen(
        context: BaseContext, builder: ir.IRBuilder, _: object, arguments: object
    ) -> object:
        function = builder.module.globals.get(name)
        if function is None:                        # once in a module, whoever calls it
            kind = ir.FunctionType(ir.VoidType(), [_INT] * parameters)
            function = ir.Function(builder.module, kind, name)
            function.linkage = "linkonce_odr"
            function.attributes.add("noinline")
            write(function)
        builder.call(function, arguments)
        return context.get_dummy_value()  # type: ignore[no-untyped-call]

    return types.void(*[types.int64] * parameters), codegen


class _Body:
    """The body of a function, as it is written."""

    def __init__(self, function: ir.Function, dtype: types.Float) -> None:
        self.builder: ir.IRBuilder = ir.IRBuilder(function.append_basic_block("entry"))
        self.lanes = lanes(dtype)
        self.size = dtype.bitwidth // 8
        self.number: ir.Type = ir.FloatType() if dtype is numba.float32 else ir.DoubleType()
        self.unit = self.vector(self.lanes)

    def vector(self, length: int) -> ir.VectorType:
        """The type of a vector of that many elements."""
        return ir.VectorType(self.number, length)

    def base(self, address: object) -> object:
        """An address as a pointer to numbers."""
        return self.builder.inttoptr(address, self.number.as_pointer())

    def at(self, base: object, index: object, length: int) -> object:
        """A pointer to that many elements, from `index` on."""
        place = self.builder.gep(base, [index])
        return self.builder.bitcast(place, self.vector(length).as_pointer())

    def load(self, base: object, index: object, length: int) -> object:
        """That many elements, from `index` on."""
        return self.builder.load(self.at(base, index, length), align=self.size)

    def mask(self, count: object) -> object:
        """For each lane, whether it is one of the first so many."""
        numbers = ir.Constant(ir.VectorType(_INT, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self.spread(count))

    def load_masked(self, base: object, index: object, mask: object) -> object:
        """The elements from `index` on where the mask is set, and zeros."""
        place, zeros = self.at(base, index, self.lanes), ir.Constant(self.unit, None)
        arguments = [place, _SHORT(self.size), mask, zeros]
        kind = ir.FunctionType(self.unit, [argument.type for argument in arguments])
        name = f"llvm.masked.load.v{self.lanes}f{self.size * 8}.p0"
        module = self.builder.module
        function = module.globals.get(name) or ir.Function(module, kind, name)
        return self.builder.call(function, arguments)

    def store(self, vector: object, base: object, index: object) -> None:
        """Put the elements of a vector at `index` and after it."""
        self.builder.store(vector, self.at(base, index, self.lanes), align=self.size)

    def plus(self, index: object, steps: int, stride: object) -> object:
        """The index that lies so many strides behind `index`."""
        return self.builder.add(index, self.builder.mul(stride, _INT(steps)))

    def shuffle(self, a: ir.Value, b: ir.Value, order: list[int]) -> object:
        """A vector of those elements of `a` and, counted on, `b`."""
        mask = ir.Constant(ir.VectorType(_SHORT, len(order)), order)
        return self.builder.shuffle_vector(a, b, mask)

    def spread(self, number: ir.Value) -> object:
        """A vector with `number` in each lane."""
        nothing = ir.Constant(ir.VectorType(number.type, self.lanes), ir.Undefined)
        first = self.builder.insert_element(nothing, number, _SHORT(0))
        return self.shuffle(first, nothing, [0] * self.lanes)


def _write_kernel(function: ir.Function, rows: int, vectors: int, dtype: types.Float) -> None:
    body = _Body(function, dtype)
    builder = body.builder
    a, row, step, b, b_row, c, c_row, depth, extent = function.args
    left, right, result = body.base(a), body.base(b), body.base(c)
    mask = None if vectors == 2 else body.mask(extent)
    sums = [[cgutils.alloca_once(builder, body.unit) for _ in range(vectors)] for _ in range(rows)]
    for line in sums:
        for place in line:
            builder.store(ir.Constant(body.unit, None), place)
    downs = [builder.mul(row, _INT(r)) for r in range(rows)]
    with cgutils.for_range(builder, depth) as loop:
        start = builder.mul(loop.index, b_row)
        along = builder.mul(loop.index, step)
        if mask is None:
            operands = [body.load(right, body.plus(start, v, extent), body.lanes) for v in (0, 1)]
        else:
            operands = [body.load_masked(right, start, mask)]
        for line, down in zip(sums, downs, strict=True):
            factors = body.spread(builder.load(builder.gep(left, [builder.add(along, down)])))
            for place, operand in zip(line, operands, strict=True):
                # One instruction where the processor has it.
                part = builder.fmul(factors, operand, flags=("contract",))
                total = builder.fadd(builder.load(place), part, flags=("contract",))
                builder.store(total, place)
    for r, line in enumerate(sums):
        start = builder.mul(c_row, _INT(r))
        for v, place in enumerate(line):
            if mask is None:
                body.store(builder.load(place), result, body.plus(start, v, extent))
            else:                                   # a masked store takes longer
                numbers = builder.bitcast(place, body.number.as_pointer())
                with cgutils.for_range(builder, extent) as loop:
                    found = builder.load(builder.gep(numbers, [loop.index]))
                    builder.store(found, builder.gep(result, [builder.add(start, loop.index)]))
    builder.ret_void()


def _write_turn(function: ir.Function, dtype: types.Float) -> None:
    """In squares, whose rows are zipped until they are columns; what is left, column by column."""
    body = _Body(function, dtype)
    builder = body.builder
    x, x_row, count, y, y_row, depth = function.args
    source, place = body.base(x), body.base(y)
    last = builder.sub(count, _INT(1))
    rows = []
    for r in range(body.lanes):
        there = builder.icmp_signed("<", _INT(r), count)
        rows.append(builder.mul(x_row, builder.select(there, _INT(r), last)))
    whole = builder.and_(depth, _INT(-body.lanes))
    with cgutils.for_range_slice(builder, _INT(0), whole, _INT(body.lanes), _INT) as (k, _):
        for column, vector in enumerate(_square(body, source, rows, k)):
            index = builder.mul(builder.add(k, _INT(column)), y_row)
            body.store(vector, place, index)
    with cgutils.for_range_slice(builder, whole, depth, _INT(1), _INT) as (k, _):
        vector = ir.Constant(body.unit, ir.Undefined)
        for r, row in enumerate(rows):
            number = builder.load(builder.gep(source, [builder.add(row, k)]))
            vector = builder.insert_element(vector, number, _SHORT(r))
        body.store(vector, place, builder.mul(k, y_row))
    builder.ret_void()


def _square(body: _Body, source: object, rows: list[object], k: object) -> list[object]:
    """The columns of a square, from column `k` on.

    Within 16 bytes zipping is one instruction, so each vector is made of such pieces of rows.
    """
    piece = 16 // body.size
    columns: list[object] = []
    for first in range(0, body.lanes, piece):
        start = body.builder.add(k, _INT(first))
        vectors = []
        for r in range(piece):
            indices = [body.builder.add(row, start) for row in rows[r::piece]]
            vectors.append(_joined(body, [body.load(source, i, piece) for i in indices]))
        half = piece // 2
        for _ in range(half):                       # the logarithm of 2 and 4
            vectors = [
                _zipped(body, vectors[r], vectors[r + half], part, piece)
                for r in range(half)
                for part in (0, half)
            ]
        columns += vectors
    return columns


def _joined(body: _Body, pieces: list[ir.Value]) -> ir.Value:
    """One vector of pieces."""
    while len(pieces) > 1:
        order = list(range(2 * pieces[0].type.count))
        pairs = zip(pieces[::2], pieces[1::2], strict=True)
        pieces = [body.shuffle(a, b, order) for a, b in pairs]
    return pieces[0]


def _zipped(body: _Body, a: ir.Value, b: ir.Value, part: int, piece: int) -> object:
    """Of each piece one half, from `part` on: an element of `a`, one of `b`, and so on."""
    order = []
    for first in range(part, body.lanes, piece):
        for i in range(first, first + piece // 2):
            order += [i, body.lanes + i]
    return body.shuffle(a, b, order)
