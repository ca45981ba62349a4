"""Rows of an array, chosen by integers: taken, written, or added to."""

from __future__ import annotations

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import WIDTHS, Value, lanes_for, type_of
from gpugrad.codegen.words import Words, module

WORDS = ("count", "length", "n", "apart")
"""Of a block, after the places of the array, of the integers and of the rows: how many integers
there are, how many elements of each row are meant, how many rows the array has, and how many
elements there are from row to row.
"""


def print_rows(
    name: str, kind: str, dtype: str, index: str, wide: bool
) -> str:
    """The text of a module with the kernel as the function `name`.

    `kind` says what is done with each row: `"take"`, `"set"` or `"add"`. An integer that is not
    from `-n` to below `n` is found before anything is written.
    """
    b = Body(wide=wide)
    words = Words(b)
    x, indices, rows = (words.address() for _ in range(3))
    count, length, n, apart = (words.word() for _ in WORDS)
    zero = b.constant("int64", 0)

    def chosen(i: Value) -> Value:
        place = b.at(indices, i, index)
        return b.convert(b.read(f"load {type_of(index)}, {place.typed}", index), "int64")

    with b.loop(zero, count, 1, [zero]) as (i, given, wrong):
        k = chosen(i)
        outside = (k >= n) | (k < -n)
        wrong.append(given[0] | b.convert(outside, "int64"))
    b.act(f"%well = icmp eq {wrong[0].typed}, 0")
    b.act("br i1 %well, label %go, label %stop")
    b.label("stop")
    b.act("ret i64 1")
    b.label("go")
    lanes = lanes_for(WIDTHS[dtype], wide)
    with b.loop(zero, count, 1) as (i, _, _):
        k = chosen(i)
        mine = b.at(x, b.select(k < 0, k + n, k) * apart, dtype)
        other = b.at(rows, i * apart, dtype)
        with b.loop(zero, length, lanes) as (c, _, _):
            mask = b.first(length - c, lanes)
            at, to = b.at(mine, c, dtype), b.at(other, c, dtype)
            if kind == "take":
                b.store(b.vector(at, dtype, lanes, mask), to, mask)
            elif kind == "set":
                b.store(b.vector(to, dtype, lanes, mask), at, mask)
            else:
                total = b.vector(at, dtype, lanes, mask) + b.vector(to, dtype, lanes, mask)
                b.store(total, at, mask)
    b.act("ret i64 0")
    return module(b, name)
