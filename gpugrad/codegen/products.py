"""Products of small matrices as kernels: what a BLAS spends on packing and threads, they need not.

A block of the result, some rows by one or two vectors, is computed in registers: for each k, a row
of the right matrix times a number of the left one for each row of the block. The left matrix is
read with any strides, so it may be a transpose. A right matrix whose transpose lies in rows is
turned, as many columns at a time as a block has, which stay in the nearest cache. Each element is a
sum over k in order, of `DEEP` at a time, whatever the sizes and whichever block it is in.
"""

from __future__ import annotations

from gpugrad.codegen.body import Body
from gpugrad.codegen.branches import in_blocks, when
from gpugrad.codegen.ir import WIDTHS, Value, lanes_for, type_of
from gpugrad.codegen.turned import row, turn
from gpugrad.codegen.words import Words, module

HEIGHTS = {True: (8, 4, 2, 1), False: (6, 4, 2, 1)}
"""Rows of blocks, where vectors are wide and where they are not."""

BROAD = 8
"""Vectors of a block of one row, which is read but once."""

DEEP, HIGH = 512, 128
"""Of a large product, so much of the depth and so many rows at a time stay in the second cache."""

FAR, OFTEN = 512, 32
"""From how many elements on rows of the right matrix lie so far apart that they get in each other's
way in the caches, and from how many rows of the left one on it pays to bring them together.
"""

WORDS = ("m", "n", "depth", "row", "step", "b_row", "c_row")
"""Of a block, after the places of the matrices: lengths, then strides in elements, of the left
matrix down and along, and from row to row of the others.
"""

AXES = ("inner", "outer")
"""Along which products lie side by side, of each how many, and how far each matrix is apart."""

_ARGUMENTS = ("a", "row", "step", "b", "b_row", "c", "c_row", "depth", "count", "more")
"""Of a block of the result; `more` says that it goes on with a sum."""


class ProductPrinter:
    """The text of the kernel for products of a dtype."""

    def __init__(self, dtype: str, wide: bool, turned: bool) -> None:
        self.dtype = dtype
        self.turned = turned
        self.wide = wide
        self.rows = HEIGHTS[wide]
        self.lanes = lanes_for(WIDTHS[dtype], wide)

    def text(self, name: str) -> str:
        """A module with the kernel as the function `name`."""
        b = Body(wide=self.wide)
        for rows in self.rows:
            for vectors in (1, 2):
                b.helpers[f"block_{rows}_{vectors}"] = self._block(b, rows, vectors)
        for vectors in (1, 2):
            b.helpers[f"columns_{vectors}"] = self._columns(vectors)
        if self.turned:
            b.helpers["turn"] = turn(b, self.dtype, self.lanes)
            b.helpers["row"] = row(b, self.dtype, self.lanes, self._signature("", "row"))
        else:
            b.helpers["pack"] = self._pack(b)
            b.helpers["broad"] = self._block(b, 1, BROAD)
        self._kernel(b)
        return module(b, name)

    def _arguments(self, b: Body) -> dict[str, Value]:
        return {
            name: Value(b, f"%{name}", "pointer" if name in "abc" else "int64")
            for name in _ARGUMENTS
        }

    def _signature(self, kind: str, name: str) -> str:
        given = ", ".join(f"{'ptr' if x in 'abc' else 'i64'} %{x}" for x in _ARGUMENTS)
        return f"define internal void @{name}({given}{kind}) noinline {{\nentry:"

    def _block(self, outer: Body, rows: int, vectors: int) -> str:
        """So many rows by `count` columns, which fill all vectors but the last."""
        b = Body(wide=self.wide)
        b.declared = outer.declared
        x = self._arguments(b)
        zero = b.constant("int64", 0)
        mask = b.first(x["count"] - (vectors - 1) * self.lanes, self.lanes)
        masks = [None] * (vectors - 1) + [mask]
        lefts = [b.at(x["a"], x["row"] * r, self.dtype) for r in range(rows)]
        places = [
            b.at(b.at(x["c"], x["c_row"] * r, self.dtype), b.constant("int64", v * self.lanes),
                 self.dtype)
            for r in range(rows) for v in range(vectors)
        ]  # fmt: skip
        more = x["more"] != 0
        start = [b.constant(self.dtype, 0, self.lanes)] * (rows * vectors)
        with b.loop(zero, x["depth"], 1, start) as (k, sums, after):
            line = b.at(x["b"], k * x["b_row"], self.dtype)
            rights = [
                b.vector(b.at(line, b.constant("int64", v * self.lanes), self.dtype), self.dtype,
                         self.lanes, masks[v])
                for v in range(vectors)
            ]  # fmt: skip
            along = k * x["step"]
            for r in range(rows):
                place = b.at(lefts[r], along, self.dtype)
                left = b.read(f"load {type_of(self.dtype)}, {place.typed}", self.dtype)
                for v in range(vectors):
                    after.append(sums[r * vectors + v] + left * rights[v])
        for i, place in enumerate(places):
            before = b.vector(place, self.dtype, self.lanes, masks[i % vectors])
            b.store(after[i] + b.select(more, before, 0), place, masks[i % vectors])
        b.act("ret void")
        return "\n".join([self._signature("", f"block_{rows}_{vectors}"), *b.lines, "}"])

    def _columns(self, vectors: int) -> str:
        """All rows of a block of columns."""
        b = Body(wide=self.wide)
        x = self._arguments(b)
        m = Value(b, "%m", "int64")
        given = ", ".join(
            f"{x[name].type} {{{name}}}" if name in "ac" else x[name].typed for name in _ARGUMENTS
        )

        def call(rows: int, first: Value) -> None:
            places = {
                "a": b.at(x["a"], first * x["row"], self.dtype).text,
                "c": b.at(x["c"], first * x["c_row"], self.dtype).text,
            }
            b.act(f"call void @block_{rows}_{vectors}({given.format(**places)})")

        in_blocks(b, m, self.rows, call)
        b.act("ret void")
        return "\n".join([self._signature(", i64 %m", f"columns_{vectors}"), *b.lines, "}"])

    def _pack(self, outer: Body) -> str:
        """Columns that two vectors hold, `x_row` apart from `x` on, one behind the other at `y`."""
        b = Body(wide=self.wide)
        b.declared = outer.declared
        x, y = (Value(b, f"%{name}", "pointer") for name in "xy")
        x_row, depth, count = (
            Value(b, f"%{name}", "int64") for name in ("x_row", "depth", "count")
        )
        masks = [b.first(count - v * self.lanes, self.lanes)
                 for v in range(2)]  # fmt: skip
        with b.loop(b.constant("int64", 0), depth, 1) as (k, _, _):
            line, to = b.at(x, k * x_row, self.dtype), b.at(y, k * (2 * self.lanes), self.dtype)
            for v in range(2):
                at = b.constant("int64", v * self.lanes)
                found = b.vector(b.at(line, at, self.dtype), self.dtype, self.lanes, masks[v])
                b.store(found, b.at(to, at, self.dtype))
        b.act("ret void")
        head = "define internal void @pack(ptr %x, i64 %x_row, ptr %y, i64 %depth, i64 %count)"
        return "\n".join([f"{head} noinline {{\nentry:", *b.lines, "}"])

    def _kernel(self, b: Body) -> None:
        words = Words(b)
        bases = [words.address() for _ in range(3)]
        w = {name: words.word() for name in WORDS}
        inner, outer = ({name: words.word() for name in ("count", *"abc")} for _ in AXES)
        zero, deep = b.constant("int64", 0), b.constant("int64", DEEP)
        most = b.intrinsic("umin", w["depth"], deep) * 2 * self.lanes
        panel = b.read(f"alloca {type_of(self.dtype)}, {most.typed}, align 64", "pointer")
        with (
            b.loop(zero, outer["count"], 1) as (o, _, _),
            b.loop(zero, inner["count"], 1) as (i, _, _),
        ):
            a, right, c = (
                b.at(base, i * inner[name] + o * outer[name], self.dtype)
                for base, name in zip(bases, "abc", strict=True)
            )
            with (
                b.loop(zero, w["depth"], DEEP) as (k, _, _),
                b.loop(zero, w["m"], HIGH) as (r, _, _),
            ):
                here = {
                    **w, "k": k, "depth": b.intrinsic("umin", w["depth"] - k, deep),
                    "m": b.intrinsic("umin", w["m"] - r, b.constant("int64", HIGH)),
                }  # fmt: skip
                moved = [
                    b.at(b.at(a, r * w["row"], self.dtype), k * w["step"], self.dtype),
                    b.at(right, k if self.turned else k * w["b_row"], self.dtype),
                    b.at(c, r * w["c_row"], self.dtype),
                ]
                done = self._one_row(b, here, moved)
                with when(b, done < w["n"]):
                    with b.loop(done, w["n"], 2 * self.lanes) as (j, _, _):
                        self._of_columns(b, here, moved, panel, j)
        b.act("ret i64 0")

    def _one_row(self, b: Body, w: dict[str, Value], moved: list[Value]) -> Value:
        """What there is faster for a single row; how many of its columns are done then."""
        a, right, c = moved
        zero, single = b.constant("int64", 0), w["m"] == 1
        width = (2 if self.turned else BROAD) * self.lanes
        whole = w["n"] if self.turned else b.emit(f"udiv {w['n'].typed}, {width}", "int64") * width
        done = b.select(single, whole, 0)
        with when(b, done > 0):
            with b.loop(zero, done, width) as (j, _, _):
                begin = j * w["b_row"] if self.turned else j
                count = b.intrinsic("umin", w["n"] - j, b.constant("int64", width))
                given = (a, w["row"], w["step"], b.at(right, begin, self.dtype), w["b_row"],
                         b.at(c, j, self.dtype), w["c_row"], w["depth"], count, w["k"])  # fmt: skip
                name = "row" if self.turned else f"block_1_{BROAD}"
                b.act(f"call void @{name}({', '.join(x.typed for x in given)})")
        return done

    def _of_columns(
        self, b: Body, w: dict[str, Value], moved: list[Value], panel: Value, j: Value
    ) -> None:
        """The columns from `j` on that one or two vectors hold."""
        count = b.intrinsic("umin", w["n"] - j, b.constant("int64", 2 * self.lanes))
        a, right, c = moved
        width = b.constant("int64", 2 * self.lanes)
        if self.turned:
            b_row, columns = width, panel
            for v in range(2):
                left = count - v * self.lanes
                with when(b, left > 0):
                    line = b.at(right, (j + v * self.lanes) * w["b_row"], self.dtype)
                    place = b.at(panel, b.constant("int64", v * self.lanes), self.dtype)
                    most = b.intrinsic("umin", left, b.constant("int64", self.lanes))
                    turned = (line, w["b_row"], most, place, b_row, w["depth"])
                    b.act(f"call void @turn({', '.join(x.typed for x in turned)})")
        else:
            here = b.at(right, j, self.dtype)
            far = (w["b_row"] >= FAR) & (w["m"] >= OFTEN)
            with when(b, far):
                packed = (here, w["b_row"], panel, w["depth"], count)
                b.act(f"call void @pack({', '.join(x.typed for x in packed)})")
            b_row, columns = b.select(far, width, w["b_row"]), b.select(far, panel, here)
        given = (a, w["row"], w["step"], columns, b_row, b.at(c, j, self.dtype), w["c_row"],
                 w["depth"], count, w["k"], w["m"])  # fmt: skip
        text = ", ".join(x.typed for x in given)
        two = count > self.lanes
        for vectors, condition in ((2, two), (1, ~two)):
            with when(b, condition):
                b.act(f"call void @columns_{vectors}({text})")
