"""Settings of ops and functions as Python's own numbers.

NumPy's integers and booleans count as Python's wherever a setting is one. They would not otherwise:
the negative of `np.uint8(1)` is 255, and a plan would have `np.int64(5)` in its source.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SIMPLE = (
    frozenset((bool, int, float, complex, str, type, type(None), type(...)))
    | frozenset(type(np.dtype(code)) for code in np.typecodes["All"])
)
"""Types of what is a setting as it should be."""


def settled(x: Any) -> Any:
    """`x` with Python's numbers for NumPy's, and tuples for its arrays, also in what holds them."""
    kind = type(x)
    if kind in SIMPLE:
        return x
    if kind is tuple or kind is list:
        for part in x:
            if type(part) not in SIMPLE:
                return kind(map(settled, x))
        return x
    if kind is slice:
        return slice(*map(settled, (x.start, x.stop, x.step)))
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray):
        return settled(tuple(x) if x.ndim else x.item())
    return x
