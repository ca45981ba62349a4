"""How an application of an op is written: `x + y`, `a × x`, `x²`, `sin(a)`.

An op that is not listed here is written as a function call, so a new one needs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

CHOICE, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
"""How strongly the parts of a text hold together."""


class Piece(NamedTuple):
    """A text and how strongly it holds together."""

    text: str
    rank: int = ATOM

    def within(self, rank: int) -> str:
        """In brackets, unless it holds together at least as strongly as `rank`."""
        return self.text if self.rank >= rank else f"({self.text})"


BINARY = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("×", PRODUCT),
    "scale": ("·", PRODUCT),
    "divide": ("/", PRODUCT),
    "matmul": ("@", PRODUCT),
    "equal": ("=", COMPARISON),
    "not_equal": ("≠", COMPARISON),
    "less": ("<", COMPARISON),
    "less_equal": ("≤", COMPARISON),
    "greater": (">", COMPARISON),
    "greater_equal": ("≥", COMPARISON),
    "bitwise_and": ("and", CHOICE),
    "bitwise_or": ("or", CHOICE),
}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(name: str, operands: Sequence[Piece], settings: Sequence[str] = ()) -> Piece:
    """The op `name` applied to `operands`, with `settings` as they are written in a call."""
    if len(operands) == 2 and not settings:
        if name in BINARY:
            if name in ("equal", "not_equal") and operands[0] == operands[1]:
                negation = "not " if name == "equal" else ""
                return Piece(f"{operands[0].within(SUM)} is {negation}NaN", COMPARISON)
            sign, rank = BINARY[name]
            # The right one needs brackets at equal rank: a - (b - c).
            return Piece(f"{operands[0].within(rank)} {sign} {operands[1].within(rank + 1)}", rank)
        if name == "power":
            return _raised(*operands)
        if name == "getitem":
            key = operands[1].text.removeprefix("(").removesuffix(")").removesuffix(",")
            return Piece(f"{operands[0].within(ATOM)}[{key}]")
    if name == "where" and len(operands) == 3:
        condition, x1, x2 = (piece.within(COMPARISON) for piece in operands)
        return Piece(f"{x1} if {condition} else {x2}", CHOICE)
    if len(operands) == 1 and not settings:
        (x,) = operands
        if name == "negative":
            return Piece(f"-{x.within(SIGN)}", SIGN)
        if name == "square":
            return _raised(x, Piece("2"))
        if name == "abs":
            return Piece(f"|{x.text}|")
        if name == "matrix_transpose":
            return Piece(f"{x.within(ATOM)}ᵀ", POWER)
    return called(name, operands, settings)


def called(name: str, operands: Sequence[Piece], settings: Sequence[str] = ()) -> Piece:
    """`name` applied to `operands`, written as a call."""
    return Piece(f"{name}({', '.join([*(piece.text for piece in operands), *settings])})")


def _raised(base: Piece, exponent: Piece) -> Piece:
    digits = exponent.text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 3:
        return Piece(base.within(ATOM) + exponent.text.translate(_RAISED), POWER)
    return Piece(f"{base.within(ATOM)}^{exponent.within(ATOM)}", POWER)


def box_label(name: str, operands: Sequence[Piece | None]) -> str:
    """What stands in the box of an op in a drawing; `None` is an operand that an edge leads to.

    Constants, which no edge leads to, are named: `+`, `× 2`, `1 -`, `^ 2`, `sin`.
    """
    sign = "^" if name == "power" else BINARY[name][0] if name in BINARY else None
    if sign is None or len(operands) != 2:
        constants = [piece.text for piece in operands if piece is not None]
        if not constants:
            return "-" if name == "negative" else name
        return f"{name}({', '.join('·' if p is None else p.text for p in operands)})"
    left, right = ("" if piece is None else piece.within(SIGN + 1) for piece in operands)
    return f"{left} {sign} {right}".strip()
