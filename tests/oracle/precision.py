"""An oracle of arbitrary precision: how many units in the last place a function is off.

A reference computes a function of real numbers and its derivatives with mpmath, at ever higher
precision until the result stands. The operand is the rounded one, and where a function has a limit
at infinity or at a pole, that is the reference there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

Real = Any
"""A number of mpmath."""

Part = Callable[..., Real]
"""A function, or one of its derivatives."""

FLOATS = {"float64": (53, -1022, 1023), "float32": (24, -126, 127), "float16": (11, -14, 15)}
"""Digits of each dtype, and its smallest and largest exponent of a normal number."""

BOUNDS = {0: 4, 1: 8, 2: 16}
"""Units in the last place that a result may be off, by the order of the derivative; as often as the
condition number says where that is larger than 1."""

WRONG = float("inf")
"""What a NaN, or another infinity than the right one, is off."""

_FIRST, _DEEP, _LAST = 240, 2200, 1 << 16
_STANDS = 160
_FAR = (mpf(2) ** 4096, mpf(2) ** 8192)
_NOTHING = mpf(2) ** -200_000


@dataclass(frozen=True)
class Reference:
    """A function by its `parts`: value and derivatives, by their names in `PARTS`.

    `inside` says where it is to be compared. `limits` says whether it has limits at infinity.
    """

    parts: tuple[Part, ...]
    inside: Callable[..., bool] = lambda *x: True
    limits: bool = True

    def formula(self, part: str) -> Part:
        """That of a part; the mixed derivative stands there once."""
        if len(self.parts) == 3:
            return self.parts[PARTS[1].index(part)]
        return self.parts[("f", "x", "y", "xx", "xy", "yy").index("xy" if part == "yx" else part)]


PARTS = {1: ("f", "d", "dd"), 2: ("f", "x", "y", "xx", "xy", "yx", "yy")}
"""Value, first and second derivatives of functions of one operand and of two."""

ORDERS = {"f": 0, "d": 1, "x": 1, "y": 1, "dd": 2, "xx": 2, "xy": 2, "yx": 2, "yy": 2}


def settled(part: Part, operands: tuple[Real, ...]) -> Real | None:
    """The value at exact operands, at a precision of which more changes nothing; `None` where it
    is no real number.
    """
    before = None
    precision = _FIRST
    while precision <= _LAST:
        with mp.workprec(precision):
            found = part(*operands)
            if isinstance(found, mpmath.mpc) and found.imag == 0:
                found = found.real
            if isinstance(found, mpmath.mpc) or mpmath.isnan(found):
                return None
            found = mpf(found)
            # 0 twice may be a difference that is lost, of numbers as small as there are.
            if before is not None and (found != 0 or precision > _DEEP):
                if abs(found - before) <= abs(found) * mpf(2) ** -_STANDS:
                    return found
        before = found
        precision *= 2
    return None


def limit(part: Part, operands: tuple[Real, ...]) -> Real | None:
    """The value where an operand is infinite, or 0 at a pole: as it tends to with ever larger, or
    smaller, numbers of the same sign.
    """
    found = []
    pole = not any(map(mpmath.isinf, operands))
    for far in _FAR:
        moved = tuple(
            (far if x > 0 else -far) if mpmath.isinf(x) else 1 / far if pole and x == 0 else x
            for x in operands
        )
        try:
            found.append(settled(part, moved))
        except (ZeroDivisionError, ValueError, OverflowError, mpmath.libmp.NoConvergence):
            return None
    first, second = found
    if first is None or second is None:
        return None
    if abs(second) < _NOTHING or abs(second) * 1.5 < abs(first):
        return mpf(0)
    if abs(second) > abs(first) * 1.5:
        return mpf("inf") if second > 0 else mpf("-inf")
    return second


def reference(function: Reference, part: Part, operands: tuple[Real, ...]) -> Real | None:
    """The right result, or `None` where there is none to compare with."""
    if any(map(mpmath.isinf, operands)):
        return limit(part, operands) if function.limits else None
    try:
        found = settled(part, operands)
    except (ZeroDivisionError, ValueError):
        found = None
    if found is not None or all(x != 0 for x in operands):
        return found
    found = limit(part, operands)
    other = tuple(-1 / _FAR[0] if x == 0 else x for x in operands)
    if found is None or not function.inside(*other):
        return found
    # From the other side it may tend to something else: then there is none.
    turned = [-1 if x == 0 else 1 for x in operands]

    def mirrored(*x: Real) -> Real:
        return part(*(a * b for a, b in zip(x, turned, strict=True)))

    below = limit(mirrored, operands)
    return found if below == found else None


def units(found: float, right: Real, dtype: str) -> float:
    """How far `found` is from `right`, in units of the last place of `right`."""
    digits, least, most = FLOATS[dtype]
    if np.isnan(found):
        return WRONG
    largest = mpf(2) ** (most + 1)
    if mpmath.isinf(right) or abs(right) >= largest:
        sign = 1 if right > 0 else -1
        return 0.0 if found == sign * np.inf else _beyond(found, sign * largest, digits, most)
    exponent = least if right == 0 else max(mpmath.frexp(abs(right))[1] - 1, least)
    unit = mpf(2) ** (exponent - digits + 1)
    if np.isinf(found):
        found = mpf(2) ** (most + 1) * (1 if found > 0 else -1)
    return float(abs(mpf(found) - right) / unit)


def _beyond(found: float, right: Real, digits: int, most: int) -> float:
    """The same of a number where the result is infinite, or would round to infinity."""
    if np.isinf(found):
        return WRONG
    return float(abs(mpf(found) - right) / mpf(2) ** (most - digits + 1))


def condition(part: Part, operands: tuple[Real, ...], right: Real) -> float:
    """How many times a relative change of the operands counts in the result; at least 1."""
    if right == 0 or mpmath.isinf(right) or any(map(mpmath.isinf, operands)):
        return 1.0
    step, total = mpf(2) ** -70, mpf(0)
    with mp.workprec(600):
        for i, x in enumerate(operands):
            turned = []
            for factor in (1 + step, 1 - step):
                moved = (*operands[:i], x * factor, *operands[i + 1 :])
                found = settled(part, moved)
                if found is None:
                    return 1.0
                turned.append(found)
            total += abs((turned[0] - turned[1]) / (2 * step * right))
    return max(1.0, float(total))
