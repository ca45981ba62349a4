"""The words of a block, as a kernel reads them one after the other, and the module of a kernel."""

from __future__ import annotations

import numpy as np

from gpugrad.backends.dtypes import kind_of
from gpugrad.codegen.body import Body
from gpugrad.codegen.ir import FLOATS, HALVES, TYPES, Value

HEAD = 2
"""Words of a block before those of a kernel: its function, and how many words there are."""


def as_word(number: np.generic) -> int:
    """A number as a word: the bits of a float, which are the first ones of the word."""
    if kind_of(number.dtype) == "f":
        return int(number.view(f"i{number.dtype.itemsize}"))
    return int(np.int64(number))


class Words:
    """Reads the block that a kernel is given."""

    def __init__(self, b: Body) -> None:
        self.b = b
        self._next = HEAD

    def place(self) -> Value:
        """Where the next word is."""
        block = Value(self.b, "%block", "pointer")
        place = self.b.at(block, self.b.constant("int64", self._next), "int64")
        self._next += 1
        return place

    def word(self) -> Value:
        """The next word."""
        return self.b.emit(f"load i64, {self.place().typed}", "int64")

    def number(self, dtype: str) -> Value:
        """The next word, as a number of that dtype."""
        stored = dtype if dtype in FLOATS or dtype in HALVES else "int64"
        text = f"load {TYPES[stored]}, {self.place().typed}"
        return self.b.convert(self.b.read(text, stored), dtype)

    def address(self) -> Value:
        """The address of an array: that in the frame of a word's number, and a word's bytes on."""
        place = self.b.at(Value(self.b, "%frame", "pointer"), self.word(), "int64")
        base = self.b.emit(f"load ptr, {place.typed}", "pointer")
        return self.b.at(base, self.word(), "int8")


def module(b: Body, name: str) -> str:
    """The text of a module with the kernel of that body as the function `name`."""
    head = f"define i64 @{name}(ptr %frame, ptr %block, i64 %part) {{\nentry:"
    function = "\n".join([head, *b.lines, "}"])
    return "\n\n".join([function, *b.helpers.values(), *b.declared.values(), ""])
