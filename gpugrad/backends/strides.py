"""Where the elements of a view lie: shapes and strides of arrays that are seen through another.

This is NumPy's own arithmetic, written out because arrays that are traced or batched, and those of
other libraries, have no memory to ask, but a program has to do the same with them. Strides are in
bytes; those of axes of length 1 mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from gpugrad.types import Array, Index, Key

Shape = tuple[int, ...]
Layout = tuple[Shape, Shape]
"""A shape and the strides of its axes."""


def in_order(shape: Sequence[int], order: Sequence[int], itemsize: int) -> Shape:
    """Strides of an array without gaps whose axes lie in memory as in `order`, the last closest."""
    strides = [0] * len(shape)
    step = itemsize
    for axis in reversed(order):
        strides[axis] = step
        step *= max(shape[axis], 1)
    return tuple(strides)


def contiguous(shape: Sequence[int], itemsize: int) -> Shape:
    """Strides of an array without gaps whose last axis is closest."""
    return in_order(shape, range(len(shape)), itemsize)


def without_gaps(shape: Sequence[int], strides: Sequence[int], itemsize: int) -> Shape:
    """Strides of an array whose axes lie as these do, but which has no gaps: of a new result."""
    order = sorted(range(len(shape)), key=lambda axis: -abs(strides[axis]))
    return in_order(shape, order, itemsize)


def is_contiguous(layout: Layout, itemsize: int) -> bool:
    """Whether the elements lie one after another in the order of the last axis."""
    shape, strides = layout
    return 0 in shape or alike(shape, strides, contiguous(shape, itemsize))


def alike(shape: Sequence[int], a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether strides are equal as far as they mean something."""
    if a == b or 0 in shape:
        return True
    return all(n == 1 or s == t for n, s, t in zip(shape, a, b, strict=True))


def order_of(x: Array) -> Shape | None:
    """What of the strides of an array means something; `None` where it has no elements."""
    if not x.size:
        return None
    strides: Shape = x.strides  # type: ignore[attr-defined]  # of NumPy or CuPy
    return tuple(0 if n == 1 else step for n, step in zip(x.shape, strides, strict=True))


def indexed(layout: Layout, key: Key) -> Layout:
    """The layout of `x[key]` for a basic key."""
    shape, strides = layout
    named = sum(part is not None and part is not ... for part in key)
    rest = [slice(None)] * (len(shape) - named)
    full: list[Index] = []
    for part in (*key, *(() if ... in key else (...,))):
        full += rest if part is ... else [part]
    lengths, steps, axis = [], [], 0
    for part in full:
        if part is None:
            lengths.append(1)
            steps.append(0)
            continue
        if isinstance(part, slice):
            start, stop, step = part.indices(shape[axis])
            lengths.append(len(range(start, stop, step)))
            steps.append(strides[axis] * step)
        axis += 1
    return tuple(lengths), tuple(steps)


def permuted(layout: Layout, axes: Sequence[int]) -> Layout:
    """The layout with its axes in that order."""
    shape, strides = layout
    return tuple(shape[a] for a in axes), tuple(strides[a] for a in axes)


def broadcast(layout: Layout, shape: Shape) -> Layout:
    """The layout repeated to have that shape: a step along a repeated axis leads nowhere."""
    before, strides = layout
    lacking = len(shape) - len(before)
    steps = (
        strides[i - lacking] if i >= lacking and before[i - lacking] == n else 0
        for i, n in enumerate(shape)
    )
    return shape, tuple(steps)


def reshaped(layout: Layout, shape: Shape, itemsize: int) -> Layout | None:
    """The layout of the same elements in another shape; `None` where they need to be copied.

    Axes are taken in groups that hold as many elements before as after. Inside of a group before,
    each axis has to begin where the next one ends.
    """
    if 0 in shape:
        return shape, contiguous(shape, itemsize)
    before = [(n, s) for n, s in zip(*layout, strict=True) if n != 1]
    steps = [itemsize] * len(shape)
    done = 0                                        # axes of `before`
    first = 0                                       # of the group after
    while done < len(before):
        elements, last = before[done][0], done
        count, end = 1, first
        while count != elements:
            if count < elements:
                count *= shape[end]
                end += 1
            else:
                last += 1
                elements *= before[last][0]
        for (_, outer), (n, inner) in zip(before[done:last], before[done + 1 : last + 1]):  # noqa: B905
            if outer != n * inner:
                return None
        step = before[last][1]
        for axis in reversed(range(first, end)):
            steps[axis] = step
            step *= shape[axis]
        done, first = last + 1, end
    return shape, tuple(steps)
