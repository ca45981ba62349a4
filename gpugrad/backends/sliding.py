"""Windows along an axis and convolutions, of the functions of any namespace `xp`."""

from __future__ import annotations

from typing import Any

from gpugrad.errors import InvalidArgument


def windows(
    xp: Any, x: Any, *, axis: int, at: int, size: int, step: int = 1, dilation: int = 1
) -> Any:
    """The windows of `x`, by `size` passes over it (see the op of this name)."""
    count = _count(x.shape[axis], size, step, dilation)
    before = (slice(None),) * axis
    parts = [xp.getitem(x, (*before, _place(i, count, step, dilation), ...)) for i in range(size)]
    return xp.stack(parts, axis=at)


def overlap_add(
    xp: Any,
    x: Any,
    *,
    axis: int,
    at: int,
    size: int,
    step: int = 1,
    dilation: int = 1,
    n: int,
) -> Any:
    """The windows `x` added up, by a pass over each `size`-th of them."""
    count = _count(n, size, step, dilation)
    shape = [*x.shape[:at], *x.shape[at + 1 :]]
    shape[axis] = n
    total = xp.zeros(tuple(shape), dtype=x.dtype)
    before = (slice(None),) * axis
    for i, part in enumerate(xp.unstack(x, axis=at)):
        total = xp.add_at(total, (*before, _place(i, count, step, dilation), ...), part)
    return total


def full_convolution(xp: Any, a: Any, v: Any) -> Any:
    """Sums of `a[i] * v[k - i]` (see the op of this name)."""
    products = xp.expand_dims(v, axis=1) * a
    n, m = a.shape[0], v.shape[0]
    return xp.overlap_add(products, axis=0, at=0, size=m, n=n + m - 1)


def valid_correlation(xp: Any, a: Any, v: Any) -> Any:
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


def _place(i: int, count: int, step: int, dilation: int) -> slice:
    """Where element `i` of each of `count` windows lies."""
    first = i * dilation
    return slice(first, first + (count - 1) * step + 1, step)
