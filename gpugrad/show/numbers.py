"""How numbers and arrays are written: six significant digits, or all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpugrad.backends import namespace_of
from gpugrad.backends.batched import unwrapped
from gpugrad.show.picture import NOT_KEPT
from gpugrad.types import Array

SMALL = 8
"""Elements up to which an array is written out."""

NOISE = 1e-12
"""What is smaller than this, relative to the largest number in a table, is shown as 0."""


@dataclass
class Writer:
    """Writes the numbers of one table. `rounded` tells whether one that is not 0 was shown as 0."""

    exact: bool = False
    floor: float = 0.0
    rounded: bool = False

    def number(self, x: Array) -> str:
        """A real or complex number, or a truth value."""
        if isinstance(x, bool | np.bool_):
            return str(bool(x))
        if isinstance(x, complex | np.complexfloating):
            return f"{self.number(x.real)}{'+' if x.imag >= 0 else ''}{self.number(x.imag)}i"
        if self.exact:
            text = repr(int(x)) if isinstance(x, int | np.integer) else str(x)
            return text.removesuffix(".0")
        if x != 0 and abs(x) < self.floor:
            self.rounded = True
            return "0"
        return f"{x:.6g}" if x != 0 else "0"

    def factor(self, x: object) -> str:
        """As part of a product or sum: in brackets if it would be misread."""
        text = self.array(x)
        return f"({text})" if text.startswith("-") or text.endswith("i") else text

    def array(self, x: Any) -> str:
        """A number, a small array as nested lists, a large one by its shape and range."""
        if x is NOT_KEPT:
            return "not kept"
        if isinstance(x, tuple | list):
            return f"({', '.join('-' if part is None else self.array(part) for part in x)})"
        host = on_host(x)
        if host.ndim == 0:
            return self.number(host[()])
        if host.size <= SMALL:
            return self._nested(host)
        shape = " × ".join(str(n) for n in host.shape)
        if host.dtype.kind == "c":
            return f"{shape} complex numbers"
        finite = host[np.isfinite(host)]
        if not finite.size:
            return f"{shape} numbers, none finite"
        found = f"{self.number(finite.min())} … {self.number(finite.max())}"
        rest = "" if finite.size == host.size else ", some not finite"
        return f"{shape} numbers, {found}{rest}"

    def _nested(self, host: Any) -> str:
        if host.ndim == 0:
            return self.number(host[()])
        return f"[{', '.join(self._nested(part) for part in host)}]"


def writer_for(values: Iterable[object], exact: bool) -> Writer:
    """The writer of a table that shows `values`."""
    if exact:
        return Writer(exact=True)
    largest = max((_magnitude(x) for x in values), default=0.0)
    return Writer(floor=NOISE * largest)


def _magnitude(x: Any) -> float:
    """The largest absolute value among the finite elements."""
    if x is None or x is NOT_KEPT:
        return 0.0
    if isinstance(x, tuple | list):
        return max((_magnitude(part) for part in x), default=0.0)
    host = on_host(x)
    if host.dtype.kind == "b":
        return 0.0
    sizes = np.abs(host[np.isfinite(host)])
    return float(sizes.max()) if sizes.size else 0.0


def on_host(x: Array) -> np.ndarray:
    """An array of any library, or a number, as a NumPy array; of one in `gg.vmap`, all parts."""
    if isinstance(x, bool | int | float | complex):
        return np.asarray(x)
    x, _ = unwrapped(x)
    return np.asarray(namespace_of(x).to_numpy(x))
