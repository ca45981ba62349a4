"""The task that all training-step benchmarks share: a multilayer perceptron on random data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

SIZES: dict[str, tuple[int, tuple[int, ...]]] = {
    "toy": (32, (2, 16, 16, 2)),
    "digits": (64, (64, 128, 64, 10)),
    "mnist": (128, (784, 256, 128, 10)),
    "wide": (1024, (784, 2048, 2048, 10)),
}
"""Batch size and widths of the layers."""

LEARNING_RATE = {"sgd": 0.01, "adam": 0.001}


@dataclass(frozen=True)
class Problem:
    """One batch, integer labels, and the initial parameters: weight, bias, weight, bias, ..."""

    x: Array
    labels: Array
    params: tuple[Array, ...]

    def copies(self) -> list[Array]:
        """The initial parameters, for a contender to change."""
        return [p.copy() for p in self.params]


def make_problem(size: str) -> Problem:
    """The problem of that size, in float32 and the same at every call."""
    batch, widths = SIZES[size]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, widths[0])).astype(np.float32)
    labels = rng.integers(0, widths[-1], batch)
    params: list[Array] = []
    for n_in, n_out in pairwise(widths):
        params.append(rng.normal(0.0, sqrt(1 / n_in), (n_in, n_out)).astype(np.float32))
        params.append(np.zeros(n_out, np.float32))
    return Problem(x, labels, tuple(params))
