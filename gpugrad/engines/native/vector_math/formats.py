"""The two floating-point formats, with constants so typed that Numba keeps to the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Format:
    """IEEE 754 binary32 or binary64. Numba turns a bare `1.0` next to a float32 into float64."""

    name: str
    mantissa: int
    """Bits after the point."""
    bias: int
    """What the stored exponent of 1.0 is."""
    real: Any = field(init=False)
    whole: type[np.signedinteger] = field(init=False)
    """The signed integer of the same width."""

    def __post_init__(self) -> None:
        width = np.dtype(self.name).itemsize * 8
        object.__setattr__(self, "real", np.dtype(self.name).type)
        object.__setattr__(self, "whole", np.dtype(f"int{width}").type)

    def reals(self, *values: float) -> tuple[float, ...]:
        """`values` rounded to this format."""
        return tuple(self.real(value) for value in values)

    @property
    def magic(self) -> float:
        """1.5 * 2**mantissa. Adding it rounds to a whole number, which stands in the low bits."""
        return self.real(1.5 * 2.0**self.mantissa)  # type: ignore[no-any-return]

    @property
    def smallest_normal(self) -> float:
        return np.finfo(self.real).smallest_normal  # type: ignore[no-any-return]

    @property
    def sign_bit(self) -> int:
        return np.iinfo(self.whole).min


SINGLE = Format("float32", mantissa=23, bias=127)
DOUBLE = Format("float64", mantissa=52, bias=1023)
