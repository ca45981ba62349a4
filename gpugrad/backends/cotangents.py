"""Cotangents that are not written out yet, so that a sweep over n rows is linear in n.

Written out at once, each would cost a pass over the whole indexed array. The sweep adds them into
a buffer that it owns instead.
"""

from __future__ import annotations

from typing import Any


class Indexed:
    """Zeros of `shape` with `value` added at `key`."""

    __slots__ = ("dtype", "key", "shape", "value")

    def __init__(self, value: Any, key: Any, shape: tuple[int, ...]) -> None:
        self.value = value
        self.key = key
        self.shape = shape
        self.dtype = value.dtype


class Cleared:
    """`value` with zeros at `key`."""

    __slots__ = ("dtype", "key", "shape", "value")

    def __init__(self, value: Any, key: Any) -> None:
        self.value = value
        self.key = key
        self.shape = value.shape
        self.dtype = value.dtype
