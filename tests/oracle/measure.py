"""What gpugrad finds on many operands, and where it is farthest from the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

import gpugrad as gg
from oracle.binary import BINARY
from oracle.points import numbers, pairs
from oracle.precision import (
    BOUNDS,
    FLOATS,
    ORDERS,
    PARTS,
    WRONG,
    Reference,
    condition,
    reference,
    units,
)
from oracle.unary import UNARY

FUNCTIONS = UNARY | BINARY

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Worst:
    """The point at which a row is worst: units off, and by how much of what is allowed."""

    units: float = 0.0
    share: float = 0.0
    part: str = ""
    at: tuple[float, ...] = ()
    found: float = 0.0
    right: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.part} at {self.at}: {self.found!r}, wanted {self.right!r}: {self.units:.3g} "
            f"units off, {self.share:.3g} times what is allowed"
        )


def function(name: str) -> Callable[..., Any]:
    """gpugrad's."""
    return getattr(gg if hasattr(gg, name) else gg.special, name)  # type: ignore[no-any-return]


def operands(name: str, dtype: str, every: int = 1) -> tuple[Array, ...]:
    """The operands of a function, or one of so many."""
    given = (numbers(dtype),) if name in UNARY else pairs(dtype)
    return tuple(np.ascontiguousarray(x[::every]) for x in given)


def results(f: Callable[..., Any], given: tuple[Array, ...]) -> dict[str, Any]:
    """Value, first and second derivatives by the names of `PARTS`."""

    def pulled(f: Callable[..., Any], *x: Any) -> tuple[Any, ...]:
        out, pullback = gg.vjp(f, *x)
        return (out, *pullback(gg.ones_like(out)))

    def slope(i: int) -> Callable[..., Any]:
        return lambda *x: pulled(f, *x)[i + 1]

    first = pulled(f, *given)
    second = [g for i in range(len(given)) for g in pulled(slope(i), *given)[1:]]
    return dict(zip(PARTS[len(given)], (*first, *second), strict=True))


def worst_of_part(
    function: Reference, part: str, given: tuple[Array, ...], found: Array
) -> Worst:
    """Where the results of one part are worst, by the share of what is allowed."""
    formula = function.formula(part)
    result = Worst()
    for *x, y in zip(*given, found, strict=True):
        at = tuple(map(float, x))
        exact = tuple(mpf(a) for a in at)
        right = reference(function, formula, exact) if function.inside(*at) else None
        if right is None:
            continue
        off = units(float(y), right, found.dtype.name)
        share = off / BOUNDS[ORDERS[part]]
        if max(1.0, result.share) < share < WRONG:
            share /= condition(formula, exact, right)
        if share > result.share:
            result = Worst(off, share, part, at, float(y), float(right))
    return result


def worst(function: Reference, given: tuple[Array, ...], found: dict[str, Any]) -> dict[int, Worst]:
    """The worst point of each order of the derivative."""
    result: dict[int, Worst] = {}
    for part, values in found.items():
        order = ORDERS[part]
        here = worst_of_part(function, part, given, np.asarray(values))
        if order not in result or here.share > result[order].share:
            result[order] = here
    return result


def rows() -> Iterator[tuple[str, str]]:
    """Every function with every dtype."""
    for name in FUNCTIONS:
        for dtype in FLOATS:
            yield name, dtype


def measured(name: str, dtype: str, every: int = 1) -> dict[int, Worst]:
    """The worst points of a function in one dtype."""
    with np.errstate(all="ignore"), mpmath.workdps(15):
        given = operands(name, dtype, every)
        return worst(FUNCTIONS[name], given, results(function(name), given))
