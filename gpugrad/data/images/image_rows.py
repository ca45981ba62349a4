"""Images that stay in their files: they are decoded when they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.images.image_file import pixels_of
from gpugrad.data.row_index import Key, all_of, row_numbers
from gpugrad.engines.thread_pool import spread

CHUNK = 2**24  # bytes of images that are looked at together


class ImageRows:
    """Images in files, decoded when they are asked for: `x[numbers]` is a new array of some.

    `numbers` are a slice, a row number or an array of them; `np.asarray(x)` reads all.

    Its shape is (images, channels, height, width). A file is opened each time, so that threads and
    forked processes may read at once; the files are not to be changed meanwhile.

    Example:
        >>> from gpugrad import data
        >>> data.ImageRows([], (1, 8, 8), np.dtype("uint8")).shape
        (0, 1, 8, 8)
    """

    def __init__(
        self,
        files: Sequence[Path],
        shape: tuple[int, int, int],
        dtype: np.dtype,
        resize: bool = False,
    ) -> None:
        self.files = tuple(files)
        self.shape = (len(self.files), *shape)
        self.dtype = dtype
        self.ndim = 4
        self._resize = resize

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, key: Key) -> NDArray[Any]:
        numbers = row_numbers(key, len(self))
        files = [self.files[i] for i in numbers.reshape(-1).tolist()]
        out = np.empty((len(files), *self.shape[1:]), self.dtype)

        def decode(i: int) -> None:
            pixels = pixels_of(files[i], self.shape[1:], self._resize)
            if self.dtype == np.uint8:
                out[i] = pixels
            else:
                np.divide(pixels, np.float32(255.0), out=out[i])

        spread(decode, len(files))
        return out if numbers.ndim else out[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All images, read into memory, as `np.asarray(x)` asks for."""
        return all_of(self, dtype, copy)

    def chunks(self, numbers: NDArray[np.int64] | None = None) -> Iterator[NDArray[Any]]:
        """All images, or those of these numbers, some at a time."""
        numbers = np.arange(len(self)) if numbers is None else numbers
        some = max(CHUNK // (int(np.prod(self.shape[1:])) * self.dtype.itemsize), 1)
        for start in range(0, len(numbers), some):
            yield self[numbers[start : start + some]]

    def digest(self) -> Any:
        """SHA-256 of dtype, shape and pixels, to go on with; `DataError` names a damaged file."""
        found = hashlib.sha256(f"{self.dtype.str}{self.shape}".encode())
        for images in self.chunks():
            found.update(images.data)
        return found
