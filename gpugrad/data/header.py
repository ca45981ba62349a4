"""The header of an array as NumPy writes it: read with suspicion, as it may be made up."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from math import prod
from typing import Literal

import numpy as np
from numpy.lib import format as npy

LONGEST = 16_384  # bytes; NumPy itself reads no header of more than 10,000
READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class Header:
    """What an array is, and how many bytes of a file say so before its first element."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool
    length: int

    @property
    def order(self) -> Literal["C", "F"]:
        """In which order the elements stand, in NumPy's letters."""
        return "F" if self.fortran else "C"

    @property
    def size(self) -> int:
        """How many bytes the elements have."""
        return prod(self.shape) * self.dtype.itemsize


def read_header(begin: bytes, name: str, there: int) -> Header:
    """The header of the array called `name`, in whose place in the file there are `there` bytes.

    `begin` are the first ones. `ValueError` says what makes no sense, or does not fit.
    """
    file = BytesIO(begin)
    try:
        version = npy.read_magic(file)
    except ValueError:
        raise ValueError(f"its member '{name}' is no array") from None
    if version not in READERS:
        raise ValueError(f"its array '{name}' is in the unknown format {version}")
    try:
        with warnings.catch_warnings():             # of a header that Python 2 or nobody wrote
            warnings.simplefilter("ignore")
            shape, fortran, dtype = READERS[version](file)
    except Exception as error:                      # a made-up header fails in any way at all
        reason = short(error)
        raise ValueError(f"the header of its array '{name}' makes no sense ({reason})") from None
    if dtype.hasobject:
        raise ValueError(f"its array '{name}' is of pickled objects, which are never read")
    if dtype.names is not None or dtype.subdtype is not None:
        raise ValueError(f"its array '{name}' is of records; expected plain numbers")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError(f"the shape of its array '{name}' is {short(shape)}")
    header = Header(shape, dtype, fortran, file.tell())
    if header.size != there - header.length:
        raise ValueError(
            f"its array '{name}' of {dtype} and shape {short(shape)} does not have the "
            f"{there - header.length} bytes that there are"
        )
    return header


def short(value: object) -> str:
    """`value` in a few words, whatever somebody wrote there."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
