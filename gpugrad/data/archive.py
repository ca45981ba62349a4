"""The arrays of an `.npz` archive, read with suspicion: nothing is unpickled, no size is believed.

What a header says is compared with what the archive says before the array is read, and memory grows
with the bytes that are really there: a small file cannot ask for a large array.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter

import numpy as np

from gpugrad.data.file_rows import FileRows
from gpugrad.data.header import LONGEST, Header, read_header, short

CHUNK = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what NumPy writes
ENCRYPTED = 0x1  # this bit of a member's flags
SIGN = b"PK\3\4"
LOCAL = struct.Struct("<4s22xHH")  # what stands before a member: lengths of its name and its notes


def array_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of the arrays in `archive`; `ValueError` if one is there twice."""
    counts = Counter(member.removesuffix(".npy") for member in archive.namelist())
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f"there is more than one array '{short(twice[0])}' in it")
    return list(counts)


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """The array called `name`; `ValueError`, or what `zipfile` raises, if it is not whole."""
    info = _member(archive, name)
    with archive.open(info) as member:
        begin = member.read(LONGEST)
        header = read_header(begin, name, info.file_size)
        content = bytearray(begin[header.length :])
        while chunk := member.read(CHUNK):
            content += chunk
    if len(content) != header.size:
        raise ValueError(f"its array '{name}' is cut short, after {len(content)} bytes")
    return np.ndarray(header.shape, header.dtype, content, order=header.order)


def rows_of_array(archive: zipfile.ZipFile, name: str) -> FileRows:
    """The same without reading it: its bytes lie in the file as they are.

    Its checksum is compared when all of it is read for the first time, by `FileRows.check`.
    """
    info = _member(archive, name)
    begin, header = _begin(archive, name)
    file = archive.fp
    assert file is not None                         # it is open
    file.seek(info.header_offset)
    sign, *lengths = LOCAL.unpack(file.read(LOCAL.size))
    first = file.seek(sum(lengths), 1)
    if sign != SIGN or file.read(len(begin)) != begin:
        raise ValueError(f"its array '{name}' is not where the archive says")
    return FileRows(file, first, header, name, (zlib.crc32(begin[: header.length]), info.CRC))


def header_of(archive: zipfile.ZipFile, name: str) -> Header:
    """What the array called `name` is."""
    return _begin(archive, name)[1]


def is_stored(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether the bytes of the array called `name` lie in the file as they are, not compressed."""
    info = _member(archive, name)
    return info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size


def _begin(archive: zipfile.ZipFile, name: str) -> tuple[bytes, Header]:
    """The first bytes of a member, and the header in them."""
    info = _member(archive, name)
    with archive.open(info) as member:
        begin = member.read(LONGEST)
    return begin, read_header(begin, name, info.file_size)


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    info = archive.getinfo(f"{name}.npy" if f"{name}.npy" in archive.namelist() else name)
    if info.flag_bits & ENCRYPTED:
        raise ValueError(f"its member '{name}' is encrypted")
    if info.compress_type not in METHODS:
        raise ValueError(f"its member '{name}' is compressed in a way that NumPy does not write")
    return info
