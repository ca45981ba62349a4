"""Matrices that stay in their file: what is asked for is read, and all of it never at once.

Pages that were read count as memory of the process until they are given back, and the system keeps
them for itself as long as it has room: giving them back costs little and bounds what is in use.
"""

from __future__ import annotations

import hashlib
import mmap
import zlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from gpugrad.data.header import Header
from gpugrad.errors import DataError

CHUNK = 2**22  # bytes of rows that are looked at together
KEPT = 2**26  # bytes of the file that may be in memory before they are given back
AROUND = 2**16  # bytes that the system reads around one that is asked for


class Mapped:
    """The rows of a matrix of real numbers in a file, as floats in memory when they are asked for.

    `x[numbers]`, with a slice or an array of row numbers, is a new array. float32 stays float32,
    everything else becomes float64. The rows lie one behind the other in the file.
    """

    ndim = 2

    def __init__(
        self, file: IO[bytes], begin: int, header: Header, name: str,
        crc: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """The array whose header begins at the byte `begin` of `file`; `crc` are the CRC-32 of the
        header and that of both together.
        """
        self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        first = begin + header.length
        if first + header.size > len(self._map):
            raise ValueError(f"its array '{name}' is cut short")
        self._raw: np.ndarray = np.ndarray(header.shape, header.dtype, self._map, first)
        self.shape = header.shape
        self.dtype = float_dtype(header.dtype)
        self._name, self._crc = name, crc
        self._in_use = 0
        self._digest: Any = None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, numbers: slice | np.ndarray) -> np.ndarray:
        if isinstance(numbers, slice):
            numbers = np.arange(*numbers.indices(len(self)))
        x = np.empty((len(numbers), self.shape[1]), self.dtype)
        with np.errstate(all="ignore"):             # what does not fit becomes infinite
            for start in range(0, len(numbers), self._most):
                some = numbers[start : start + self._most]
                self._count(len(some))
                x[start : start + self._most] = self._raw[some]
        return x

    def chunks(self, numbers: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """All rows, or those of these numbers, some at a time."""
        rows = max(CHUNK // (self.shape[1] * self.dtype.itemsize), 1)
        for start in range(0, len(self) if numbers is None else len(numbers), rows):
            part = slice(start, start + rows)
            yield self[part if numbers is None else numbers[part]]

    def check(self, source: str) -> None:
        """Read all of it once; `DataError` unless it is as it was written, and of finite numbers.

        `extremes` are then the least and the greatest of each feature, (2, features).
        """
        self._check_sum(source)
        digest = hashlib.sha256(f"{self.dtype.str}{self.shape}".encode())
        wrong, first, seen = 0, "", 0
        extremes = np.array([[np.inf], [-np.inf]]).repeat(self.shape[1], axis=1)
        for rows in self.chunks():
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

    def _check_sum(self, source: str) -> None:
        """Compare its bytes, as they stand in the file, with the checksum of the archive."""
        if self._crc is None:
            return
        crc, wanted = self._crc
        numbers = self._raw.reshape(-1)
        step = CHUNK // numbers.itemsize
        for start in range(0, len(numbers), step):
            crc = zlib.crc32(numbers[start : start + step].view(np.uint8).data, crc)
            self._give_back()
        if crc != wanted:
            raise DataError(
                f"{source}: it is damaged: the CRC-32 of its array '{self._name}' is another one"
            )

    @property
    def _most(self) -> int:
        """How many rows are read before pages are given back."""
        return max(KEPT // (self._raw[:1].nbytes + AROUND), 1)

    def _count(self, rows: int) -> None:
        """So many rows are about to be read."""
        self._in_use += rows
        if self._in_use > self._most:
            self._give_back()
            self._in_use = rows

    def _give_back(self) -> None:
        if hasattr(mmap, "MADV_DONTNEED"):          # not on Windows
            self._map.madvise(mmap.MADV_DONTNEED)


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
        f"{source}: x holds {wrong} values that are not finite, the first is {first}; remove or "
        "replace them"
    )
