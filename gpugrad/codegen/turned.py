"""Matrices of which the transpose lies in rows: their columns, by squares turned in registers."""

from __future__ import annotations

from gpugrad.codegen.body import Body
from gpugrad.codegen.branches import when
from gpugrad.codegen.ir import Value, type_of
from gpugrad.codegen.squares import transposed


def turn(outer: Body, dtype: str, lanes: int) -> str:
    """The function `turn`, by which rows become columns, a vector of them.

    They go from `x`, `x_row` apart, to `y`, `y_row` apart. Where `count` is less, the last one is
    read for those that are missing.
    """
    b = Body(wide=outer.wide)
    b.declared = outer.declared
    x, y = (Value(b, f"%{name}", "pointer") for name in "xy")
    x_row, y_row, depth, count = (
        Value(b, f"%{name}", "int64") for name in ("x_row", "y_row", "depth", "count")
    )
    rows = _rows(b, x, x_row, count, lanes, dtype)
    whole = _whole(b, depth, lanes)
    with when(b, whole > 0):
        with b.loop(b.constant("int64", 0), whole, lanes) as (k, _, _):
            for i, column in enumerate(_columns(b, rows, k, dtype, lanes)):
                b.store(column, b.at(y, (k + i) * y_row, dtype))
    with when(b, whole < depth):
        with b.loop(whole, depth, 1) as (k, _, _):
            for i, row in enumerate(rows):
                b.store(_number(b, b.at(row, k, dtype), dtype), b.at(y, k * y_row + i, dtype))
    b.act("ret void")
    head = ("define internal void @turn(ptr %x, i64 %x_row, i64 %count, ptr %y, i64 %y_row, "
            "i64 %depth) noinline {\nentry:")  # fmt: skip
    return "\n".join([head, *b.lines, "}"])


def row(outer: Body, dtype: str, lanes: int, head: str) -> str:
    """One row of the result, as a function with the parameters of a block.

    It holds as many elements of the row as two vectors do. The sums stay on the stack between whole
    squares and the rest of the depth.
    """
    b = Body(wide=outer.wide)
    b.declared = outer.declared
    a, right, c = (Value(b, f"%{name}", "pointer") for name in "abc")
    step, b_row, depth, count, more = (
        Value(b, f"%{name}", "int64") for name in ("step", "b_row", "depth", "count", "more")
    )
    zero = b.constant("int64", 0)
    held = b.read(f"alloca {type_of(dtype)}, i64 {2 * lanes}, align 64", "pointer")
    places = [b.at(held, b.constant("int64", v * lanes), dtype) for v in range(2)]
    second = b.select(count > lanes, count - lanes, 0)
    masks = [b.first(x, lanes) for x in (count, second)]
    rows = _rows(b, right, b_row, count, 2 * lanes, dtype)
    for place in places:
        b.store(b.constant(dtype, 0, lanes), place)

    def left(k: Value) -> Value:
        return _number(b, b.at(a, k * step, dtype), dtype)

    whole = _whole(b, depth, lanes)
    with when(b, whole > 0):
        sums = [b.constant(dtype, 0, lanes)] * 2
        with b.loop(zero, whole, lanes, sums) as (k, given, after):
            sums = given
            squares = [_columns(b, rows[v * lanes :][:lanes], k, dtype, lanes) for v in range(2)]
            for i in range(lanes):
                number = left(k + i)
                sums = [x + number * square[i] for x, square in zip(sums, squares, strict=True)]
            after += sums
        for x, place in zip(after, places, strict=True):
            b.store(x, place)
    with when(b, whole < depth):
        before = [b.vector(place, dtype, lanes) for place in places]
        with b.loop(whole, depth, 1, before) as (k, given, after):
            number = left(k)
            for v, x in enumerate(given):
                at = b.numbered("int64", lanes) + v * lanes
                place = b.at(b.at(right, k, dtype), at * b_row, dtype)
                after.append(x + number * b.gather(place, dtype, masks[v]))
        for x, place in zip(after, places, strict=True):
            b.store(x, place)
    for v, place in enumerate(places):
        at = b.at(c, b.constant("int64", v * lanes), dtype)
        other = b.select(more != 0, b.vector(at, dtype, lanes, masks[v]), 0)
        b.store(b.vector(place, dtype, lanes) + other, at, masks[v])
    b.act("ret void")
    return "\n".join([head, *b.lines, "}"])


def _rows(b: Body, x: Value, x_row: Value, count: Value, n: int, dtype: str) -> list[Value]:
    """Where `n` rows begin; the last one stands for those from `count` on."""
    numbers = [b.intrinsic("umin", b.constant("int64", r), count - 1) for r in range(n)]
    return [b.at(x, number * x_row, dtype) for number in numbers]


def _whole(b: Body, depth: Value, lanes: int) -> Value:
    """Up to where squares go."""
    return b.emit(f"udiv {depth.typed}, {lanes}", "int64") * lanes


def _number(b: Body, place: Value, dtype: str) -> Value:
    return b.read(f"load {type_of(dtype)}, {place.typed}", dtype)


def _columns(b: Body, rows: list[Value], k: Value, dtype: str, lanes: int) -> list[Value]:
    """The columns of the square from `k` on."""
    return transposed(b, [b.vector(b.at(row, k, dtype), dtype, lanes) for row in rows])
