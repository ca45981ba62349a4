"""Products whose partial products leave the range, of the functions of any namespace.

Numbers are taken apart into a part of a size from 1 to 2 and a power of two, both in double
precision, so that of products only the results are rounded into the dtype and its range.
"""

from __future__ import annotations

from gpugrad.backends.axes import counted, reduced
from gpugrad.backends.dtypes import is_complex
from gpugrad.types import Array, Axis, Functions

BLOCK = 256
"""Parts that are multiplied before their product is taken apart again: 2 ** BLOCK is in range."""

MOST = 2200.0
"""Beyond this power of two, every number of double precision is infinite or 0."""

Parts = tuple[Array, Array]


def taken_apart(xp: Functions, x: Array) -> Parts:
    """Numbers in double precision as parts and exponents; 0, infinity and NaN stay as they are."""
    size = xp.abs(x)
    known = (size > 0) & xp.isfinite(size)
    exponent = xp.floor(xp.log2(xp.where(known, size, xp.ones_like(size))))
    return put_together(xp, x, -exponent), exponent


def put_together(xp: Functions, part: Array, exponent: Array) -> Array:
    """`part * 2 ** exponent`, by halves, because the power may leave the range alone."""
    exponent = xp.maximum(xp.minimum(exponent, MOST), -MOST)
    half = xp.floor(exponent * 0.5)
    two = xp.full_like(half, 2.0)
    return part * xp.power(two, half) * xp.power(two, exponent - half)


def _double(xp: Functions, x: Array) -> Array:
    return xp.astype(x, xp.complex128 if is_complex(x.dtype) else xp.float64)


def exclusive(xp: Functions, parts: tuple[Array, ...]) -> Parts:
    """The products of all numbers before each along the last axis."""
    part, exponent = parts
    *others, n = part.shape
    if n <= BLOCK:
        part = xp.module.cumulative_prod(part, axis=-1, include_initial=True)
        exponent = xp.module.cumulative_sum(exponent, axis=-1, include_initial=True)
        part, exponent = (xp.getitem(z, (..., slice(0, n))) for z in (part, exponent))
    else:
        blocks = -(-n // BLOCK)
        rest = (*others, blocks * BLOCK - n)
        part = xp.concat([part, xp.ones(rest, dtype=part.dtype)], axis=-1)
        exponent = xp.concat([exponent, xp.zeros(rest, dtype=exponent.dtype)], axis=-1)
        whole = tuple(xp.reshape(z, (*others, blocks, BLOCK)) for z in (part, exponent))
        inside = exclusive(xp, whole)
        last = tuple(xp.getitem(z, (..., -1)) for z in (*inside, *whole))
        before = exclusive(xp, renewed(xp, last[0] * last[2], last[1] + last[3]))
        part = inside[0] * xp.expand_dims(before[0], axis=-1)
        exponent = inside[1] + xp.expand_dims(before[1], axis=-1)
        part, exponent = (
            xp.getitem(xp.reshape(z, (*others, blocks * BLOCK)), (..., slice(0, n)))
            for z in (part, exponent)
        )
    return renewed(xp, part, exponent)


def renewed(xp: Functions, part: Array, exponent: Array) -> Parts:
    """The same numbers with parts from 1 to 2."""
    part, more = taken_apart(xp, part)
    return part, exponent + more


def prod(xp: Functions, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """The product along `axis`."""
    ndim = len(x.shape)
    gone = set(reduced(axis, ndim))
    kept = [a for a in range(ndim) if a not in gone]
    rows = xp.permute_dims(x, (*kept, *sorted(gone)))
    count = 1
    for a in gone:
        count *= x.shape[a]
    rows = xp.reshape(rows, (*(x.shape[a] for a in kept), count))
    one = xp.ones((*rows.shape[:-1], 1), dtype=rows.dtype)
    parts = taken_apart(xp, _double(xp, xp.concat([rows, one], axis=-1)))
    last = tuple(xp.getitem(z, (..., -1)) for z in exclusive(xp, parts))
    found = xp.astype(put_together(xp, *last), x.dtype)
    shape = tuple(1 if a in gone else n for a, n in enumerate(x.shape) if keepdims or a in kept)
    return xp.reshape(found, shape)


def cumulative_prod(
    xp: Functions, x: Array, axis: int | None = None, include_initial: bool = False
) -> Array:
    """The products up to each element along `axis`."""
    axis = counted(0 if axis is None else axis, len(x.shape))
    rows = _last(xp, x, axis)
    ends = (*rows.shape[:-1], 1)
    rows = xp.concat([rows, xp.ones(ends, dtype=rows.dtype)], axis=-1)
    found = put_together(xp, *exclusive(xp, taken_apart(xp, _double(xp, rows))))
    found = xp.getitem(found, (..., slice(0 if include_initial else 1, None)))
    return xp.astype(_last(xp, found, axis, back=True), x.dtype)


def _last(xp: Functions, x: Array, axis: int, back: bool = False) -> Array:
    """`x` with that axis as the last one, or the last one back in its place."""
    order = [a for a in range(len(x.shape)) if a != axis] + [axis]
    if back:
        order = [order.index(a) for a in range(len(order))]
    return xp.permute_dims(x, tuple(order))


def other_products(xp: Functions, x: Array) -> Array:
    """For each element the product of all others along the last axis."""
    parts = taken_apart(xp, _double(xp, x))
    before = exclusive(xp, parts)
    behind = exclusive(xp, tuple(xp.flip(z, axis=-1) for z in parts))
    part, exponent = (xp.flip(z, axis=-1) for z in behind)
    return xp.astype(put_together(xp, before[0] * part, before[1] + exponent), x.dtype)


def cumulative_prod_slope(xp: Functions, x: Array, g: Array) -> Array:
    """The cotangent of `x` for that of its cumulative products along the last axis.

    With s[i] = g[i] + x[i+1] s[i+1], element i gets s[i] times the product of all before it. The
    recurrence is solved by doubling, in log2(n) steps.
    """
    n, step = x.shape[-1], 1
    whole = taken_apart(xp, _double(xp, x))
    total, factor = taken_apart(xp, _double(xp, g)), _earlier(xp, whole, 1)
    while step < n:
        total = _sum(xp, total, _product(xp, factor, _earlier(xp, total, step)))
        factor = _product(xp, factor, _earlier(xp, factor, step))
        step *= 2
    return xp.astype(put_together(xp, *_product(xp, total, exclusive(xp, whole))), g.dtype)


def _earlier(xp: Functions, parts: Parts, step: int) -> Parts:
    """Numbers that many places earlier, and zeros behind."""
    ends = (*parts[0].shape[:-1], step)
    part, exponent = (
        xp.concat(
            [xp.getitem(z, (..., slice(step, None))), xp.zeros(ends, dtype=z.dtype)], axis=-1
        )
        for z in parts
    )
    return part, exponent


def _product(xp: Functions, a: Parts, b: Parts) -> Parts:
    return renewed(xp, a[0] * b[0], a[1] + b[1])


def _sum(xp: Functions, a: Parts, b: Parts) -> Parts:
    larger = xp.where(a[1] > b[1], a[1], b[1])
    top = xp.where(a[0] == 0, b[1], xp.where(b[0] == 0, a[1], larger))
    first, second = (put_together(xp, part, exponent - top) for part, exponent in (a, b))
    return renewed(xp, first + second, top)
