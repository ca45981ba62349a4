"""Windows along an axis and convolutions, of the functions of any namespace `xp`."""

from __future__ import annotations

from functools import reduce

from gpugrad.errors import InvalidArgument
from gpugrad.types import Array, Functions, Key


def windows(
    xp: Functions, x: Array, *, axis: int, at: int, size: int, step: int = 1, dilation: int = 1
) -> Array:
    """The windows of `x` (see the op of this name).

    They are a view where they lie side by side, else copied in `size` passes.
    """
    count = _count(x.shape[axis], size, step, dilation)
    if step == size and dilation == 1:
        if x.shape[axis] != count * size:
            x = xp.getitem(x, _key(axis, slice(count * size)))
        x = xp.reshape(x, (*x.shape[:axis], count, size, *x.shape[axis + 1 :]))
        return xp.permute_dims(x, _moved(len(x.shape), axis + 1, at))
    places = [_place(i, count, step, dilation) for i in range(size)]
    return xp.stack_in_order([xp.getitem(x, _key(axis, place)) for place in places], axis=at)


def overlap_add(
    xp: Functions,
    x: Array,
    *,
    axis: int,
    at: int,
    size: int,
    step: int = 1,
    dilation: int = 1,
    n: int,
) -> Array:
    """The windows `x` added up (see the op of this name), in `size` passes over the result."""
    count = _count_of(x, axis, at, size, step, dilation, n)
    if step == size and dilation == 1:
        return _side_by_side(xp, x, axis, at, n)
    shape = [*x.shape[:at], *x.shape[at + 1 :]]
    shape[axis] = n
    total = xp.zeros(tuple(shape), dtype=x.dtype)
    for i, part in enumerate(xp.unstack(x, axis=at)):
        total = xp.add_at(total, _key(axis, _place(i, count, step, dilation)), part)
    return total


def overlap_sum(
    xp: Functions,
    x: Array,
    *,
    axis: int,
    at: int,
    size: int,
    step: int = 1,
    dilation: int = 1,
    n: int,
) -> Array:
    """The same for engines that fuse.

    It is one sum of slices of `x`, which zeros are put around, and between where windows do not
    begin at each element.
    """
    count = _count_of(x, axis, at, size, step, dilation, n)
    if step == size and dilation == 1:
        return _side_by_side(xp, x, axis, at, n)
    x = xp.permute_dims(x, _moved(len(x.shape), at, 0))
    before, behind = x.shape[: axis + 1], x.shape[axis + 2 :]
    if step > 1:
        between = xp.zeros((*before, count, step - 1, *behind), dtype=x.dtype)
        x = xp.concat([xp.expand_dims(x, axis=axis + 2), between], axis=axis + 2)
        x = xp.reshape(x, (*before, count * step, *behind))
    reach = (size - 1) * dilation
    around = [
        xp.zeros((*before, length, *behind), dtype=x.dtype)
        for length in (reach, max(n - count * step, 0))
    ]
    x = xp.concat([around[0], x, around[1]], axis=axis + 1)
    starts = [reach - i * dilation for i in range(size)]
    parts = [xp.getitem(x, (i, *_key(axis, slice(k, k + n)))) for i, k in enumerate(starts)]
    return reduce(xp.add, parts)


def full_convolution(xp: Functions, a: Array, v: Array) -> Array:
    """Sums of `a[i] * v[k - i]` (see the op of this name)."""
    products = xp.expand_dims(v, axis=1) * a
    n, m = a.shape[0], v.shape[0]
    return xp.overlap_add(products, axis=0, at=0, size=m, n=n + m - 1)


def valid_correlation(xp: Functions, a: Array, v: Array) -> Array:
    """Sums of `a[i + k] * v[i]` (see the op of this name)."""
    return xp.matmul(v, xp.windows(a, axis=0, at=0, size=v.shape[0]))


def _count(n: int, size: int, step: int, dilation: int) -> int:
    """How many windows an axis of length `n` has."""
    found = n - (size - 1) * dilation
    if min(size, step, dilation, found) < 1:
        raise InvalidArgument(
            f"windows of {size} elements, {dilation} apart, every {step} along an axis of length "
            f"{n}: these must be positive, and a window no longer than the axis."
        )
    return (found - 1) // step + 1


def _count_of(
    x: Array, axis: int, at: int, size: int, step: int, dilation: int, n: int
) -> int:
    """The same, checked against the windows `x` that there are."""
    count = _count(n, size, step, dilation)
    found = x.shape[axis + (at <= axis)]
    if x.shape[at] != size or found != count:
        raise InvalidArgument(
            f"{found} windows of {x.shape[at]} elements to be added up along an axis of length "
            f"{n}; it has {count} of {size}, {dilation} apart, every {step}."
        )
    return count


def _place(i: int, count: int, step: int, dilation: int) -> slice:
    """Where element `i` of each of `count` windows lies."""
    first = i * dilation
    return slice(first, first + (count - 1) * step + 1, step)


def _key(axis: int, place: slice) -> Key:
    return (*(slice(None),) * axis, place, ...)


def _moved(ndim: int, source: int, target: int) -> tuple[int, ...]:
    """The order of axes in which `source` stands at `target`, and the others as they were."""
    order = [a for a in range(ndim) if a != source]
    order.insert(target, source)
    return tuple(order)


def _side_by_side(xp: Functions, x: Array, axis: int, at: int, n: int) -> Array:
    """An axis of length `n` made of windows that do not overlap, and zeros behind them."""
    x = xp.permute_dims(x, _moved(len(x.shape), at, axis + 1))
    x = xp.reshape(x, (*x.shape[:axis], x.shape[axis] * x.shape[axis + 1], *x.shape[axis + 2 :]))
    rest = n - x.shape[axis]
    if not rest:
        return x
    behind = xp.zeros((*x.shape[:axis], rest, *x.shape[axis + 1 :]), dtype=x.dtype)
    return xp.concat([x, behind], axis=axis)
