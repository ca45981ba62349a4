"""Cotangents that are not written out yet, so that a sweep over n rows is linear in n.

Written out at once, each would cost a pass over the whole indexed array. The sweep adds them into
a buffer that it owns instead.
"""

from __future__ import annotations

from typing import Any


class Indexed:
    """Zeros of `shape` with `value` added at `key`."""

    __slots__ = ("key", "shape", "value")

    dtype = None                                    # no array's: tells it from a cotangent as it is

    def __init__(self, value: Any, key: Any, shape: tuple[int, ...]) -> None:
        self.value = value
        self.key = key
        self.shape = shape


class Cleared:
    """`value` with zeros at `key`."""

    __slots__ = ("key", "shape", "value")

    dtype = None

    def __init__(self, value: Any, key: Any) -> None:
        self.value = value
        self.key = key
        self.shape = value.shape
