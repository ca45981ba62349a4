"""Matrices that stay in their file: rows are read when they are asked for.

They are read, and not mapped into memory: a process then has no more of a file than it asked for,
whatever the system keeps of it, and one that is cut short meanwhile is an error and no crash.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from typing import IO, Any
from weakref import finalize

import numpy as np

from gpugrad.data.header import Header
from gpugrad.data.row_index import Key, all_of, row_numbers
from gpugrad.errors import DataError
from gpugrad.printable import counted

CHUNK = 2**22  # bytes of rows that are looked at together


class FileRows:
    """The rows of a matrix of real numbers in a file, as floats in memory when they are asked for.

    `x[numbers]`, with a slice, a row number or an array of them, is a new array, and
    `np.asarray(x)` reads all. float32 stays float32, everything else becomes float64. The rows
    lie one behind the other in the file.
    """

    ndim = 2
    extremes: np.ndarray
    """The least and the greatest of each feature, (2, features), once all of it is checked."""

    def __init__(
        self, file: IO[bytes], begin: int, header: Header, name: str,
        crc: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """The array whose header begins at the byte `begin` of `file`.

        `crc` are the CRC-32 of the header and that of both together.
        """
        self._name, self._crc, self._stored = name, crc, header.dtype
        self._first = begin + header.length
        if self._first + header.size > os.fstat(file.fileno()).st_size:
            raise ValueError(f"its array '{name}' is cut short")
        self.shape: tuple[int, ...] = header.shape
        self.dtype = float_dtype(header.dtype)
        self._digest: Any = None
        self._file = os.dup(file.fileno())
        self._close = finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Key) -> np.ndarray:
        numbers = row_numbers(key, len(self))
        found = as_floats(self._read(numbers.reshape(-1)), copy=False)
        return found if numbers.ndim else found[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All rows, read into memory, as `np.asarray(x)` asks for."""
        return all_of(self, dtype, copy)

    def chunks(self, numbers: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """All rows, or those of these numbers, some at a time."""
        numbers = None if numbers is None else row_numbers(numbers, len(self))
        for raw in self._raw_chunks(numbers):
            yield as_floats(raw, copy=False)

    def check(self, source: str) -> None:
        """Read all once; `DataError` unless it is as it was written, and of finite numbers."""
        crc, wanted = self._crc or (0, 0)
        digest = hashlib.sha256(f"{self.dtype.str}{self.shape}".encode())
        wrong, first, seen = 0, "", 0
        extremes = np.array([[np.inf], [-np.inf]]).repeat(self.shape[1], axis=1)
        for raw in self._raw_chunks(None):
            crc = zlib.crc32(raw.view(np.uint8).data, crc)
            rows = as_floats(raw, copy=False)
            digest.update(rows.data)
            finite = np.isfinite(rows)
            if not finite.all():
                if not wrong:
                    row, column = np.argwhere(~finite)[0]
                    first = f"x[{seen + row}, {column}] = {rows[row, column]}"
                wrong += finite.size - int(finite.sum())
            extremes[0] = np.minimum(extremes[0], rows.min(axis=0))
            extremes[1] = np.maximum(extremes[1], rows.max(axis=0))
            seen += len(rows)
        if self._crc is not None and crc != wanted:
            raise DataError(
                f"{source}: it is damaged: the CRC-32 of its array '{self._name}' is another one"
            )
        if wrong:
            raise not_finite(source, wrong, first)
        self._digest, self.extremes = digest, extremes

    def digest(self) -> Any:
        """SHA-256 of dtype, shape and floats in the order of rows, to go on with."""
        if self._digest is None:
            self._digest = hashlib.sha256(f"{self.dtype.str}{self.shape}".encode())
            for rows in self.chunks():
                self._digest.update(rows.data)
        return self._digest.copy()

    def _raw_chunks(self, numbers: np.ndarray | None) -> Iterator[np.ndarray]:
        rows = max(CHUNK // (self.shape[1] * self.dtype.itemsize), 1)
        for start in range(0, len(self) if numbers is None else len(numbers), rows):
            end = min(start + rows, len(self))
            yield self._read(
                np.arange(start, end) if numbers is None else numbers[start : start + rows]
            )

    def _read(self, numbers: np.ndarray) -> np.ndarray:
        """The rows of these numbers as they are stored; those that follow each other at once."""
        raw = np.empty((len(numbers), self.shape[1]), self._stored)
        content, length = raw.view(np.uint8).reshape(-1).data, self.shape[1] * self._stored.itemsize
        starts = [0, *(np.flatnonzero(np.diff(numbers) != 1) + 1).tolist()]
        places = (self._first + numbers[starts] * length).tolist() if numbers.size else []
        ends = [*(start * length for start in starts[1:]), len(content)]
        for start, end, place in zip(starts, ends, places, strict=False):
            self._fill(content[start * length : end], place)
        return raw

    def _fill(self, content: memoryview, place: int) -> None:
        """Read bytes from that place of the file on."""
        while content:
            n = os.preadv(self._file, [content], place)
            if not n:
                raise DataError(
                    f"the file of the array '{self._name}' was cut short while it was in use"
                )
            content, place = content[n:], place + n


def float_dtype(dtype: np.dtype) -> np.dtype:
    """What numbers become: float32 stays, in the order of bytes of this machine."""
    return np.dtype(np.float32 if dtype.newbyteorder("=") == np.float32 else np.float64)


def as_floats(x: np.ndarray, copy: bool = True) -> np.ndarray:
    """`x` in that type, one row behind the other. What does not fit becomes infinite."""
    with np.errstate(all="ignore"):
        return x.astype(float_dtype(x.dtype), order="C", copy=copy)


def not_finite(source: str, wrong: int, first: str) -> DataError:
    """The error of data of which so many values are infinite or NaN."""
    return DataError(
        f"{source}: x holds {not_finite_values(wrong)}, the first is {first}; remove or "
        "replace them"
    )


def not_finite_values(number: int) -> str:
    """So many of them, in a message."""
    return f"{counted(number, 'value')} that {'is' if number == 1 else 'are'} not finite"
