"""Samples laid out for windows, between zeros.

Elements that a window steps to, one after the other, lie one behind the other.

A row is as many phases as windows are apart along it: of these, number `f` holds the elements
number `f`, `f + apart`, `f + 2 apart`, ... A phase fills vectors.
"""

from __future__ import annotations

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import Value, type_of

GEOMETRY = (
    "channels", "chunk", "x_plane", "x_row", "height", "width", "top", "left", "size_h", "size_w",
    "apart_h", "apart_w", "step_h", "step_w", "from", "to", "tile", "width_out", "phase", "plane",
    "pitch",
)  # fmt: skip
"""Words of a block: how many channels there are and how many are laid out at a time; how those of a
sample lie, how large they are, and how many zeros come before; sizes of a window, how far its
elements lie apart, and how far windows; of the rows of windows the first, the end, and how many are
laid out at a time; how many windows a row has; and how long a phase, a channel and a row are.
"""

_GIVEN = (
    "x_plane", "x_row", "height", "width", "left", "step_w", "phase", "plane", "pitch",
)  # fmt: skip


def lay(outer: Body, dtype: str, lanes: int, apart: bool) -> str:
    """The function that lays out `count` channels from `x` at `y`.

    Of each it lays out so many `rows` from number `first` on, where that of the first element is 0.
    """
    b = Body(wide=outer.wide)
    b.declared = outer.declared
    x, y = (Value(b, f"%{name}", "pointer") for name in "xy")
    first, rows, count = (Value(b, f"%{name}", "int64") for name in ("first", "rows", "count"))
    w = {name: Value(b, f"%{name}", "int64") for name in _GIVEN}
    zero = b.constant("int64", 0)
    step = w["step_w"] if apart else b.constant("int64", 1)
    lane = b.numbered("int64", lanes)
    with (
        b.loop(zero, step, 1) as (f, _, _),
        b.loop(zero, w["phase"], lanes) as (q, _, _),
    ):
        column = q * step + f - w["left"]
        columns = lane * step + column
        inside = (columns >= 0) & (columns < w["width"])
        to = f * w["phase"] + q
        with b.loop(zero, count, 1) as (c, _, _), b.loop(zero, rows, 1) as (r, _, _):
            row = first + r
            mask = inside & ((row >= 0) & (row < w["height"]))
            at = b.at(x, c * w["x_plane"] + row * w["x_row"] + column, dtype)
            if apart:
                found = b.gather(b.at(at, lane * step, dtype), dtype, mask)
            else:
                found = b.vector(at, dtype, lanes, mask)
            b.store(found, b.at(y, c * w["plane"] + r * w["pitch"] + to, dtype))
    b.act("ret void")
    numbers = ", ".join(f"i64 %{name}" for name in ("first", "rows", "count", *_GIVEN))
    head = f"define internal void @lay(ptr %x, ptr %y, {numbers}) noinline {{\nentry:"
    return "\n".join([head, *b.lines, "}"])


def lay_call(
    b: Body, w: dict[str, Value], x: Value, y: Value, row: Value, count: Value
) -> None:
    """Lay out what the windows of a tile need, from that row of windows on."""
    rows = (w["tile"] - 1) * w["step_h"] + (w["size_h"] - 1) * w["apart_h"] + 1
    first = row * w["step_h"] - w["top"]
    given = (x, y, first, rows, count, *(w[name] for name in _GIVEN))
    b.act(f"call void @lay({', '.join(v.typed for v in given)})")


def table_of(b: Body, w: dict[str, Value], dtype: str, lanes: int) -> tuple[Value, Value]:
    """Memory for what is laid out, and the table of where in it the elements of a window begin."""
    zero = b.constant("int64", 0)
    length = w["chunk"] * w["plane"] + 2 * lanes
    laid = b.read(f"alloca {type_of(dtype)}, {length.typed}, align 64", "pointer")
    entries = w["chunk"] * w["size_h"] * w["size_w"]
    table = b.read(f"alloca i64, {entries.typed}, align 64", "pointer")
    with (
        b.loop(zero, w["chunk"], 1) as (c, _, _),
        b.loop(zero, w["size_h"], 1) as (i, _, _),
        b.loop(zero, w["size_w"], 1) as (j, _, _),
    ):
        column = j * w["apart_w"]
        phase = b.emit(f"urem {column.typed}, {w['step_w'].text}", "int64")
        along = b.emit(f"udiv {column.typed}, {w['step_w'].text}", "int64")
        offset = c * w["plane"] + i * w["apart_h"] * w["pitch"] + phase * w["phase"] + along
        number = (c * w["size_h"] + i) * w["size_w"] + j
        b.store(offset, b.at(table, number, "int64"))
    return laid, table
