"""The gradient of correlations with respect to their weights, as a kernel.

It is a product of a sample's cotangents with its windows, over places: both lie in rows, so vectors
go along these. A block is some outputs by some numbers of a window, each with a vector of sums in
registers. These are added up over their lanes once for each sample, and what that gives to the sum
of all samples.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import WIDTHS, Value, lanes_for
from gpugrad.codegen.laid_samples import GEOMETRY, lay, lay_call, table_of
from gpugrad.codegen.squares import transposed
from gpugrad.codegen.words import Words, module

SIDE = 4
"""The sums come in squares of so many outputs by so many numbers of a window. With wide vectors a
block is one, else half of one.
"""

COUNTS = (
    "images", "groups", "x_image", "x_group", "g_image", "g_group", "g_plane", "s_group", "m",
)  # fmt: skip
"""Words of a block after its places: how many samples and groups there are, how far they and
outputs lie apart, and groups in the sums; how many outputs a group has.
"""


@dataclass(frozen=True)
class WeightsKey:
    """The gradient for weights of a dtype; with `apart`, windows do not begin at each element."""

    dtype: str
    apart: bool


class WeightsPrinter:
    """The text of the kernel."""

    def __init__(self, key: WeightsKey, wide: bool) -> None:
        self.key = key
        self.dtype = key.dtype
        self.wide = wide
        self.lanes = lanes_for(WIDTHS[key.dtype], wide)
        self.outputs = SIDE if wide else SIDE // 2
        self.size = self.outputs * SIDE

    def text(self, name: str) -> str:
        """A module with the kernel as the function `name`."""
        b = Body(wide=self.wide)
        b.helpers["lay"] = lay(b, self.dtype, self.lanes, self.key.apart)
        b.helpers["block"] = self._block(b)
        self._kernel(b)
        return module(b, name)

    def _block(self, outer: Body) -> str:
        """One block over all places of some rows.

        It holds outputs from number `o` on, and entries of the table from number `t` on; for those
        that are missing, the last ones stand.
        """
        b = Body(wide=self.wide)
        b.declared = outer.declared
        x, g, table, sums = (Value(b, f"%{name}", "pointer") for name in ("x", "g", "table", "s"))
        o, m, plane, t, entries, rows, down, n, more = (
            Value(b, f"%{name}", "int64")
            for name in ("o", "m", "plane", "t", "entries", "rows", "down", "n", "more")
        )
        dtype, lanes, zero = self.dtype, self.lanes, b.constant("int64", 0)

        def number(first: Value, i: int, end: Value) -> Value:
            return b.intrinsic("umin", first + i, end - 1)

        lines = [b.at(g, number(o, i, m) * plane, dtype) for i in range(self.outputs)]
        offsets = [
            b.read(f"load i64, {b.at(table, number(t, i, entries), 'int64').typed}", "int64")
            for i in range(SIDE)
        ]
        windows = [b.at(x, offset, dtype) for offset in offsets]
        start = [b.constant(dtype, 0, lanes)] * self.size
        with b.loop(zero, rows, 1, start) as (r, outside, done):
            with b.loop(zero, n, lanes, outside) as (q, before, after):
                mask = b.first(n - q, lanes)
                here, there = r * n + q, r * down + q
                lefts = [b.vector(b.at(line, here, dtype), dtype, lanes, mask) for line in lines]
                rights = [b.vector(b.at(line, there, dtype), dtype, lanes, mask)
                          for line in windows]  # fmt: skip
                pairs = ((left, right) for left in lefts for right in rights)
                after += [given + left * right
                          for given, (left, right) in zip(before, pairs, strict=True)]  # fmt: skip
            done += after
        for first in range(0, self.size, lanes):
            total = _added(transposed(b, done[first : first + lanes]))
            place = b.at(sums, b.constant("int64", first), dtype)
            before_it = b.select(more != 0, b.vector(place, dtype, lanes), 0)
            b.store(total + before_it, place)
        b.act("ret void")
        head = ("define internal void @block(ptr %x, ptr %g, ptr %table, ptr %s, i64 %o, i64 %m, "
                "i64 %plane, i64 %t, i64 %entries, i64 %rows, i64 %down, i64 %n, i64 %more) "
                "noinline {\nentry:")  # fmt: skip
        return "\n".join([head, *b.lines, "}"])

    def _kernel(self, b: Body) -> None:
        words = Words(b)
        x, g, sums = (words.address() for _ in range(3))
        w = {name: words.word() for name in (*COUNTS, *GEOMETRY)}
        zero, dtype = b.constant("int64", 0), self.dtype
        taps = w["size_h"] * w["size_w"]
        laid, table = table_of(b, w, dtype, self.lanes)
        across = _squares(b, w["channels"] * taps)
        with (
            b.loop(zero, w["groups"], 1) as (group, _, _),
            b.loop(zero, w["images"], 1) as (image, _, _),
            b.loop(w["from"], w["to"], 0) as (row, _, nexts),
            b.loop(zero, w["channels"], 0) as (channel, _, steps),
        ):
            source = b.at(x, image * w["x_image"] + group * w["x_group"], dtype)
            count = b.intrinsic("umin", w["channels"] - channel, w["chunk"])
            lay_call(b, w, b.at(source, channel * w["x_plane"], dtype), laid, row, count)
            rows = b.intrinsic("umin", w["to"] - row, w["tile"])
            given = b.at(g, image * w["g_image"] + group * w["g_group"] + row * w["width_out"],
                         dtype)  # fmt: skip
            into = b.at(sums, group * w["s_group"], dtype)
            more = image | (row - w["from"])
            entries, begun = count * taps, channel * taps
            with (
                b.loop(zero, w["m"], self.outputs) as (o, _, _),
                b.loop(zero, entries, SIDE) as (t, _, _),
            ):
                above = b.emit(f"udiv {o.typed}, {SIDE}", "int64")
                number = above * across + _squares(b, begun + t)
                place = number * SIDE**2 + (o - above * SIDE) * SIDE
                call = (
                    laid, given, table, b.at(into, place, dtype), o, w["m"], w["g_plane"], t,
                    entries, rows, w["step_h"] * w["pitch"], w["width_out"], more,
                )  # fmt: skip
                b.act(f"call void @block({', '.join(v.typed for v in call)})")
            steps.append(channel + w["chunk"])
            nexts.append(row + w["tile"])
        b.act("ret i64 0")


def _squares(b: Body, n: Value) -> Value:
    """How many squares hold so many."""
    return b.emit(f"udiv {(n + (SIDE - 1)).typed}, {SIDE}", "int64")


def _added(values: list[Value]) -> Value:
    """The sum, by halves."""
    while len(values) > 1:
        half = len(values) // 2
        values = [x + y for x, y in zip(values[:half], values[half:], strict=True)]
    return values[0]
