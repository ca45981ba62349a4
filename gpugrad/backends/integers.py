"""Arithmetic of Python's integers where arrays of 64 bits stand for them."""

from __future__ import annotations

from collections.abc import Callable

from gpugrad.types import Array

ALL = (-(2**63), 2**63 - 1)
"""The smallest and the largest integer that an array of `int64` holds."""


def _power(a: int, b: int) -> int:
    if b < 0:
        raise ValueError(
            "an integer to a negative power is a fraction: under gg.jit, write the base as a "
            "float, or name the exponent in static_argnums."
        )
    return a**b if abs(a) < 2 or b < 64 else 2**64


ARITHMETIC: dict[str, Callable[..., float]] = {
    "abs": abs,
    "add": lambda a, b: a + b,
    "bitwise_left_shift": lambda a, b: a << b if b < 64 or not a else 2**64,
    "bitwise_right_shift": lambda a, b: a >> b,
    "divide": lambda a, b: a / b,
    "floor_divide": lambda a, b: a // b,
    "multiply": lambda a, b: a * b,
    "negative": lambda a: -a,
    "power": _power,
    "remainder": lambda a, b: a % b,
    "square": lambda a: a * a,
    "subtract": lambda a, b: a - b,
}


def compute(name: str, *numbers: Array | int) -> float:
    """What Python makes of integers; raises `OverflowError` if 64 bits do not hold it."""
    operands = [int(x) for x in numbers]
    found = ARITHMETIC[name](*operands)
    if type(found) is int and not ALL[0] <= found <= ALL[1]:
        raise OverflowError(
            f"{name} of the integers {', '.join(map(str, operands))} is beyond 64 bits, which is "
            "what they have under gg.jit: use floats, or name the argument in static_argnums."
        )
    return found
