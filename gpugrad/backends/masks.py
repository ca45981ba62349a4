"""Keys that hold a mask: what can be said of them without counting the hits."""

from __future__ import annotations

from typing import TypeGuard

from gpugrad.backends.dtypes import kind_of
from gpugrad.backends.standard import is_basic
from gpugrad.types import Array, Key, Shape


def is_mask(part: object) -> TypeGuard[Array]:
    """Whether a part of a key is an array of booleans."""
    return hasattr(part, "dtype") and kind_of(part.dtype) == "b"


def around_mask(key: Key, ndim: int) -> tuple[Key, Array, int, int] | None:
    """A key with one mask, taken apart.

    These are the basic key that has slices in its place, the mask, and how many axes of what that
    key finds stand before those of the mask and behind them. `None` for another key.
    """
    masks = [(i, part) for i, part in enumerate(key) if is_mask(part)]
    if len(masks) != 1:
        return None
    ((place, mask),) = masks
    slices = (slice(None),) * len(mask.shape)
    basic = (*key[:place], *slices, *key[place + 1 :])
    if not is_basic(basic):
        return None
    if not any(part is ... for part in basic):
        basic = (*basic, ...)
    others = ndim - sum(part is not None and part is not ... for part in basic)
    axes = [others if part is ... else not isinstance(part, int) for part in basic]
    end = place + len(mask.shape)
    return basic, mask, sum(axes[:place]), sum(axes[end:])


def shape_for_all_hits(shape: Shape, key: Key, ndim: int, behind: int) -> Shape | None:
    """The shape of a value that is the same for all hits of a mask of `ndim` axes, with these axes.

    `behind` axes of what is written to stand behind those of the mask. `None` for other values.
    """
    hits = len(shape) - behind - 1                  # which axis of the value goes along the hits
    if not shape:
        return shape
    if any(isinstance(part, int) for part in key) or (hits >= 0 and shape[hits] != 1):
        return None
    return shape if hits < 0 else (*shape[:hits], *(1,) * ndim, *shape[hits + 1 :])
