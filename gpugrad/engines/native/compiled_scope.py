"""The names that a compiled function may use. Importing this module imports Numba and SciPy."""

from __future__ import annotations

from math import inf as inf
from math import nan as nan
from math import sqrt
from typing import Any

import numba
import scipy.linalg.cython_blas as cython_blas  # noqa: F401  # without it Numba compiles no products
from numba import boolean as boolean
from numba import float32 as float32
from numba import float64 as float64
from numba import int32 as int32
from numba import int64 as int64
from numba import uint64 as uint64
from numpy import broadcast_to as broadcast_to
from numpy import dot as dot
from numpy import empty as empty
from numpy import transpose as transpose

from gpugrad.engines.native import library_math
from gpugrad.engines.native.small_products import make_product, make_turned_product
from gpugrad.engines.native.vector_math import FUNCTIONS
from gpugrad.engines.native.vector_math.formats import DOUBLE, SINGLE
from gpugrad.plan.primitive import Reduction
from gpugrad.plan.primitives import REDUCTIONS, SUMS
from gpugrad.types import DType

OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    # Never more: reassociation would make 1 of (inf + 1) - inf.
    "fastmath": {"contract"},
}

_compiled: Any = numba.njit(**OPTIONS)


def array(dtype: DType, axes: int) -> Any:
    """The type of a C-contiguous array."""
    return numba.types.Array(dtype, axes, "C")


for _format in (SINGLE, DOUBLE):
    for _name, _scalar in library_math.functions(_format).items():
        globals()[f"{_name}_{_format.name}"] = _scalar

for (_name, _dtype), _function in FUNCTIONS.items():
    globals()[f"{_name}_{_dtype}"] = _function.function
    globals()[f"{_name}_{_dtype}_exact"] = _function.exact


def _reduced(reduction: Reduction) -> object:
    """The function that joins the first `n` elements, one after the other."""
    lines = [
        "def reduced(x, n):",
        "    result = x[0]",
        "    for i in range(1, n):",
        "        v = x[i]",
        f"        result = {reduction.join.format('v', 'result')}",
        "    return result",
    ]
    scope: dict[str, object] = {}
    exec("\n".join(lines), scope)
    return _compiled(scope["reduced"])


def _define(dtype: Any, lanes: int) -> None:
    """The functions of one dtype that are not in the table."""
    zero, one, name, width = dtype(0), dtype(1), str(dtype), dtype(dtype.bitwidth)

    @_compiled
    def root(x):  # type: ignore[no-untyped-def]
        return dtype(sqrt(x))

    @_compiled
    def absolute(x):  # type: ignore[no-untyped-def]
        return abs(x)

    @_compiled
    def power(a, b):  # type: ignore[no-untyped-def]
        return dtype(a**b)

    @_compiled
    def sign(x):  # type: ignore[no-untyped-def]
        return one if x > zero else (-one if x < zero else (zero if x == x else x))

    @_compiled
    def left_shift(x, n):  # type: ignore[no-untyped-def]
        """As NumPy: by a negative number, or by more than there are bits, all are moved out."""
        return dtype(x << n) if (n >= zero) & (n < width) else zero

    @_compiled
    def right_shift(x, n):  # type: ignore[no-untyped-def]
        return dtype(x >> (n if (n >= zero) & (n < width) else width - one))

    @_compiled
    def isfinite(x):  # type: ignore[no-untyped-def]
        return x - x == zero

    @_compiled
    def beyond(so_far, x, limit):  # type: ignore[no-untyped-def]
        """As one call, which takes less time to compile than its operations in a loop."""
        return so_far | (abs(x) > dtype(limit))

    @_compiled
    def isinf(x):  # type: ignore[no-untyped-def]
        return (x - x != zero) & (x == x)

    @_compiled
    def scale(a, d):  # type: ignore[no-untyped-def]
        return zero if (a == zero) & (d - d != zero) else a * d

    @_compiled
    def total(x, n):  # type: ignore[no-untyped-def]
        """In `lanes` sums side by side, which are added in order: vector instructions."""
        sums = empty(lanes, dtype)
        sums[:] = zero
        whole = n // lanes * lanes
        for i in range(0, whole, lanes):
            part = x[i : i + lanes]
            for lane in range(lanes):
                sums[lane] += part[lane]
        result = zero
        for lane in range(lanes):
            result += sums[lane]
        for i in range(whole, n):
            result += x[i]
        return result

    if dtype in (float32, float64):
        globals()[f"product_{name}"] = make_product(dtype)
        globals()[f"turned_product_{name}"] = make_turned_product(dtype)
    for stem, function in {
        "sqrt": root, "abs": absolute, "power": power, "sign": sign, "left_shift": left_shift,
        "right_shift": right_shift, "isfinite": isfinite, "isinf": isinf, "beyond": beyond,
        "scale": scale, "sum": total,
    }.items():
        globals()[f"{stem}_{name}"] = function
    for stem, reduction in REDUCTIONS.items():
        if stem not in SUMS:
            globals()[f"{stem}_{name}"] = _reduced(reduction)


for _kind, _lanes in ((float32, 16), (float64, 8), (int64, 8), (int32, 16)):
    _define(_kind, _lanes)



@_compiled
def sum_bool(x, n):  # type: ignore[no-untyped-def]
    """How many are true."""
    result = 0
    for i in range(n):
        result += x[i]
    return result


@_compiled
def max_bool(x, n):  # type: ignore[no-untyped-def]
    """Whether any is true."""
    return sum_bool(x, n) > 0


@_compiled
def min_bool(x, n):  # type: ignore[no-untyped-def]
    """Whether all are true."""
    return sum_bool(x, n) == n


for _name, _reduction in REDUCTIONS.items():
    globals().setdefault(f"{_name}_bool", _reduced(_reduction))

__all__ = [_name for _name in dict(globals()) if not _name.startswith("_")]
