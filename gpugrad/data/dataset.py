"""What a data set is: rows of features, what is to be learned of each, and what that means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.file_rows import FileRows

PARTS = ("train", "validation", "test")
"""What rows are used for: to learn from, to choose by, and to judge by in the end."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows with their targets, as they are: nothing is fitted, scaled or numbered yet.

    Args:
        name: What the data set is called.
        x: Features, (rows, features) of floats. Where they are `FileRows` the rows stay in their
            file, and `x[numbers]` reads some.
        y: Targets, (rows,) or (rows, targets): labels that are integers, booleans or texts, or
            numbers. `None` where there is nothing to learn from.
        target_names: The names of the columns of `y`, or of its labels 0, 1, 2, ...; empty where
            they have none beyond themselves.
        sample_weight: How much each row counts, (rows,); `None` where all count the same.
        parts: Of each row, which of `PARTS` it belongs to, (rows,); `None` where that is open.

    Example:
        >>> from gpugrad import data
        >>> points = data.moons(rows=100)
        >>> points.x.shape, points.y.shape, points.target_names
        ((100, 2), (100,), ('upper moon', 'lower moon'))
    """

    name: str
    x: np.ndarray | FileRows
    y: np.ndarray | None = None
    target_names: tuple[str, ...] = ()
    sample_weight: NDArray[np.float64] | None = None
    parts: NDArray[np.str_] | None = None

    @property
    def features(self) -> int:
        """How many numbers describe one row."""
        return int(self.x.shape[1])

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def fingerprint(self) -> str:
        """SHA-256 of the contents, in hexadecimal: equal for data sets that train alike."""
        digest = self.x.digest() if isinstance(self.x, FileRows) else _fed(hashlib.sha256(), self.x)
        for array in (self.y, self.sample_weight, self.parts):
            if array is not None:
                _fed(digest, array)
        return str(digest.hexdigest())


def row_hashes(x: np.ndarray | FileRows) -> NDArray[np.uint64]:
    """A number for each row of features, (rows,): equal for equal rows, in any order and dtype."""
    def digests() -> Iterator[bytes]:
        for rows in x.chunks() if isinstance(x, FileRows) else (x,):
            wide = rows.astype(np.float64) + 0.0    # there are two zeros, which are equal
            for row in wide:
                yield hashlib.blake2b(row, digest_size=8).digest()

    return np.frombuffer(b"".join(digests()), np.uint64)


def _fed(digest: Any, array: np.ndarray) -> Any:
    """A hash, to which an array was given."""
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest
