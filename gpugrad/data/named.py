"""The data sets that come by name: real handwritten digits, and two drawn ones in the plane."""

from __future__ import annotations

import numpy as np

from gpugrad.data.dataset import Dataset
from gpugrad.errors import DataError
from gpugrad.hints import install

MOONS_STREAM, SPIRALS_STREAM = 11, 12  # keep the draws apart from each other and from the split's


def digits() -> Dataset:
    """1,797 scans of handwritten digits, 8×8 pixels with grey levels from 0 to 16, ten classes.

    They are the real scans that ship with scikit-learn; `DataError` where it is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        raise DataError(
            f"the digits ship with scikit-learn, which is not installed ({error}). "
            f"Install it with: {install('train')}"
        ) from error
    x, y = load_digits(return_X_y=True)
    return Dataset("digits", x, y.astype(np.int64), tuple("0123456789"))


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
