"""What a data set is: rows of features, one class label for each row, and names for the classes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows to classify: `x` is (n, features) of floats, `y` (n,) of labels 0..len(classes)-1."""

    name: str
    x: np.ndarray
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
        digest = hashlib.sha256()
        for array in (self.x, self.y):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()
