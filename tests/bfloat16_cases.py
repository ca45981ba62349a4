"""Every function of the catalogue on bfloat16 arrays, beside what it is of the same float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

import gpugrad as gg
import gpugrad.tree as tree
from gpugrad.backends import is_bfloat16, is_inexact, kind_of
from gpugrad.catalogue.examples import Example, examples, functions

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)

UNIT = 2.0**-8
"""Half of the distance from 1 to the next number, to which each result is rounded."""

SETTLED = frozenset("random.key random.split to_device use_backend".split())


class Case(NamedTuple):
    name: str
    call: Example
    arrays: list[np.ndarray]                        # those of floating numbers in bfloat16

    def wide(self) -> list[np.ndarray]:
        """The same numbers in float32."""
        return [x.astype(np.float32) if is_bfloat16(x.dtype) else x for x in self.arrays]


def cases() -> Iterator[Case]:
    """The examples of the catalogue that have an array of real floating numbers."""
    for name, function in functions().items():
        for number, call in enumerate(examples(name, function)):
            if any(kind_of(x.dtype) == "f" for x in call.arrays):
                arrays = [
                    x.astype(BFLOAT16) if kind_of(x.dtype) == "f" else x for x in call.arrays
                ]
                yield Case(f"{name} {number}".removesuffix(" 0"), call, arrays)


def leaves(values: Any) -> list[np.ndarray]:
    """Arrays and numbers of a result, as arrays."""
    return [np.asarray(x.value if isinstance(x, gg.Tensor) else x) for x in tree.leaves(values)
            if hasattr(x, "dtype")]  # fmt: skip


def as_float64(x: np.ndarray) -> np.ndarray:
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def distance(found: np.ndarray, wanted: np.ndarray) -> float:
    """How far apart two arrays are, in units of the largest number of the second."""
    a, b = as_float64(found), as_float64(wanted)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    size = np.max(np.abs(b[np.isfinite(b)]), initial=1e-30)
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(same, 0, np.abs(a - b)) / size) / UNIT)


def pulled(f: Callable[..., Any], arrays: Sequence[Any]) -> list[np.ndarray]:
    """The gradients of a sum of all results."""
    return leaves(gradients(f, arrays))


def gradients(f: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """The same as a tree, which may be traced."""
    places = [i for i, x in enumerate(arrays) if is_inexact(x.dtype)]

    def call(*given: Any) -> Any:
        every = list(arrays)
        for i, x in zip(places, given, strict=True):
            every[i] = x
        out = [x for x in tree.leaves(f(*every)) if hasattr(x, "dtype") and is_inexact(x.dtype)]
        return sum((gg.sum(_weighed(x)) for x in out), 0.0)

    return gg.grad(call, tuple(range(len(places))))(*(arrays[i] for i in places))


def _weighed(x: Any) -> Any:
    """The real part of each element by another number: their sums need not be constant."""
    size = int(np.prod(x.shape, dtype=int))
    weights = (1.5 + np.cos(np.arange(size))).reshape(x.shape).astype(np.float32)
    return (gg.real(x) if np.dtype(x.dtype).kind == "c" else x) * weights
