"""How much there is to do, about: what says whether more threads than one are worth it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from gpugrad.plan.primitives import SCALARS

MOVED, FUNCTION, UNIT = 2, 6, 3
"""What reading and writing an element takes, and a function of it, where an instruction takes one;
and what all of `x + 1` takes, in whose elements work is counted.
"""

PRODUCTS = 8
"""Multiplications of a product of matrices that take as long as an element of `x + 1`."""

RANDOM = 5
"""Elements of `x + 1` that take as long as a random word."""

PER_NANOSECOND = 16
"""Elements of `x + 1` on one core, in float32."""

_INSTRUCTIONS = frozenset(
    "abs ceil copysign floor isfinite isinf left_shift right_shift round scale sign signbit sqrt "
    "trunc".split()
)
"""Functions that processors have instructions for."""


def of_elements(ops: Iterable[str], size: int) -> int:
    """The work of these operations on so many elements each, which are read and written once."""
    return size * (MOVED + sum(map(_of_op, ops))) // UNIT


def of_products(multiplications: int) -> int:
    """The work of so many of them."""
    return multiplications // PRODUCTS


def of_random_words(count: int) -> int:
    """The work of so many of them."""
    return count * RANDOM


@cache
def _of_op(op: str) -> int:
    """What an operation takes for an element."""
    if op not in SCALARS:
        return 1
    called = re.findall(r"f\.(\w+)", SCALARS[op].expression)
    return 1 + sum(FUNCTION - 1 for name in called if name not in _INSTRUCTIONS)
