"""The two floating-point formats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Format:
    """IEEE 754 binary32 or binary64."""

    name: str
    width: int
    mantissa: int
    """Bits after the point."""
    bias: int
    """What the stored exponent of 1.0 is."""

    @property
    def magic(self) -> float:
        """1.5 * 2**mantissa. Adding it rounds to a whole number, which stands in the low bits."""
        return 1.5 * 2.0**self.mantissa

    @property
    def smallest_normal(self) -> float:
        return 2.0 ** (1 - self.bias)

    @property
    def tiny(self) -> float:
        """Below it, x + x**2 is x to the last bit."""
        return 2.0 ** -(self.mantissa + 2)

    def pattern(self, value: float) -> int:
        """The bits of `value`, rounded to this format, as a signed integer."""
        return int(np.array(value, self.name).view(f"int{self.width}"))


FORMATS = {
    "float32": Format("float32", width=32, mantissa=23, bias=127),
    "float64": Format("float64", width=64, mantissa=52, bias=1023),
}
"""By the name of the dtype."""
