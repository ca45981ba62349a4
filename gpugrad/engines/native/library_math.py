"""Elementary functions of compiled loops that are calls of the C library, or one instruction.

A loop that calls the library stays scalar; `vector_math` has what becomes vector instructions.
Importing this module imports Numba.
"""

from __future__ import annotations

import math

import numpy as np

from gpugrad.engines.native.vector_math.building_blocks import Scalar, bits, instruction, scalar
from gpugrad.engines.native.vector_math.formats import Format
from gpugrad.plan.primitive import Primitive
from gpugrad.plan.primitives import PRIMITIVES

ROUNDING = {"floor": "floor", "ceil": "ceil", "trunc": "trunc", "round": "rint"}
"""The instruction for each."""


def functions(of: Format) -> dict[str, Scalar]:
    """All functions of that format, by the name of the primitive.

    Those for which there is one in `vector_math` give way to it.
    """
    return {
        **{row.name: _function(row) for row in PRIMITIVES.values() if hasattr(math, row.c)},
        **{name: _of_one(instruction(symbol)) for name, symbol in ROUNDING.items()},
        "gammaln": _make_gammaln(of),
        "ndtr": _make_ndtr(of),
        "signbit": _make_signbit(of),
    }


def _function(row: Primitive) -> Scalar:
    function = getattr(math, row.c)
    two = row.scalar is not None and row.scalar.arity == 2
    return _of_two(function) if two else _of_one(function)


def _of_one(function: Scalar) -> Scalar:
    @scalar
    def call(x: float) -> float:
        return function(x)  # type: ignore[no-any-return]

    return call


def _of_two(function: Scalar) -> Scalar:
    @scalar
    def call(x: float, y: float) -> float:
        return function(x, y)  # type: ignore[no-any-return]

    return call


def _make_gammaln(of: Format) -> Scalar:
    real, infinity, lgamma = of.real, of.real(math.inf), math.lgamma

    @scalar
    def gammaln(x: float) -> float:
        # As SciPy: computed in float64, and -inf at -inf.
        return x if abs(x) == infinity else real(lgamma(np.float64(x)))

    return gammaln


def _make_ndtr(of: Format) -> Scalar:
    real, erfc, half, root = of.real, math.erfc, 0.5, math.sqrt(0.5)

    @scalar
    def ndtr(x: float) -> float:
        # In float64, because far below 0 a rounding of the argument counts many times over.
        return real(half * erfc(np.float64(-x) * root))  # type: ignore[no-any-return]

    return ndtr


def _make_signbit(of: Format) -> Scalar:
    zero = of.whole(0)

    @scalar
    def signbit(x: float) -> float:
        return bits(x) < zero  # type: ignore[no-any-return]

    return signbit
