"""What a data set is: rows of features, what is to be learned of each, and what that means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.file_rows import FileRows
from gpugrad.data.images.image_rows import ImageRows
from gpugrad.data.tables.named_columns import Table

Rows: TypeAlias = np.ndarray | FileRows | ImageRows
"""Arrays of rows, in memory or in files: `x[numbers]` reads some."""

PARTS = ("train", "validation", "test")
"""What rows are used for: to learn from, to choose by, and to judge by in the end."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows with their targets, as they are: nothing is fitted, scaled or numbered yet.

    Args:
        name: What the data set is called.
        x: Features, (rows, features) of floats; or images, (rows, channels, height, width), or
            what else a network takes. Where they are `FileRows` or `ImageRows` they stay in their
            files, and `x[numbers]` reads some. Or a `Table`, in which targets may be, too.
        y: Targets, (rows,) or (rows, targets): labels that are integers, booleans or texts, or
            numbers. `None` where there is nothing to learn from.
        target_names: The names of the columns of `y`, or of its labels 0, 1, 2, ...; empty where
            they have none beyond themselves.
        sample_weight: How much each row counts, (rows,); `None` where all count the same.
        parts: Of each row, which of `PARTS` it belongs to, (rows,); `None` where that is open.
        columns: The columns of the table that `y` was made of; empty where it comes from elsewhere.

    Example:
        >>> from gpugrad import data
        >>> points = data.moons(rows=100)
        >>> points.x.shape, points.y.shape, points.target_names
        ((100, 2), (100,), ('upper moon', 'lower moon'))
    """

    name: str
    x: Rows | Table
    y: np.ndarray | None = None
    target_names: tuple[str, ...] = ()
    sample_weight: NDArray[np.float64] | None = None
    parts: NDArray[np.str_] | None = None
    columns: tuple[str, ...] = ()

    @property
    def features(self) -> int:
        """How many numbers describe one row; of a table, how many columns there are."""
        return len(self.x.names) if isinstance(self.x, Table) else prod(self.x.shape[1:])

    def __len__(self) -> int:
        return len(self.x)

    def fingerprint(self) -> str:
        """SHA-256 of the contents, in hexadecimal: equal for data sets that train alike."""
        if isinstance(self.x, Table):
            digest = hashlib.sha256(self.x.fingerprint().encode())
        elif isinstance(self.x, np.ndarray):
            digest = _fed(hashlib.sha256(), self.x)
        else:
            digest = self.x.digest()
        for array in (self.y, self.sample_weight, self.parts):
            if array is not None:
                _fed(digest, array)
        return str(digest.hexdigest())


def row_hashes(x: Rows) -> NDArray[np.uint64]:
    """A number for each row of features, (rows,): equal for equal rows, in any order and dtype."""
    def digests() -> Iterator[bytes]:
        for rows in (x,) if isinstance(x, np.ndarray) else x.chunks():
            wide = rows.astype(np.float64) + 0.0    # there are two zeros, which are equal
            for row in wide.reshape(len(wide), -1):
                yield hashlib.blake2b(row.data, digest_size=8).digest()

    return np.frombuffer(b"".join(digests()), np.uint64)


def _fed(digest: Any, array: np.ndarray) -> Any:
    """A hash, to which an array was given."""
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest
