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
    """Rows to classify: `x` is (n, features) of floats, `y` (n,) of labels 0..len(classes)-1.

    Where `x` is `FileRows` its rows stay in their file, and `x[numbers]` reads some.
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
