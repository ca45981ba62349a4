"""The body of a function that is being written, in LLVM's text.

What is written twice in one scope is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from gpugrad.codegen.elementary.building_blocks import scaled
from gpugrad.codegen.ir import (
    BITS,
    FLOATS,
    HALVES,
    TYPES,
    WIDTHS,
    Number,
    Operand,
    Value,
    lanes_for,
    literal,
    type_of,
)

WORD = 64
"""Bits of a word, and lanes of a mask that is made as one."""

_AS_SET = 4
"""How to round, for instructions that can be told: as the processor is set."""

LINE, AHEAD = 64, 2048
"""Bytes of a line of the cache, and how far before its use one is fetched."""

_COMPARED = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


class Body:
    """A function that is being written.

    `declared` is what its module has to say beside it, above all of functions from outside, and
    `helpers` are functions of the same module, each with its text. With `calls`, elementary
    functions are called, which is slower than to have them in place, and compiled once for all.
    Where vectors are not `wide`, writing under a mask takes long, so whole ones are written
    without.
    """

    def __init__(self, calls: bool = False, wide: bool = True) -> None:
        self.calls = calls
        self.wide = wide
        self._whole: dict[str, Value] = {}          # by the mask: whether all lanes are written
        self.lines: list[str] = []
        self.block = "entry"
        self.declared: dict[str, str] = {}
        self.helpers: dict[str, str] = {}
        self._count = 0
        self._known: list[dict[str, Value]] = [{}]

    # Registers

    def name(self, stem: str = "") -> str:
        """A new name."""
        self._count += 1
        return f"{stem}{self._count}" if stem else f"r{self._count}"

    def emit(self, text: str, dtype: str, lanes: int = 0) -> Value:
        """The result of an instruction that depends on its operands alone."""
        for known in self._known:
            if (same := known.get(text)) is not None:
                # LLVM's integers have no sign: one register may be of two dtypes.
                return same if same.dtype == dtype else Value(self, same.text, dtype, lanes)
        found = self.read(text, dtype, lanes)
        self._known[-1][text] = found
        return found

    def read(self, text: str, dtype: str, lanes: int = 0) -> Value:
        """The result of an instruction that may give another one at another time."""
        name = f"%{self.name()}"
        self.lines.append(f"  {name} = {text}")
        return Value(self, name, dtype, lanes)

    def act(self, text: str) -> None:
        """An instruction without a result."""
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")
        self.block = name

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is computed inside is not known behind."""
        self._known.append({})
        try:
            yield
        finally:
            self._known.pop()

    @contextmanager
    def loop(
        self, start: Value, end: Value, step: int, carried: Sequence[Value] = ()
    ) -> Iterator[tuple[Value, list[Value], list[Value]]]:
        """A loop of one round at least.

        Inside: the index, what is carried at the begin of a round, and a list that is to hold it at
        the end; behind, this is what the last round gave. With a step of 0 a round says itself at
        which index the next one is: it is put behind the others.
        """
        name, before = self.name("loop"), self.block
        self.act(f"br label %{name}")
        self.label(name)
        place = len(self.lines)
        index = Value(self, f"%{self.name()}", "int64")
        given = [Value(self, f"%{self.name()}", x.dtype, x.lanes) for x in carried]
        after: list[Value] = []
        with self.scope():
            yield index, given, after
            following = index + step if step else after.pop()
            more = following < end
        heads = [f"  {index.text} = phi i64 [{start.text}, %{before}], "
                 f"[{following.text}, %{self.block}]"]  # fmt: skip
        for x, y, z in zip(given, carried, after, strict=True):
            heads.append(
                f"  {x.text} = phi {x.type} [{y.text}, %{before}], [{z.text}, %{self.block}]"
            )
        self.lines[place:place] = heads
        done = self.name("done")
        self.act(f"br {more.typed}, label %{name}, label %{done}")
        self.label(done)

    # Numbers

    def constant(self, dtype: str, value: Number, lanes: int = 0) -> Value:
        """A number that is known."""
        text = literal(dtype, value)
        return Value(self, f"splat ({type_of(dtype)} {text})" if lanes else text, dtype, lanes)

    def spread(self, x: Value, lanes: int) -> Value:
        """One number in each lane."""
        if x.lanes == lanes:
            return x
        if not x.text.startswith("%"):
            return Value(self, f"splat ({x.typed})", x.dtype, lanes)
        kind = type_of(x.dtype, lanes)
        first = self.emit(f"insertelement {kind} poison, {x.typed}, i32 0", x.dtype, lanes)
        order = f"<{lanes} x i32> zeroinitializer"
        return self.emit(f"shufflevector {first.typed}, {kind} poison, {order}", x.dtype, lanes)

    def same(self, *operands: Operand) -> list[Value]:
        """The operands in one dtype and in as many lanes: numbers take the dtype of the values."""
        dtype = next(x.dtype for x in operands if isinstance(x, Value))
        lanes = max(x.lanes for x in operands if isinstance(x, Value))
        found = []
        for x in operands:
            if isinstance(x, Value):
                found.append(self.spread(x, lanes) if lanes else x)
            else:
                found.append(self.constant(dtype, x, lanes))
        return found

    # Operations

    def binary(self, operation: str, a: Operand, b: Operand) -> Value:
        """An operation on two values; products and sums of floats may be contracted."""
        x, y = self.same(a, b)
        assert x.dtype == y.dtype, (operation, x.dtype, y.dtype)
        if x.dtype in FLOATS:
            flag = " contract" if operation in ("add", "sub", "mul") else ""
            operation = f"f{operation}{flag}"
        return self.emit(f"{operation} {x.typed}, {y.text}", x.dtype, x.lanes)

    def negative(self, x: Value) -> Value:
        """`-x`."""
        if x.dtype in FLOATS:
            return self.emit(f"fneg {x.typed}", x.dtype, x.lanes)
        return self.binary("sub", 0, x)

    def compare(self, sign: str, a: Operand, b: Operand) -> Value:
        """A comparison; with NaN all are false but `!=`."""
        x, y = self.same(a, b)
        word = _COMPARED[sign]
        if x.dtype in FLOATS:
            ordered = "u" if sign == "!=" else "o"
            return self.emit(f"fcmp {ordered}{word} {x.typed}, {y.text}", "bool", x.lanes)
        signed = "" if sign in ("==", "!=") else "u" if x.dtype in ("bool", "uint64") else "s"
        return self.emit(f"icmp {signed}{word} {x.typed}, {y.text}", "bool", x.lanes)

    def rarely(self, condition: Value, then: str, otherwise: str) -> None:
        """Go to one label where the condition holds, which is seldom, and else to the other.

        What the first one needs registers for is no reason to keep the second one out of them.
        """
        self.declared["!0"] = '!0 = !{!"branch_weights", i32 1, i32 1048576}'
        self.act(f"br {condition.typed}, label %{then}, label %{otherwise}, !prof !0")

    def select(self, condition: Value, a: Operand, b: Operand) -> Value:
        """`a` where the condition holds, else `b`."""
        x, y = self.same(a, b)
        lanes = max(condition.lanes, x.lanes)
        if lanes:
            condition, x, y = (self.spread(v, lanes) for v in (condition, x, y))
        return self.emit(f"select {condition.typed}, {x.typed}, {y.typed}", x.dtype, lanes)

    def intrinsic(self, name: str, *operands: Operand) -> Value:
        """What LLVM has under that name, for operands and a result of one type."""
        values = self.same(*operands)
        x = values[0]
        suffix = f"v{x.lanes}" if x.lanes else ""
        kind = f"{'f' if x.dtype in FLOATS else 'i'}{WIDTHS[x.dtype]}"
        return self.call(f"llvm.{name}.{suffix}{kind}", values, x.dtype, x.lanes)

    def call(self, function: str, values: Sequence[Value], dtype: str, lanes: int = 0) -> Value:
        """The result of a function that depends on what it is given alone."""
        result = type_of(dtype, lanes)
        parameters = ", ".join(v.type for v in values)
        self.declared[function] = f"declare {result} @{function}({parameters})"
        given = ", ".join(v.typed for v in values)
        return self.emit(f"call {result} @{function}({given})", dtype, lanes)

    def shuffle(self, x: Value, y: Value, order: Iterable[int]) -> Value:
        """Lanes of two vectors, those of the second one counted on."""
        places = [*order]
        lanes = ", ".join(f"i32 {place}" for place in places)
        kind = f"<{len(places)} x i32>"
        return self.emit(
            f"shufflevector {x.typed}, {y.typed}, {kind} <{lanes}>", x.dtype, len(places)
        )

    def some(self, mask: Value) -> Value:
        """Whether a mask holds in any lane."""
        if not mask.lanes:
            return mask
        kind = f"i{mask.lanes}"
        word = self.emit(f"bitcast {mask.typed} to {kind}", "int64")
        return self.emit(f"icmp ne {kind} {word.text}, 0", "bool")

    def bits(self, x: Value) -> Value:
        """The bits of a float as an integer, or the other way."""
        other = BITS.get(x.dtype) or {"int32": "float32", "int64": "float64"}[x.dtype]
        return self.emit(f"bitcast {x.typed} to {type_of(other, x.lanes)}", other, x.lanes)

    def scaled(self, x: Value, k: Value, normal: bool = False) -> Value:
        """`x 2**k`, for which processors with wide vectors have an instruction."""
        each = lanes_for(WIDTHS[x.dtype], wide=True)
        if not self.wide or not x.lanes or x.lanes % each:
            return scaled(self, x, k, normal)
        name = f"llvm.x86.avx512.mask.scalef.p{'s' if x.dtype == 'float32' else 'd'}.512"
        kind, mask = type_of(x.dtype, each), f"i{each}"
        self.declared[name] = f"declare {kind} @{name}({kind}, {kind}, {kind}, {mask}, i32)"
        parts = []
        for first in range(0, x.lanes, each):
            a, n = (self.part(v, first, each) for v in (x, k))
            given = f"{a.typed}, {n.typed}, {kind} zeroinitializer, {mask} -1, i32 {_AS_SET}"
            parts.append(self.emit(f"call {kind} @{name}({given})", x.dtype, each))
        return self.together(parts)

    def part(self, x: Value, first: int, count: int) -> Value:
        """So many lanes of a vector, from that one on."""
        if x.lanes == count:
            return x
        order = ", ".join(f"i32 {first + k}" for k in range(count))
        text = f"shufflevector {x.typed}, {x.type} poison, <{count} x i32> <{order}>"
        return self.emit(text, x.dtype, count)

    def together(self, parts: Sequence[Value]) -> Value:
        """The lanes of vectors one after another: of one length, and a power of two of them."""
        while len(parts) > 1:
            lanes = 2 * parts[0].lanes
            order = ", ".join(f"i32 {k}" for k in range(lanes))
            parts = [
                self.emit(f"shufflevector {a.typed}, {b.typed}, <{lanes} x i32> <{order}>",
                          a.dtype, lanes)
                for a, b in zip(parts[::2], parts[1::2], strict=True)
            ]  # fmt: skip
        return parts[0]

    def convert(self, x: Value, dtype: str) -> Value:
        """The number in another dtype, as NumPy converts."""
        if x.dtype == dtype:
            return x
        if x.dtype in HALVES:
            return self.convert(self._widened(x), dtype)
        if dtype in HALVES:
            return self._rounded(self.convert(x, "float32"), dtype)
        if dtype == "bool":
            return x != 0
        to = type_of(dtype, x.lanes)
        before, after = x.dtype in FLOATS, dtype in FLOATS
        if before and after:
            word = "fpext" if WIDTHS[dtype] > WIDTHS[x.dtype] else "fptrunc"
        elif before:
            word = "fptosi"
        elif after:
            word = "uitofp" if x.dtype in ("bool", "uint64") else "sitofp"
        elif WIDTHS[dtype] > WIDTHS[x.dtype]:
            word = "zext" if x.dtype == "bool" else "sext"
        elif WIDTHS[dtype] < WIDTHS[x.dtype]:
            word = "trunc"
        else:
            return Value(self, x.text, dtype, x.lanes)
        return self.emit(f"{word} {x.typed} to {to}", dtype, x.lanes)

    def _widened(self, x: Value) -> Value:
        """A float16 or bfloat16 as float32, which has them all."""
        if x.dtype == "float16":
            half = f"<{x.lanes} x half>" if x.lanes else "half"
            found = self.emit(f"bitcast {x.typed} to {half}", "float16", x.lanes)
            text = f"fpext {half} {found.text} to {type_of('float32', x.lanes)}"
            return self.emit(text, "float32", x.lanes)
        bits = self.emit(f"zext {x.typed} to {type_of('int32', x.lanes)}", "int32", x.lanes)
        return self.bits(bits << 16)

    def _rounded(self, x: Value, dtype: str) -> Value:
        """A float32 as the nearest float16 or bfloat16, of two the even one."""
        kind = type_of(dtype, x.lanes)
        if dtype == "float16":
            half = f"<{x.lanes} x half>" if x.lanes else "half"
            found = self.emit(f"fptrunc {x.typed} to {half}", dtype, x.lanes)
            return self.emit(f"bitcast {half} {found.text} to {kind}", dtype, x.lanes)
        bits = self.bits(x)                         # of which the upper half is the bfloat16
        nearest = bits + (((bits >> 16) & 1) + 0x7FFF)
        quiet = bits & -0x80000000 | 0x7FC00000
        found = self.select(x == x, nearest, quiet) >> 16
        return self.emit(f"trunc {found.typed} to {kind}", dtype, x.lanes)

    # Memory

    def at(self, base: Value, index: Value, dtype: str) -> Value:
        """A pointer to the element of that number."""
        kind = "i8" if dtype == "bool" else TYPES[dtype]
        text = f"getelementptr {kind}, {base.typed}, {index.typed}"
        return self.emit(text, "pointer", index.lanes)

    def vector(self, place: Value, dtype: str, lanes: int, mask: Value | None = None) -> Value:
        """So many elements from `place` on; zeros where the mask does not hold."""
        kind = type_of(dtype, lanes)
        if mask is None:
            align = WIDTHS[dtype] // 8
            return self.read(f"load {kind}, {place.typed}, align {align}", dtype, lanes)
        name = f"llvm.masked.load.{_suffix(dtype, lanes)}.p0"
        self.declared[name] = f"declare {kind} @{name}(ptr, i32, {mask.type}, {kind})"
        given = f"{place.typed}, i32 {WIDTHS[dtype] // 8}, {mask.typed}, {kind} zeroinitializer"
        return self.read(f"call {kind} @{name}({given})", dtype, lanes)

    def gather(self, places: Value, dtype: str, mask: Value) -> Value:
        """The elements at these places; zeros where the mask does not hold."""
        lanes = places.lanes
        kind = type_of(dtype, lanes)
        name = f"llvm.masked.gather.{_suffix(dtype, lanes)}.v{lanes}p0"
        self.declared[name] = f"declare {kind} @{name}({places.type}, i32, {mask.type}, {kind})"
        given = f"{places.typed}, i32 {WIDTHS[dtype] // 8}, {mask.typed}, {kind} zeroinitializer"
        return self.read(f"call {kind} @{name}({given})", dtype, lanes)

    def scatter(self, value: Value, places: Value, mask: Value) -> None:
        """Write a vector to these places, of which the mask says the elements."""
        name = f"llvm.masked.scatter.{_suffix(value.dtype, value.lanes)}.v{value.lanes}p0"
        self.declared[name] = f"declare void @{name}({value.type}, {places.type}, i32, {mask.type})"
        align = WIDTHS[value.dtype] // 8
        self.act(f"call void @{name}({value.typed}, {places.typed}, i32 {align}, {mask.typed})")

    def store(self, value: Value, place: Value, mask: Value | None = None) -> None:
        """Write a number or a vector, of which the mask says the elements."""
        align = WIDTHS[value.dtype] // 8
        if mask is None:
            self.act(f"store {value.typed}, {place.typed}, align {align}")
            return
        name = f"llvm.masked.store.{_suffix(value.dtype, value.lanes)}.p0"
        self.declared[name] = f"declare void @{name}({value.type}, ptr, i32, {mask.type})"
        masked = f"call void @{name}({value.typed}, {place.typed}, i32 {align}, {mask.typed})"
        whole = self._whole.get(mask.text)
        if whole is None:
            self.act(masked)
            return
        plain, some, behind = (self.name(x) for x in ("whole", "some", "behind"))
        self.act(f"br {whole.typed}, label %{plain}, label %{some}")
        for label, text in ((plain, f"store {value.typed}, {place.typed}, align {align}"),
                            (some, masked)):  # fmt: skip
            self.label(label)
            self.act(text)
            self.act(f"br label %{behind}")
        self.label(behind)

    def opaque(self, index: Value) -> Value:
        """The same index, of which nothing is known.

        Addresses are then formed in each round, which costs nothing beside vectors, and the
        compiler looks for no other way, which takes long.
        """
        text = f'call {index.type} asm "", "=r,0"({index.typed})'
        return self.read(text, index.dtype)

    def fetch(self, place: Value, nbytes: int, write: bool) -> None:
        """Fetch into the cache what lies there.

        Processors do so by themselves before plain reads and writes; where these have masks, some
        do not.
        """
        name = "llvm.prefetch.p0"
        self.declared[name] = f"declare void @{name}(ptr, i32, i32, i32)"
        for line in range(0, nbytes, LINE):
            at = self.at(place, self.constant("int64", line), "int8")
            self.act(f"call void @{name}({at.typed}, i32 {int(write)}, i32 3, i32 1)")

    def first(self, count: Value, lanes: int) -> Value:
        """A mask of the first lanes, so many as `count` says."""
        left = self.intrinsic("umin", count, self.constant("int64", lanes))
        if not self.wide or lanes > WORD:
            mask = self.numbered("int32", lanes) < self.convert(left, "int32")
            if not self.wide:
                self._whole[mask.text] = count >= lanes
            return mask
        # As a word of bits, which is computed where it stands: comparisons move into their loops.
        bits = ~(self.constant("int64", -1) << left)
        if lanes == WORD:
            bits = self.select(left == WORD, -1, bits)
        else:
            # Opaque, or LLVM computes fewer of the bits, and 8 bytes are written as 16: it takes
            # those above a mask of 8 for zeros.
            bits = self.emit(f"trunc {self.opaque(bits).typed} to i{lanes}", "bool")
        return self.emit(f"bitcast i{lanes} {bits.text} to <{lanes} x i1>", "bool", lanes)

    def numbered(self, dtype: str, lanes: int) -> Value:
        """The number of each lane."""
        parts = ", ".join(f"{TYPES[dtype]} {i}" for i in range(lanes))
        return Value(self, f"<{parts}>", dtype, lanes)


def _suffix(dtype: str, lanes: int) -> str:
    return f"v{lanes}{'f' if dtype in FLOATS else 'i'}{WIDTHS[dtype]}"
