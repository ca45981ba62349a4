"""What kind of numbers a dtype holds, for dtypes of any library and however they are given."""

from __future__ import annotations

import numpy as np

from gpugrad.types import Array, Functions

HALF, SINGLE, DOUBLE = np.dtype("float16"), np.dtype("float32"), np.dtype("float64")

NUMBER_KINDS = "biufc"
"""NumPy's letters of what is computed with, see `kind_of`."""


def is_complex(dtype: object) -> bool:
    """Whether `dtype`, of any library, is complex."""
    try:
        return bool(dtype.kind == "c")  # type: ignore[attr-defined]
    except AttributeError:
        return kind_of(dtype) == "c"


def conjugate(x: Array, xp: Functions) -> Array:
    """The conjugate of `x`, which is `x` itself if it is real."""
    return xp.conj(x) if is_complex(x.dtype) else x


def is_inexact(dtype: object) -> bool:
    """Whether `dtype`, of any library, is real or complex floating: whether it has gradients."""
    try:
        # Asked for every loss: the short way first.
        return dtype.kind in ("f", "c")  # type: ignore[attr-defined]
    except AttributeError:
        return kind_of(dtype) in ("f", "c")


def kind_of(dtype: object) -> str:
    """NumPy's letter: b for booleans, i and u for integers, f for floating, c for complex."""
    kind = getattr(dtype, "kind", None)             # NumPy's and CuPy's dtypes know it
    if kind is not None:
        return str(kind)
    name = str(dtype).rpartition(".")[2].strip("'>")    # "array_api_strict.float32"
    try:
        return str(np.dtype(name if name in _STANDARD else dtype).kind)  # type: ignore[call-overload]
    except TypeError:
        return "O"


_STANDARD = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128"
    .split()
)
