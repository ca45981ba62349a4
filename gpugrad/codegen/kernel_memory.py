"""Where a kernel finds what it reads and writes: words of its block, pointers, vectors."""

from __future__ import annotations

from collections.abc import Iterator

from gpugrad.codegen.body import AHEAD, Body
from gpugrad.codegen.interleaved import apart, together
from gpugrad.codegen.ir import WIDTHS, Value, type_of
from gpugrad.codegen.words import Words
from gpugrad.plan.nest import NUMBER, Access, Nest, Part


class KernelMemory:
    """The arrays of a nest in the body of its kernel.

    `pointers` are those of each access inside of the loops so far, `indices` the places along the
    last axis, and `mask` says which lanes are inside of it. `scratch` are the rows that one loop
    writes for another one.
    """

    def __init__(self, nest: Nest, body: Body, lanes: int) -> None:
        self.nest = nest
        self.b = body
        self.lanes = lanes
        self.indices: list[Value] = []
        self.pointers: list[list[Value]] = []       # by depth
        self.mask: Value | None = None
        self.left = Value(body, "", "int64")        # elements of the last axis that are to come

    # Words of the block

    def read_words(self, kept: list[int]) -> None:
        """Read the block: sizes, arrays, rows that are `kept` for other loops, and numbers."""
        b, nest = self.b, self.nest
        words = Words(b)
        self.part = Value(b, "%part", "int64")
        self.sizes = [words.word() for _ in range(nest.axes)]
        self.parts = words.word() if nest.parts else None
        self.strides: list[dict[int, Value]] = []
        bases = []
        for access in nest.accesses:
            base = words.address()
            strides = {axis: words.word() for axis in access.axes
                       if axis != nest.axes - 1 or access.apart}  # fmt: skip
            if access.by_part:
                base = b.at(base, words.word() * self.part, access.dtype)
            self.strides.append(strides)
            bases.append(base)
        self.pointers.append(bases)
        self.scratch = {i: words.address() for i in kept}
        if kept and nest.parts:
            behind = words.word() * self.part
            self.scratch = {i: b.at(base, behind, "int8") for i, base in self.scratch.items()}
        count = max((p.access + 1 for p in nest.values if p.op == NUMBER), default=0)
        self.numbers = [words.place() for _ in range(count)]

    # Elements

    def move(self, depth: int, index: Value) -> None:
        """The pointers inside of one more loop."""
        moved = []
        for k, base in enumerate(self.pointers[-1]):
            stride = self.strides[k].get(depth)
            dtype = self.nest.accesses[k].dtype
            moved.append(base if stride is None else self.b.at(base, index * stride, dtype))
        self.pointers.append(moved)

    def read(self, part: Part) -> Value:
        """The element, or vector of them, that a value loads."""
        access: Access = self.nest.accesses[part.access]
        place = self.pointers[-1][part.access]
        if self.nest.axes - 1 in access.axes:
            if access.apart:
                return self._gathered(place, self.strides[part.access][self.nest.axes - 1], access)
            place = self.b.at(place, self.indices[-1], access.dtype)
            self._ahead(place, part.access, write=False)
            return self.load(place, access.dtype)
        return self.load(place, access.dtype, scalar=True)

    def read_columns(self, part: Part) -> list[Value]:
        """The elements of a row at each place, by their numbers in it."""
        b, access = self.b, self.nest.accesses[part.access]
        place = self.pointers[-1][part.access]
        stored = "int8" if access.dtype == "bool" else access.dtype
        if self.nest.axes - 1 in access.axes:
            place = b.at(place, self.indices[-1] * access.width, stored)
            found = apart(b, [
                b.vector(at, stored, self.lanes, mask)
                for at, mask in self._vectors_of(place, access)
            ])
            return [x != 0 for x in found] if access.dtype == "bool" else found
        return [self.load(b.at(place, b.constant("int64", k), stored), access.dtype, scalar=True)
                for k in range(access.width)]  # fmt: skip

    def store_columns(self, values: list[Value], access: int) -> None:
        """Write the elements of a row at each place."""
        b, spec, place = self.b, self.nest.accesses[access], self.pointers[-1][access]
        stored = "int8" if spec.dtype == "bool" else spec.dtype
        columns = [b.convert(x, stored) for x in values]
        if self.nest.axes - 1 in spec.axes:
            place = b.at(place, self.indices[-1] * spec.width, stored)
            rows = together(b, [b.spread(x, self.lanes) for x in columns])
            for x, (at, mask) in zip(rows, self._vectors_of(place, spec), strict=True):
                b.store(x, at, mask)
            return
        for k, x in enumerate(columns):
            b.store(x, b.at(place, b.constant("int64", k), stored))

    def _vectors_of(self, place: Value, access: Access) -> Iterator[tuple[Value, Value]]:
        """Where the vectors lie that are the rows of as many places as there are lanes.

        Which lanes of each are inside comes with it.
        """
        b, zero = self.b, self.b.constant("int64", 0)
        stored = "int8" if access.dtype == "bool" else access.dtype
        for first in range(0, access.width * self.lanes, self.lanes):
            inside = b.intrinsic("smax", self.left * access.width - first, zero)
            yield (b.at(place, b.constant("int64", first), stored),
                   b.first(inside, self.lanes))  # fmt: skip

    def _gathered(self, place: Value, stride: Value, access: Access) -> Value:
        """Elements that do not lie together."""
        b = self.b
        stored = "int8" if access.dtype == "bool" else access.dtype
        assert self.mask is not None
        found = b.gather(self._places(place, stride, stored), stored, self.mask)
        return found != 0 if access.dtype == "bool" else found

    def _places(self, base: Value, stride: Value, dtype: str) -> Value:
        """Where the elements of a vector lie that do not lie together."""
        numbers = self.b.numbered("int64", self.lanes) + self.indices[-1]
        return self.b.at(base, numbers * stride, dtype)

    def load(self, place: Value, dtype: str, scalar: bool = False) -> Value:
        """What lies there: a vector inside of the last loop, unless it is one number."""
        b = self.b
        stored = "int8" if dtype == "bool" else dtype
        if scalar or self.mask is None:
            found = b.read(f"load {type_of(stored)}, {place.typed}", stored)
        else:
            found = b.vector(place, stored, self.lanes, self.mask)
        return found != 0 if dtype == "bool" else found

    def _ahead(self, place: Value, access: int, write: bool) -> None:
        """Let a vector come that a later round reads or writes, if there are many and soon."""
        if (self.nest.long or self.nest.axes > 1) and not self.b.calls:
            width = max(8, WIDTHS[self.nest.accesses[access].dtype]) // 8
            later = self.b.at(place, self._distance(access, width), "int8")
            self.b.fetch(later, self.lanes * width, write)

    def _distance(self, access: int, width: int) -> Value:
        """How many bytes from an element the one lies that is soon to come.

        Where rows do not follow one another, it lies in the next one.
        """
        b, last = self.b, self.nest.axes - 1
        ahead = b.constant("int64", AHEAD)
        stride = self.strides[access].get(last - 1)
        if stride is None:
            return ahead
        return b.select(stride == self.sizes[last], ahead, stride * width)

    def write(self, value: Value, place: Value) -> None:
        """Write a number or vector there."""
        b = self.b
        stored = b.convert(value, "int8") if value.dtype == "bool" else value
        b.store(stored, place, self.mask if stored.lanes else None)

    def store(self, value: Value, access: int) -> None:
        """Write a value to the array of an access."""
        spec = self.nest.accesses[access]
        place = self.pointers[-1][access]
        last = self.nest.axes - 1
        if spec.apart:
            stored = self.b.spread(value, self.lanes)
            stored = self.b.convert(stored, "int8") if stored.dtype == "bool" else stored
            places = self._places(place, self.strides[access][last], stored.dtype)
            assert self.mask is not None
            self.b.scatter(stored, places, self.mask)
        elif last in spec.axes:
            place = self.b.at(place, self.indices[-1], spec.dtype)
            self._ahead(place, access, write=True)
            self.write(self.b.spread(value, self.lanes), place)
        else:
            self.write(value, place)
