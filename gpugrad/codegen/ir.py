"""Values of LLVM: one number or a vector of them, with the operators of Python.

A number beside a vector is spread over its lanes; the instructions go to the body of a function.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

import numpy as np

FLOATS = {"float32": "float", "float64": "double"}
WHOLE = {"int8": "i8", "int32": "i32", "int64": "i64", "uint64": "i64"}
HALVES = {"float16": "i16", "bfloat16": "i16"}
"""Floats that are moved as integers of 16 bits, and computed with as float32."""

WIDTHS = {
    "bool": 1, "int8": 8, "int32": 32, "int64": 64, "uint64": 64, "float32": 32, "float64": 64,
    "float16": 16, "bfloat16": 16,
}  # fmt: skip
BITS = {"float32": "int32", "float64": "int64"}
"""The integer as wide as each."""

WIDE, NARROW = 64, 32
"""Bytes of a vector, on processors with 32 registers of 64 bytes and others."""

TYPES = {**FLOATS, **HALVES, **WHOLE, "bool": "i1", "pointer": "ptr"}

Number = bool | int | float


def lanes_for(bits: int, wide: bool) -> int:
    """How many numbers of so many bits a vector holds."""
    return (WIDE if wide else NARROW) * 8 // bits


class Instructions(Protocol):
    """What the operators of values are written by."""

    def binary(self, operation: str, a: Operand, b: Operand) -> Value: ...
    def negative(self, x: Value) -> Value: ...
    def compare(self, sign: str, a: Operand, b: Operand) -> Value: ...


@dataclass(frozen=True, eq=False)
class Value:
    """A register or a constant of the function `body`, of a dtype by its name, in `lanes` or one.

    Comparisons give values too, so a value is equal to itself alone where Python asks.
    """

    body: Instructions
    text: str
    dtype: str
    lanes: int = 0

    @property
    def type(self) -> str:
        """The type as LLVM writes it."""
        return type_of(self.dtype, self.lanes)

    @property
    def typed(self) -> str:
        """The value with its type."""
        return f"{self.type} {self.text}"

    __hash__ = object.__hash__

    def __add__(self, other: Operand) -> Value:
        return self.body.binary("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return self.body.binary("add", other, self)

    def __sub__(self, other: Operand) -> Value:
        return self.body.binary("sub", self, other)

    def __rsub__(self, other: Number) -> Value:
        return self.body.binary("sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.body.binary("mul", self, other)

    def __rmul__(self, other: Number) -> Value:
        return self.body.binary("mul", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self.body.binary("div", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return self.body.binary("div", other, self)

    def __neg__(self) -> Value:
        return self.body.negative(self)

    def __and__(self, other: Operand) -> Value:
        return self.body.binary("and", self, other)

    def __or__(self, other: Operand) -> Value:
        return self.body.binary("or", self, other)

    def __xor__(self, other: Operand) -> Value:
        return self.body.binary("xor", self, other)

    def __lshift__(self, other: Operand) -> Value:
        return self.body.binary("shl", self, other)

    def __rshift__(self, other: Operand) -> Value:
        return self.body.binary("ashr", self, other)

    def __invert__(self) -> Value:
        return self.body.binary("xor", self, True if self.dtype == "bool" else -1)

    def __lt__(self, other: Operand) -> Value:
        return self.body.compare("<", self, other)

    def __le__(self, other: Operand) -> Value:
        return self.body.compare("<=", self, other)

    def __gt__(self, other: Operand) -> Value:
        return self.body.compare(">", self, other)

    def __ge__(self, other: Operand) -> Value:
        return self.body.compare(">=", self, other)

    def __eq__(self, other: Operand) -> Value:  # type: ignore[override]
        return self.body.compare("==", self, other)

    def __ne__(self, other: Operand) -> Value:  # type: ignore[override]
        return self.body.compare("!=", self, other)


Operand = Value | Number


def type_of(dtype: str, lanes: int = 0) -> str:
    """A type as LLVM writes it."""
    return f"<{lanes} x {TYPES[dtype]}>" if lanes else TYPES[dtype]


def literal(dtype: str, value: Number) -> str:
    """A number as LLVM writes it: floats by their bits, so that each is itself."""
    if dtype == "bool":
        return "true" if value else "false"
    if dtype in HALVES:
        return str(_bits_of_half(dtype, value))
    if dtype not in FLOATS:
        return str(int(value))
    number = float(np.float32(value)) if dtype == "float32" else float(value)
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"


def _bits_of_half(dtype: str, value: Number) -> int:
    """The bits of a number as float16 or bfloat16, to which it is rounded."""
    if dtype == "float16":
        return int(np.float16(value).view(np.uint16))
    bits = int(np.float32(value).view(np.uint32))
    if value != value:
        return 0x7FC0
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
