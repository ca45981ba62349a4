"""Padding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from gpugrad.backends import is_inexact
from gpugrad.backends.axes import counted
from gpugrad.backends.one_place import check_place
from gpugrad.core.registry import add_function
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument
from gpugrad.ops.arrange import take
from gpugrad.ops.operands import array, dtype_of, filled, is_array, number_of, shape_of
from gpugrad.settings import settled
from gpugrad.types import Array, Value

__all__ = ["pad"]

STATISTICS = ("maximum", "mean", "median", "minimum")
MIRRORED = ("reflect", "symmetric")
MODES = ("constant", "edge", "empty", "linear_ramp", *MIRRORED, *STATISTICS, "wrap")

WORDS = {
    "constant_values": ("constant",),
    "end_values": ("linear_ramp",),
    "stat_length": STATISTICS,
    "reflect_type": MIRRORED,
}
"""Which modes a parameter belongs to."""

Pair = tuple[Any, Any]
Widths = int | Sequence[int] | Sequence[Sequence[int]] | Mapping[int, int | Sequence[int]]
Values: TypeAlias = "Value | Sequence[Value] | Sequence[Sequence[Value]]"


@add_function
def pad(
    x: Array, pad_width: Widths,
    /,
    mode: str = "constant",
    *,
    constant_values: Values | None = None,
    end_values: Values | None = None,
    stat_length: int | Sequence[int] | Sequence[Sequence[int]] | None = None,
    reflect_type: str | None = None,
) -> Array:
    """The array `x` with elements added before and after it along each axis.

    Gradients of elements that are repeated add up.

    Args:
        x: What is padded.
        pad_width: How many elements come: a number, a pair (before, behind), a pair for each axis,
            or a mapping from axes to these.
        mode: What they are. With "constant", `constant_values`; with "linear_ramp", on a line from
            the last one to `end_values`; with "maximum", "mean", "median" or "minimum", that of
            all elements or of the `stat_length` last ones; with "edge", the last one; with
            "reflect" and "symmetric", mirror images without and with it; with "wrap", those from
            the other end; with "empty", anything.
        constant_values: A number (0 by default), a pair or a pair for each axis.
        end_values: A number (0 by default), a pair or a pair for each axis.
        stat_length: A number, a pair or a pair for each axis.
        reflect_type: "even", or "odd", where a mirror image is what it takes from twice the last
            one.

    Raises:
        InvalidArgument: For an unknown mode, a parameter that belongs to another mode, and widths
            that are negative or do not fit the axes.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> gg.pad(x, (1, 2))
        array([0., 1., 2., 3., 0., 0.])
        >>> gg.pad(x, 2, mode="reflect")
        array([3., 2., 1., 2., 3., 2., 1.])
        >>> gg.grad(lambda x: gg.sum(gg.pad(x, 2, mode="edge")))(x)
        array([3., 1., 3.])
    """
    given = {
        "constant_values": constant_values, "end_values": end_values,
        "stat_length": stat_length, "reflect_type": reflect_type,
    }  # fmt: skip
    _check_mode(mode, given)
    shape = shape_of(x)
    widths = _widths(pad_width, len(shape))
    word = next((word for word, modes in WORDS.items() if mode in modes), "")
    none = None if mode in STATISTICS else 0
    value = none if mode in MIRRORED or given.get(word) is None else given[word]
    pairs = _pairs(word, value, len(shape))
    check_place("pad", (x, *(end for pair in pairs for end in pair)))
    odd = reflect_type == "odd"
    for axis, (before, behind) in enumerate(widths):
        if before == behind == 0:
            continue
        if mode not in ("constant", "empty") and not shape[axis]:
            raise InvalidArgument(
                f"pad: mode {mode!r} of an array of shape {shape}, which has no element along axis "
                f"{axis} to begin with; expected mode 'constant'."
            )
        if mode in ("constant", "empty"):
            ends = _constants(x, axis, (before, behind), pairs[axis])
        elif mode == "linear_ramp":
            ends = _ramps(x, axis, (before, behind), pairs[axis])
        elif mode in STATISTICS:
            ends = _statistics(mode, x, axis, (before, behind), pairs[axis])
        elif odd and shape[axis] > 1:
            x = _odd(x, axis, (before, behind), 1 if mode == "reflect" else 0)
            continue
        else:
            pad_places: Callable[..., np.ndarray] = np.pad    # whose type wants to know the mode
            places = pad_places(np.arange(shape[axis]), (before, behind), mode=mode)
            x = take(x, array(places.tolist(), x), axis=axis)
            continue
        x = ops.concat([ends[0], x, ends[1]], axis=axis)
    return x


# Arguments


def _check_mode(mode: str, given: Mapping[str, object]) -> None:
    if mode not in MODES:
        raise InvalidArgument(f"pad: mode is {mode!r}; expected one of {', '.join(MODES)}.")
    for word, modes in WORDS.items():
        if given[word] is not None and mode not in modes:
            raise InvalidArgument(
                f"pad: {word}= belongs to mode {' and '.join(map(repr, modes))}; mode is {mode!r}."
            )
    if given["reflect_type"] not in (None, "even", "odd"):
        raise InvalidArgument(
            f"pad: reflect_type is {given['reflect_type']!r}; expected 'even' or 'odd'."
        )


def _widths(given: Widths, ndim: int) -> list[tuple[int, int]]:
    """How many elements come before and behind, for each axis."""
    if isinstance(given, Mapping):
        widths = [(0, 0)] * ndim
        for axis, width in given.items():
            (widths[counted(axis, ndim)],) = _widths(width, 1)
        return widths
    try:
        found = np.broadcast_to(np.asarray(given, dtype=int), (ndim, 2)).tolist()
    except (TypeError, ValueError) as error:
        raise InvalidArgument(
            f"pad: pad_width is {given}; expected a number, a pair, or a pair for each of the "
            f"{ndim} axes."
        ) from error
    if any(width < 0 for pair in found for width in pair):
        raise InvalidArgument(f"pad: pad_width is {given}; it must not be negative.")
    return [(before, behind) for before, behind in found]


def _pairs(word: str, given: Any, ndim: int) -> list[Pair]:
    """What belongs to the elements before and behind, for each axis."""
    rows = _rows(given)
    if not isinstance(rows, list):
        return [(rows, rows)] * ndim
    rows = rows if any(isinstance(row, list) for row in rows) else [rows]
    rows = [row if isinstance(row, list) else [row] for row in rows]
    if len(rows) not in (1, ndim) or any(len(row) not in (1, 2) for row in rows):
        raise InvalidArgument(
            f"pad: {word} is {given}; expected a number, a pair, or a pair for each of the {ndim} "
            "axes."
        )
    found = [(row[0], row[-1]) for row in rows]
    return found if len(found) == ndim else found * ndim


def _rows(given: Any) -> Any:
    """Arrays and sequences as lists; what has no axes as it is."""
    if is_array(given) and shape_of(given):
        given = ops.unstack(given, axis=0)
    if isinstance(given, list | tuple):
        return [_rows(part) for part in given]
    return number_of(given)


# What is put on, before and behind


def _constants(x: Array, axis: int, widths: Pair, values: Pair) -> list[Array]:
    shape = shape_of(x)
    return [
        _of(value, (*shape[:axis], n, *shape[axis + 1 :]), x)
        for n, value in zip(widths, values, strict=True)
    ]


def _of(value: Value, shape: tuple[int, ...], x: Array) -> Array:
    """An array of that shape and of the dtype of `x` that holds `value`."""
    if not is_array(value):
        return filled(shape, value, x)
    return ops.broadcast_to(ops.astype(value, dtype_of(x)), shape)


def _ends(x: Array, axis: int, lengths: Pair) -> list[Array]:
    """The first and the last elements along an axis."""
    n = shape_of(x)[axis]
    before = (slice(None),) * axis
    first, last = lengths
    return [
        ops.getitem(x, (*before, slice(0, first))), ops.getitem(x, (*before, slice(n - last, n)))
    ]


def _ramps(x: Array, axis: int, widths: Pair, values: Pair) -> list[Array]:
    ramps = []
    ndim = len(shape_of(x))
    for i, (n, edge) in enumerate(zip(widths, _ends(x, axis, (1, 1)), strict=True)):
        line = np.arange(n) / max(n, 1)
        shares = array((line if i == 0 else line[::-1]).tolist(), x)
        shares = ops.reshape(shares, tuple(n if k == axis else 1 for k in range(ndim)))
        if is_inexact(dtype_of(x)):
            shares = ops.astype(shares, dtype_of(x))
        rise = ops.multiply(ops.subtract(edge, values[i]), shares)
        ramps.append(_whole(ops.add(rise, values[i]), x, ops.floor))
    return ramps


def _statistics(mode: str, x: Array, axis: int, widths: Pair, lengths: Pair) -> list[Array]:
    n = shape_of(x)[axis]
    first, last = (n if length is None else min(settled(length), n) for length in lengths)
    if min(first, last) < 1:
        raise InvalidArgument(f"pad: stat_length is {min(first, last)}; it must be positive.")
    found = []
    for width, part in zip(widths, _ends(x, axis, (first, last)), strict=True):
        name = {"maximum": "max", "minimum": "min"}.get(mode, mode)
        one = _whole(getattr(ops, name)(part, axis=axis, keepdims=True), x, ops.round)
        shape = shape_of(one)
        found.append(ops.broadcast_to(one, (*shape[:axis], width, *shape[axis + 1 :])))
    return found


def _whole(y: Array, x: Array, rounded: Callable[[Array], Array]) -> Array:
    """`y` in the dtype of `x`."""
    if dtype_of(y) == dtype_of(x):
        return y
    return ops.astype(y if is_inexact(dtype_of(x)) else rounded(y), dtype_of(x))


def _odd(x: Array, axis: int, widths: Pair, skipped: int) -> Array:
    """Put on mirror images that are turned over about the last element.

    An image is as long as what it is of at most: of a longer one, more are put on.
    """
    before, behind = widths
    while before or behind:
        room = shape_of(x)[axis] - skipped
        left, right = min(before, room), min(behind, room)
        edges = _ends(x, axis, (1, 1))
        images = _ends(x, axis, (left + skipped, right + skipped))
        first = ops.getitem(images[0], (*(slice(None),) * axis, slice(skipped, None)))
        last = ops.getitem(images[1], (*(slice(None),) * axis, slice(0, right)))
        turned = [
            ops.subtract(ops.multiply(edge, 2), ops.flip(image, axis=axis))
            for edge, image in zip(edges, (first, last), strict=True)
        ]
        x = ops.concat([turned[0], x, turned[1]], axis=axis)
        before, behind = before - left, behind - right
    return x
