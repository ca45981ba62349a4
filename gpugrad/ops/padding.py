"""Padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gpugrad.backends.one_place import check_place
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import take
from gpugrad.ops.operands import array, dtype_of, filled, is_array, number_of, shape_of
from gpugrad.types import Array, Value

__all__ = ["pad"]

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@add_function
def pad(
    x: Array, pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    /,
    mode: str = "constant",
    *,
    constant_values: Value = 0,

) -> Array:
    """`x` with more elements before and behind along each axis.

    `pad_width` is a number, a pair (before, behind), or a pair for each axis. With `mode`
    "constant" the new ones are `constant_values`, a number or an array without axes; with "edge"
    the last one, with "reflect" and "symmetric" mirror images without and with it, with "wrap"
    those from the other end. Gradients of elements that are repeated add up.
    """
    if mode not in MODES:
        raise InvalidArgument(f"pad: mode is {mode!r}; wanted is one of {', '.join(MODES)}.")
    shape = shape_of(x)
    try:
        widths = np.broadcast_to(np.asarray(pad_width, dtype=int), (len(shape), 2)).tolist()
    except ValueError as error:
        raise InvalidArgument(
            f"pad: pad_width is {pad_width}; wanted is a number, a pair, or a pair for each of the "
            f"{len(shape)} axes."
        ) from error
    if any(width < 0 for pair in widths for width in pair):
        raise InvalidArgument(f"pad: pad_width is {pad_width}; it must not be negative.")
    constant_values = number_of(constant_values)
    check_place("pad", (x, constant_values))
    for axis, (before, behind) in enumerate(widths):
        if before == behind == 0:
            continue
        if mode == "constant":
            x = _extended(x, axis, before, behind, constant_values)
        else:
            pad_places: Callable[..., np.ndarray] = np.pad    # whose type wants to know the mode
            places = pad_places(np.arange(shape[axis]), (before, behind), mode=mode)
            x = take(x, array(places.tolist(), x), axis=axis)
    return x


def _extended(x: Array, axis: int, before: int, behind: int, value: Value) -> Array:
    shape = shape_of(x)
    parts = [_of(value, (*shape[:axis], n, *shape[axis + 1 :]), x) for n in (before, behind)]
    return ops.concat([parts[0], x, parts[1]], axis=axis)


def _of(value: Value, shape: tuple[int, ...], x: Array) -> Array:
    """An array of that shape and of the dtype of `x` that holds `value`."""
    if not is_array(value):
        return filled(shape, value, x)
    return ops.broadcast_to(ops.astype(value, dtype_of(x)), shape)
