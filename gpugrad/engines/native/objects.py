"""Objects of Python as machine code meets them.

It says where the fields of arrays are, and makes functions of Python that are machine code.

Such a function is given as many objects as its caller likes, and reads what it needs of arrays out
of their memory, so that Python does nothing for each of them. Its `self` is an array of words.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

SYMBOLS = {"gpugrad_ndarray": id(np.ndarray)}
"""What such functions name beside the functions of CPython, and where it is."""

C_CONTIGUOUS, ALIGNED = 0x1, 0x100
"""Flags of an array of NumPy: its elements lie in order, and where their dtype wants them."""

_FASTCALL = 0x80


class _Method(ctypes.Structure):
    """`PyMethodDef` of CPython: what a function of Python that is machine code is made of."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )  # fmt: skip


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text for LLVM with `values` for names in braces, and with the places of fields."""
    # Of an array of NumPy, its address, number of axes, lengths, strides, base, dtype and flags
    # come after what all objects have (see `ndarraytypes.h`).
    head = object.__basicsize__
    fields = {
        "type": head - 8, "data": head, "axes": head + 8, "sizes": head + 16, "dtype": head + 40,
        "flags": head + 48,
    }  # fmt: skip
    _check(fields)
    given = {**values, **fields, "needed": C_CONTIGUOUS | ALIGNED}
    for name, value in given.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _check(fields: Mapping[str, int]) -> None:
    """Raises `RuntimeError` where an array of NumPy is not laid out as it is taken to be."""
    x = np.zeros((3, 2))

    def read(kind: Any, name: str, y: np.ndarray = x) -> int:
        return int(kind.from_address(id(y) + fields[name]).value or 0)

    sizes = read(ctypes.c_void_p, "sizes")
    lengths = (ctypes.c_int64 * 2).from_address(sizes) if sizes else ()
    addresses = [read(ctypes.c_void_p, name) for name in ("type", "data", "dtype")]
    flags, turned = (read(ctypes.c_int, "flags", y) for y in (x, x.T))
    wanted = C_CONTIGUOUS | ALIGNED
    found = *addresses, read(ctypes.c_int, "axes"), *lengths, flags & wanted
    known = id(np.ndarray), x.ctypes.data, id(x.dtype), 2, 3, 2, wanted
    if found != known or turned & wanted == wanted:
        raise RuntimeError("arrays of this NumPy are laid out in another way than is known here")


def function(address: int, words: np.ndarray, name: bytes) -> Callable[..., int]:
    """The function of Python that the machine code at `address` is, with `words` as its `self`."""
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    made: Any = make(ctypes.addressof(_method(address, name)), words, None)
    return made  # type: ignore[no-any-return]


@cache
def _method(address: int, name: bytes) -> _Method:
    return _Method(name, address, _FASTCALL, b"Machine code of the native engine.")
