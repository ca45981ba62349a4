"""Rows of primitives that read and write at places which arrays of integers say."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpugrad.errors import UnsupportedOperand
from gpugrad.interop.onnx.batch_sizes import Length, Lengths
from gpugrad.interop.onnx.movement_rows import full_key, sliced, written
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.row_table import Use, row
from gpugrad.plan.plan import Operand


@row("getitem")
def _getitem(g: Graph, use: Use) -> Value:
    key = use.step.setting("args")[1]
    x, key, lengths = _read_slices(g, use, key if isinstance(key, tuple) else (key,))
    arrays = [i for i, part in enumerate(key) if not isinstance(part, slice)]
    places = {axis: _at(g, use, key[axis]) for axis in arrays}
    if len(arrays) == 1:
        return g("Gather", x, places[arrays[0]], axis=arrays[0])
    shape = _broadcast([_lengths(use, key[axis]) for axis in arrays])
    index = _joined(g, [places[axis] for axis in arrays], shape)
    others = [axis for axis in range(len(lengths)) if axis not in arrays]
    found = g("GatherND", g("Transpose", x, perm=[*arrays, *others]), index)
    front = _front(arrays)                          # where NumPy puts the axes of the places
    n = len(shape)
    order = [*range(n, n + front), *range(n), *range(n + front, n + len(others))]
    return found if not front else g("Transpose", found, perm=order)


def _read_slices(
    g: Graph, use: Use, key: tuple[Any, ...]
) -> tuple[Value, tuple[Any, ...], Lengths]:
    """The operand after all slices, a key of whole axes and places, and its lengths."""
    x, lengths = use.values[0], use.operands[0].lengths
    _refuse_masks(use, key)
    key = full_key(key, len(lengths))
    basic = tuple(part if part is None or isinstance(part, slice) else slice(None) for part in key)
    if any(part != slice(None) for part in basic):
        x = sliced(g, x, basic)
    known = iter(lengths)
    after = tuple(1 if part is None else next(known) for part in key)
    whole = tuple(
        slice(None) if part is None or isinstance(part, slice) else part for part in key
    )
    return x, whole, after


def _refuse_masks(use: Use, key: tuple[Any, ...]) -> None:
    for part in key:
        if isinstance(part, Operand) and use.operands[part.number].dtype == bool:
            raise UnsupportedOperand(
                f"{use.step.line}: gg.interop.to_onnx: with a mask as an index, the shape of the "
                "result would depend on values. Index with the places, as np.flatnonzero(mask) "
                "gives them, or choose with gg.where."
            )


def _at(g: Graph, use: Use, part: Any) -> Value:
    if isinstance(part, Operand):
        return g.cast(use.values[part.number], np.int64)
    return g.constant(np.array(part, np.int64))


def _lengths(use: Use, part: Any) -> Lengths:
    return use.operands[part.number].lengths if isinstance(part, Operand) else ()


def _broadcast(shapes: list[Lengths]) -> Lengths:
    """The shape of all of these together, of which each axis has one length or 1."""
    n = max(map(len, shapes))
    padded = [(1,) * (n - len(shape)) + shape for shape in shapes]
    return tuple(_longest(lengths) for lengths in zip(*padded, strict=True))


def _longest(lengths: tuple[Length, ...]) -> Length:
    return next((n for n in lengths if n != 1), 1)


def _joined(g: Graph, places: list[Value], shape: Lengths) -> Value:
    """Places along several axes, side by side along a last one."""
    last = g.integers(len(shape))
    parts = [g("Unsqueeze", g.expand(x, shape), last) for x in places]
    return g("Concat", *parts, axis=len(shape))


def _front(arrays: list[int]) -> int:
    """In front of how many other axes those of the places come: of the first, if side by side."""
    return arrays[0] if arrays[-1] - arrays[0] == len(arrays) - 1 else 0


@row("take_along_axis")
def _take_along(g: Graph, use: Use) -> Value:
    axis = use.axis
    x, places = use.values[0], g.cast(use.values[1], np.int64)
    theirs, mine = use.operands[1].lengths, use.operands[0].lengths
    whole = _broadcast([tuple(1 if i == axis else n for i, n in enumerate(shape))
                        for shape in (mine, theirs)])  # fmt: skip

    def spread(value: Value, lengths: Lengths) -> Value:
        wanted = tuple(lengths[i] if i == axis else n for i, n in enumerate(whole))
        return value if wanted == lengths else g.expand(value, wanted)

    return g("GatherElements", spread(x, mine), spread(places, theirs), axis=axis)


@row("set_at", "add_at")
def _write(g: Graph, use: Use) -> Value:
    """A new array: of slices it is put together, and places are written to."""
    x, part = use.values[0], g.cast(use.values[1], use.made[0].dtype)
    lengths = use.operands[0].lengths
    key = use.setting("key")
    key = key if isinstance(key, tuple) else (key,)
    adds = use.step.op == "add_at"
    if any(isinstance(p, Operand) for p in key):
        return _write_places(g, use, x, part, key, adds)
    key = full_key(tuple(p for p in key if p is not None), len(lengths))
    kept = tuple(slice(p, p + 1 or None) if not isinstance(p, slice) else p for p in key)
    inside = sliced(g, x, kept)
    gone = [axis for axis, p in enumerate(key) if not isinstance(p, slice)]
    made = use.operands[1].lengths
    if len(made) and gone:                          # axes of 1 where an integer stands
        after = [axis for axis in gone if axis >= len(lengths) - len(made) - len(gone)]
        first = len(lengths) - len(made) - len(after)
        part = g("Unsqueeze", part, g.integers(*(axis - first for axis in after)))
    new = g("Add", inside, part) if adds else g("Expand", part, g("Shape", inside))
    return written(g, x, kept, lengths, new)


def _write_places(
    g: Graph, use: Use, x: Value, part: Value, key: tuple[Any, ...], adds: bool
) -> Value:
    lengths, of = use.operands[0].lengths, use.operands[1].lengths
    masks = [p for p in key if isinstance(p, Operand) and use.operands[p.number].dtype == bool]
    if len(masks) == 1 and len(key) - (... in key) == 1 and not adds and not of:
        mask = use.values[masks[0].number]
        behind = len(lengths) - len(use.operands[masks[0].number].lengths)
        ndim = len(use.operands[masks[0].number].lengths)
        if behind and key[-1] is not ... and key[0] is ...:
            behind = 0
        mask = g("Unsqueeze", mask, g.integers(*range(ndim, ndim + behind))) if behind else mask
        return g("Where", mask, part, x)
    _refuse_masks(use, key)
    key = full_key(key, len(lengths))
    arrays = [i for i, p in enumerate(key) if not isinstance(p, slice)]
    if any(p is None or (isinstance(p, slice) and p != slice(None)) for p in key):
        raise UnsupportedOperand(
            f"{use.step.line}: gg.interop.to_onnx: {use.step.op} at places and slices at once has "
            "no operator in ONNX; write to whole axes beside the places."
        )
    shape = _broadcast([_lengths(use, key[axis]) for axis in arrays])
    index = _joined(g, [_at(g, use, key[axis]) for axis in arrays], shape)
    others = [axis for axis in range(len(lengths)) if axis not in arrays]
    front, n = _front(arrays), len(shape)
    rest = tuple(lengths[axis] for axis in others)
    part = g.expand(part, (*rest[:front], *shape, *rest[front:]))
    if front:
        part = g("Transpose", part, perm=[*range(front, front + n), *range(front),
                                          *range(front + n, n + len(rest))])  # fmt: skip
    order = [*arrays, *others]
    turned, dtype = g("Transpose", x, perm=order), x.dtype
    if adds and dtype.itemsize == 2 and dtype.kind not in "iu":   # which onnxruntime does not add
        turned, part = g.cast(turned, np.float32), g.cast(part, np.float32)
    found = g("ScatterND", turned, index, part, reduction="add" if adds else "none")
    return g("Transpose", g.cast(found, dtype), perm=np.argsort(order).tolist())
