"""Correlations of a batch with weights as kernels, without the columns of a matrix.

Windows never become these.

The part of a sample that a block of the result needs is laid out between zeros in memory that stays
in the second cache, so that all windows are inside, and what meets one number of the weights lies
in rows: where these begin is in a table. The blocks are those of a matrix product: a few outputs by
two vectors of places in registers, and for each number of a window, a vector of elements times a
weight for each output. Each element is a sum over channels, then over the window, in order, of
so many channels at a time as are laid out, whichever block it is in.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpugrad.codegen.body import Body
from gpugrad.codegen.branches import in_blocks, when
from gpugrad.codegen.ir import WIDTHS, Value, lanes_for, type_of
from gpugrad.codegen.laid_samples import GEOMETRY, lay, lay_call, table_of
from gpugrad.codegen.words import Words, module

COUNTS = (
    "images", "groups", "x_image", "x_group", "a_group", "c_image", "c_group", "c_plane", "m",
)  # fmt: skip
"""Words of a block after its places: how many samples and groups there are and how far they lie
apart, in the weights, which lie in blocks, and in the result; how many outputs a group has.
"""

_ARGUMENTS = (
    "a", "b", "table", "c", "bias", "b_next", "c_next", "c_plane", "depth", "first", "second",
    "more",
)  # fmt: skip
"""Of a block: two vectors of the result, `c_next` apart, have so many elements; `more` says that it
goes on with a sum.
"""

SIDE = 8
"""So many rows of weights lie side by side."""

HEIGHTS = {True: (8, 4, 2, 1), False: (4, 2, 1)}
"""Rows of blocks, where vectors are wide and where they are not."""

_POINTERS = frozenset("a b table c bias".split())


@dataclass(frozen=True)
class CorrelationKey:
    """Correlations of a dtype, with a number for each output or without.

    `apart` says that windows do not begin at each element.
    """

    dtype: str
    biased: bool
    apart: bool


class CorrelationPrinter:
    """The text of the kernel."""

    def __init__(self, key: CorrelationKey, wide: bool) -> None:
        self.key = key
        self.dtype = key.dtype
        self.wide = wide
        self.rows = HEIGHTS[wide]
        self.lanes = lanes_for(WIDTHS[key.dtype], wide)

    def text(self, name: str) -> str:
        """A module with the kernel as the function `name`."""
        b = Body(wide=self.wide)
        b.helpers["lay"] = lay(b, self.dtype, self.lanes, self.key.apart)
        for vectors in (1, 2):
            for rows in self.rows:
                b.helpers[f"block_{rows}_{vectors}"] = self._block(b, rows, vectors)
            b.helpers[f"outputs_{vectors}"] = self._outputs(vectors)
        self._kernel(b)
        return module(b, name)

    def _arguments(self, b: Body) -> dict[str, Value]:
        return {
            name: Value(b, f"%{name}", "pointer" if name in _POINTERS else "int64")
            for name in _ARGUMENTS
        }

    def _signature(self, kind: str, name: str) -> str:
        given = ", ".join(f"{'ptr' if x in _POINTERS else 'i64'} %{x}" for x in _ARGUMENTS)
        return f"define internal void @{name}({given}{kind}) noinline {{\nentry:"

    def _block(self, outer: Body, rows: int, vectors: int) -> str:
        """So many outputs of two vectors of places, or of one."""
        b = Body(wide=self.wide)
        b.declared = outer.declared
        x = self._arguments(b)
        dtype, lanes, zero = self.dtype, self.lanes, b.constant("int64", 0)
        masks = [b.first(x[name], lanes) for name in ("first", "second")[:vectors]]
        start = [b.constant(dtype, 0, lanes)] * (rows * vectors)
        nexts = [zero, x["b_next"]]
        with b.loop(zero, x["depth"], 1, start) as (k, sums, after):
            offset = b.read(f"load i64, {b.at(x['table'], k, 'int64').typed}", "int64")
            line = b.at(x["b"], offset, dtype)
            rights = [
                b.vector(b.at(line, nexts[v], dtype), dtype, lanes, masks[v])
                for v in range(vectors)
            ]
            lefts = b.at(x["a"], k * SIDE, dtype)
            for r in range(rows):
                place = b.at(lefts, b.constant("int64", r), dtype)
                left = b.read(f"load {type_of(dtype)}, {place.typed}", dtype)
                for v in range(vectors):
                    after.append(sums[r * vectors + v] + left * rights[v])
        more = x["more"] != 0
        for r in range(rows):
            line = b.at(x["c"], x["c_plane"] * r, dtype)
            begin: Value | int = 0
            if self.key.biased:
                place = b.at(x["bias"], b.constant("int64", r), dtype)
                begin = b.read(f"load {type_of(dtype)}, {place.typed}", dtype)
            for v in range(vectors):
                place = b.at(line, (zero, x["c_next"])[v], dtype)
                before = b.vector(place, dtype, lanes, masks[v])
                found = after[r * vectors + v] + b.select(more, before, begin)
                b.store(found, place, masks[v])
        b.act("ret void")
        return "\n".join([self._signature("", f"block_{rows}_{vectors}"), *b.lines, "}"])

    def _outputs(self, vectors: int) -> str:
        """All outputs of a group, at these places."""
        b = Body(wide=self.wide)
        x = self._arguments(b)
        m, total = Value(b, "%m", "int64"), Value(b, "%total", "int64")
        moved = ("a", "c", "bias")
        given = ", ".join(
            f"{x[name].type} {{{name}}}" if name in moved else x[name].typed for name in _ARGUMENTS
        )

        def call(rows: int, first: Value) -> None:
            above = b.emit(f"udiv {first.typed}, {SIDE}", "int64") * SIDE
            places = {
                "a": b.at(x["a"], above * total + (first - above), self.dtype).text,
                "c": b.at(x["c"], first * x["c_plane"], self.dtype).text,
                "bias": b.at(x["bias"], first, self.dtype).text,
            }
            b.act(f"call void @block_{rows}_{vectors}({given.format(**places)})")

        in_blocks(b, m, self.rows, call)
        b.act("ret void")
        head = self._signature(", i64 %m, i64 %total", f"outputs_{vectors}")
        return "\n".join([head, *b.lines, "}"])

    def _kernel(self, b: Body) -> None:
        words = Words(b)
        x, a, c = (words.address() for _ in range(3))
        bias = words.address() if self.key.biased else c
        w = {name: words.word() for name in (*COUNTS, *GEOMETRY)}
        zero, dtype = b.constant("int64", 0), self.dtype
        taps = w["size_h"] * w["size_w"]
        laid, table = table_of(b, w, dtype, self.lanes)
        with (
            b.loop(zero, w["groups"], 1) as (group, _, _),
            b.loop(zero, w["images"], 1) as (image, _, _),
        ):
            source = b.at(x, image * w["x_image"] + group * w["x_group"], dtype)
            weights = b.at(a, group * w["a_group"], dtype)
            result = b.at(c, image * w["c_image"] + group * w["c_group"], dtype)
            biases = b.at(bias, group * w["m"], dtype) if self.key.biased else bias
            with (
                b.loop(w["from"], w["to"], 0) as (row, _, nexts),
                b.loop(zero, w["channels"], 0) as (channel, _, steps),
            ):
                count = b.intrinsic("umin", w["channels"] - channel, w["chunk"])
                here = b.at(source, channel * w["x_plane"], dtype)
                lay_call(b, w, here, laid, row, count)
                at = {
                    **w, "weights": b.at(weights, channel * taps * SIDE, dtype),
                    "bias": biases, "table": table, "depth": count * taps,
                    "total": w["channels"] * taps, "more": channel,
                }  # fmt: skip
                rows = b.intrinsic("umin", w["to"] - row, w["tile"])
                line = b.at(result, row * w["width_out"], dtype)
                self._places(b, at, laid, line, rows)
                steps.append(channel + w["chunk"])
                nexts.append(row + w["tile"])
        b.act("ret i64 0")

    def _places(
        self, b: Body, w: dict[str, Value], laid: Value, line: Value, rows: Value
    ) -> None:
        """All places of so many rows: pairs of vectors in a row, or in two rows that are short."""
        zero, n, down = b.constant("int64", 0), w["width_out"], w["step_h"] * w["pitch"]
        short = n <= self.lanes

        def call(vectors: int, at: Value, to: Value, b_next: Value, c_next: Value,
                 counts: tuple[Value, Value]) -> None:  # fmt: skip
            given = (
                w["weights"], b.at(laid, at, self.dtype), w["table"], b.at(line, to, self.dtype),
                w["bias"], b_next, c_next, w["c_plane"], w["depth"], *counts, w["more"], w["m"],
                w["total"],
            )  # fmt: skip
            b.act(f"call void @outputs_{vectors}({', '.join(v.typed for v in given)})")

        with when(b, short):
            with b.loop(zero, rows, 2) as (r, _, _):
                two = rows - r > 1
                for vectors, condition in ((2, two), (1, ~two)):
                    with when(b, condition):
                        call(vectors, r * down, r * n, down, n, (n, n))
        with when(b, ~short):
            with b.loop(zero, rows, 1) as (r, _, _), b.loop(zero, n, 2 * self.lanes) as (q, _, _):
                step = b.constant("int64", self.lanes)
                two = n - q > self.lanes
                for vectors, condition in ((2, two), (1, ~two)):
                    with when(b, condition):
                        counts = (n - q, n - q - self.lanes)
                        call(vectors, r * down + q, r * n + q, step, step, counts)
