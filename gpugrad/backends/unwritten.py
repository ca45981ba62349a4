"""Cotangents that are not written out yet, so that a sweep over n rows is linear in n.

Written out at once, each would cost a pass over the whole indexed array. The sweep adds them into
a buffer that it owns instead.
"""

from __future__ import annotations

from gpugrad.types import Array, Functions, Key, View


class Indexed:
    """Zeros of `shape` with `value` added at `key`."""

    __slots__ = ("key", "shape", "value")

    dtype = None                                    # no array's: tells it from a cotangent as it is

    def __init__(self, value: Array, key: Key, shape: tuple[int, ...]) -> None:
        self.value = value
        self.key = key
        self.shape = shape


class Cleared:
    """`value` with zeros at `key`, or at `key` of what is seen through `views` of it."""

    __slots__ = ("key", "shape", "value", "views")

    dtype = None

    def __init__(self, value: Array, key: Key, views: tuple[View, ...] = ()) -> None:
        self.value = value
        self.key = key
        self.views = views
        self.shape = value.shape

    def written(self, owned: Array, xp: Functions) -> Array:
        """The zeros written into `owned`, which has the values."""
        if self.views:
            return xp.write_in_view(owned, self.views, self.key, 0)
        return xp.set_at(owned, self.key, 0)
