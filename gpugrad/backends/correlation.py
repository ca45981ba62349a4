"""Correlations of a batch with weights, as networks have them, and their gradients.

They are made of the functions of any namespace `xp`. They are a matrix product for each sample: its
windows become the columns of a matrix, one axis after the other, such that most copies are of long
runs. Their order is (channels, window, place), so that the result lies in order, and a matrix stays
in a cache between its products.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gpugrad.types import Array, Functions, Shape

CACHED = 2**22
"""Bytes of columns up to which they stay in a cache."""

Pads = Sequence[tuple[int, int]]


def batched_correlation(
    xp: Functions,
    x: Array,
    w: Array,
    *,
    pads: Pads,
    strides: Shape,
    dilations: Shape,
    groups: int,
) -> Array:
    """Sums of products of the windows of `x` with `w` (see the op of this name)."""
    sizes = w.shape[2:]
    columns, places = _columns(xp, x, sizes, pads, strides, dilations, groups)
    found = xp.matmul(_rows(xp, w, groups), columns)
    return xp.reshape(found, (x.shape[0], w.shape[0], *places))


def biased_correlation(xp: Functions, x: Array, w: Array, bias: Array, **settings: object) -> Array:
    """The same and a number for each output (see the op of this name)."""
    found = xp.batched_correlation(x, w, **settings)
    return xp.add(found, xp.reshape(bias, (bias.shape[0], *(1,) * (len(w.shape) - 2))))


def correlation_inputs(
    xp: Functions,
    g: Array,
    w: Array,
    *,
    lengths: Shape,
    pads: Pads,
    strides: Shape,
    dilations: Shape,
    groups: int,
) -> Array:
    """The transpose with respect to `x`, whose last axes have these lengths."""
    (batch, outputs, *places), (_, per_group, *sizes) = g.shape, w.shape
    n, terms = len(sizes), per_group * prod(sizes)
    lead = () if groups == 1 else (groups,)
    values = xp.reshape(g, (batch, *lead, outputs // groups, prod(places)))
    columns = xp.matmul(xp.matrix_transpose(_rows(xp, w, groups)), values)
    x = xp.reshape(columns, (batch, *lead, terms, *places))
    x = xp.reshape(x, (batch, groups * per_group, *sizes, *places))
    for size, step, dilation, length, pad in zip(
        sizes, strides, dilations, lengths, pads, strict=True
    ):
        x = xp.overlap_add(
            x, axis=n + 1, at=2, size=size, step=step, dilation=dilation, n=length + sum(pad)
        )
    inside = (slice(before, before + n) for n, (before, _) in zip(lengths, pads, strict=True))
    return xp.getitem(x, (slice(None), slice(None), *inside))


def correlation_weights(
    xp: Functions,
    x: Array,
    g: Array,
    *,
    sizes: Shape,
    pads: Pads,
    strides: Shape,
    dilations: Shape,
    groups: int,
) -> Array:
    """The transpose with respect to `w`, whose windows have these sizes."""
    columns, places = _columns(xp, x, sizes, pads, strides, dilations, groups)
    outputs = g.shape[1]
    lead = () if groups == 1 else (groups,)
    values = xp.reshape(g, (x.shape[0], *lead, outputs // groups, prod(places)))
    found = xp.sum(xp.matmul(values, xp.matrix_transpose(columns)), axis=0)
    return xp.reshape(found, (outputs, x.shape[1] // groups, *sizes))


def parts(x_shape: Shape, sizes: Sequence[int], itemsize: int) -> list[slice]:
    """Parts of a batch of which each has columns of about as many bytes as a cache holds."""
    batch, channels, *lengths = map(int, x_shape)
    each = channels * prod(map(int, sizes)) * prod(lengths) * itemsize
    count = max(1, CACHED // max(1, each))
    return [slice(first, first + count) for first in range(0, max(1, batch), count)]


def _columns(
    xp: Functions,
    x: Array,
    sizes: Sequence[int],
    pads: Pads,
    strides: Shape,
    dilations: Shape,
    groups: int,
) -> tuple[Array, tuple[int, ...]]:
    """The windows of `x` as columns of matrices, and how many there are along each axis."""
    batch, channels = x.shape[:2]
    n = len(sizes)
    for a, (before, behind) in enumerate(pads):
        if before or behind:
            x = _padded(xp, x, a + 2, before, behind)
    for a in reversed(range(n)):
        x = xp.windows(x, axis=n + 1, at=2, size=sizes[a], step=strides[a], dilation=dilations[a])
    places = tuple(x.shape[n + 2 :])
    lead = () if groups == 1 else (groups,)
    terms = channels // groups * prod(sizes)
    return xp.reshape(x, (batch, *lead, terms, prod(places))), places


def _rows(xp: Functions, w: Array, groups: int) -> Array:
    """The weights as rows of matrices."""
    outputs, terms = w.shape[0], prod(w.shape[1:])
    if groups == 1:
        return xp.reshape(w, (outputs, terms))
    return xp.reshape(w, (groups, outputs // groups, terms))


def _padded(xp: Functions, x: Array, axis: int, before: int, behind: int) -> Array:
    """`x` with zeros before and behind it."""
    zeros = [
        xp.zeros((*x.shape[:axis], n, *x.shape[axis + 1 :]), dtype=x.dtype)
        for n in (before, behind)
    ]
    return xp.concat([zeros[0], x, zeros[1]], axis=axis)
