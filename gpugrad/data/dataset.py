"""What a data set is: rows of features, one class label for each row, and names for the classes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpugrad.data.file_rows import FileRows


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows to classify, with their labels and the names of the classes.

    Args:
        name: What the data set is called.
        x: Features, (rows, features) of floats. Where they are `FileRows` the rows stay in their
            file, and `x[numbers]` reads some.
        y: Labels 0 to `len(classes) - 1`, (rows,).
        classes: The names of the classes.

    Example:
        >>> from gpugrad import data
        >>> points = data.moons(rows=100)
        >>> points.x.shape, points.y.shape, points.classes
        ((100, 2), (100,), ('upper moon', 'lower moon'))
    """

    name: str
    x: np.ndarray | FileRows
    y: NDArray[np.int64]
    classes: tuple[str, ...]

    @property
    def features(self) -> int:
        """How many numbers describe one row."""
        return int(self.x.shape[1])

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def fingerprint(self) -> str:
        """SHA-256 of the contents, in hexadecimal: equal for data sets that train alike."""
        digest = self.x.digest() if isinstance(self.x, FileRows) else _fed(hashlib.sha256(), self.x)
        return str(_fed(digest, self.y).hexdigest())


def _fed(digest: Any, array: np.ndarray) -> Any:
    """A hash, to which an array was given."""
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest
