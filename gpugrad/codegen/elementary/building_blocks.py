"""What the functions are built of: operations that Python has no word for."""

from __future__ import annotations

from collections.abc import Sequence

from gpugrad.codegen.elementary.formats import FORMATS
from gpugrad.codegen.elementary.notation import Writer, X

LONG = 10
"""From how many coefficients on a polynomial is evaluated in two parts."""


def polynomial(x: X, coefficients: Sequence[float]) -> X:
    """The polynomial at `x`; the coefficient of the highest power is first.

    By Horner's scheme, a long one in two parts: a loop waits for its longest chain of operations.
    """
    if len(coefficients) < LONG:
        return _horner(x, coefficients)
    squarings = len(coefficients).bit_length() - 2
    power = x
    for _ in range(squarings):
        power = power * power
    low = 1 << squarings
    return _horner(x, coefficients[:-low]) * power + _horner(x, coefficients[-low:])


def _horner(x: X, coefficients: Sequence[float]) -> X:
    highest, following, *others = coefficients
    total = highest * x + following
    for coefficient in others:
        total = total * x + coefficient
    return total


def nearest(x: X) -> X:
    """The nearest whole number, for |x| < 2**(mantissa - 1)."""
    magic = FORMATS[x.dtype].magic
    return (x + magic) - magic


def itself_where_tiny(b: Writer[X], x: X, y: X) -> X:
    """`y`, but x where a function like x + c x**2 is x to the last bit.

    It keeps -0.0, and every bit of the smallest numbers.
    """
    return b.select(b.intrinsic("fabs", x) < FORMATS[x.dtype].tiny, x, y)


def power_of_two(b: Writer[X], k: X) -> X:
    """2**k for the whole k of normal numbers, and 0 for the one below them."""
    of = FORMATS[k.dtype]
    # The sum ends in the bits of k + bias, and the shift leaves these, as the exponent.
    return b.bits(b.bits(k + (of.magic + of.bias)) << of.mantissa)


def scaled(b: Writer[X], x: X, k: X, normal: bool) -> X:
    """What `Writer.scaled` says, where there is no instruction for it."""
    if normal:
        return x * power_of_two(b, k)
    first = nearest(k * 0.5)
    return x * power_of_two(b, first) * power_of_two(b, k - first)
