"""How much static shared memory each kernel of a compiled object needs, written into its table.

Shared variables are the thread-local ones. Those of a kernel are the ones that it refers to, or
that what it calls does: each function and each entry of the table has a section of its own, whose
relocations say what it refers to.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

SYMBOLS, RELOCATIONS, THREAD_LOCAL = 2, 4, 6
"""Numbers of ELF: kinds of sections, and of symbols."""

STATIC_SHARED = 16
"""Where that member lies in `Kernel` of interface.h."""


class Section(NamedTuple):
    """A header of a section."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry: int


class Symbol(NamedTuple):
    """A symbol: its section is 0 if it is defined elsewhere."""

    name: int
    info: int
    other: int
    section: int
    value: int
    size: int

    @property
    def is_shared(self) -> bool:
        return self.info & 15 == THREAD_LOCAL and self.section != 0


class Object:
    """An object of x86-64 or another machine with 64 bits and the low byte first."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.data = data = place.read_bytes()
        (start,) = struct.unpack_from("<Q", data, 40)
        _, count = struct.unpack_from("<HH", data, 58)
        self.sections = [
            Section(*struct.unpack_from("<IIQQQQIIQQ", data, start + 64 * i)) for i in range(count)
        ]
        (table,) = (x for x in self.sections if x.kind == SYMBOLS)
        self.names = self.sections[table.link]
        self.symbols = [Symbol(*x) for x in self._entries(table, "<IBBHQQ")]
        self.refers: dict[int, list[Symbol]] = {}
        for section in self.sections:
            if section.kind == RELOCATIONS:
                entries = self._entries(section, "<QQq")
                self.refers[section.info] = [self.symbols[x[1] >> 32] for x in entries]

    def _entries(self, section: Section, layout: str) -> list[tuple[int, ...]]:
        inside = self.data[section.offset : section.offset + section.size]
        return list(struct.iter_unpack(layout, inside))

    def name(self, symbol: Symbol) -> str:
        begin = self.names.offset + symbol.name
        return self.data[begin : self.data.index(b"\0", begin)].decode()

    def shared(self, table: Symbol) -> int:
        """The bytes of all shared variables that can be reached from an entry of the table."""
        seen, waiting, found = {table.section}, [table.section], set()
        while waiting:
            for symbol in self.refers.get(waiting.pop(), ()):
                if symbol.is_shared:
                    found.add(symbol)
                elif symbol.section not in seen:
                    seen.add(symbol.section)
                    waiting.append(symbol.section)
        return sum(symbol.size for symbol in found)


def write(place: Path) -> None:
    """Fill in what each kernel of an object needs."""
    made = Object(place)
    data = bytearray(made.data)
    for symbol in made.symbols:
        if symbol.section and made.name(symbol).endswith("__kernel"):
            at = made.sections[symbol.section].offset + symbol.value + STATIC_SHARED
            struct.pack_into("<Q", data, at, made.shared(symbol))
    place.write_bytes(data)
