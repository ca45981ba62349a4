"""Products of matrices with any axes before their last two, as what the kernel for products does.

It takes two axes of products side by side, of matrices that lie by any strides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod

import numpy as np

from gpugrad.plan.layouts import Layout, in_order

Strides = tuple[int, int, int]
"""Of the left, the right and the resulting matrix."""


@dataclass(frozen=True)
class Products:
    """The lengths and strides of products that lie side by side.

    The strides are those of the left matrix down and along, then those of the right one; then come
    how many products lie side by side along each further axis, with the strides there. `swapped`
    says that the arrays have changed sides.
    """

    m: int
    n: int
    depth: int
    left: tuple[int, int]
    right: tuple[int, int]
    axes: tuple[tuple[int, Strides], ...]
    swapped: bool = False

    def pairs(self) -> Iterator[tuple[Strides, list[tuple[int, Strides]]]]:
        """The two longest of the axes, once for each place along the others."""
        axes = sorted(self.axes, key=lambda axis: -axis[0])
        inner = axes[:2] + [(1, (0, 0, 0))] * (2 - len(axes))
        for at in product(*(range(count) for count, _ in axes[2:])):
            a, b, c = (
                sum(i * strides[k] for i, (_, strides) in zip(at, axes[2:], strict=True))
                for k in range(3)
            )
            yield (a, b, c), inner


def in_rows(x: Layout) -> bool:
    """Whether the rows or the columns of the right matrices lie in order, as they must."""
    return len(x.shape) == 1 or x.shape[-1] == 1 or 1 in x.strides[-2:]


def products_of(left: Layout, right: Layout) -> Products:
    """The products of these arrays; a vector is a row on the left, a column on the right."""
    if len(left.shape) == 1:
        left = replace(left, shape=(1, *left.shape), strides=(0, *left.strides))
    if len(right.shape) == 1:
        right = replace(right, shape=(*right.shape, 1), strides=(*right.strides, 0))
    (m, depth), n = left.shape[-2:], right.shape[-1]
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    (*nexts_a, row, along), (*nexts_b, down, across) = (
        x.broadcast((*batch, *x.shape[-2:])).strides for x in (left, right)
    )
    nexts_c = in_order((*batch, m, n))[:-2]
    axes = _merged(batch, [*zip(nexts_a, nexts_b, nexts_c, strict=True)])
    if axes:                                        # rows of one matrix after those of another
        count, (a, b, c) = axes[0]
        if b == 0 and c == m * n and (m == 1 or a == m * row):
            m, row, axes = m * count, a if m == 1 else row, axes[1:]
    if n == 1 and 1 in (row, along):                # the same as a row times the transpose
        axes = [(count, (b, a, c)) for count, (a, b, c) in axes]
        return Products(1, m, depth, (0, down), (along, row), tuple(axes), swapped=True)
    return Products(m, n, depth, (row, along), (down, across), tuple(axes))


def left_over(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """How many places there are at most along axes that the kernel does not go through."""
    lengths = sorted(np.broadcast_shapes(a[:-2], b[:-2]))
    return prod(lengths[:-2])


def _merged(
    batch: tuple[int, ...], strides: list[Strides]
) -> list[tuple[int, Strides]]:
    """The axes from the last on, those in one where the arrays lie as along one."""
    axes: list[tuple[int, Strides]] = []
    for count, mine in reversed([*zip(batch, strides, strict=True)]):
        if count == 1:
            continue
        if axes:
            inner, theirs = axes[-1]
            if all(x == inner * y for x, y in zip(mine, theirs, strict=True)):
                axes[-1] = (inner * count, theirs)
                continue
        axes.append((count, mine))
    return axes
