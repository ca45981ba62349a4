"""Elementwise functions on special values: operands, what NumPy or SciPy gives, and how exactly."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy import special

import gpugrad as gg

UNARY = (
    "acos acosh asin asinh atan atanh ceil cosh entr erf erfc exp2 floor gammaln log10 log2 logit "
    "ndtr positive reciprocal round signbit sinh tan trunc".split()
)
BINARY = "atan2 copysign hypot logaddexp logaddexp2 logical_xor xlog1py xlogy".split()
SHIFTS = ["bitwise_left_shift", "bitwise_right_shift"]
ROUNDING = frozenset("ceil floor round trunc".split())
"""What leaves integers as they are."""

DTYPES = ("float64", "float32", "float16", "int64", "int32", "int8", "bool")

_NUMBERS = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.1, 0.3, 0.65, -0.65, 3.0, 10.0, 1e3,
    -7.25, np.pi, 13.7, -13.7, 88.0, -104.0, 710.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 1e-7,
    1 - 1e-6, 1 + 1e-6, 2**20, 2**23 + 0.5, 3e5, 2**52 + 0.5, 1e30, -1e30, 1e300,
)  # fmt: skip
_WHOLE = (0, 1, -1, 2, -2, 3, 5, -7, 31, 32, 33, 63, 64, 65, -64, 100)

ULPS = 4
"""What a result may be off, in units of its last place or of what `_scale` says."""

CASES = [
    (name, dtype)
    for name in (*UNARY, *BINARY, *SHIFTS)
    for dtype in DTYPES
    if not (name in SHIFTS and dtype.startswith("float"))
    and not (name == "positive" and dtype == "bool")
]


@cache
def operands(name: str, dtype: str) -> tuple[Any, ...]:
    """Special values of that dtype; for two operands, each with each."""
    kind = np.dtype(dtype)
    with np.errstate(all="ignore"):
        if kind.kind == "b":
            values = np.array([False, True])
        elif kind.kind == "i":
            limits = np.iinfo(kind)
            values = np.array([*_WHOLE, limits.min, limits.max], kind)
        else:
            values = np.array(_NUMBERS).astype(kind)
    if name in UNARY:
        return (values,)
    return tuple(np.ascontiguousarray(x.ravel()) for x in np.meshgrid(values, values))


def function(name: str) -> Callable[..., Any]:
    """gpugrad's."""
    return getattr(gg if hasattr(gg, name) else gg.special, name)  # type: ignore[no-any-return]


def wanted(name: str, dtype: str) -> Any:
    """What the array library gives for these operands."""
    given = operands(name, dtype)
    if not hasattr(np, name):
        given = tuple(x if x.dtype.kind == "f" else x.astype(float) for x in given)
        y = getattr(special, name)(*given)
        # gpugrad keeps float16 where the dtype is that of one operand.
        return y.astype(dtype) if dtype == "float16" and name in UNARY else y
    with np.errstate(all="ignore"):
        return getattr(np, name)(*given)


def check(name: str, dtype: str, found: Any, ulps: float = ULPS) -> None:
    """Equal dtypes, NaNs, infinities and signs of zeros, and numbers to some units."""
    right = wanted(name, dtype)
    assert found.dtype == right.dtype
    if right.dtype.kind != "f":
        np.testing.assert_array_equal(found, right)
        return
    np.testing.assert_array_equal(np.isnan(found), np.isnan(right))
    np.testing.assert_array_equal(
        np.signbit(found)[~np.isnan(right)], np.signbit(right)[~np.isnan(right)]
    )
    finite = np.isfinite(right)
    np.testing.assert_array_equal(found[~finite], right[~finite])
    if not finite.any():
        return
    scale = np.broadcast_to(_scale(name, dtype, right), right.shape)[finite]
    info = np.finfo(right.dtype)
    unit = np.maximum(info.eps * scale, float(info.smallest_subnormal))
    away = np.abs(found[finite].astype(float) - right[finite]) / unit
    worst = np.argmax(away)
    places = np.flatnonzero(finite)[worst]
    assert away[worst] <= ulps, (
        f"{name}{tuple(x[places] for x in operands(name, dtype))}: {found[places]!r}, "
        f"wanted {right[places]!r}, {away[worst]:.1f} units"
    )


def _scale(name: str, dtype: str, right: Any) -> Any:
    """Of what the last place counts: of the result, but where functions magnify roundings."""
    size = np.abs(right.astype(float))
    x = operands(name, dtype)[0].astype(float)
    with np.errstate(all="ignore"):
        if name in ("erfc", "ndtr"):                # of their argument, and SciPy's by some more
            return size * (1 + np.where(size < 0.5, np.clip(x, -30, 30) ** 2, 0))
        if name == "gammaln":                       # SciPy's near its zeros
            return np.maximum(size, 1)
        if name in ("logaddexp", "logaddexp2"):    # a sum of two numbers of any sign
            return np.maximum(size, np.maximum(*map(np.abs, operands(name, dtype))))
    return size
