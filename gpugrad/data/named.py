"""The data sets that come by name: real ones of scikit-learn, and two drawn ones in the plane."""

from __future__ import annotations

import numpy as np

from gpugrad.data.dataset import Dataset
from gpugrad.errors import DataError
from gpugrad.hints import install

MOONS_STREAM, SPIRALS_STREAM = 11, 12  # keep the draws apart from each other and from the split's


REAL = {
    "digits": "load_digits",
    "breast-cancer": "load_breast_cancer",
    "diabetes": "load_diabetes",
    "iris": "load_iris",
    "linnerud": "load_linnerud",
    "wine": "load_wine",
}
"""What ships with scikit-learn, and the function that reads it there."""


def real(name: str, seed: int = 0) -> Dataset:
    """The data set of that name in `REAL`, the same for each seed.

    `DataError` where scikit-learn is not installed.
    """
    try:
        import sklearn.datasets
    except ModuleNotFoundError as error:
        raise DataError(
            f"the data set {name} ships with scikit-learn, which is not installed ({error}). "
            f"Install it with: {install('train')}"
        ) from error
    found = getattr(sklearn.datasets, REAL[name])()
    names = found.get("target_names", ())           # a single number to predict has none
    y = found.target.astype(np.int64) if found.target.dtype.kind in "iu" else found.target
    return Dataset(name, found.data, y, tuple(map(str, names)))


def digits() -> Dataset:
    """1,797 scans of handwritten digits, 8×8 pixels with grey levels from 0 to 16, ten classes.

    They are the real scans that ship with scikit-learn; `DataError` where it is not installed.
    """
    return real("digits")


def moons(rows: int = 1000, noise: float = 0.15, seed: int = 0) -> Dataset:
    """Two interleaved half circles of radius 1; `noise` is the standard deviation of each point."""
    rng = np.random.default_rng((seed, MOONS_STREAM))
    y = np.arange(rows, dtype=np.int64) % 2
    angle = rng.uniform(0.0, np.pi, rows)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, lower) + rng.normal(0.0, noise, (rows, 2))
    return Dataset("moons", x, y, ("upper moon", "lower moon"))


def spirals(rows: int = 1500, noise: float = 0.04, seed: int = 0) -> Dataset:
    """Three spiral arms of 1¼ turns; `noise` is in units of their outer radius."""
    rng = np.random.default_rng((seed, SPIRALS_STREAM))
    y = np.arange(rows, dtype=np.int64) % 3
    along = np.sqrt(rng.uniform(0.01, 1.0, rows))  # the root spreads the points evenly over the arm
    angle = 2.5 * np.pi * along + y * (2.0 * np.pi / 3.0)
    arms = np.stack([along * np.cos(angle), along * np.sin(angle)], axis=1)
    x = arms + rng.normal(0.0, noise, (rows, 2))
    return Dataset("spirals", x, y, ("arm A", "arm B", "arm C"))
