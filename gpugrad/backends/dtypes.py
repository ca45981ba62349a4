"""What kind of numbers a dtype holds, for dtypes of any library and however they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.errors import BackendUnavailable
from gpugrad.hints import install
from gpugrad.types import Array, DType, DTypeLike, Functions

HALF, SINGLE, DOUBLE = np.dtype("float16"), np.dtype("float32"), np.dtype("float64")

BFLOAT16 = "bfloat16"
"""The name of the dtype of ml_dtypes, which adds it to NumPy's when it is imported."""


class Wider(dict[Any, "DType | None"]):
    """By dtype of NumPy, what is computed in instead: float32 for these narrow ones, else `None`.

    A look-up costs little more than `is`.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    def __missing__(self, dtype: Any) -> DType | None:
        is_one = dtype.itemsize == 2 and dtype.isnative and dtype.name in self._names
        found = self[dtype] = SINGLE if is_one else None
        return found


WIDER = Wider("float16", BFLOAT16)
"""Of float16 and bfloat16 float32, in which what takes several steps is computed."""

WIDER_THAN_BFLOAT16 = Wider(BFLOAT16)
"""Of bfloat16 float32, in which most ops compute it."""


def wider(dtype: object, table: Wider = WIDER) -> DType | None:
    """What a table says of a dtype of any library; those of others are never compared."""
    return table[dtype] if isinstance(dtype, np.dtype) else None


def is_bfloat16(dtype: object) -> bool:
    """Whether it is the bfloat16 of ml_dtypes, which NumPy knows as a dtype of records."""
    return isinstance(dtype, np.dtype) and WIDER_THAN_BFLOAT16[dtype] is not None


def dtype_named(dtype: DTypeLike) -> DType:
    """The dtype of a name, type or dtype; raises `BackendUnavailable` for bfloat16 without it."""
    if isinstance(dtype, str) and dtype == BFLOAT16:
        try:
            import ml_dtypes
        except ImportError as error:
            raise BackendUnavailable(
                "bfloat16 needs ml_dtypes, which is not installed: "
                f"{install('bfloat16')}"
            ) from error
        made: DType = np.dtype(ml_dtypes.bfloat16)
        return made
    return np.dtype(dtype)


def written(dtype: DType) -> str:
    """What NumPy and the file of a plan call a dtype and its byte order."""
    return BFLOAT16 if is_bfloat16(dtype) else dtype.str


def result_type(*operands: Any) -> DType:
    """NumPy's, of dtypes, arrays and numbers, for bfloat16 too: it promotes as float16 does.

    Beside float16, float32 is the least that holds both.
    """
    dtypes = [getattr(x, "dtype", x) for x in operands]
    narrow = {dtype for dtype in dtypes if wider(dtype) is not None}
    if not any(map(is_bfloat16, narrow)):
        return np.result_type(*operands)
    brain = next(filter(is_bfloat16, narrow))
    found = np.result_type(*(HALF if dtype == brain else dtype for dtype in dtypes))
    return found if found != HALF else brain if len(narrow) == 1 else SINGLE


def finfo(dtype: DTypeLike) -> Any:
    """NumPy's description of a floating dtype, or that of ml_dtypes."""
    if is_bfloat16(dtype):
        import ml_dtypes

        return ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call]
    return np.finfo(dtype)

NUMBER_KINDS = "biufc"
"""NumPy's letters of what is computed with, see `kind_of`."""


def isdtype(dtype: DType, kind: Any) -> bool:
    """NumPy's, for bfloat16 too."""
    if not is_bfloat16(dtype):
        return bool(np.isdtype(dtype, kind))
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return any(
        one in ("real floating", "numeric") if isinstance(one, str) else one == dtype
        for one in kinds
    )


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
        return dtype.kind in ("f", "c") or is_bfloat16(dtype)  # type: ignore[attr-defined]
    except AttributeError:
        return kind_of(dtype) in ("f", "c")


def kind_of(dtype: object) -> str:
    """NumPy's letter: b for booleans, i and u for integers, f for floating, c for complex."""
    kind = getattr(dtype, "kind", None)             # NumPy's and CuPy's dtypes know it
    if kind is not None:
        return "f" if kind == "V" and is_bfloat16(dtype) else str(kind)
    name = str(dtype).rpartition(".")[2].strip("'>")    # "array_api_strict.float32"
    if name == BFLOAT16:
        return kind_of(dtype_named(name))
    try:
        return str(np.dtype(name if name in _STANDARD else dtype).kind)  # type: ignore[call-overload]
    except TypeError:
        return "O"


_STANDARD = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128"
    .split()
)
