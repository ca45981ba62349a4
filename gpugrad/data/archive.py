"""The arrays of an `.npz` archive, read with suspicion: nothing is unpickled, no size is believed.

What a header says is compared with what the archive says before the array is read, and memory grows
with the bytes that are really there: a small file cannot ask for a large array.
"""

from __future__ import annotations

import warnings
import zipfile
from collections import Counter
from io import BytesIO
from math import prod

import numpy as np
from numpy.lib import format as npy

LONGEST_HEADER = 16_384  # bytes; NumPy itself reads no header of more than 10,000
CHUNK = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what NumPy writes
ENCRYPTED = 0x1  # this bit of a member's flags
READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def array_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of the arrays in `archive`; `ValueError` if one is there twice."""
    counts = Counter(member.removesuffix(".npy") for member in archive.namelist())
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f"there is more than one array '{_short(twice[0])}' in it")
    return list(counts)


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """The array called `name`; `ValueError`, or what `zipfile` raises, if it is not whole."""
    info = archive.getinfo(f"{name}.npy" if f"{name}.npy" in archive.namelist() else name)
    if info.flag_bits & ENCRYPTED:
        raise ValueError(f"its member '{name}' is encrypted")
    if info.compress_type not in METHODS:
        raise ValueError(f"its member '{name}' is compressed in a way that NumPy does not write")
    with archive.open(info) as member:
        head = BytesIO(member.read(LONGEST_HEADER))
        shape, fortran, dtype = _header(head, name)
        wanted, found = prod(shape) * dtype.itemsize, info.file_size - head.tell()
        if wanted != found:
            raise ValueError(
                f"its array '{name}' of {dtype} and shape {_short(shape)} does not have the "
                f"{found} bytes that there are"
            )
        content = bytearray(head.read())
        while chunk := member.read(CHUNK):
            content += chunk
    if len(content) != wanted:
        raise ValueError(f"its array '{name}' is cut short, after {len(content)} bytes")
    return np.ndarray(shape, dtype, content, order="F" if fortran else "C")


def _header(file: BytesIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, order and dtype; `file` then stands at the first byte of the array."""
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
        reason = _short(error)
        raise ValueError(f"the header of its array '{name}' makes no sense ({reason})") from None
    if dtype.hasobject:
        raise ValueError(f"its array '{name}' is of pickled objects, which are never read")
    if dtype.names is not None or dtype.subdtype is not None:
        raise ValueError(f"its array '{name}' is of records; wanted are plain numbers")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError(f"the shape of its array '{name}' is {_short(shape)}")
    return shape, fortran, dtype


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
