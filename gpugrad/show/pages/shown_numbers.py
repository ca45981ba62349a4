"""Every number that a page shows, in one order, and arrays as JSON.

What Python computed and what the page computes anew are the same list: values and gradients of the
vertices, their shares and local derivatives, and what paths add.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from gpugrad.show.numbers import on_host
from gpugrad.show.picture import NOT_KEPT, Vertex
from gpugrad.types import Array

WHOLE = 256
"""Elements up to which an array is written into a page in any case."""


class Numbers:
    """The list. Each entry is an array, or `None` where there is no number."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []

    def place(self, x: object) -> int | list[int | None] | None:
        """Where `x` stands in the list; places for each of several outputs."""
        if x is None or x is NOT_KEPT:
            return None
        if isinstance(x, tuple | list):
            return [self.place(part) for part in x]  # type: ignore[misc]  # no deeper than this
        self.arrays.append(x)
        return len(self.arrays) - 1


def of_vertices(vertices: Sequence[Vertex], numbers: Numbers) -> list[dict[str, object]]:
    """For each vertex where its numbers stand; those of shares in the order of its shares."""
    return [
        {
            "value": numbers.place(v.value),
            "gradient": numbers.place(v.gradient),
            "shares": [numbers.place(share.value) for share in v.shares],
            "locals": [numbers.place(share.local) for share in v.shares],
        }
        for v in vertices
    ]


def shown(x: Array) -> dict[str, object]:
    """An array to be shown: all of it if it is small, else its shape and range."""
    host = on_host(x)
    found: dict[str, object] = {"shape": list(host.shape), "dtype": host.dtype.name}
    if host.dtype.kind == "c":
        return found | {"complex": [_number(part) for z in host.flat[:WHOLE]
                                    for part in (z.real, z.imag)]}
    if host.size <= WHOLE:
        return found | {"data": [_number(n) for n in host.ravel().tolist()]}
    finite = host[np.isfinite(host)]
    ends = [_number(n.item()) for n in (finite.min(), finite.max())] if finite.size else None
    return found | {"range": ends, "finite": int(finite.size)}


def packed(x: Array) -> dict[str, object]:
    """An array to be computed with: all of it, as the bytes of its elements in base64."""
    host = on_host(x)
    found: dict[str, object] = {"shape": list(host.shape), "dtype": host.dtype.name}
    wide = host.astype("<f4" if host.dtype == np.float32 else "<f8")
    return found | {"bytes": b64encode(wide.tobytes()).decode()}


def _number(x: float | int | bool) -> object:
    """A number as JSON has it; infinities and NaN as strings."""
    return str(x) if isinstance(x, float | np.floating) and not isfinite(x) else (
        float(x) if isinstance(x, np.floating) else x
    )
