"""Rows of primitives that move elements by shapes and slices."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from gpugrad.errors import UnsupportedOperand
from gpugrad.interop.onnx.batch_sizes import Length, Lengths, Size
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.row_table import Use, row

_END, _BEGIN = 2**63 - 1, -(2**63)
"""Places that stand for the end and, going backwards, for what is before the beginning."""


@row("reshape")
def _reshape(g: Graph, use: Use) -> Value:
    return g.reshape(use.values[0], use.made[0].lengths)


@row("broadcast_to")
def _broadcast(g: Graph, use: Use) -> Value:
    return g.expand(use.values[0], use.made[0].lengths)


@row("permute_dims")
def _permute(g: Graph, use: Use) -> Value:
    return g("Transpose", use.values[0], perm=list(use.setting("axes")))


@row("concat")
def _concat(g: Graph, use: Use) -> Value:
    if len(use.values) == 1:
        return use.values[0]
    return g("Concat", *use.values, axis=use.setting("axis"))


@row("slice")
def _slice(g: Graph, use: Use) -> Value:
    return sliced(g, use.values[0], full_key(use.setting("key"), len(use.operands[0].lengths)))


@row("flip")
def _flip(g: Graph, use: Use) -> Value:
    axis, ndim = use.setting("axis"), len(use.operands[0].lengths)
    axes = range(ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    back = {a % ndim for a in axes}
    return sliced(g, use.values[0], tuple(slice(None, None, -1 if a in back else 1)
                                          for a in range(ndim)))  # fmt: skip


@row("roll")
def _roll(g: Graph, use: Use) -> Value:
    x, lengths = use.values[0], use.operands[0].lengths
    shift, axis = use.setting("shift"), use.setting("axis")
    if axis is None:
        x, ends = g("Reshape", x, g.integers(-1)), lengths
        fixed = [n for n in lengths if not isinstance(n, Size)]
        if len(fixed) < len(lengths):
            raise UnsupportedOperand(
                f"{use.step.line}: gg.interop.to_onnx: roll without an axis goes over the batch; "
                "name an axis."
            )
        count = prod(fixed)
        return g.reshape(_rolled(g, x, int(shift), 0, count), ends)
    shifts = (shift,) if isinstance(shift, int) else tuple(shift)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for by, along in zip(np.broadcast_to(shifts, len(axes)).tolist(), axes, strict=True):
        x = _rolled(g, x, by, along % len(lengths), lengths[along])
    return x


def _rolled(g: Graph, x: Value, shift: int, axis: int, count: Length) -> Value:
    """`x` with its last `shift` elements in front; by more than there are, it goes round."""
    if isinstance(count, Size):
        whole = g.shape((count,))
        place = g("Sub", whole, g("Mod", g.integers(shift), whole))
    elif not count or not shift % count:
        return x
    else:
        place = g.integers(count - shift % count)
    ends = g.integers(_END), g.integers(axis)
    return g("Concat", g("Slice", x, place, *ends), g("Slice", x, g.integers(0), place, ends[1]),
             axis=axis)  # fmt: skip


@row("repeat")
def _repeat(g: Graph, use: Use) -> Value:
    raise UnsupportedOperand(
        f"{use.step.line}: gg.interop.to_onnx: {use.step.op} with a number for each element has "
        "no operator in ONNX; index with the places instead, as in x[places]."
    )


def full_key(key: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    """A key with a part for each of `ndim` axes, besides `None`."""
    named = sum(part is not None and part is not ... for part in key)
    rest = (slice(None),) * (ndim - named)
    if ... not in key:
        return (*key, *rest)
    place = next(i for i, part in enumerate(key) if part is ...)
    return (*key[:place], *rest, *key[place + 1 :])


def sliced(g: Graph, x: Value, key: tuple[Any, ...]) -> Value:
    """`x[key]` for slices, integers and `None`."""
    parts = [part for part in key if part is not None]
    cut = [axis for axis, part in enumerate(parts) if isinstance(part, slice) and _cuts(part)]
    if cut:
        steps = [_or(parts[axis].step, 1) for axis in cut]
        starts = [_or(parts[axis].start, 0 if step > 0 else _END)
                  for axis, step in zip(cut, steps, strict=True)]  # fmt: skip
        stops = [_or(parts[axis].stop, _END if step > 0 else _BEGIN)
                 for axis, step in zip(cut, steps, strict=True)]  # fmt: skip
        x = g("Slice", x, g.shape(tuple(starts)), g.shape(tuple(stops)), g.integers(*cut),
              g.integers(*steps))  # fmt: skip
    for axis in reversed(range(len(parts))):
        if not isinstance(parts[axis], slice):
            x = g("Gather", x, _place(g, parts[axis]), axis=axis)
    kept = [part for part in key if part is None or isinstance(part, slice)]
    new = [i for i, part in enumerate(kept) if part is None]
    return g("Unsqueeze", x, g.integers(*new)) if new else x


def _place(g: Graph, place: Length) -> Value:
    if isinstance(place, Size):
        return g("Reshape", g.shape((place,)), g.integers())
    return g.constant(np.array(place, np.int64))


def _cuts(part: slice) -> bool:
    return part.start not in (None, 0) or part.stop is not None or part.step not in (None, 1)


def _or(x: Any, other: int) -> Any:
    return other if x is None else x


def written(g: Graph, x: Value, key: tuple[Any, ...], lengths: Lengths, part: Value) -> Value:
    """`x` with `part`, which has the shape of `x[key]` for slices, in the place of that."""
    axis = next((axis for axis, where in enumerate(key) if _cuts(where)), None)
    if axis is None:
        return part
    where, along = key[axis], g.integers(axis)
    inside = sliced(g, x, (*(slice(None),) * axis, where, *(slice(None),) * (len(key) - axis - 1)))
    rest = (*(slice(None),) * (axis + 1), *key[axis + 1 :])
    inside = written(g, inside, rest, lengths, part)
    if where.step in (None, 1):
        start, stop = g.shape((_or(where.start, 0),)), g.shape((_or(where.stop, _END),))
        before = g("Slice", x, g.integers(0), start, along)
        behind = g("Slice", x, stop, g.integers(_END), along)
        return g("Concat", before, inside, behind, axis=axis)
    count = lengths[axis]
    if isinstance(count, Size):
        raise UnsupportedOperand(
            "gg.interop.to_onnx: writing to a slice with a step along the batch has no operator in "
            "ONNX; choose with gg.where."
        )
    places = np.arange(count)[where][:, None]
    front = [axis, *(i for i in range(len(lengths)) if i != axis)]
    turned, put = (g("Transpose", each, perm=front) for each in (x, inside))
    found = g("ScatterND", turned, g.constant(places.astype(np.int64)), put)
    return g("Transpose", found, perm=np.argsort(front).tolist())
