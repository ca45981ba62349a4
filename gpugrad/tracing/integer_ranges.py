"""Python's integers in a trace: a plan holds them in 64 bits, or says that these are too few.

A plan is made for integers of one range. From that follows of what its arithmetic makes of them
whether 64 bits hold it; what may be larger is computed by Python itself.
"""

from __future__ import annotations

from itertools import product
from typing import Any, TypeAlias

from gpugrad.backends.integers import ALL, ARITHMETIC

Range: TypeAlias = "tuple[int, int]"
"""The smallest and the largest integer that a value may be."""

RANGES: tuple[Range, ...] = (
    (0, 2**31 - 1),
    (-(2**31), -1),
    (2**31, 2**63 - 1),
    (-(2**63), -(2**31) - 1),
)
"""The ranges of arguments: small ones are told from large ones, and negative ones from others."""

CHECKED = frozenset(ARITHMETIC)
"""Primitives that may lead out of 64 bits, or that NumPy and Python define otherwise."""


def range_of(number: int) -> Range | None:
    """The range of arguments that `number` is in, if a plan can hold it."""
    return next((r for r in RANGES if r[0] <= number <= r[1]), None)


def range_of_result(name: str, ranges: list[Range]) -> Range | None:
    """In what range the result of a primitive in `CHECKED` is; `None` if that may be too large."""
    ends: list[Any]
    if name in ("add", "subtract", "multiply"):
        ends = [ARITHMETIC[name](a, b) for a, b in product(*ranges)]
    elif name in ("negative", "abs"):
        ends = [ARITHMETIC[name](a) for a in ranges[0]]
    elif name == "square" or (name == "power" and ranges[1] in ((2, 2), (3, 3))):
        exponent = 2 if name == "square" else ranges[1][0]
        ends = [0, *(a**exponent for a in ranges[0])]
    else:
        return None
    if name == "abs" and ranges[0][0] < 0 < ranges[0][1]:
        ends.append(0)
    found = min(ends), max(ends)
    return found if ALL[0] <= found[0] and found[1] <= ALL[1] else None


def is_plain_quotient(ranges: list[Range]) -> bool:
    """Whether floating numbers give Python's quotient of integers.

    They do where the divisor is never 0, and they hold both.
    """
    (_, divisor), exact = ranges, 2**53
    return not divisor[0] <= 0 <= divisor[1] and all(
        -exact <= low and high <= exact for low, high in ranges
    )
